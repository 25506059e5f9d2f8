# shellcheck shell=bash
# Builds and lints. The browser tests run against the WebAssembly of a release and an unoptimised server, which `cargo test` builds anyway.

# build_release [OPTION...]
build_release() {
  say "Building the release (the first time takes some minutes)"
  cargo-leptos build --release --precompress --cargo-locked "$@"
}

build_frontend() { cargo-leptos build --frontend-only --release --cargo-locked; }

clippy_server() { cargo clippy --locked --all-targets -- -D warnings; }

clippy_browser() {
  cargo clippy --locked --lib --no-default-features --features hydrate --target wasm32-unknown-unknown -- -D warnings
}

# Where cargo builds: CARGO_TARGET_DIR, a setting in the user's own cargo configuration, or target/.
target_dir() {
  cargo metadata --no-deps --offline --format-version 1 | sed 's/.*"target_directory":"\([^"]*\)".*/\1/'
}
