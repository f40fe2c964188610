# Everything a contributor runs. BIN is the virtual environment's folder of programs.
BIN ?= .venv/bin
DIST ?= dist
# The separate environment with real vLLM.
VLLM_VENV ?= .venv-vllm
# The separate environment with the lowest versions.
LOWEST_VENV ?= .venv-lowest
LOWEST_TESTS ?= tests/unit
# The separate environment with Ray.
RAY_VENV ?= .venv-ray
# The folder of environments with other hosts.
HOSTS_VENVS ?= .venv-hosts

.PHONY: check check-hosts check-ray check-vllm lint types layers test demo wheel distributions docs sbom lowest

check: lint types layers test

lint:
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types:
	$(BIN)/mypy
	cd examples/mini_pair && $(abspath $(BIN))/mypy --config-file ../../pyproject.toml *.py world
	cd benchmarks && $(abspath $(BIN))/mypy --config-file ../pyproject.toml *.py
	cd benchmarks/real_hosts && MYPYPATH=.. $(abspath $(BIN))/mypy --config-file ../../pyproject.toml *.py
	cd benchmarks/red_team && $(abspath $(BIN))/mypy --config-file ../../pyproject.toml *.py
	cd benchmarks/real_vllm && MYPYPATH=..:../../integrations:../../examples $(abspath $(BIN))/mypy --config-file ../../pyproject.toml *.py
	cd benchmarks/real_ray && MYPYPATH=..:../../integrations:../../examples $(abspath $(BIN))/mypy --config-file ../../pyproject.toml *.py

layers:
	$(BIN)/lint-imports

test:
	$(BIN)/pytest

demo:
	$(BIN)/ngsd-guard demo

wheel:
	$(BIN)/python -m build --wheel --outdir $(DIST)

# All that a release publishes: the wheel, and langchain-ngsd, which holds nothing and asks for it.
distributions: wheel
	$(BIN)/python -m build --wheel --outdir $(DIST) distributions/langchain-ngsd

# The site, its internal links checked; needs the extra `docs`.
docs:
	$(BIN)/sphinx-build -W --keep-going -q docs docs/_build/html

# What the environment holds, as CycloneDX; needs the program cyclonedx-py (package cyclonedx-bom).
sbom:
	mkdir -p $(DIST)
	$(BIN)/cyclonedx-py environment $(BIN)/python --pyproject pyproject.toml --of JSON -o $(DIST)/sbom.cdx.json

# The lowest versions that pyproject.toml promises, and the fast tests. uv resolves them, and a bound that the others do
# not let through is an error; pip installs them. Only torch is the one of constraints.txt: older ones have no build
# for the CPU alone at hand. Lowest versions may warn of newer indirect ones, so that a deprecation is no failure here.
LOWEST = $(LOWEST_VENV)/bin/uv pip compile -q --no-header --no-annotate --resolution lowest-direct \
	--extra all --extra dev --override $(LOWEST_VENV)/torch.txt pyproject.toml
lowest:
	$(BIN)/python -m venv $(LOWEST_VENV)
	$(LOWEST_VENV)/bin/pip install -q uv
	grep '^torch==' constraints.txt > $(LOWEST_VENV)/torch.txt
	$(LOWEST) --no-deps -o $(LOWEST_VENV)/promised.txt
	$(LOWEST) -o $(LOWEST_VENV)/lowest.txt
	! grep -vxFf $(LOWEST_VENV)/lowest.txt $(LOWEST_VENV)/promised.txt
	$(LOWEST_VENV)/bin/pip install -q -c $(LOWEST_VENV)/lowest.txt -e '.[all,dev]'
	$(LOWEST_VENV)/bin/pytest -W ignore::DeprecationWarning $(LOWEST_TESTS)

# About 3.4 GB, and separate: vLLM pins its own torch and transformers.
$(VLLM_VENV)/bin/vllm:
	PYTHON=$(BIN)/python benchmarks/real_vllm/build_env.sh $(VLLM_VENV)

check-vllm: $(VLLM_VENV)/bin/vllm
	benchmarks/real_vllm/check.sh $(VLLM_VENV)

$(RAY_VENV)/bin/ray:
	PYTHON=$(BIN)/python benchmarks/real_ray/build_env.sh $(RAY_VENV)

check-ray: $(RAY_VENV)/bin/ray
	benchmarks/real_ray/check.sh $(RAY_VENV)

# About 1.9 GB: LiteLLM, NeMo Guardrails, OpenAI Guardrails and LlamaIndex, one environment each.
$(HOSTS_VENVS)/llamaindex/bin/python:
	PYTHON=$(BIN)/python benchmarks/real_hosts/build_env.sh $(HOSTS_VENVS)

check-hosts: $(HOSTS_VENVS)/llamaindex/bin/python
	NGSD_GUARD=$(abspath $(BIN))/ngsd-guard benchmarks/real_hosts/check.sh $(HOSTS_VENVS)
