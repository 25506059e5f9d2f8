# shellcheck shell=bash
# What the fault rig needs and what it prints.

# Gives a process another time of day; its timers stay right.
need_faketime() {
  compgen -G '/usr/lib/*/faketime/libfaketimeMT.so.1' >/dev/null || apt_install "libfaketime" faketime
  compgen -G '/usr/lib/*/faketime/libfaketimeMT.so.1' >/dev/null || die "libfaketimeMT.so.1 is not where it was expected: /usr/lib/*/faketime"
}

# The figures of one run as a table, which README can take as it is.
faults_table() {
  [ -s "$FAULTS_FIGURES" ] || return 0
  printf '\n| test | kills | points hit | refreshes | in the window | lost | replays | usual start | slowest start | seconds |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n'
  sort "$FAULTS_FIGURES" | sed 's/\t/ | /g; s/^/| /; s/$/ |/'
  [ -s "${FAULTS_MAIL_FIGURES:-}" ] || return 0
  printf '\n| test | mails | kills | points hit | sent | flagged doubles | dead: refused | dead: in doubt twice | seconds |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|\n'
  sort "$FAULTS_MAIL_FIGURES" | sed 's/\t/ | /g; s/^/| /; s/$/ |/'
}
