# shellcheck shell=bash
# A PostgreSQL of our own for one test run: its data in a temporary folder, on a free loopback port, gone at the end.

PG_DIR=
PG_BIN=
PG_PID=

need_postgres() {
  [ -z "${TEST_POSTGRES_URL:-}" ] || return 0
  find_postgres || apt_install "PostgreSQL" postgresql
  find_postgres || die "PostgreSQL's initdb and postgres are not where they were expected: /usr/lib/postgresql/*/bin or the PATH."
}

find_postgres() {
  local dir
  for dir in $(printf '%s\n' /usr/lib/postgresql/*/bin | sort -rV) "$(dirname "$(command -v pg_ctl || echo /none/pg_ctl)")"; do
    if [ -x "$dir/initdb" ] && [ -x "$dir/postgres" ]; then
      PG_BIN=$dir
      return 0
    fi
  done
  return 1
}

# postgres_start [durable]: sets TEST_POSTGRES_URL; one that is set already is taken as it is. `durable`: commits wait for the
# disk, as they do where it matters.
postgres_start() {
  [ -z "${TEST_POSTGRES_URL:-}" ] || return 0
  local port password careless=(-c fsync=off -c synchronous_commit=off -c full_page_writes=off)
  [ "${1:-}" != durable ] || careless=()
  port=$(free_port)
  password=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
  PG_DIR=$(mktemp -d "${TMPDIR:-/tmp}/pilotlight-pg.XXXXXX")
  printf '%s\n' "$password" >"$PG_DIR/password"
  [ "$(id -u)" != 0 ] || chown -R "$(unprivileged)" "$PG_DIR"
  quietly in_postgres initdb --pgdata="$PG_DIR/data" --username=pilotlight --pwfile="$PG_DIR/password" \
    --auth=scram-sha-256 --encoding=UTF8 --locale=C --no-sync || return 1
  # A child of this script, so that it can be waited for. In tests nothing has to survive a crash, so it waits for no disk.
  in_postgres postgres -D "$PG_DIR/data" -p "$port" -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c max_connections=300 \
    "${careless[@]}" >"$PG_DIR/log" 2>&1 </dev/null &
  PG_PID=$!
  postgres_answers "$port" || {
    tail -n 20 "$PG_DIR/log" >&2
    return 1
  }
  export TEST_POSTGRES_URL="postgres://pilotlight:$password@127.0.0.1:$port/postgres"
}

postgres_answers() {
  local deadline=$((SECONDS + 60))
  until "$PG_BIN/pg_isready" --quiet --host=127.0.0.1 --port="$1"; do
    kill -0 "$PG_PID" 2>/dev/null && [ "$SECONDS" -lt "$deadline" ] || return 1
    sleep 0.05
  done
}

postgres_stop() {
  [ -n "$PG_DIR" ] || return 0
  if [ -n "$PG_PID" ]; then
    # The postmaster's own number: as root, PG_PID is the program that changed the user.
    kill -QUIT "$(head -n 1 "$PG_DIR/data/postmaster.pid" 2>/dev/null || echo "$PG_PID")" 2>/dev/null
    wait "$PG_PID" 2>/dev/null
  fi
  rm -rf "$PG_DIR"
  PG_DIR=
  PG_PID=
}

# initdb and postgres refuse to run as root.
in_postgres() {
  local program=$1
  shift
  if [ "$(id -u)" = 0 ]; then
    (cd / && runuser -u "$(unprivileged)" -- "$PG_BIN/$program" "$@")
  else
    "$PG_BIN/$program" "$@"
  fi
}

unprivileged() { if id postgres >/dev/null 2>&1; then echo postgres; else echo nobody; fi; }
