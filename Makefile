# The contributor's whole interface; CI runs the same commands.
# `make test` and `make demo` need Python 3.11 or later and nothing else: they make their own environment.

PYTHON ?= python3
VENV := .venv
VENV4 := .venv-connector4
FAKESNOW := .venv-fakesnow
SCHEMACHANGE := .venv-schemachange
SNOW := .venv-snow
DBT := .venv-dbt
SQLALCHEMY := .venv-sqlalchemy
PEERS := $(SCHEMACHANGE)/.installed $(SNOW)/.installed $(DBT)/.installed
BIN := $(VENV)/bin

.DEFAULT_GOAL := help
.PHONY: help setup demo test lint types imports unit connector4 clients format bench crash laws docs constraints clean faults

help: ## List these targets
	@sed -n 's/^\([a-z0-9]*\):.*## \(.*\)/\1\t\2/p' $(MAKEFILE_LIST) | expand -t 14

setup: $(VENV)/.installed ## Make the environment and install the project with its tools

# What a user needs: the product alone, with the versions that were tested.
$(VENV)/.product: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit("pipeline needs Python 3.11 or later, not " + sys.version.split()[0] if sys.version_info < (3, 11) else 0)'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	PIP_CONSTRAINT=$(CURDIR)/constraints.txt $(BIN)/python -m pip install --quiet --editable .
	$(BIN)/python -m compileall -q src # pip compiles what it installs, but not what it leaves in place
	@touch $@

# What a contributor needs on top. Older pips do not know dependency groups.
$(VENV)/.installed: $(VENV)/.product
	PIP_CONSTRAINT=$(CURDIR)/constraints.txt $(BIN)/python -m pip install --quiet --upgrade pip
	PIP_CONSTRAINT=$(CURDIR)/constraints.txt $(BIN)/python -m pip install --quiet --group dev
	@touch $@

# The same product with the lowest versions that pyproject.toml allows. Its connector is that of snow, schemachange and dbt,
# a different program from 5.x.
$(VENV4)/.installed: pyproject.toml constraints.txt constraints-connector4.txt
	test -x $(VENV4)/bin/python || $(PYTHON) -m venv $(VENV4)
	PIP_CONSTRAINT=$(CURDIR)/constraints-connector4.txt $(VENV4)/bin/python -m pip install --quiet --editable . pytest pytest-xdist
	@touch $@

demo: $(VENV)/.product ## Deploy, load, run and query the order events on the local account
	$(BIN)/pipeline deploy
	$(BIN)/pipeline load data/orders_events.jsonl
	$(BIN)/pipeline tasks resume
	$(BIN)/pipeline tasks run --wait
	$(BIN)/pipeline query daily-revenue --param days=7
	$(BIN)/pipeline query order-status
	$(BIN)/pipeline health

test: lint types imports unit connector4 ## Everything that must pass

lint: $(VENV)/.installed ## Style and format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.installed ## mypy --strict
	$(BIN)/mypy

imports: $(VENV)/.installed ## The floors: imports go down only
	$(BIN)/lint-imports

unit: $(VENV)/.installed $(VENV4)/.installed ## All tests but those of other people's clients
	$(BIN)/pytest -q -n 4 --ignore tests/clients

connector4: $(VENV4)/.installed ## The end-to-end test with the lowest dependencies, the connector 4.x among them
	$(VENV4)/bin/python -m pytest -q -n 2 tests/e2e

clients: $(VENV)/.installed $(SNOW)/.installed $(DBT)/.installed $(SQLALCHEMY)/.installed ## Snowflake's command, dbt and SQLAlchemy, unmodified, on the local account
	$(BIN)/pytest -q tests/clients

format: $(VENV)/.installed ## Rewrite the code in the project's style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/.installed $(VENV4)/.installed $(FAKESNOW)/.installed $(PEERS) ## Measure commands, deploys and the local account
	$(BIN)/python benchmarks/startup.py --schemachange $(SCHEMACHANGE) --snow $(SNOW) --dbt $(DBT)
	$(BIN)/python -m benchmarks.deploy.planning
	$(BIN)/python -m benchmarks.deploy.measure --schemachange $(SCHEMACHANGE)/bin/python --snow $(SNOW)/bin/snow
	$(BIN)/python -m benchmarks.local.load_and_merge
	$(BIN)/python -m benchmarks.local.stream_reads
	$(BIN)/python -m benchmarks.local.small_statements --fakesnow $(FAKESNOW) --client $(VENV4)
	$(BIN)/python -m benchmarks.unit_tests
	$(BIN)/python -m benchmarks.pipeline.flow

