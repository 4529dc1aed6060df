# Every target stands on `install`. `make help` lists them; the README explains `run` and `test`.

PYTHON ?= python3
ARGS ?=
BIN := .venv/bin
INSTALLED := .venv/.installed

.DEFAULT_GOAL := help
.PHONY: help install run check fix test endure bench traceability

help:
	@echo 'make install       make or refresh .venv (PYTHON=python3.12 chooses the interpreter)'
	@echo 'make run           start the demo desk in ./var and print its address and logins'
	@echo 'make check         format, lint, types, import contracts, a test for each step of the SOP, migrations'
	@echo 'make fix           let the formatter and linter repair what they can'
	@echo 'make test          make check, then all tests on SQLite and on PostgreSQL (ARGS="-k mail" goes to pytest)'
	@echo 'make endure        100,000 mails while processes are killed, on both databases (MAILS=20000 for fewer)'
	@echo 'make bench         measure, and print each number beside its target (ARGS="calendars" picks one file)'
	@echo 'make traceability  write docs/traceability.md: which tests prove which step of the SOP'

install: $(INSTALLED)

$(INSTALLED): pyproject.toml uv.lock tools/install
	@PYTHON='$(PYTHON)' PYTHON_CHOSEN='$(filter-out undefined file default,$(origin PYTHON))' bash tools/install
	@touch $@

run: install
	@$(BIN)/forthwith up --demo

check: install
	@bash tools/check

fix: install
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

test: install
	@$(BIN)/python tools/provision.py --postgresql --dovecot --chromium -- bash tools/test $(ARGS)

endure: install
	@FORTHWITH_TEST_KILLED_MAILS=$(or $(MAILS),100000) $(BIN)/python tools/provision.py --postgresql -- bash tools/endure

bench: install
	@$(BIN)/python tools/provision.py --postgresql --chromium -- $(BIN)/python bench/run.py $(ARGS)

traceability: install
	@$(BIN)/python tools/traceability.py
