# medpix2: `make demo` and `make test` need nothing but Python 3.11 or later, make and internet.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DEMO_HOME ?= demo
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: install demo test lint bench docs clean

$(BIN)/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "medpix2 needs Python 3.11 or later")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.base: pyproject.toml | $(BIN)/python
	$(BIN)/pip install -q -e .
	tools/system-libraries $(BIN)/python
	touch $@

$(VENV)/.dev: pyproject.toml | $(BIN)/python
	$(BIN)/pip install -q -e '.[dev]'
	tools/system-libraries $(BIN)/python
	touch $@ $(VENV)/.base

install: $(VENV)/.dev  ## everything that development needs, into .venv

demo: $(VENV)/.base  ## the whole way on a synthetic collection; ends by serving it until Ctrl-C
	@tools/demo $(BIN)/medpix2 $(DEMO_HOME)

test: $(VENV)/.dev lint  ## all checks
	$(BIN)/python -m pytest -n 2 $(PYTEST)

lint: $(VENV)/.dev  ## style, types, and that data flow one way
	$(BIN)/ruff check -q .
	$(BIN)/ruff format -q --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/.dev  ## the figures of docs/benchmarks.md; minutes to an hour
	$(BIN)/python -m benchmarks $(BENCH)

docs: $(VENV)/.dev  ## write the generated parts of README and docs again
	$(BIN)/cog -r README.md docs/*.md

clean:
	rm -rf $(VENV) $(DEMO_HOME) .mypy_cache .ruff_cache .pytest_cache
