# The two commands that matter are `make run` and `make test`; both set up what they need.
#   make run ARGS="--house-port 8080"   the demo: a house made of software
#   make test                           everything that has to be green
# `make setup-test` once, then `make lint`, `make unit`, … run a part of it by itself.
.PHONY: run test setup setup-test lint types imports compiled unit journeys bench soak clean

BIN := .venv/bin
# Images of containers often forbid it; then each worker and each daemon of the tests would compile
# everything again.
export PYTHONDONTWRITEBYTECODE :=

run: setup
	@$(BIN)/avcontrol demo $(ARGS)

test: setup-test
	@$(MAKE) --no-print-directory -j 2 -O lint types imports compiled
	@$(MAKE) --no-print-directory -j 1 unit
	@$(MAKE) --no-print-directory -j 1 journeys

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

compiled:  # once, and not by all workers at the same time
	@$(BIN)/pytest --collect-only -q >/dev/null || $(BIN)/pytest --collect-only -q

unit:
	$(BIN)/pytest -m "not journey and not network and not soak" --timeout 300 -q -n 5 --dist worksteal

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
