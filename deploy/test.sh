#!/usr/bin/env bash
# Run every test: first all that need no browser, on two workers, then those in a real browser.
# The browser's driver keeps an event loop in its thread, and what it times ("within a second")
# wants the machine for itself; so the two never share a process. Arguments go to both runs.
set -uo pipefail
cd "$(dirname "$0")/.."
bin=$1; shift
none=5 # what pytest answers when nothing was selected, as with -k and a name of the other run
"$bin/python" -m pytest -n 2 --dist worksteal -m "not browser" "$@"; first=$?
"$bin/python" -m pytest -m browser "$@"; second=$?
[ $first -eq $none ] && [ $second -eq $none ] && { echo "No test was selected." >&2; exit $none; }
[ $first -eq 0 ] || [ $first -eq $none ] || exit $first
[ $second -eq 0 ] || [ $second -eq $none ] || exit $second
