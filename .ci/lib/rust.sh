# shellcheck shell=bash
# The Rust side of the set-up: compiler, WebAssembly target, cargo-leptos, wasm-bindgen.

CARGO_LEPTOS=0.3.10
RUST_AT_LEAST=1.95
RUSTUP=1.28.2

need_rust() {
  # A shell that was open before Rust was installed does not know the way yet.
  have cargo || PATH=$PATH:${CARGO_HOME:-$HOME/.cargo}/bin
  { have cargo && have rustc; } || install_rust
  local version
  version=$(rustc --version) || die "rustc does not start; \`rustup toolchain install stable\` may help."
  version=${version#rustc }
  version=${version%% *}
  at_least "$version" "$RUST_AT_LEAST" || die "Rust $version is too old: $RUST_AT_LEAST or newer is needed. \`rustup update stable\`, and run this again."
}

# The installer is pinned to the byte; it installs the newest stable Rust for this user and touches no shell profile.
install_rust() {
  local machine sum dir installer
  machine=$(uname -s)-$(uname -m)
  case $machine in
    Linux-x86_64) sum=20a06e644b0d9bd2fbdbfd52d42540bdde820ea7df86e92e533c073da0cdd43c ;;
    Linux-aarch64) sum=e3853c5a252fca15252d07cb23a1bdd9377a8c6f3efa01531109281ae47f841c ;;
    *) die "Rust is missing. Install rustup (https://rustup.rs), open a new shell, and run this again." ;;
  esac
  have curl || apt_install "curl" curl ca-certificates
  say "Installing Rust into ${CARGO_HOME:-$HOME/.cargo} (rustup $RUSTUP)"
  # It asks its own name what it shall do.
  dir=$(mktemp -d)
  installer=$dir/rustup-init
  curl --proto '=https' --tlsv1.2 -fsSL -o "$installer" "https://static.rust-lang.org/rustup/archive/$RUSTUP/${machine#Linux-}-unknown-linux-gnu/rustup-init" ||
    die "rustup could not be fetched. Install Rust yourself (https://rustup.rs) and run this again."
  printf '%s  %s\n' "$sum" "$installer" | sha256sum --check --quiet || die "The fetched rustup is not the one that is known here."
  chmod 700 "$installer"
  quietly "$installer" -y --no-modify-path --profile minimal --component rustfmt --component clippy --target wasm32-unknown-unknown ||
    die "rustup could not install Rust."
  rm -rf "$dir"
  PATH=$PATH:${CARGO_HOME:-$HOME/.cargo}/bin
}

at_least() { [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]; }

need_wasm_target() {
  [ -d "$(rustc --print sysroot)/lib/rustlib/wasm32-unknown-unknown" ] && return
  have rustup || die "Rust's standard library for wasm32-unknown-unknown is missing, and there is no rustup to add it."
  say "Adding the Rust target wasm32-unknown-unknown"
  quietly rustup target add wasm32-unknown-unknown || die "rustup could not add the target."
}

need_lints() {
  if have cargo-fmt && have cargo-clippy; then return; fi
  have rustup || die "rustfmt or clippy is missing, and there is no rustup to add them."
  say "Adding rustfmt and clippy"
  quietly rustup component add rustfmt clippy || die "rustup could not add rustfmt and clippy."
}

need_cc() {
  have cc && return
  apt_install "a C compiler" gcc libc6-dev
}

need_cargo_leptos() {
  use_tool cargo-leptos "$CARGO_LEPTOS" && return
  local root=$TOOLS/cargo-leptos-$CARGO_LEPTOS
  say "Installing cargo-leptos $CARGO_LEPTOS into $root (from source: about 8 minutes on two cores, once)"
  if cargo binstall -V >/dev/null 2>&1 && quietly cargo binstall --no-confirm --root "$root" "cargo-leptos@$CARGO_LEPTOS"; then
    use_tool cargo-leptos "$CARGO_LEPTOS" && return
  fi
  cargo_install "$root" --locked --features no_downloads "cargo-leptos@$CARGO_LEPTOS"
  use_tool cargo-leptos "$CARGO_LEPTOS" || die "cargo-leptos $CARGO_LEPTOS does not start."
}

# Its version must be the library's to the digit, so Cargo.lock decides.
need_wasm_bindgen() {
  local version root
  version=$(sed -n '/^name = "wasm-bindgen"$/{n;s/^version = "\(.*\)"$/\1/p;}' Cargo.lock)
  [ -n "$version" ] || die "Cargo.lock names no wasm-bindgen."
  use_tool wasm-bindgen "$version" && return
  root=$TOOLS/wasm-bindgen-$version
  say "Installing wasm-bindgen $version into $root (from source: about 3 minutes on two cores, once)"
  # Without --locked: the lock file it ships names packages that not every mirror has.
  CARGO_RESOLVER_INCOMPATIBLE_RUST_VERSIONS=fallback cargo_install "$root" "wasm-bindgen-cli@$version"
  use_tool wasm-bindgen "$version" || die "wasm-bindgen $version does not start."
}

# Unoptimised without debug information: they compile in less than half the time, and run for seconds only.
cargo_install() {
  local root=$1
  shift
  quietly env -u CARGO_TARGET_DIR CARGO_PROFILE_DEV_DEBUG=0 cargo install --debug --root "$root" "$@" || die "cargo install $* failed."
}

# use_tool NAME VERSION: true when that very version is at hand, ours or the user's; ours is put on the PATH.
use_tool() {
  local ours=$TOOLS/$1-$2/bin
  if [ -x "$ours/$1" ]; then
    PATH=$ours:$PATH
  fi
  have "$1" && [ "$("$1" --version 2>/dev/null)" = "$1 $2" ]
}
