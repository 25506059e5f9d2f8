# shellcheck shell=bash
# Chromium for the browser tests. CHROMIUM names another one.

need_browser() {
  need_packages end2end "Playwright, axe and maildev"
  [ -z "${CHROMIUM:-}" ] || return 0
  if [ -r /etc/os-release ] && grep -q '^ID=ubuntu' /etc/os-release; then
    need_playwright_chromium
    return
  fi
  have chromium || apt_install "Chromium and a font" chromium fonts-liberation
  [ -n "$(find /usr/share/fonts -name '*.ttf' -print -quit 2>/dev/null)" ] || apt_install "a font" fonts-liberation
  CHROMIUM=$(command -v chromium)
  export CHROMIUM
}

# Ubuntu's package is a stub for a snap, which starts neither in a container nor under Playwright.
need_playwright_chromium() {
  local ready=end2end/node_modules/.chromium
  [ -e "$ready" ] && return
  say "Installing the Chromium of Playwright, with the libraries it needs"
  (cd end2end && quietly npx playwright install --with-deps --only-shell chromium) || die "Playwright could not install its Chromium; CHROMIUM=/path/to/chromium names another one."
  touch "$ready"
}

# The demo's names are in many scripts; pictures for people want the letters of all of them.
need_scripts() {
  fc-list :lang=ja 2>/dev/null | grep -q . || apt_install "letters of East Asia, and others" fontconfig fonts-noto-cjk fonts-noto-core
  fc-list | grep -qi emoji || apt_install "emoji" fonts-noto-color-emoji
}
