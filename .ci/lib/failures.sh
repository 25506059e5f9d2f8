# shellcheck shell=bash
# What failed and why, in two lines a test, so that the end of a long output is enough to begin with.

FAILURES=()

# failures_of_rust LOG: the test's name, and what it said where it panicked.
failures_of_rust() {
  mapfile -t -O ${#FAILURES[@]} FAILURES < <(awk '
    /^---- .* stdout ----$/ { print "✘ " $2; said = 0; next }
    /^thread .* panicked at / && !said { said = 1; where = $0; sub(/.* panicked at /, "", where); getline; print "    " where " " substr($0, 1, 300); next }
    /^ *(left|right): / { print "   " substr($0, 1, 300) }
  ' "$1")
}

# failures_of_browser JSON: the same of what Playwright reports.
failures_of_browser() {
  mapfile -t -O ${#FAILURES[@]} FAILURES < <(node -e '
    const { suites, errors } = JSON.parse(require("fs").readFileSync(process.argv[1], "utf8"));
    const plain = (text) => text.replace(/\u001b\[[0-9;]*m/g, "").replace(/\s+/g, " ").slice(0, 600);
    const say = (name, { message = "no word", location }) => console.log(`✘ ${name}\n    ${location ? `line ${location.line}: ` : ""}${plain(message)}`);
    const walk = (suite) => {
      for (const spec of suite.specs ?? []) for (const test of spec.tests.filter(({ status }) => status === "unexpected" || status === "flaky")) {
        const error = test.results.flatMap((result) => result.errors)[0] ?? {};
        say(`[${test.projectName}] ${spec.file}: ${spec.title}`, error);
      }
      (suite.suites ?? []).forEach(walk);
    };
    suites.forEach(walk);
    for (const error of errors) say("outside of any test", error);
  ' "$1" 2>/dev/null)
}

# Prints what was collected, if anything.
failures_print() {
  [ ${#FAILURES[@]} = 0 ] || printf '%s\n' '' "${FAILURES[@]}"
}
