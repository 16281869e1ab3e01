# make run    start everything on this machine: http://127.0.0.1:8000
# make test   every check and every test, as CI does
PYTHON ?= python3
PORT ?= 8000
HOST ?= 127.0.0.1
ARGS ?=
VENV := .venv/bin/python
LOCK := --generate-hashes --python-version 3.11 --universal --no-header --no-annotate --quiet

.PHONY: help run test quick lint lock bench shell manage clean environment environment-dev

help:
	@echo "make run      start Habyss (PORT=8000 HOST=127.0.0.1 ARGS="--no-demo --grpc")"
	@echo "make test     every check and every test, as CI does"
	@echo "make quick    the fast tests only (ARGS='habits -k streak')"
	@echo "make lint     style, types and floors only"
	@echo "make manage   a management command beside the running house (ARGS='createsuperuser')"
	@echo "make shell    a Python shell with the models loaded"
	@echo "make bench    the benchmarks"
	@echo "make lock     pin requirements.in and requirements-dev.in again"
	@echo "make clean    remove the environment, caches and ALL local data under var/"

environment:
	@$(PYTHON) bin/bootstrap.py

environment-dev:
	@$(PYTHON) bin/bootstrap.py --dev

run: environment
	@exec $(VENV) -m config.runtime run --host $(HOST) --port $(PORT) $(ARGS)

test: environment-dev
	@exec $(VENV) bin/check.py $(ARGS)

quick: environment-dev
	@exec $(VENV) -m pytest -m "not browser and not slow" $(ARGS)

lint: environment-dev
	@exec $(VENV) bin/check.py --only lint

shell: environment
	@exec $(VENV) -m config.runtime manage shell

manage: environment
	@exec $(VENV) -m config.runtime manage $(ARGS)

bench: environment-dev
	@for script in bench/*.py; do echo "== $$script"; $(VENV) -m config.runtime exec $(VENV) $$script || exit 1; done

lock: environment-dev
	@$(VENV) -m uv pip compile requirements.in -o requirements.txt $(LOCK)
	@$(VENV) -m uv pip compile requirements-dev.in -o requirements-dev.txt $(LOCK)
	@for list in models test-models; do \
		$(VENV) -m uv pip compile requirements-$$list.in -o requirements-$$list.txt --no-deps $(LOCK) || exit 1; done

clean:
	@if command -v flock >/dev/null && [ -f var/run.lock ] && ! flock -n var/run.lock true; then \
		echo "Habyss is running here: stop it first."; exit 1; fi
	@if [ -s var/postgres/elsewhere ]; then rm -rf -- "$$(cat var/postgres/elsewhere)"; fi
	@rm -rf -- .venv var .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf -- {} +
