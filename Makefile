# Every target installs what it needs by itself, and asks the network only when a lock changed.
# `make run` needs requirements.lock; everything else needs requirements-dev.lock, and `make check-all`
# requirements-clients.lock too.

SHELL := /bin/sh
PY := .venv/bin/python
PYTEST_WORKERS ?= 2
UNTRACED := tests/unit/imports tests/unit/recount tests/unit/demonstration
CODE := services shared deploy tests

.DEFAULT_GOAL := help
.PHONY: help run test static check-all bench fix migrate lock docs landed clean installed installed-dev \
	installed-clients

help:
	@echo "make run        start PostgreSQL, the three services and their workers (Ctrl-C stops)"
	@echo "make test       the checks of every change"
	@echo "make check-all  load, chaos, schemathesis and generated clients (tests/slow)"
	@echo "make bench      measure the budgets of docs/performance.md"
	@echo "make fix        format, and repair what a tool can repair"
	@echo "make migrate    bring the database to the newest schema"
	@echo "make docs       write the generated catalogues anew"
	@echo "make landed     at a release: hold later versions to what this one publishes"
	@echo "make lock       resolve dependencies anew (needs the network)"
	@echo "make clean      remove caches and .venv; the data in .bac stay"

installed:
	@deploy/install.sh requirements.lock

installed-dev:
	@deploy/install.sh requirements-dev.lock

installed-clients: installed-dev
	@deploy/install.sh requirements-clients.lock
	@java -version >/dev/null 2>&1 || { \
		echo "bac: openapi-generator needs Java 11 or newer to make clients; install it (Debian: apt-get install default-jre-headless)." >&2; \
		echo "bac: Cần Java 11 trở lên để openapi-generator tạo mã máy khách; hãy cài (Debian: apt-get install default-jre-headless)." >&2; \
		exit 1; }

run: export BAC_STOP_WITH_PARENT = 1
run: installed
	@$(PY) -m services.command up

migrate: installed
	@$(PY) -m services.command migrate

static: installed-dev
	$(PY) -m ruff check $(CODE)
	$(PY) -m ruff format --check $(CODE)
	$(PY) -m mypy
	.venv/bin/lint-imports --no-cache
	$(PY) -m tests.house.licences

# Unit tests of the rules are traced, and the floor of pyproject.toml only rises. Code that runs millions of
# lines (files, the recount, the demonstration) is not: traced it takes three times as long.
test: static
	$(PY) -m pytest tests/unit $(UNTRACED:%=--ignore=%) -n $(PYTEST_WORKERS) --dist loadscope \
		--cov --cov-report=term:skip-covered
	$(PY) -m pytest $(UNTRACED) tests/contract tests/integration tests/e2e tests/house \
		-n $(PYTEST_WORKERS) --dist loadscope

check-all: installed-clients
	$(PY) -m tests.house.licences requirements-clients.lock
	$(PY) -m pytest tests/slow -n $(PYTEST_WORKERS) --dist loadscope --timeout 900

# Apart from `make test`: on Python 3.11 a traced run takes about two and a half times the processor time.
bench: installed-dev
	$(PY) -m tests.bench

fix: installed-dev
	-$(PY) -m ruff check --fix $(CODE)
	$(PY) -m ruff format $(CODE)

docs: installed-dev
	$(PY) -m tests.catalogues

landed: installed-dev
	$(PY) -m tests.compatibility.landing

lock: installed-dev
	@$(PY) -m uv --version >/dev/null 2>&1 || $(PY) -m pip install --quiet uv
	$(PY) -m uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-header --output-file requirements.lock
	$(PY) -m uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-header --constraint requirements.lock \
		--output-file requirements-dev.lock
	$(PY) -m uv pip compile --group clients --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-header --constraint requirements-dev.lock \
		--output-file requirements-clients.lock

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist
	find $(CODE) -name __pycache__ -type d -prune -exec rm -rf {} +
