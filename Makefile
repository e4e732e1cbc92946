# callwarden: `make demo` shows it, `make test` proves it, `make up` runs it.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
UV     := 0.13.9
# Trust what the machine trusts, as pip does.
export UV_SYSTEM_CERTS := true

# Whatever starts programs of its own, as the tests do, compiles each module once and not in every process.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help demo up assets test whole parts test-killed test-faults test-served test-heard test-seen test-worked test-others check unit bench lock clean servers

help:  ## what there is
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(BIN)/uv:
	@$(PYTHON) -c 'import sys; assert sys.version_info[:2] in ((3, 11), (3, 12), (3, 13)), sys.version' \
	  || { echo "callwarden needs Python 3.11, 3.12 or 3.13: make PYTHON=python3.12 …"; exit 1; }
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install --quiet --disable-pip-version-check uv==$(UV)

$(VENV)/.runtime: requirements.lock pyproject.toml | $(BIN)/uv
	@echo "Installing callwarden into $(VENV) …"
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --editable .
	@touch $@

$(VENV)/.development: requirements-dev.lock pyproject.toml | $(BIN)/uv
	@echo "Installing callwarden and what its tests need into $(VENV) …"
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements-dev.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --editable .
	@touch $@ $(VENV)/.runtime

VENDOR := workers/web/static/vendor

$(VENDOR)/htmx.min.js: workers/web/npm/package-lock.json
	@if command -v npm >/dev/null; then \
	  npm ci --silent --prefix workers/web/npm && mkdir -p $(VENDOR) \
	  && cp workers/web/npm/node_modules/htmx.org/dist/htmx.min.js workers/web/npm/node_modules/htmx.org/LICENSE $(VENDOR)/ && touch $@; \
	else echo "No Node here: the portal's pages work without what npm brings."; fi

assets: $(VENDOR)/htmx.min.js  ## what npm brings to the portal, by its lock (needs Node; pages work without)

demo: $(VENV)/.runtime assets  ## the main job on sample calls, no server needed (state in var/demo)
	@$(BIN)/callwarden demo

up: $(VENV)/.runtime assets  ## the embedded system as a service (state in var)
	@$(BIN)/callwarden up

servers:  ## install the real servers the tests use (Debian/Ubuntu, as root)
	@bash tests/servers/install/install.sh

test: $(if $(SIDE_BY_SIDE),parts,whole)  ## every test; tiers that cannot run here are named at the end

whole: $(VENV)/.development assets
	@$(BIN)/pytest $(PYTEST)

# SIDE_BY_SIDE=yes: parts at once, for three of them wait for servers while the others work; each prints its own summary.
parts: $(VENV)/.development
	@$(MAKE) --jobs=7 --keep-going --output-sync=target test-killed test-faults test-served test-heard test-seen test-worked test-others

KILLED := $(addprefix tests/faults/test_,any_order.py killed_anywhere.py killed_on_real_servers.py killed_processes.py objection_races_upload.py one_home.py)
FAULTS := tests/faults tests/servers
SERVED := tests/bus tests/contracts tests/deploy tests/keys tests/landing tests/vault tests/wiring
HEARD := tests/audio tests/redaction tests/speech
SEEN := tests/web
WORKED := tests/cli tests/system tests/workers
test-killed: $(VENV)/.development
	@$(BIN)/pytest -p no:cacheprovider $(PYTEST) $(KILLED)
test-faults: $(VENV)/.development
	@$(BIN)/pytest -p no:cacheprovider $(PYTEST) $(FAULTS) $(KILLED:%=--ignore=%)
test-served: $(VENV)/.development
	@$(BIN)/pytest -p no:cacheprovider $(PYTEST) $(SERVED)
test-heard: $(VENV)/.development
	@$(BIN)/pytest -p no:cacheprovider $(PYTEST) $(HEARD)
test-seen: $(VENV)/.development assets
	@$(BIN)/pytest -p no:cacheprovider $(PYTEST) $(SEEN)
test-worked: $(VENV)/.development
	@$(BIN)/pytest -p no:cacheprovider $(PYTEST) $(WORKED)
test-others: $(VENV)/.development
	@$(BIN)/pytest -p no:cacheprovider $(PYTEST) $(FAULTS:%=--ignore=%) $(SERVED:%=--ignore=%) $(HEARD:%=--ignore=%) $(SEEN:%=--ignore=%) $(WORKED:%=--ignore=%)

UNIT := tests/rules tests/steps tests/workers tests/events tests/policy tests/cli tests/crypto tests/gate
unit: $(VENV)/.development  ## the fast tests only, under a minute: rules, steps on fakes, the edge
	@$(BIN)/pytest -q $(UNIT)

check: $(VENV)/.development  ## format, lint, types, import layers
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

bench: $(VENV)/.development  ## side-by-side measurements, written to bench.json
	@$(BIN)/python -m tests.bench

lock: | $(BIN)/uv  ## renew the lock files from pyproject.toml
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate \
	  --no-header pyproject.toml --extra postgres --extra timestamp --extra parquet --extra models -o requirements.lock
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate \
	  --no-header pyproject.toml --extra postgres --extra timestamp --extra parquet --extra models --group dev -o requirements-dev.lock

clean:  ## remove caches and the demonstration's state; never $(CALLWARDEN_HOME)
	@rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache var/demo
