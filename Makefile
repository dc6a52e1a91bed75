# Every target sets up .venv the first time and is quick afterwards. PYTHON names another interpreter.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= $(shell command -v python3.11 >/dev/null && python3.11 --version >/dev/null 2>&1 && echo python3.11 || echo python3)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -qq
# The continuous-integration run has the heavy extras too.
comma := ,
EXTRAS := $(if $(filter 1,$(WSAL_CI)),dev$(comma)snorkel$(comma)dask$(comma)postgres,dev)
TEST_STAMP := $(VENV)/.installed-$(if $(filter 1,$(WSAL_CI)),ci,dev)
DEMO_DIR ?= demo-project

.PHONY: help demo test check bench soak docs clean

help: ## say what there is
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

$(VENV)/.python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "wsal needs Python 3.11 or newer; name one: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 2; }
	@echo "setting up $(VENV) (first time only)"
	@$(PYTHON) -m venv $(VENV)
	@touch $@

# `make demo` needs the product alone, `make test` its developers' tools as well.
$(VENV)/.installed: pyproject.toml | $(VENV)/.python
	@echo "installing wsal, which takes a minute or two (first time, or pyproject.toml changed)"
	@$(PIP) install --editable .
	@touch $@

$(TEST_STAMP): pyproject.toml | $(VENV)/.python
	@echo "installing wsal[$(EXTRAS)], which takes some minutes (first time, or pyproject.toml changed)"
	@$(PIP) install --editable '.[$(EXTRAS)]'
	@touch $(VENV)/.installed $@

demo: $(VENV)/.installed ## run the main job on real data and print a report
	@$(BIN)/wsal demo --dir $(DEMO_DIR) --force

test: $(TEST_STAMP) ## run the tests
	@$(BIN)/python -m pytest -m "not soak" $(PYTEST_ARGS)

check: $(TEST_STAMP) ## formatting, lint, types and layers
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

bench: $(TEST_STAMP) ## run the benchmarks, print their tables and which targets are met
	@log=$$(mktemp); \
	for script in $(filter-out benchmarks/targets.py,$(wildcard benchmarks/*.py)); do \
		echo "== $$script"; $(BIN)/python $$script || echo "failed: $$script"; \
	done 2>&1 | tee $$log; \
	echo "== targets"; grep -hE '^ *(target|skipped|failed): ' $$log; \
	echo "  elsewhere: from a key press to the next item: tests/web/test_speed.py; answers lost in 200 kill -9: make soak"; \
	! grep -q '^failed: ' $$log; status=$$?; rm -f $$log; exit $$status

soak: $(TEST_STAMP) ## run the full-length load, fault and fuzz tests
	@$(BIN)/python -m pytest -m soak $(PYTEST_ARGS)

docs: $(TEST_STAMP) ## build the documentation into docs/_build
	@$(BIN)/sphinx-build -W -q -b html docs docs/_build/html
	@echo "docs/_build/html/index.html"

clean: ## remove what the targets made
	rm -rf $(VENV) docs/_build dist $(DEMO_DIR)
