# shellcheck shell=bash
# Node.js, and the packages the project takes from npm, each in a small folder with its own lock file.

NODE_AT_LEAST=20
NODE_OURS=22.23.3

need_node() {
  PATH=$TOOLS/node-$NODE_OURS/node_modules/.bin:$PATH
  node_is_new_enough && have npm && return
  have npm || apt_install "Node.js and npm" nodejs npm
  node_is_new_enough && return
  # Debian 12 and Ubuntu 24.04 carry Node.js 18; npm itself carries newer ones.
  local arch
  case $(uname -s)-$(uname -m) in
    Linux-x86_64) arch=x64 ;;
    Linux-aarch64) arch=arm64 ;;
    *) die "Node.js $NODE_AT_LEAST or newer is missing; install it and run this again." ;;
  esac
  say "Installing Node.js $NODE_OURS into $TOOLS (npm package node-linux-$arch)"
  mkdir -p "$TOOLS/node-$NODE_OURS"
  quietly npm install --prefix "$TOOLS/node-$NODE_OURS" --no-fund --no-audit "node-linux-$arch@$NODE_OURS" || die "npm could not install Node.js."
  node_is_new_enough || die "Node.js $NODE_AT_LEAST or newer is missing; install it and run this again."
}

node_is_new_enough() {
  local version
  version=$(node --version 2>/dev/null) || return 1
  version=${version#v}
  [ "${version%%.*}" -ge "$NODE_AT_LEAST" ]
}

# need_packages FOLDER WHAT: npm ci, unless the lock file is the one that was installed last.
need_packages() {
  local folder=$1 what=$2
  cmp -s "$folder/package-lock.json" "$folder/node_modules/.installed" && return
  say "Installing $what into $folder/node_modules"
  quietly npm ci --prefix "$folder" --ignore-scripts --no-fund --no-audit || die "npm ci failed in $folder."
  cp "$folder/package-lock.json" "$folder/node_modules/.installed"
}

need_wasm_opt() {
  need_packages .ci/wasm-opt "wasm-opt (npm package binaryen)"
  PATH=$ROOT/.ci/wasm-opt/node_modules/.bin:$PATH
}
