#!/usr/bin/env bash
# Build an environment for each host: build_env.sh [FOLDER] [HOST...]
#
# The hosts need different versions of the same packages, so each gets its own environment, without
# ngsd-guard. pip's own settings apply. The versions are those that were checked; override one with
# its variable, such as LITELLM="litellm[proxy]". Takes about 1.9 GB.
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
folder=${1:-$root/.venv-hosts}
shift || true
python=${PYTHON:-python3}
declare -A packages=(
  [litellm]=${LITELLM:-litellm[proxy]==1.108.7}
  [nemo]=${NEMO:-nemoguardrails==0.24.1}
  [openai]=${OPENAI_GUARDRAILS:-openai-guardrails==0.3.6}
  [llamaindex]=${LLAMAINDEX:-llama-index-llms-openai-like==0.8.1}
)

for host in "${@:-litellm nemo openai llamaindex}"; do
  for name in $host; do
    venv=$folder/$name
    [ -x "$venv/bin/python" ] || "$python" -m venv "$venv"
    "$venv/bin/python" -m pip --disable-pip-version-check --quiet install "${packages[$name]}"
    echo "$name: ${packages[$name]}"
  done
done
