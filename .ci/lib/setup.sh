# shellcheck shell=bash
# Which command needs what. Every need_* is quick when its thing is there, and says in one line what it installs when not.

. .ci/lib/base.sh
. .ci/lib/rust.sh
. .ci/lib/node.sh
. .ci/lib/browser.sh
. .ci/lib/postgres.sh
. .ci/lib/bluesky.sh
. .ci/lib/faults.sh
. .ci/lib/mail.sh

setup_build() {
  need_rust
  need_wasm_target
  need_cc
  need_node
  need_wasm_opt
  need_wasm_bindgen
  need_cargo_leptos
  # shellcheck disable=SC2031
  export PATH
}

setup_test() {
  setup_build
  need_lints
  need_browser
  need_postgres
  need_faketime
  need_mail_server
}

setup_faults() {
  need_rust
  need_cc
  # For a free port.
  need_node
  need_postgres
  need_faketime
  need_mail_server
  # shellcheck disable=SC2031
  export PATH
}

setup_bench() {
  need_rust
  need_cc
  need_node
  need_postgres
  # shellcheck disable=SC2031
  export PATH
}

setup_bluesky() {
  setup_build
  need_browser
  need_bluesky
}
