# Thin: every target is a command of dev/bootstrap.py, which needs nothing but Python 3.11 or newer.
PYTHON ?= python3
RUN = $(PYTHON) dev/bootstrap.py

.DEFAULT_GOAL := help
.PHONY: help demo stop install test lint types layers drift format schema graphs manage check-books bench lock clean distclean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | awk -F '\t' '{printf "  make %-12s %s\n", $$1, $$2}'
	@echo
	@echo "  variables: PORT=8000 (shop), SANDBOX_PORT, POSTGRES_PORT, REDIS_PORT, SMTP_PORT, PYTHON=python3.12, NODE=wheel"
	@echo "  .env.example explains every variable of the shop itself"

demo: ## install, start everything, play one purchase, then serve (ONCE=1: end after it; PAST=0: without a past)
	@$(RUN) demo $(if $(ONCE),--once) $(if $(filter 0,$(PAST)),--no-past)

stop: ## stop what `make demo` has started in this checkout
	@$(RUN) stop

install: ## only install and build
	@$(RUN) install

test: ## every check and test (ARGS='tests/ledger -k zero' chooses Python tests)
	@$(RUN) test $(ARGS)

lint: ## style of Python and the front end
	@$(RUN) lint

types: ## mypy and TypeScript
	@$(RUN) types

layers: ## imports point down only
	@$(RUN) layers

drift: ## schema.sql and the OpenAPI schema say what the code does
	@$(RUN) drift

format: ## let ruff format the Python code
	@$(RUN) format

schema: ## write schema.sql anew from the migrations
	@$(RUN) schema

graphs: ## draw the state graphs of ARCHITECTURE.md anew from their tables
	@$(RUN) graphs

manage: ## manage.py on the running demo: make manage ARGS='shell'
	@$(RUN) manage $(ARGS)

check-books: ## recompute every invariant of the running demo's books
	@$(RUN) manage ledger_check

bench: ## measure, beside the floors on the same PostgreSQL (ARGS=ledger for one)
	@$(RUN) bench $(ARGS)

lock: ## recompile the locks (UPGRADE=1: newest versions)
	@$(RUN) lock

clean: ## stop, and remove data, logs and the front end's build
	@$(RUN) clean

distclean: ## clean, and remove installed packages too
	@$(RUN) distclean
