# `make` alone prints this list. Every target does its own set-up: Python 3.11+, Node and make are all it takes.

SHELL := /bin/sh
PYTHON ?= python3
PORT ?= 8888
DATA ?= data
SERVER ?= http://127.0.0.1:$(PORT)
WORKERS ?= 2
ENGINE ?= sqlite
SCALE ?= 1
BIN := .venv/bin
ASSETS := src/artifactd/rest/static/page/index.html
PAGE_SOURCES := $(shell find ui/src ui/public -type f) $(wildcard ui/*.js ui/*.ts ui/*.html ui/*.json)
DEMO := examples/breast_cancer
CLIENT := clients/python

.DEFAULT_GOAL := help
.PHONY: help setup run test test-fast test-cluster test-kubernetes lint flaws format demo demo-env bench bench-size pictures openapi lock clean

help: ## Print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: .venv/.installed $(ASSETS) ## Make .venv with the server and the client, and build the page and the assets of /docs

run: setup ## Serve with data in ./data (PORT=8888, DATA=data)
	@$(BIN)/artifactd serve --hints --log-format console --port $(PORT) --database-url sqlite:///$(DATA)/artifactd.db

test: .venv/.dev $(ASSETS) .official-client .oldest-urllib3 .bench/noop/installed.txt .demo-venv/.installed ## Run every test, on every engine that can be found or started
	npm --prefix ui run --silent test
	ARTIFACTD_DEMO_PYTHON=$(CURDIR)/.demo-venv/bin/python $(BIN)/python -m pytest -n $(WORKERS) --dist worksteal

test-fast: .venv/.dev $(ASSETS) .official-client .oldest-urllib3 .bench/noop/installed.txt ## Run the tests that take no more than a moment each
	npm --prefix ui run --silent test
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal -m "not slow and not demo and not cluster and not kubernetes"

test-cluster: .venv/.dev $(ASSETS) ## Kill and cut off the databases of real clusters under load (as root: also the network)
	$(BIN)/python -m pytest -m cluster -s tests/cluster

test-kubernetes: .venv/.dev $(ASSETS) .kube-apiserver ## Ask a real API server of Kubernetes (needs Go and etcd; building it takes minutes)
	KUBE_APISERVER=$(CURDIR)/.kube-apiserver $(BIN)/python -m pytest -m kubernetes tests/auth/test_real_kubernetes.py

lint: .venv/.dev .official-client ui/node_modules/.installed ## Check style, types and formatting
	npm --prefix ui run --silent types
	npm --prefix ui run --silent lint
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/bandit --quiet --recursive --configfile pyproject.toml src clients/python/src clients/python/kfp-server-api

flaws: .venv/.dev ## Look the dependencies' known flaws up (asks the package index)
	$(BIN)/pip-audit --strict --no-deps --disable-pip --requirement requirements/run.txt

format: .venv/.dev ## Put the code into its one format
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

demo-env: .demo-venv/.installed ## Make the environment in which the demo pipeline runs

demo: setup .demo-venv/.installed ## Run a real KFP pipeline and record it into the server of `make run`
	.demo-venv/bin/python $(DEMO)/record.py --server $(SERVER) --pipeline-root $(DATA)/pipelines

bench: .venv/.dev $(ASSETS) .official-client ## Measure against MLflow, ml-metadata and bare stacks: half an hour (needs wrk; BENCH="--only mixed")
	$(BIN)/python -m benchmarks --write docs/benchmarks.md $(BENCH)

bench-size: .venv/.dev $(ASSETS) ## Measure what grows with the store, up to ten million artifacts (ENGINE=sqlite, SCALE=1)
	$(BIN)/python -m benchmarks.size --engine $(ENGINE) --scale $(SCALE) --write docs/size.md

pictures: .venv/.dev $(ASSETS) ## Take the documentation's pictures of the page again (needs Chromium)
	$(BIN)/python examples/pictures.py

openapi: .venv/.installed ## Print the OpenAPI document
	@$(BIN)/artifactd openapi

lock: .venv/.dev ## Choose the newest versions of all dependencies again
	$(BIN)/uv pip compile -q -U --universal --python-version 3.11 --no-header pyproject.toml -o requirements/run.txt
	$(BIN)/uv pip compile -q -U --universal --python-version 3.11 --no-header --group dev pyproject.toml \
		-o requirements/dev.txt

clean: ## Remove everything that can be made again, but not ./data
	rm -rf .bench .kube-apiserver .venv .demo-venv .official-client .oldest-urllib3 ui/node_modules src/artifactd/rest/static/docs src/artifactd/rest/static/page build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.kube-apiserver: tests/kube_apiserver/main.go tests/kube_apiserver/go.mod
	cd tests/kube_apiserver && go build -ldflags "-s -w" -o $(CURDIR)/$@ .

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed; say which: make PYTHON=python3.12" \
		if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv .venv

.venv/.installed: requirements/run.txt pyproject.toml $(CLIENT)/pyproject.toml $(CLIENT)/kfp-server-api/pyproject.toml | .venv/bin/python
	@echo "Setting up .venv: about a minute, the first time"
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements/run.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -e . -e $(CLIENT) -e $(CLIENT)/kfp-server-api
	@touch $@

.venv/.dev: requirements/dev.txt .venv/.installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements/dev.txt
	@touch $@

ui/node_modules/.installed: ui/package-lock.json
	npm --prefix ui ci --silent --no-audit --no-fund
	@touch $@

$(ASSETS): ui/node_modules/.installed $(PAGE_SOURCES)
	npm --prefix ui run --silent build
	@touch $@

# In folders of their own: ours has the same import name, and the server wants a newer urllib3.
.official-client .oldest-urllib3: .%: requirements/%.txt | .venv/.dev
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --upgrade --target $@ -r $<
	@touch $@

.bench/noop/installed.txt: requirements/bench-noop.txt | .venv/.dev
	$(BIN)/python -m benchmarks.peers.environments noop

.demo-venv/.installed: $(DEMO)/requirements.txt
	@echo "Setting up .demo-venv, with kfp and scikit-learn: a minute or two, the first time"
	$(PYTHON) -m venv .demo-venv
	.demo-venv/bin/python -m pip install --quiet --disable-pip-version-check -r $(DEMO)/requirements.txt
	@echo "$(CURDIR)/src" > "$$(.demo-venv/bin/python -c 'import site; print(site.getsitepackages()[0])')/artifactd.pth"
	@touch $@
