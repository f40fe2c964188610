#!/usr/bin/env bash
# Run every check of the guard with real Ray: check.sh [VENV], a folder that build_env.sh made.
set -uo pipefail

here=$(cd "$(dirname "$0")" && pwd)
python=${1:-$here/../../.venv-ray}/bin/python
failed=0
for name in features kills rates job; do
  echo "== $name"
  "$python" "$here/$name.py" 2>&1 | grep -v -E "WARNING|INFO|raylet" || failed=1
done
exit $failed
