# Every target makes its own .venv first; the only needs are Python 3.11+ and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DEMO ?= demo

.DEFAULT_GOAL := help
.PHONY: help demo test test-fast lint format bench lock clean

help:  ## Show this list.
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

$(VENV)/ready: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit("heritage-voice needs Python 3.11 or newer" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check "pip>=25.1"
	@# torch first and alone: where a CPU build is configured it is taken, and nothing later replaces it.
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt torch
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e . --group dev
	@touch $@

demo: $(VENV)/ready  ## Age two readings into tape masters, restore them, say where to look (set-up included).
	$(BIN)/restoration demo --out $(DEMO)

test: $(VENV)/ready  ## Run the tests (set-up included).
	$(BIN)/python -m pytest -n 2 --dist loadfile -m "not clock" --ignore tests/training
	@# Training forks, and where Prefect ran before a forked process ends with an error: what Prefect does at exit fails in it.
	$(BIN)/python -m pytest -n 2 --dist loadfile -m "not clock" tests/training
	@# Live sound underruns when others take the processor, so these have it to themselves; and on a machine that others use
	@# too, one may be late by accident, but not three times.
	$(BIN)/python -m pytest -m clock --reruns 2 --reruns-delay 5

test-fast: $(VENV)/ready  ## Run the tests that are neither slow nor start Prefect.
	$(BIN)/python -m pytest -n 2 -m "not slow and not prefect and not clock" --ignore tests/training

lint: $(VENV)/ready  ## Run ruff, import-linter and mypy.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/mypy

format: $(VENV)/ready  ## Let ruff format the code.
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(VENV)/ready  ## Measure overhead, speed and memory; prints the figures that the README quotes.
	$(BIN)/python -m tests.bench

lock: $(VENV)/ready  ## Write constraints.txt from what is installed.
	$(BIN)/python -m pip freeze --exclude-editable | grep -v '@ file' | sed 's/+cpu//' | sort -f > constraints.txt

clean:  ## Delete the environment and the demonstration.
	rm -rf $(VENV) $(DEMO) .mypy_cache .ruff_cache .pytest_cache .hypothesis
