#!/usr/bin/env bash
# Build an environment with Ray, and this project in it: build_env.sh [VENV]
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
venv=${1:-$root/.venv-ray}
python=${PYTHON:-python3}

[ -x "$venv/bin/python" ] || "$python" -m venv "$venv"
"$venv/bin/python" -m pip --disable-pip-version-check --quiet install \
  --constraint "$root/constraints.txt" --editable "$root[ray]" httpx
"$venv/bin/python" -c "import ray, torch, ray_ngsd; print('Ray', ray.__version__, 'torch', torch.__version__)"
