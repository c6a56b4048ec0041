# Everything a person or CI does. Each target sets up what it needs; `make` alone opens the lab.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.DEFAULT_GOAL := run
.PHONY: run lecture test lint unit browser-test test-replicas bench soak format chromium clean

# For this machine alone. That is no setting of Streamlit's, which hosts would read as well.
run: $(VENV)/.run-installed
	$(BIN)/streamlit run dashboard/app.py --server.address localhost $(if $(PORT),--server.port '$(PORT)')

# For a hall: on every network of this machine, or as ADDRESS says.
lecture: $(VENV)/.run-installed
	$(BIN)/python -m dashboard.room $(if $(ADDRESS),--address '$(ADDRESS)') $(if $(PORT),--port '$(PORT)')

test: lint unit browser-test test-replicas

lint: $(VENV)/.dev-installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/oxlint --deny-warnings --report-unused-disable-directives dashboard tests

# The tests of a file share what is dear, as a server or a page, so they stay together.
TEST := $(BIN)/pytest -n 2 --dist loadfile

unit: $(VENV)/.dev-installed
	$(TEST) tests/unit tests/app

browser-test: $(VENV)/.dev-installed chromium
	$(TEST) tests/browser

# Several servers behind the real proxy, with a real Redis. Where Debian's packages cannot be had, it says so, and that
# is all.
test-replicas: $(VENV)/.dev-installed chromium
	@if sh tests/replicas/find_servers.sh; then \
	  $(BIN)/pip install --quiet --disable-pip-version-check -r deploy/requirements-redis.txt && \
	  $(BIN)/pytest tests/replicas; \
	fi

bench: $(VENV)/.dev-installed chromium
	$(BIN)/python -m benchmarks

soak: $(VENV)/.dev-installed
	$(BIN)/python -m benchmarks.soak

format: $(VENV)/.dev-installed
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

chromium:
	@sh tests/browser/find_chromium.sh >/dev/null

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13) and "Python 3.11, 3.12 or 3.13 is needed: make PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run-installed: requirements.txt pyproject.toml | $(VENV)/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/.dev-installed: requirements-dev.txt requirements.txt pyproject.toml | $(VENV)/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@ $(VENV)/.run-installed

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis
