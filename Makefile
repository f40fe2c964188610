# Everything a contributor runs. BIN is the virtual environment's folder of programs.
BIN ?= .venv/bin
DIST ?= dist

.PHONY: check lint types layers test demo wheel

check: lint types layers test

lint:
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types:
	$(BIN)/mypy
	cd examples/mini_pair && $(abspath $(BIN))/mypy --config-file ../../pyproject.toml *.py world
	cd benchmarks && $(abspath $(BIN))/mypy --config-file ../pyproject.toml *.py

layers:
	$(BIN)/lint-imports

test:
	$(BIN)/pytest

demo:
	$(BIN)/ngsd-guard demo

wheel:
	$(BIN)/python -m build --wheel --outdir $(DIST)
