#!/usr/bin/env bash
# Run the check of each host: check.sh [FOLDER], which build_env.sh made.
#
# NGSD_GUARD names the program whose `serve` the hosts ask.
set -uo pipefail

here=$(cd "$(dirname "$0")" && pwd)
folder=${1:-$here/../../.venv-hosts}
failed=0
for check in litellm:litellm_proxy nemo:nemo_rails openai:openai_client llamaindex:llamaindex; do
  echo "== ${check%%:*}"
  "$folder/${check%%:*}/bin/python" "$here/${check##*:}.py" || failed=1
done
exit $failed
