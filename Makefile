# A newcomer needs `make run` and `make test`. Both set up a virtual environment first.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
# One worker for each core; two in the full suite, which often waits for servers and processes.
CORES := $(shell getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)
PYTEST := -m pytest --dist worksteal --maxprocesses 8
QUICK := $(PYTEST) --numprocesses $(CORES)
FULL := $(PYTEST) --suite full --numprocesses $(shell expr 2 '*' $(CORES))
ARGS ?=
NODE_TESTS := tests/clients/node tests/console/node tests/engines/node tests/openapi/node \
  fixtures/clients/node fixtures/clients/node/container fixtures/clients/media
GO_TESTS := tests/openapi/go tests/repository/go fixtures/clients/go/container
JAVA_PROJECT := fixtures/clients/java

# The tests start many emulators: compile the modules once, not at every start.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help run services test test-all test-pythons coverage mutants fuzz lint format openapi \
  conformance docs bench clean

help:
	@echo 'make run           start the emulator; ARGS="--port 9000" passes options to it'
	@echo 'make test          run the quick suite; ARGS="-k metadata" passes options to pytest'
	@echo 'make test-all      run every test, with real engines and SDKs; ARGS as for make test'
	@echo 'make test-pythons  run the quick suite under each installed Python from 3.10 on'
	@echo 'make services      install a Valkey, curl, Go, Maven, Chromium, nginx, ffmpeg and more for the tests (apt-get)'
	@echo 'make coverage      run every test and show the branches that no test takes'
	@echo 'make mutants       change the code in many ways and show the changes that no test notices'
	@echo 'make fuzz          look for inputs that break a parser; ARGS="http --inputs 100000"'
	@echo 'make lint          check style, types and imports (ruff, mypy, import-linter)'
	@echo 'make format        format the code with ruff'
	@echo 'make openapi       write the files of docs/openapi again, after a change of the HTTP APIs'
	@echo 'make docs          write the generated pages again, and build the documentation as a site in build/site'
	@echo 'make bench         compare speed and memory with bare aiohttp, moto and s3rver'
	@echo 'make clean         remove the virtual environment and the caches of tools'

run: $(VENV)/run.stamp
	@$(BIN)/python -m emulator $(ARGS)

services:
	tests/engines/install

test: $(VENV)/test.stamp
	$(BIN)/python $(QUICK) $(ARGS)

test-all: $(VENV)/dev.stamp $(VENV)/node.stamp $(VENV)/go.stamp $(VENV)/java.stamp
	$(BIN)/python $(FULL) $(ARGS)

test-pythons:
	$(PYTHON) -m tests.pythons $(ARGS)

coverage: $(VENV)/dev.stamp $(VENV)/node.stamp $(VENV)/go.stamp $(VENV)/java.stamp
	$(BIN)/coverage erase
	$(BIN)/coverage run $(FULL) $(ARGS)
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

mutants: $(VENV)/mutants.stamp
	$(BIN)/python -m tests.mutants $(ARGS)

fuzz: $(VENV)/fuzz.stamp
	$(BIN)/python -m tests.fuzz --guided $(ARGS)

lint: $(VENV)/dev.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/mypy

format: $(VENV)/dev.stamp
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

openapi: $(VENV)/run.stamp
	$(BIN)/python -m emulator openapi --write docs/openapi

conformance: $(VENV)/dev.stamp
	$(BIN)/python -m tests.conformance.pages

# The theme's notice of what comes after MkDocs 1 would be read as a fault of the pages.
docs: $(VENV)/docs.stamp
	$(BIN)/python -m tests.site.generated
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict

bench: $(VENV)/bench.stamp
	$(BIN)/python -m tests.bench $(ARGS)

clean:
	rm -rf $(VENV) $(NODE_TESTS:=/node_modules) $(JAVA_PROJECT)/target .coverage .coverage.* .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache mutants build dist *.egg-info

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 10) or sys.exit( \
	  "Python 3.10 or newer is required, this is %d.%d: choose another, as in make PYTHON=python3.12 run" \
	  % sys.version_info[:2])'
	$(PYTHON) -m venv $(VENV)

$(VENV)/run.stamp: pyproject.toml | $(BIN)/python
	$(PIP) --editable .
	@touch $@

$(VENV)/test.stamp $(VENV)/dev.stamp $(VENV)/docs.stamp $(VENV)/bench.stamp $(VENV)/mutants.stamp $(VENV)/fuzz.stamp: $(VENV)/%.stamp: pyproject.toml | $(BIN)/python
	$(PIP) --editable '.[$*]'
	@touch $@

# Momento's SDK for Node, an S3, axe-core, Vitest and hls.js. Without npm, `make test-all` skips the tests that need them.
$(VENV)/node.stamp: $(NODE_TESTS:=/package.json) $(NODE_TESTS:=/package-lock.json) | $(BIN)/python
	@if command -v npm >/dev/null 2>&1; then \
	  for tests in $(NODE_TESTS); do (cd $$tests && npm ci --loglevel=error >/dev/null) || exit 1; done; \
	  touch $@; \
	else \
	  echo 'npm is not installed: the tests that need npm packages will be skipped'; \
	fi

# The generator of clients in Go, Testcontainers and actionlint. Without Go, `make test-all` skips the tests
# that need them.
$(VENV)/go.stamp: $(GO_TESTS:=/go.mod) $(GO_TESTS:=/go.sum) | $(BIN)/python
	@if command -v go >/dev/null 2>&1; then \
	  for tests in $(GO_TESTS); do (cd $$tests && GOTOOLCHAIN=local go mod download) || failed=1; done; \
	  if [ -z "$$failed" ]; then touch $@; else echo 'Some tests that need Go will be skipped'; fi; \
	else \
	  echo 'Go is not installed: the tests that need it will be skipped'; \
	fi

# JUnit 5 and Testcontainers, and what Maven needs for a run of tests; it is found by a run of none.
$(VENV)/java.stamp: $(JAVA_PROJECT)/pom.xml | $(BIN)/python
	@if command -v mvn >/dev/null 2>&1; then \
	  (cd $(JAVA_PROJECT) && mvn --batch-mode --quiet test \
	    '-Dtest=AssetsTest#none' -Dsurefire.failIfNoSpecifiedTests=false) && touch $@; \
	else \
	  echo 'Maven is not installed: the test of the project in Java will be skipped'; \
	fi
