# The commands of this project. Each sets up what it needs inside this folder and alters nothing outside of it.
#   make run PORT=8001          another port
#   make test ARGS="-k stop"    some tests
#   make run PYTHON=python3.12  another interpreter
PYTHON ?= python3
ARGS ?=

.PHONY: help run test check format bench screenshots
.SILENT:

help:
	sed -n 's/^\([a-z]*\):.*## /make \1\t/p' Makefile | expand -t 20

run:          ## set up and serve on 127.0.0.1:8000
	$(PYTHON) -m tools.run

test:         ## run the tests; on SQLite, and on MariaDB and Redis where they are installed
	$(PYTHON) -m tools.workshop test $(ARGS)

check:        ## lint, types, import contracts, templates, deployment settings
	$(PYTHON) -m tools.workshop check

format:       ## format the code and the templates
	$(PYTHON) -m tools.workshop format

bench:        ## measure the streaming engine, some ten minutes; ARGS=--short: under three
	$(PYTHON) -m tools.workshop bench $(ARGS)

screenshots:  ## take the pictures of docs/screenshots
	$(PYTHON) -m tools.workshop screenshots
