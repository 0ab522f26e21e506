# Set-up and the main jobs. On a fresh machine with Python 3.11 to 3.13 and make: `make demo`, then `make test`.

PYTHON ?= python3
PORT ?= 8001
TOPIC ?=
VENV := .venv
BIN := $(VENV)/bin
TRACKER := $(BIN)/ho-tracker
# What was installed is known by the content of the lock files and by the folder, not by times: a checkout, a copied
# folder or a cached .venv never runs with other versions than those locked.
HERE := $(shell pwd | cksum | cut -d ' ' -f 1)
LOCKED := $(HERE)-$(shell cat requirements.lock pyproject.toml | cksum | cut -d ' ' -f 1)
LOCKED_DEV := $(LOCKED)-$(shell cksum < requirements-dev.lock | cut -d ' ' -f 1)
PYTHON_READY := $(VENV)/.python-$(HERE)
READY := $(VENV)/.runtime-$(LOCKED)
READY_DEV := $(VENV)/.development-$(LOCKED_DEV)
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.PHONY: demo run test coverage lint format docs bench train quality lock clean help

help:
	@echo "make demo [PORT=8001] [TOPIC=name]  import, tag, publish and serve a bundled made-up sample"
	@echo "make run [PORT=8001]   harvest PubMed, tag, publish, then serve"
	@echo "make test              all tests"
	@echo "make coverage          all tests, with the share of code that they run (at least 93 %)"
	@echo "make lint              ruff, mypy and the arrows between packages"
	@echo "make docs              writes the generated pages of docs/ anew"
	@echo "make train             fits the tagger's models to the gold in this repository"
	@echo "make quality           measures the tags anew (nlp/scoring/quality.json, docs/tag-quality.md)"
	@echo "make bench             the benchmarks that need nothing but this repository"
	@echo "make lock              renew the lock files (needs uv)"

demo: $(READY)
	$(TRACKER) $(if $(TOPIC),--topic $(TOPIC)) demo --port $(PORT)

run: $(READY)
	$(TRACKER) serve --port $(PORT) --check-port
	$(TRACKER) nightly || case $$? in 2|75) ;; *) exit 1 ;; esac
	$(TRACKER) serve --port $(PORT)

# Three workers for two cores: a third of the tests' time is waiting for servers, browsers and limits of requests.
test: $(READY_DEV)
	$(BIN)/python -m pytest -n 3 --dist loadscope

coverage: $(READY_DEV)
	$(BIN)/python -m pytest -n 3 --dist loadscope --cov --cov-report=term

lint: $(READY_DEV)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

format: $(READY_DEV)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(READY_DEV)
	$(BIN)/python -m docs.generate

train: $(READY_DEV)
	$(BIN)/python -m nlp.training.train

quality: $(READY_DEV)
	$(BIN)/python -m benchmarks.tagger_quality
	$(BIN)/python -m docs.generate

bench: $(READY_DEV)
	$(BIN)/python -m benchmarks.parse_speed db/topics/ho/sample/records.xml

$(PYTHON_READY):
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(not (3, 11) <= v <= (3, 13))' || { \
	  echo "ho-tracker needs Python 3.11, 3.12 or 3.13; name one: make $(MAKECMDGOALS) PYTHON=python3.11" >&2; exit 1; }
	$(PYTHON) -m venv --clear $(VENV)
	@touch $@

$(READY): $(PYTHON_READY)
	@rm -f $(VENV)/.runtime* $(VENV)/.development*
	$(PIP) --require-hashes -r requirements.lock
	$(PIP) --no-deps --no-build-isolation -e .
	@touch $@

$(READY_DEV): $(READY)
	@rm -f $(VENV)/.development*
	$(PIP) --require-hashes -r requirements-dev.lock
	@touch $@

# The build backend is locked with the rest, so that the project itself is installed without a second resolution.
lock:
	printf 'hatchling\neditables\n' | uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-header --no-annotate pyproject.toml - --output-file requirements.lock
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
	  --no-annotate pyproject.toml --group dev --constraint requirements.lock --output-file requirements-dev.lock

clean:
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis ho-tracker-demo