# The peers of deploys and of the start of the command, each in an environment of its own.
$(SCHEMACHANGE)/.installed:
	test -x $(SCHEMACHANGE)/bin/python || $(PYTHON) -m venv $(SCHEMACHANGE)
	$(SCHEMACHANGE)/bin/python -m pip install --quiet 'schemachange==4.4.0'
	@touch $@

$(SNOW)/.installed:
	test -x $(SNOW)/bin/python || $(PYTHON) -m venv $(SNOW)
	$(SNOW)/bin/python -m pip install --quiet 'snowflake-cli==3.30.0'
	@touch $@

$(DBT)/.installed:
	test -x $(DBT)/bin/python || $(PYTHON) -m venv $(DBT)
	$(DBT)/bin/python -m pip install --quiet 'dbt-core==1.10.15' 'dbt-snowflake==1.10.3'
	@touch $@

$(SQLALCHEMY)/.installed:
	test -x $(SQLALCHEMY)/bin/python || $(PYTHON) -m venv $(SQLALCHEMY)
	$(SQLALCHEMY)/bin/python -m pip install --quiet 'snowflake-sqlalchemy==2.1.0'
	@touch $@

# The peer that small statements are compared with, in an environment of its own.
$(FAKESNOW)/.installed:
	test -x $(FAKESNOW)/bin/python || $(PYTHON) -m venv $(FAKESNOW)
	$(FAKESNOW)/bin/python -m pip install --quiet 'fakesnow[server]==0.12.1' 'snowflake-connector-python==4.8.1'
	@touch $@

crash: $(VENV)/.installed ## Kill a writing process 200 times; its account keeps every committed row
	PIPELINE_KILLS=200 $(BIN)/pytest -q tests/local/test_crash.py

laws: $(VENV)/.installed ## Streams against their model, 500 random histories; EXAMPLES=2000
	PIPELINE_EXAMPLES=$(or $(EXAMPLES),500) $(BIN)/pytest -q -n 2 tests/local/streams

docs: $(VENV)/.installed ## Write docs/local-account.md anew from the account's registries
	$(BIN)/python -m pipeline.local.documentation docs/local-account.md

faults: $(VENV)/.installed ## Spoil a deploy in every way at every request: an hour; STEP=5 every 5th only, WORKERS=2
	cd tests && PYTHONPATH=. ../$(BIN)/python -m faults.campaign --step $(or $(STEP),1) --workers $(or $(WORKERS),1)

constraints: ## Pin the newest versions that fit, and the lowest that are allowed
	rm -rf .venv-fresh && $(PYTHON) -m venv .venv-fresh
	.venv-fresh/bin/python -m pip install --quiet --upgrade pip
	.venv-fresh/bin/python -m pip install --quiet --editable . --group dev
	.venv-fresh/bin/python -m pip freeze --exclude-editable > constraints.txt
	rm -rf .venv-fresh && $(PYTHON) -m venv .venv-fresh
	sed -n '/^dependencies/,/^]/s/^ *"\([a-z0-9-]*\)>=\([0-9.]*\).*/\1==\2/p' pyproject.toml > .venv-fresh/lowest.txt
	PIP_CONSTRAINT=.venv-fresh/lowest.txt .venv-fresh/bin/python -m pip install --quiet --editable . pytest pytest-xdist
	.venv-fresh/bin/python -m pip freeze --exclude-editable > constraints-connector4.txt
	rm -rf .venv-fresh

clean: ## Remove what these targets made, the local account too
	rm -rf $(VENV) $(VENV4) $(FAKESNOW) $(SCHEMACHANGE) $(SNOW) $(DBT) $(SQLALCHEMY) .pipeline .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
