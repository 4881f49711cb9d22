# Every target works from a fresh clone with Python 3.11 or newer, git and make: each one sets up first what it needs.
# Choose another Python with PYTHON=python3.12, and pass options to pytest with ARGS="-k overlay".

PYTHON ?= python3
ARGS ?=
bin := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help docs pictures setup kustomize testbed browser gitea serving mlflow prometheus promtool groovy editor controllers demo cluster test test-unit test-controllers lint bench soak schemas deploy goldens lock clean

help: ## say what there is to run
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1: \2/p' $(firstword $(MAKEFILE_LIST))

setup: ## bring uv, the locked packages and a kustomize
	@$(PYTHON) scripts/bootstrap.py

kustomize: ## also build the pinned kustomize, once for every checkout
	@$(PYTHON) scripts/bootstrap.py --pinned

testbed: setup ## also build the control plane that tests run against, once for every checkout
	@$(bin)/python -m tests.testbed

serving: setup ## also install the model server that tests run against, once for every checkout
	@$(bin)/python -m tests.testbed.serving

mlflow: setup ## also install the MLflow that tests run against, once for every checkout
	@$(bin)/python -m tests.testbed.mlflow

browser: setup ## also bring the Chromium and the axe-core that tests look at pages with
	@$(bin)/python -m tests.testbed.browser

gitea: setup ## also build the Gitea that tests run against, once for every checkout
	@$(bin)/python -m tests.testbed.gitea

prometheus: setup ## also build the Prometheus that tests run, once for every checkout
	@$(bin)/python -m tests.testbed.prometheus_server

promtool: setup ## also build the promtool that tests evaluate alerts with, once for every checkout
	@$(bin)/python -m tests.testbed.promtool

groovy: setup ## also bring the Groovy that tests read Jenkins' files with, once for every checkout
	@$(bin)/python -m tests.testbed.groovy

editor: setup ## also install the yaml-language-server that tests ask, once for every checkout
	@$(bin)/python -m tests.testbed.yaml_language_server

controllers: setup ## also build the controllers of KServe and Trainer that tests run, once for every checkout
	@$(bin)/python -m tests.testbed.controllers

demo: setup ## plan, apply, drift and repair this repository's own environments
	@$(bin)/python scripts/demo.py

cluster: setup ## run a Kubernetes API on this machine to try mlgitops against
	@$(bin)/python scripts/cluster.py

test: lint kustomize testbed ## lint, types and every test
	$(bin)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder $(ARGS)

test-unit: setup ## the unit tests alone
	$(bin)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder tests/unit $(ARGS)

test-controllers: kustomize testbed controllers ## the tests with the real controllers, which `make test` leaves out
	$(bin)/python -m pytest tests/integration/kubernetes/target/controllers -m controllers $(ARGS)

lint: setup ## ruff and mypy
	$(bin)/ruff check
	$(bin)/ruff format --check
	$(bin)/mypy

bench: kustomize testbed ## the benchmarks, with what they measure against
	$(bin)/python benchmarks/run.py

soak: kustomize testbed ## ten minutes of random changes, and a hundred stopped leaders; SEED=1 for the same again
	SOAK_SECONDS=600 SOAK_SERVERS=10 SOAK_ROUNDS=100 SOAK_SEED=$(SEED) $(bin)/python -m pytest tests/integration/kubernetes/soak $(ARGS)

schemas: setup ## write schemas/*.json anew from the spec's models
	$(bin)/python scripts/write_schemas.py

deploy: setup ## write deploy/ anew from what render --install renders
	$(bin)/python -m scripts.write_deploy

goldens: kustomize ## write tests/goldens anew; read the diff before you commit it
	$(bin)/python -m pytest -n 2 --dist loadfile --update-goldens $(ARGS)

docs: setup ## build the site of the documentation into site/, offline
	NO_MKDOCS_2_WARNING=1 $(bin)/python -m mkdocs build --strict $(ARGS)

pictures: browser ## write docs/pictures anew from what the commands print and the page shows
	$(bin)/python -m scripts.pictures
	$(bin)/python -m scripts.page_pictures

lock: setup ## lock the packages anew after a change of pyproject.toml
	@$(PYTHON) scripts/bootstrap.py --lock

clean: ## remove what set-up and the tools left in the checkout
	rm -rf .venv .cache .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis build dist
