# shellcheck shell=bash
# Runs the kinds of tests, counts each, and closes with what failed and the sums.
. "$(dirname "${BASH_SOURCE[0]}")/failures.sh"

KINDS=()
PASSED=0
FAILED=0

# kind NAME PASSED FAILED [IGNORED]
kind() {
  local line
  line=$(printf '%-32s %5d passed, %d failed' "$1" "$2" "$3")
  [ "${4:-0}" = 0 ] || line="$line, $4 ignored"
  KINDS+=("$line")
  PASSED=$((PASSED + $2))
  FAILED=$((FAILED + $3))
}

# check NAME COMMAND...: must succeed. It is no test, so it only counts when it fails.
check() {
  local name=$1 began=$SECONDS
  shift
  say "$name"
  if "$@" </dev/null; then
    printf '    done in %d s\n' $((SECONDS - began)) >&2
  else
    kind "$name" 0 1
    return 1
  fi
}

# rust_kind NAME TESTS COMMAND...: runs Rust tests. TESTS is `some` where a run of no test is a failure, `any` elsewhere.
rust_kind() {
  local name=$1 tests=$2 log status=0 counts passed failed ignored
  shift 2
  say "$name tests"
  log=$(mktemp)
  "$@" 2>&1 </dev/null | tee "$log" || status=$?
  counts=$(sed -n 's/^test result: .* \([0-9]*\) passed; \([0-9]*\) failed; \([0-9]*\) ignored.*/\1 \2 \3/p' "$log" | awk '{ p += $1; f += $2; i += $3 } END { print p + 0, f + 0, i + 0 }')
  failures_of_rust "$log"
  rm -f "$log"
  read -r passed failed ignored <<<"$counts"
  # A run that was killed, did not compile or found no test is a failure too.
  if [ "$failed" = 0 ]; then
    [ "$status" = 0 ] || failed=1
    [ "$tests" != some ] || [ "$passed" != 0 ] || failed=1
  fi
  kind "$name" "$passed" "$failed" "$ignored"
}

# browser_kind NAME COMMAND...: runs Playwright, whose reporter writes the counts to $PLAYWRIGHT_JSON.
browser_kind() {
  local name=$1 status=0 passed failed
  shift
  say "$name tests"
  rm -f "$PLAYWRIGHT_JSON"
  (cd end2end && "$@" </dev/null) || status=$?
  read -r passed failed <<<"$(node -e '
    const { stats, errors } = JSON.parse(require("fs").readFileSync(process.argv[1], "utf8"));
    console.log(stats.expected, stats.unexpected + stats.flaky + errors.length);
  ' "$PLAYWRIGHT_JSON" 2>/dev/null || echo 0 1)"
  failures_of_browser "$PLAYWRIGHT_JSON"
  if [ "$failed" = 0 ]; then
    [ "$status" = 0 ] && [ "$passed" != 0 ] || failed=1
  fi
  kind "$name" "$passed" "$failed"
}

# Prints the closing lines; its status is the run's.
report() {
  printf '\n'
  printf '%s\n' "${KINDS[@]}"
  failures_print
  printf '\n'
  printf '%d s in all\n\n%d passed, %d failed\n' "$SECONDS" "$PASSED" "$FAILED"
  [ "$FAILED" = 0 ] && [ "$PASSED" != 0 ]
}
