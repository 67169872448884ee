# Everything a person or CI runs. `make help` lists it. Each target sets up what it needs.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
ARGS ?=
BIN := .venv/bin
PY := $(BIN)/python
STAMPS := .venv/stamps
PIP := $(PY) -m pip install --quiet --disable-pip-version-check
CONSOLE := src/goodword/console
PAGES := $(shell find clients/typescript/src clients/typescript/tsconfig.json $(CONSOLE)/assets $(CONSOLE)/templates $(CONSOLE)/templatetags -type f -not -name '*.pyc' 2>/dev/null)
# A tool that writes documents says with --check whether they are as it would write them.
GENERATORS := $(shell grep -l -F written.main tools/*.py)
CATALOGUES := $(wildcard src/goodword/locale/*/LC_MESSAGES/*.po)

.PHONY: help venv build fast clients demo serve test test-pg15 torture check bench docs fmt lock clean
help:
	@grep -hE '^[a-z][a-z0-9-]*:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

venv: $(STAMPS)/venv ## create .venv with everything Goodword needs

build: $(STAMPS)/pages $(STAMPS)/languages ## build styles, scripts and translations

fast: $(STAMPS)/venv ## compile the domain to machine code, if you like (needs a C compiler and some minutes)
	@$(PY) -c 'import setuptools' 2>/dev/null || $(PIP) --require-hashes --no-deps -r requirements-fast.lock
	@$(PY) tools/compile_domain.py
	@$(BIN)/pytest -q tests/properties/test_compiled.py || { rm -rf src/goodword/domain/__compiled__; exit 1; }

clients: build ## build both client libraries, as a wheel and as a tarball
	cd clients/python && ../../$(BIN)/hatchling build --target wheel
	tools/npm pack --silent --pack-destination clients/typescript ./clients/typescript

demo: build ## load 69,659 real orders and serve; ARGS=--load-only loads and ends
	@$(BIN)/goodword demo $(ARGS)

serve: build ## serve the console, the API and the engine
	@$(BIN)/goodword serve $(ARGS)

test: build tests-need ## run every test, on the wheel's PostgreSQL and on an installed one
	$(BIN)/pytest -n auto --dist worksteal tests/unit --cov
	$(BIN)/pytest -n auto --dist worksteal --ignore=tests/unit
	@$(MAKE) --no-print-directory test-pg15

# Of the tests with a database (tests/conftest.py leaves out the others), what asks the same statements again has run in the
# first pass: whole Goodwords, pages and commands, random histories, recipes, torture. A cluster needs PostgreSQL 16 to 18,
# and says so on an older one.
ELSEWHERE := $(addprefix --ignore=tests/,integration/cluster integration/cli integration/console integration/api/test_fuzz.py \
	integration/ops/test_serve.py integration/ops/test_shutdown.py race/test_torture.py)
test-pg15: build ## run the tests with a database on an installed PostgreSQL (15 where there is a choice)
	@major=$$(tools/installed_postgres) || exit 0; \
	set -x; GOODWORD_TEST_PG=$$major $(BIN)/pytest -n auto --dist worksteal $(ELSEWHERE) tests/integration tests/race

torture: build ## kill -9 worker, web server and PostgreSQL under load, 200 rounds; ARGS="--rounds N"
	$(PY) tools/torture.py $(ARGS)

check: build ## format, types, walls, migrations, translations, documents
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	MYPYPATH=clients/python/src $(BIN)/mypy --config-file= --strict -p goodword_client
	$(BIN)/lint-imports
	tools/npm run --silent check
	for tool in tools/check_*.py; do echo "$$tool"; $(PY) "$$tool"; done
	for tool in $(GENERATORS); do echo "$$tool --check"; $(PY) "$$tool" --check; done

bench: build $(STAMPS)/peer ## measure, as ratios to a bare floor of the same run
	$(PY) -m bench $(ARGS)

docs: build ## write the generated documents anew
	for tool in $(GENERATORS); do echo "$$tool"; $(PY) "$$tool"; done

fmt: $(STAMPS)/venv ## format the code and mend what can be mended
	$(BIN)/ruff check --fix --exit-zero .
	$(BIN)/ruff format .

LOCK := $(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-annotate --no-header
lock: $(STAMPS)/venv ## resolve the lock files anew from pyproject.toml
	$(LOCK) pyproject.toml -o requirements.lock
	$(LOCK) pyproject.toml --group dev -c requirements.lock -o requirements-dev.lock
	$(LOCK) --group node -o requirements-node.lock
	$(LOCK) --group fast -o requirements-fast.lock
	$(LOCK) --group peer -c requirements.lock -o requirements-peer.lock

clean: ## remove what was built; the data in GOODWORD_HOME stays
	rm -rf .venv node_modules src/goodword/domain/__compiled__ $(CONSOLE)/static/console/dist clients/*/dist $(CATALOGUES:.po=.mo)

.PHONY: tests-need
tests-need: $(STAMPS)/venv
	@tools/need_chromium

$(STAMPS)/venv: requirements-dev.lock pyproject.toml clients/python/pyproject.toml
	@python=$$(PYTHON='$(PYTHON)' tools/find_python) && { [ -x $(PY) ] || "$$python" -m venv .venv; }
	@echo "Installing Goodword into .venv …"
	@$(PIP) --require-hashes --no-deps -r requirements-dev.lock
	@$(PIP) --no-build-isolation --no-deps -e . -e clients/python
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/peer: requirements-peer.lock | $(STAMPS)/venv
	@$(PIP) --upgrade --require-hashes --no-deps --target .venv/peer -r requirements-peer.lock
	@touch $@

$(STAMPS)/node: package-lock.json package.json | $(STAMPS)/venv
	@echo "Installing the pages' packages …"
	@tools/npm ci --silent --no-progress
	@touch $@

$(STAMPS)/pages: $(STAMPS)/node $(PAGES)
	@tools/npm run --silent build
	@touch $@

$(STAMPS)/languages: $(CATALOGUES) tools/compile_translations.py | $(STAMPS)/venv
	@$(PY) tools/compile_translations.py
	@touch $@
