# shellcheck shell=bash
# What one test run leaves behind: nothing. Temporary folder, PostgreSQL and apps end with the script, however it ends.

session_begin() {
  RUN_DIR=$(mktemp -d "${TMPDIR:-/tmp}/pilotlight-run.XXXXXX")
  export TEST_RUN_DIR=$RUN_DIR PLAYWRIGHT_JSON=$RUN_DIR/playwright.json
  trap session_end EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
}

session_end() {
  local file pid
  for file in "$RUN_DIR"/*.pid; do
    [ -e "$file" ] || continue
    pid=$(basename "$file" .pid)
    # Only a process that still is ours: the number may have gone to another one.
    if { tr '\0' '\n' <"/proc/$pid/environ"; } 2>/dev/null | grep -qx "TEST_RUN_DIR=$RUN_DIR"; then kill "$pid"; fi
  done
  postgres_stop
  rm -rf "$RUN_DIR"
}
