# The two commands that matter are `make run` and `make test`; both set up what they need.
#   make run ARGS="--house-port 8080"   the demo: a house made of software
#   make test                           everything that has to be green
# `make setup-test` once, then `make lint`, `make unit`, … run a part of it by itself.
.PHONY: run test setup setup-test lint types imports unit journeys bench soak clean
.NOTPARALLEL:

BIN := .venv/bin

run: setup
	@$(BIN)/avcontrol demo $(ARGS)

test: setup-test lint types imports unit journeys

setup:
	@scripts/setup.sh run

setup-test:
	@scripts/setup.sh test

lint:
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types:
	$(BIN)/mypy

imports:
	$(BIN)/lint-imports

unit:
	$(BIN)/pytest -m "not journey and not network and not soak" --timeout 300 -q -n 4 --dist worksteal

journeys:
	$(BIN)/pytest -m "(journey or network) and not soak" --timeout 300 -q -n 2 --dist worksteal

bench:
	@scripts/setup.sh bench
	$(BIN)/python -m bench $(ARGS)
	$(BIN)/python -m bench.fanout $(FANOUT)

soak: setup-test
	$(BIN)/pytest -m soak --timeout 3600 -q $(ARGS) || [ $$? -eq 5 ]  # 5: there is none

clean:
	rm -rf build .venv
