# shellcheck shell=bash
# A real mail server for the fault rig: aiosmtpd, in a Python environment of its own beside the other pinned tools.

need_mail_server() {
  local home ready
  home=$TOOLS/mail-$(cksum <.ci/mail/requirements.txt | cut -d ' ' -f 1)
  ready=$home/.ready
  if [ ! -e "$ready" ]; then
    { have python3 && python3 -c 'import ensurepip'; } 2>/dev/null || apt_install "Python, for a mail server to test with" python3 python3-venv
    say "Installing a mail server to test with (aiosmtpd)"
    rm -rf "$home"
    quietly python3 -m venv "$home" || die "Python could not make an environment of its own."
    quietly "$home/bin/pip" install --disable-pip-version-check --no-deps -r .ci/mail/requirements.txt || die "aiosmtpd could not be installed from PyPI."
    touch "$ready"
  fi
  export TEST_MAIL_PYTHON=$home/bin/python
}
