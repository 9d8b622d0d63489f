# Warm Handoff. Needs Python 3.11+, Node 20+ and make; everything else is installed into .venv and pwa/node_modules.
#
#   make run     install, build, migrate, load the demo, serve on PORT (8000); data lies in ./data
#   make test    everything: linters, types, both languages' tests, both databases, real browsers
#   make lint    the checks that run nothing        make bench   the figures in the README
#   make types   regenerate the API's types         make lock    regenerate the lockfiles
#   make readme  regenerate the README's tables
#   make torture kill servers and browsers, cut the power, fill the disk, at length: ARGUMENTS="records --kills 250"; then whole worlds of
#                phones under faults, SCHEDULES=100000 on SQLite and a fifth on PostgreSQL
#   make format  put imports and layout right       make clean   remove what was installed and built (not ./data)

PYTHON ?= python3
PY := .venv/bin/python
INSTALL := $(PYTHON) -m scripts.install
NPM := cd pwa && npm run --silent
CODE := eligibility_rules sync api migrations scripts tests
UV_FLAGS := --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help run install install-dev build test lint types types-check pwa-test budget python-test bench bench-peers torture lock format clean readme

help:
	@sed -n '3,11s/^# \{0,1\}//p' Makefile

run: export PORT ?= 8000
run: export HANDOFF_DATA_DIR ?= $(CURDIR)/data
run: install build
	@exec $(PY) -m api.cli demo

install:
	@$(INSTALL) runtime

install-dev:
	@$(INSTALL) dev pwa provider

build:
	@$(INSTALL) build

# pytest comes last, so that its summary is the last thing read.
test: install-dev lint pwa-test budget python-test

lint: install-dev types-check
	$(PY) -m scripts.readme --check
	$(PY) -m eligibility_rules check eligibility_rules/packs
	$(PY) -m ruff check $(CODE)
	$(PY) -m mypy
	.venv/bin/lint-imports
	$(NPM) check
	$(NPM) lint

types: install-dev
	$(PY) -m api.cli types

types-check: install-dev
	$(PY) -m api.cli types --check

readme: install-dev
	$(PY) -m scripts.readme

pwa-test: install-dev
	$(NPM) test

budget: build
	$(NPM) budget

python-test: install-dev build
	@$(INSTALL) programs
	@failed=0; \
	$(PY) -m pytest -n 3 --dist worksteal --ignore tests/browser || failed=1; \
	$(PY) -m pytest -n 2 --dist loadfile tests/browser || failed=1; \
	exit $$failed

bench: install-dev build
	@$(INSTALL) programs
	$(PY) -m tests.bench

bench-peers: install-dev build
	@$(INSTALL) programs
	$(PY) -m tests.bench.peers $(ARGUMENTS)

torture: SCHEDULES ?= 100000
torture: install-dev
	@$(INSTALL) programs
	$(PY) -m tests.torture $(ARGUMENTS)
	$(PY) -m tests.simulation --schedules $(SCHEDULES) --processes 2
	$(PY) -m tests.simulation --schedules $$(($(SCHEDULES) / 5)) --processes 2 --database postgresql

# Neither lockfile names a package host: whoever installs uses the index of their own machine.
lock:
	@test -x build/lock/bin/uv || { $(PYTHON) -m venv build/lock && build/lock/bin/python -m pip install --quiet uv; }
	build/lock/bin/uv pip compile pyproject.toml $(UV_FLAGS) --output-file requirements.lock
	build/lock/bin/uv pip compile pyproject.toml $(UV_FLAGS) --group dev --output-file requirements-dev.lock
	cd pwa && npm install --package-lock-only --ignore-scripts
	cd tests/api/openid/provider && npm install --package-lock-only --ignore-scripts

format: install-dev
	$(PY) -m ruff check --fix $(CODE)
	$(PY) -m ruff format $(CODE)

clean:
	rm -rf .venv build pwa/node_modules pwa/dist tests/api/openid/provider/node_modules screenshots .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
