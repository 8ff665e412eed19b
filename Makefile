# Every target sets itself up: a bare machine needs python3 (3.11 or newer), make and a package registry.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
DEMO ?= build/demo
MONTH ?= 2026-10
SCALE ?= 1.0

.PHONY: setup demo test check worlds mutations bench lock generate browser servers office clean

setup: $(STAMP)

# The parse saves the first run its time; where it fails, that run says why, and `make generate` may be what mends it.
$(STAMP): requirements.lock pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet "uv>=0.9"
	$(BIN)/uv pip sync --quiet --compile-bytecode --python $(BIN)/python requirements.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	-$(BIN)/python -c "from pipelines.warehouse.dbt_project import ensure_parsed; ensure_parsed()"
	touch $(STAMP)

demo: $(STAMP)
	$(BIN)/hengfa demo $(DEMO)/exports --scale $(SCALE) --force
	$(BIN)/hengfa --home $(DEMO)/workspace run $(MONTH) --inbox $(DEMO)/exports --loaded-at 2026-11-06T06:00:00

# Two processes: a run of the assessment uses two cores for a third of its time.
JOBS ?= 2
test: $(STAMP)
	$(BIN)/python -m pytest -n $(JOBS) --dist loadfile tests

check: $(STAMP)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy pipelines expectations reports
	$(BIN)/sqlfluff lint --disable-progress-bar dbt_project/models
	$(BIN)/python -m pytest -q tests/layers

# SQL against the plain-Python reference in so many small worlds; the first difference is made small and printed.
WORLDS ?= 400
SEED ?= 1
worlds: $(STAMP)
	$(BIN)/python -m tests.property.long_run --worlds $(WORLDS) --seed $(SEED)

# Mistakes made one by one in a copy of the dbt project; a spec test must notice each.
mutations: $(STAMP)
	$(BIN)/python -m tests.mutations

bench: $(STAMP)
	$(BIN)/python -m benchmarks

lock:
	$(BIN)/uv pip compile --quiet pyproject.toml --group dev --universal --generate-hashes --no-emit-index-url \
		--python-version 3.11 --custom-compile-command "make lock" --output-file requirements.lock

generate: $(STAMP)
	$(BIN)/python -m pipelines.contract.dbt_sources
	$(BIN)/python -m pipelines.contract.dictionary
	$(BIN)/python -m tests.pages

# Chromium and a Chinese font for the browser tests, from Debian's packages.
browser:
	apt-get update -qq && apt-get install -y -qq chromium fonts-noto-cjk

# PostgreSQL and MariaDB for the tests that read from servers, from Debian's packages.
servers:
	apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq postgresql mariadb-server

# A spreadsheet program for the test that sends an appeal's workbook through one, from Debian's packages.
office:
	apt-get update -qq && apt-get install -y -qq libreoffice-calc-nogui

clean:
	rm -rf build dbt_project/target dbt_project/logs
