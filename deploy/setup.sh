#!/usr/bin/env bash
# Set up a machine for `make run` and `make test`. Each verb can be repeated without harm.
#   setup.sh environment DIR   virtual environment from requirements/dev.txt, every file by its hash
#   setup.sh system            system packages for the tests; needs root, says so otherwise
#   setup.sh lock BIN          resolve requirements/*.in again
set -euo pipefail
cd "$(dirname "$0")/.."

environment() {
  local dir=$1 python=${PYTHON:-python3}
  command -v "$python" >/dev/null || { echo "Python 3.11 or later is needed and '$python' was not found. Install python3, then run this again." >&2; exit 1; }
  "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or later is needed; '$python' is $("$python" --version 2>&1). Point PYTHON at a newer one: make PYTHON=python3.12 ..." >&2; exit 1; }
  if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
      apt-get update -qq && apt-get install -y -qq python3-venv >/dev/null
    else
      echo "Python's venv module is missing. Install the package python3-venv (as root: apt-get install python3-venv), then run this again." >&2; exit 1
    fi
  fi
  echo "Setting up $dir (half a minute, once) ..."
  [ -x "$dir/bin/python" ] || "$python" -m venv "$dir"
  "$dir/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes \
    -r requirements/uv.txt 2>/dev/null \
    || echo "The fast installer is not available for this machine; pip does the same more slowly."
  if [ -x "$dir/bin/uv" ]; then
    VIRTUAL_ENV="$PWD/$dir" "$dir/bin/uv" pip install --quiet --require-hashes -r requirements/dev.txt
    VIRTUAL_ENV="$PWD/$dir" "$dir/bin/uv" pip install --quiet --no-deps --no-build-isolation -e . 2>/dev/null \
      || VIRTUAL_ENV="$PWD/$dir" "$dir/bin/uv" pip install --quiet --no-deps -e .
  else
    "$dir/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
    "$dir/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps -e .
  fi
}

have_postgres() { command -v initdb >/dev/null || compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null; }
have_chromium() { command -v chromium >/dev/null || command -v chromium-browser >/dev/null; }

system() {
  local missing=()
  have_chromium || missing+=(chromium)
  have_postgres || missing+=(postgresql)
  command -v openssl >/dev/null || missing+=(openssl)
  command -v systemd-analyze >/dev/null || missing+=(systemd)
  [ ${#missing[@]} -eq 0 ] && return 0
  if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    echo "These system packages are missing: ${missing[*]}. As root: apt-get install ${missing[*]}" >&2
    [ -z "${CI:-}" ] || exit 1
    echo "The tests that need them will be skipped and will say so." >&2
    return 0
  fi
  echo "Installing ${missing[*]} ..."
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

lock() {
  local bin=$1 name
  for name in uv cabinet pharmacy sim dev; do
    "$bin/uv" pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header \
      --python-version 3.11 "requirements/$name.in" -o "requirements/$name.txt"
  done
}

verb=${1:-}; shift || true
case "$verb" in
  environment | system | lock) "$verb" "$@" ;;
  *) sed -n '2,5s/^# \{0,1\}//p' "$0"; exit 2 ;;
esac
