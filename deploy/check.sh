#!/usr/bin/env bash
# Everything about the sources that a program can check without running them: `make check`.
set -uo pipefail
cd "$(dirname "$0")/.."
bin=$1
failed=()
step() { # step NAME COMMAND...: run it, remember a failure, go on so that one run shows all
  local name=$1; shift
  echo "-- $name"
  "$@" || failed+=("$name")
}
step "format" "$bin/ruff" format --check --quiet .
step "lint" "$bin/ruff" check --quiet .
step "types" "$bin/mypy" --no-error-summary
step "import contracts" "$bin/lint-imports" --no-cache
step "generated documents" "$bin/python" docs/generate.py --check
step "locked requirements" "$bin/python" deploy/locked.py
if [ ${#failed[@]} -gt 0 ]; then
  printf 'Not in order: %s\n' "${failed[@]}" >&2
  exit 1
fi
echo "All checks hold."
