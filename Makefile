# `make run` and `make test` need nothing but Python 3.11, 3.12 or 3.13 with venv; `make help` lists the rest.
SHELL := /bin/bash
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
DIR ?= samples
NAME ?=

.DEFAULT_GOAL := help
.PHONY: help install run test check format docs bench soak clean

help:  ## List the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-9s %s\n", $$1, $$2}'

install: $(VENV)/.installed  ## Make .venv with kbray and its pinned packages

# Everything is pinned, so nothing is resolved, but for torch: its build (CPU or CUDA) brings packages of its own.
$(VENV)/.installed: constraints.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' || \
	  { echo 'kbray needs Python 3.11, 3.12 or 3.13, and $(PYTHON) is another or is not there: say which to take, as in make $(MAKECMDGOALS) PYTHON=python3.13' >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --constraint constraints.txt torch
	$(BIN)/pip install --quiet --no-deps --requirement constraints.txt
	$(BIN)/pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

run: install  ## Turn a folder into a catalogue of documents: make run DIR=~/Books
	@# 1 says that some files failed: kbray has told which and why
	$(BIN)/kbray run $(DIR) || test $$? -eq 1

test: install  ## Run the whole test suite
	$(BIN)/python -m pytest -q --durations=25 --numprocesses=2 --dist=loadfile --no-loadscope-reorder

check: install  ## Lint, types, rooms, docs
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/python docs/generate.py --check

format: install  ## Format the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

docs: install  ## Write the generated pages of docs/ anew
	$(BIN)/python docs/generate.py

bench: install  ## Run a benchmark: make bench NAME=memory
	$(BIN)/python -m benchmarks $(NAME)

soak: install  ## Run over 30,000 files and see whether anything grows (half an hour)
	$(BIN)/python -m benchmarks soak

clean:  ## Remove .venv and caches
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache *.egg-info
