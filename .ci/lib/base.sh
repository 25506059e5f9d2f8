# shellcheck shell=bash
# What every script here starts from: the project's folder (it has gone there), messages, the folder of pinned tools, Debian packages.

# shellcheck disable=SC2034
ROOT=$PWD

# Pinned tools live beside the user's own, so that nothing of theirs is replaced.
# shellcheck disable=SC2034
TOOLS=${TOOLS_DIR:-${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/pilotlight}

say() { printf '\033[1m==>\033[0m %s\n' "$*" >&2; }

die() {
  printf '\n%s\n' "$*" >&2
  exit 1
}

have() { command -v "$1" >/dev/null 2>&1; }

# quietly COMMAND...: shows its output only when it fails.
quietly() {
  local log status=0
  log=$(mktemp)
  "$@" >"$log" 2>&1 </dev/null || status=$?
  [ "$status" = 0 ] || tail -n 40 "$log" >&2
  rm -f "$log"
  return "$status"
}

as_root() {
  if [ "$(id -u)" = 0 ]; then
    env "$@"
  else
    sudo env "$@"
  fi
}

APT_LIST_IS_FRESH=
# apt_install WHAT PACKAGE...: WHAT says in words what the packages are for.
apt_install() {
  local what=$1 packages
  shift
  packages=$*
  have apt-get || die "$what is missing. This set-up installs packages on Debian and Ubuntu only; install it yourself (there: $packages) and run this again."
  [ "$(id -u)" = 0 ] || have sudo || die "$what is missing, and there is no sudo here. As root: apt-get install $packages"
  say "Installing $what (Debian packages: $packages)"
  if [ -z "$APT_LIST_IS_FRESH" ]; then
    quietly as_root apt-get update || die "apt-get update failed."
    APT_LIST_IS_FRESH=yes
  fi
  # RUNLEVEL=1 keeps a package from starting its service where there is no systemd: nothing we install needs to run by itself.
  quietly as_root DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get install -y --no-install-recommends "$@" || die "Installing $packages failed."
}

# A TCP port of the loopback address that nobody listens on.
free_port() {
  node -e 's = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })'
}
