# Two commands on a fresh machine: `make run` and `make test`. Nothing but Python 3.11 or newer is needed.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
export HOST ?= 127.0.0.1
export PORT ?= 8000
export WEB_PORT ?= $(PORT)
export SITE_URL ?= http://$(HOST):$(PORT)
export DATA_DIR ?= $(CURDIR)/var
export PATH := $(CURDIR)/$(BIN):$(PATH)
ARGS ?=

.PHONY: run test test-fast check bench format docs pins sbom clean faults book rehearse lighthouse picture
.DEFAULT_GOAL := run

$(VENV)/installed: requirements.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12")'
	@echo "Installing what the desk needs ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

$(VENV)/installed-dev: requirements-dev.txt $(VENV)/installed
	@echo "Installing what the suite needs ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

run: export DEMO ?= 1
run: $(VENV)/installed  ## the desk with demo data: web, worker and beat; Ctrl-C stops everything
	@mkdir -p $(DATA_DIR)
	@$(BIN)/python manage.py migrate --verbosity 0
	@$(BIN)/python manage.py demo --if-empty >/dev/null
	@$(BIN)/python manage.py welcome
	@exec $(BIN)/honcho start --port $(PORT)

test: export PYTHONDONTWRITEBYTECODE :=
test: $(VENV)/installed-dev  ## the whole suite; with DATABASE_URL and REDIS_URL set, on PostgreSQL and Redis
	@$(BIN)/python -m pytest -n auto --maxprocesses 8 --dist loadgroup $(ARGS)

# The rules without a database, each by its tables. What hypothesis tries thousands of times, and what is megabytes long, is left to `make test`.
RULES := $(filter-out %_properties.py %_oracle.py %_any_bytes.py %_shared.py %_command.py, $(wildcard \
	$(addprefix products/tests/test_, coverage*.py timeline.py identifiers.py written_numbers.py clock_lines.py) \
	$(addprefix cases/tests/test_, rule_*.py reference.py) \
	$(addprefix shipments/tests/test_, pauses*.py numbers.py schedule.py) \
	$(addprefix warrantydesk/reports/tests/test_, pure.py stages.py reliability.py months_in_service.py early_warning.py) \
	warrantydesk/intake/tests/test_reading_*.py warrantydesk/portal/tests/test_days.py warrantydesk/privacy/tests/test_words.py))
test-fast: export PYTHONDONTWRITEBYTECODE :=
test-fast: $(VENV)/installed-dev  ## the rules alone, in seconds
	@$(BIN)/python -m pytest -q -n auto --maxprocesses 8 -m "not django_db and not processes and not shared_data and not hypothesis" \
		-k "not megabytes" $(RULES) $(ARGS)

check: $(VENV)/installed-dev  ## lint, types, import contracts, migrations, templates, docs
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy .
	$(BIN)/lint-imports
	$(BIN)/python manage.py makemigrations --check --dry-run
	$(BIN)/python manage.py check
	$(BIN)/djlint --lint --quiet templates
	$(BIN)/python manage.py settings_page --check
	$(BIN)/python manage.py lifecycle_drawing --check
	$(BIN)/python manage.py privacy_page --check
	$(BIN)/python -m pip check

docs: $(VENV)/installed-dev  ## the generated pages
	$(BIN)/python manage.py settings_page
	$(BIN)/python manage.py lifecycle_drawing
	$(BIN)/python manage.py privacy_page
	@export DATA_DIR=$$(mktemp -d) DATABASE_URL=; $(BIN)/python manage.py migrate --verbosity 0 && $(BIN)/python manage.py figures_page; rm -r "$$DATA_DIR"

picture: $(VENV)/installed-dev  ## the README's picture of the desk, from the photographs the browser tests took last
	@$(BIN)/python -c "from PIL import Image; Image.open('$${SCREENSHOTS:-var/screenshots}/desk-case-fresh-1440-light.png').convert('RGB').save('docs/desk.webp', quality=80, method=6)"
	@echo "docs/desk.webp"

PHOTOGRAPHS ?= 0
book: $(VENV)/installed-dev  ## docs/ as a site in var/book, with the pictures the browser tests took
	$(BIN)/sphinx-build -W --keep-going -q -b html -D photographs_needed=$(PHOTOGRAPHS) docs $(DATA_DIR)/book
	@echo "The book is in $(DATA_DIR)/book/index.html"

PIN := $(BIN)/pip-compile --quiet --generate-hashes --strip-extras --allow-unsafe --no-emit-index-url --no-emit-find-links
pins: $(VENV)/installed-dev  ## the pins with their hashes, from requirements*.in; ARGS=--upgrade for newer ones
	for name in requirements requirements-video requirements-dev; do $(PIN) $(ARGS) -o $$name.txt $$name.in || exit 1; done

SBOM ?= $(DATA_DIR)/sbom.json
sbom: $(VENV)/installed-dev  ## what the desk is made of, as CycloneDX: every pin with its version and hashes
	@mkdir -p $(dir $(SBOM))
	@$(BIN)/cyclonedx-py requirements --pyproject pyproject.toml --output-reproducible --of JSON -o $(SBOM) requirements.txt
	@echo "$(SBOM)"

format: $(VENV)/installed-dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

faults: $(VENV)/installed-dev  ## every fault many times (two hours); interrupted it goes on where it was (ARGS=--again begins anew)
	@$(BIN)/python -m warrantydesk.tests.faults.marathon $(ARGS)

rehearse: $(VENV)/installed-dev  ## a small desk is backed up, lost and brought back; with DATABASE_URL on PostgreSQL
	@$(BIN)/python -m warrantydesk.tests.rehearse

bench: $(VENV)/installed-dev  ## the performance table, on PostgreSQL databases beside that of DATABASE_URL (ARGS=--quick, --keep)
	@$(BIN)/python -m bench $(ARGS)

# Nothing of node's is part of the desk: what looks at it stands in a folder of its own. Node 18.16 or newer.
bench/lighthouse/node_modules/installed: bench/lighthouse/package-lock.json
	@cd bench/lighthouse && npm ci --ignore-scripts --no-audit --no-fund && touch node_modules/installed

lighthouse: $(VENV)/installed-dev bench/lighthouse/node_modules/installed  ## the portal as Lighthouse's phone sees it
	@$(BIN)/python -m bench.lighthouse $(ARGS)
