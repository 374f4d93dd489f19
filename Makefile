# Hearth. Needs git, make and Python 3.11 or newer with venv; everything else is fetched into .venv.

.DEFAULT_GOAL := help
SHELL := /bin/sh
PORT ?= 8000
DATA ?= var/demo
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
NICELY := PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1

.NOTPARALLEL:

.PHONY: help
help:  ## Say what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' Makefile

.PHONY: demo
demo: $(READY)  ## Seed and serve the demo (PORT=8000 DATA=var/demo)
	@$(BIN)/hearth demo --port $(PORT) --data $(DATA)

.PHONY: serve
serve: $(READY)  ## Serve an installation with the settings of the environment
	@$(BIN)/hearth serve --port $(PORT)

.PHONY: test
test: $(READY)  ## Run all tests, on both engines and in a browser (ARGS="-n 2 --dist loadfile" for two at a time)
	@$(BIN)/python -m tests.prepare
	@$(BIN)/python -m pytest $(ARGS)

.PHONY: check
check: lint test  ## Check format, lint, types and contracts, then run all tests

.PHONY: lint
lint: $(READY)  ## Check format, lint, types and contracts
	@$(BIN)/ruff format --check --quiet . || { echo "run: make format"; exit 1; }
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy --no-error-summary
	@$(BIN)/lint-imports --no-cache

.PHONY: bench
bench: $(READY)  ## Run all benchmarks, one ratio a line
	@$(BIN)/python -m benchmarks

.PHONY: format
format: $(READY)  ## Format the code and mend what lint can mend
	@$(BIN)/ruff check --fix-only --quiet . && $(BIN)/ruff format --quiet .

.PHONY: lock
lock: $(READY)  ## Write requirements.lock anew: newest versions, every file's hash, no host names
	@$(BIN)/uv pip compile pyproject.toml --group dev --universal --generate-hashes --upgrade \
		--quiet --no-header --no-annotate --output-file requirements.lock

.PHONY: screenshots
screenshots: $(READY)  ## Take the README's screenshots anew
	@$(BIN)/python -m tests.prepare
	@$(BIN)/python -m docs.screenshots.take

.PHONY: clean
clean:  ## Remove the environment and all caches; var/ with its data stays
	@rm -rf $(VENV) .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(READY): requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Hearth needs Python 3.11 or newer with venv."; exit 1; }
	@echo "Making the environment in $(VENV) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(NICELY) $(BIN)/python -m pip install -qq --require-hashes --no-deps -r requirements.lock
	@$(NICELY) $(BIN)/python -m pip install -qq --no-deps --no-build-isolation --editable .
	@touch $(READY)
