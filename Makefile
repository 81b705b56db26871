# 枫桥调解助手: `make` alone prints this help.
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

help: ## print this help
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | awk -F'\t' '{printf "  make %-13s %s\n", $$1, $$2}'

setup: $(VENV)/.installed ## create .venv and install everything the program needs

$(VENV)/.installed: pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q --upgrade pip
	$(BIN)/python -m pip install -q -e '.[dev]'
	@touch $@

run: setup ## prepare everything and start the service with demo mediators and the simulator
	@FENGQIAO_DEMO=$${FENGQIAO_DEMO:-1} $(BIN)/fengqiao serve

demo: setup ## fill an empty database with a made-up quarter of Luohe
	@$(BIN)/fengqiao demo-quarter

chat: setup ## the resident's dialogue in the terminal
	@$(BIN)/fengqiao chat

browser: ## install Chromium (Debian's package) when it is missing
	@command -v chromium >/dev/null || (apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium fonts-noto-cjk >/dev/null)

lint: setup ## format, lint, types, import contracts, rule files
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/fengqiao check-rules

test: lint browser ## everything a change must pass, in a fresh clone too
	$(BIN)/python -m pytest -n auto

score: setup ## how well messages are understood, on the labelled messages
	@$(BIN)/python -m tests.bench.score

bench: setup ## speed and memory as ratios against a floor measured in the same run
	@$(BIN)/python -m tests.bench.speed

bench-console: setup ## the console's pages with 10 000 and 1 000 000 cases on PostgreSQL
	@$(BIN)/python -m tests.bench.console

pictures: setup browser ## pictures of every console page into docs/pictures/console
	@$(BIN)/python -m tests.web.pictures

fuzz: setup ## 100 000 random and mangled messages: an answer, never an exception
	@$(BIN)/python -m tests.bench.fuzz

format: setup ## put every file into the house format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean: ## remove what was built and all demo data
	rm -rf $(VENV) var .mypy_cache .ruff_cache .pytest_cache *.egg-info

.PHONY: help setup run demo chat browser lint test score bench bench-console pictures fuzz format clean
