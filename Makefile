# The two commands that matter are `make run` and `make test`; both set up what they need.
.PHONY: run test setup setup-test lint types imports unit journeys bench soak clean
.NOTPARALLEL:

UV := $(shell command -v uv 2>/dev/null || echo build/tools/bin/uv)
RUN := $(UV) run --frozen --no-sync

run: setup
	@$(RUN) --no-dev avcontrol demo $(ARGS)

test: setup-test lint types imports unit journeys

setup:
	@scripts/setup.sh run

setup-test:
	@scripts/setup.sh test

lint:
	$(RUN) ruff check .
	$(RUN) ruff format --check .

types:
	$(RUN) mypy

imports:
	$(RUN) lint-imports

unit:
	$(RUN) pytest -m "not journey" --timeout 60 -q

journeys:
	$(RUN) pytest -m journey --timeout 180 -q

bench: setup-test
	$(RUN) python -m tests.bench

soak: setup-test
	$(RUN) pytest -m soak --timeout 3600 -q

clean:
	rm -rf build .venv
