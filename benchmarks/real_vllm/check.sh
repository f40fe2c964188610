#!/usr/bin/env bash
# Run every check of the guard in real vLLM: check.sh [VENV], a folder that build_env.sh made.
set -uo pipefail

here=$(cd "$(dirname "$0")" && pwd)
python=${1:-$here/../../.venv-vllm}/bin/python
failed=0
for name in features faults server greedy arrivals throughput; do
  echo "== $name"
  "$python" "$here/$name.py" 2> >(grep -v -E "WARNING|INFO|Loading safetensors" >&2) || failed=1
done
exit $failed
