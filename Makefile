# Two commands: `make run` shows the cabinet, `make test` proves it. Both set everything up first.
# `make help` lists the rest.

SHELL := /bin/bash
VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= python3
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help setup system run test check bench docs lock format clean screenshots

help: ## Say what can be made
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1\t\2/' | expand -t 22

setup: $(VENV)/.ready ## Make the virtual environment from the hash-locked requirements

$(VENV)/.ready: requirements/dev.txt pyproject.toml deploy/setup.sh
	@PYTHON=$(PYTHON) bash deploy/setup.sh environment $(VENV)
	@touch $@

system: ## Install the system packages that the tests use (Chromium, PostgreSQL, openssl)
	@bash deploy/setup.sh system

run: setup ## Start the demo: pharmacy, one simulated cabinet, messages (ARGS=--fresh, ARGS="--corpora DIR")
	@$(BIN)/cabinet-sim demo --data .demo $(ARGS)

test: setup system ## Run every test
	@bash deploy/test.sh $(BIN) $(ARGS)

check: setup ## Lint, types, import contracts, generated documents, locked requirements
	@bash deploy/check.sh $(BIN)

bench: setup ## Measure, as ratios against a floor in the same run; saved in .build/bench.json
	@$(BIN)/python -m tests.bench $(ARGS)

docs: setup ## Write again every generated document
	@$(BIN)/python docs/generate.py

screenshots: setup system ## Take the pictures under docs/images again
	@$(BIN)/python -m tests.browser.screenshots

lock: setup ## Resolve requirements/*.in again, with hashes
	@bash deploy/setup.sh lock $(BIN)

format: setup ## Format the sources
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix-only --quiet .

clean: ## Remove the environment, the demo's data and caches
	rm -rf $(VENV) .demo .build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
