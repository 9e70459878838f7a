# Everything a fresh machine with Python and pip needs. `make` lists it.

PYTHON ?= python3
ARGS ?=

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
COMPILED := $(VENV)/.compiled
LOCALE := src/ygs/application/messages/locale
# How long one test may take, seconds, where the 300 of pyproject.toml are too few.
LONG_ONES := -o faulthandler_timeout=900
SLOW_ONES := -o faulthandler_timeout=7200
KOREAN := $(LOCALE)/ko/LC_MESSAGES/messages

# Use the Python that is here, never fetch one; and pip has nothing to say about running as root inside our own .venv.
export UV_PYTHON_DOWNLOADS := never
export PIP_ROOT_USER_ACTION := ignore
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Images of Python like to set it; each process that a test starts would then compile all of ygs anew.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup demo test lint long browser pictures life workers ray killed crashes seeds dispatch deliveries ledger learning forecasts docs mutants wheel-check bench \
	messages clean

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(READY) $(KOREAN).mo $(COMPILED) ## make .venv with everything to run, test and measure (once)

demo: setup ## plan a week among made-up members; ARGS="..." is passed on
	@$(BIN)/ygs demo $(ARGS)

test: setup ## run the tests; ARGS="..." is passed on to pytest
	$(BIN)/pytest -n 2 $(ARGS)

lint: $(READY) $(KOREAN).mo ## style, types, and who may import whom
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python tools/check_names.py
	@git log --format=%s 2a677df..HEAD 2>/dev/null | awk 'length > 72 { print "longer than 72 characters: " $$0; long = 1 } END { exit long }'
	$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec compose.yaml

long: setup ## the tests that start services, kill them or compile for more than ten seconds (minutes)
	$(BIN)/pytest $(LONG_ONES) -n 2 -m long $(ARGS)

browser: setup ## an agency's week through the console's screens (needs Chromium)
	$(BIN)/pytest $(LONG_ONES) -n 0 -m long tests/integration/test_console_browser.py $(ARGS)

pictures: setup ## take the pictures of the console anew that the README shows (needs Chromium)
	$(BIN)/pytest $(SLOW_ONES) -n 0 -m slow tests/integration/test_console_pictures.py $(ARGS)

life: setup ## live two weeks through HTTP by a generated TypeScript client (needs Node)
	$(BIN)/pytest $(SLOW_ONES) -n 0 -m slow tests/integration/test_typescript_life.py $(ARGS)

workers: setup ## share 2,000 jobs between two processes, of which one is stopped and one killed
	$(BIN)/pytest $(SLOW_ONES) -n 0 -m slow tests/integration/test_shared_jobs.py $(ARGS)

ray: setup ## scan on a Ray cluster of this machine, of which a worker is killed (fetches the extra ray; a minute)
	$(BIN)/python -m pip install -q -e '.[ray]'
	$(BIN)/pytest $(SLOW_ONES) -n 0 -m "slow or not slow" tests/integration/test_sweeps.py $(ARGS)

killed: setup ## kill and stop processes that answer and publish: 2,000 acknowledged answers, none lost (minutes)
	$(BIN)/pytest $(SLOW_ONES) -n 0 -m slow tests/integration/test_killed_processes.py $(ARGS)

crashes: setup ## fail every call of a port in turn, on each storage, and run the use case again (half an hour)
	$(BIN)/pytest $(SLOW_ONES) -n 2 -m "slow or not slow" tests/unit/test_crash_anywhere.py tests/integration/test_crash_anywhere.py $(ARGS)

seeds: setup ## run ten thousand more seeds of the deterministic simulation (half an hour)
	$(BIN)/pytest $(SLOW_ONES) -n 2 -m slow tests/deterministic/test_seeds.py $(ARGS)

dispatch: setup ## dispatch 50,000 events by a process that is killed three times
	$(BIN)/pytest $(SLOW_ONES) -n 0 -m slow tests/integration/test_dispatch.py $(ARGS)

deliveries: setup ## send 3,000 webhooks by a process that is killed three times
	$(BIN)/pytest $(SLOW_ONES) -n 0 -m slow tests/integration/test_deliveries.py $(ARGS)

ledger: setup ## recount the promise ledger over a simulated year of 500 members (minutes)
	$(BIN)/pytest $(SLOW_ONES) -n 0 -s -m slow tests/integration/test_ledger_recount.py $(ARGS)

learning: setup ## fit a thousand histories in both ways and half a million answers, and play clubs of sceptics (minutes)
	$(BIN)/pytest $(SLOW_ONES) -n 0 -m slow tests/unit/test_chance_model.py tests/unit/test_learning_evaluation.py tests/integration/test_learning_promise.py $(ARGS)

forecasts: setup ## compare forecasts with what became of 48 simulated members (a minute)
	$(BIN)/pytest $(SLOW_ONES) -n 0 -s -m slow tests/integration/test_forecast_coverage.py $(ARGS)

docs: setup ## build the documentation into site/; a broken link or reference fails
	YGS_LANGUAGE=en $(BIN)/python -m docs.generate
	$(BIN)/zensical build --strict --clean
	@echo "documentation: site/index.html"

mutants: setup ## plant known defects one by one: the tests must catch each
	$(BIN)/pytest $(LONG_ONES) -n 2 -m mutants tests/mutants $(ARGS)

wheel-check: setup ## install the built wheel with each extra alone and with all, and run something of each
	$(BIN)/python tools/wheel_check.py $(ARGS)

bench: setup ## the figures the README quotes
	$(BIN)/python -m benchmarks $(ARGS)

messages: setup ## extract messages into the catalogues, and compile these
	$(BIN)/pybabel -q extract -F babel.cfg -k say -k N_ --no-location --sort-output -o $(VENV)/messages.pot .
	$(BIN)/pybabel -q update -i $(VENV)/messages.pot -d $(LOCALE) -D messages --no-fuzzy-matching --ignore-obsolete --no-wrap --ignore-pot-creation-date
	$(BIN)/pybabel -q compile -d $(LOCALE) -D messages --statistics

clean: ## remove .venv and everything that was made
	rm -rf $(VENV) build dist site .cache .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
	find src tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +

$(KOREAN).mo: $(KOREAN).po | $(READY)
	@$(BIN)/pybabel -q compile -d $(LOCALE) -D messages

# pip knows dependency groups since 25.1. uv does in seconds what pip does in a minute, but is only a convenience: where it cannot be had, or does not understand
# how this machine's pip reaches its packages, pip does the same work.
$(READY): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "ygs needs Python 3.11 or newer: make setup PYTHON=python3.12")'
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear $(VENV) \
		|| { $(PYTHON) -m venv --clear --without-pip $(VENV) && $(PYTHON) -m pip --python $(BIN)/python install -q pip; }
	@test -x $(BIN)/uv || $(BIN)/python -m pip install -q uv || echo "uv is not to be had here: using pip"
	@{ test -x $(BIN)/uv && $(BIN)/uv pip install -q --compile-bytecode --python $(BIN)/python -e '.[all]' --group dev; } \
		|| { $(BIN)/python -m pip install -q --upgrade 'pip>=25.1' && $(BIN)/python -m pip install -q -e '.[all]' --group dev; }
	@touch $@

# Apart, so that styles and types can be looked at meanwhile: `make -j2 lint test`.
$(COMPILED): $(READY)
	@echo "compiling the engines, once ..."
	@$(BIN)/python -m compileall -q src/ygs
	@$(BIN)/ygs warm-up >/dev/null
	@touch $@
