# Every target calls a script; the scripts need nothing but the system's Python (3.11 or newer).
PY ?= python3

.DEFAULT_GOAL := help
.PHONY: help setup run test test-long lint bench lock messages secrets

help: ## print what there is
	@sed -nE 's/^([a-z-]+):.*## (.*)/  make \1\t\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 20

setup: ## install what the portal needs, and nothing else
	@$(PY) scripts/setup.py

run: ## set up, then run the portal with its demo (HOST and PORT choose where)
	@$(PY) scripts/run.py

test: ## set up, then prove everything: lint, types, the whole suite, real servers
	@$(PY) scripts/test.py

test-long: ## the same with more examples and the long journeys
	@$(PY) scripts/test.py --long

lint: ## only what needs no running: locks, lint, format, imports, migrations, types
	@$(PY) scripts/test.py --static

bench: ## measure the main pages, then a simulated cycle beside other portals (PostgreSQL: DATABASE_URL)
	@$(PY) scripts/bench.py
	@$(PY) scripts/bench_portal.py

lock: ## write the lock files anew from pyproject.toml
	@$(PY) scripts/lock.py

messages: ## compile the catalogue in locale/
	@$(PY) scripts/setup.py --messages

secrets: ## write the secrets docker-compose.yml reads; what is there is kept
	@$(PY) scripts/make_secrets.py
