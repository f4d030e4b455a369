# `make` alone explains the targets. Each sets up what it needs first; set-up that was cut short is resumed.
PYTHON ?= python3
VENV ?= .venv
LESSON ?= lessons/00_start_here.ipynb
WORKERS ?= 2

BIN := $(VENV)/bin
RUN := $(BIN)/python -m
JUPYTER := $(BIN)/jupyter lab $(if $(filter 0,$(shell id -u)),--allow-root)
LAB_READY := $(VENV)/.ready-lab
TEST_READY := $(VENV)/.ready-test

.DEFAULT_GOAL := help
.PHONY: help lab setup doctor gpu app test test-unit test-notebooks test-browser test-unsloth drift lessons fork lint bench model reader scores adapters controls everything clean

help: ## explain the targets
	@echo "Stale Prices: RAG, fine-tuning, and when to use each"
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

lab: $(LAB_READY) ## open JupyterLab on lesson 00 (LESSON=lessons/… opens another)
	$(JUPYTER) $(LESSON)

setup: $(LAB_READY) ## create the environment in .venv and install the course

doctor: $(LAB_READY) ## say what of this machine is ready for the course, and what to do about the rest
	$(RUN) course_utils.doctor

gpu: $(LAB_READY) ## add Unsloth, for machines with an NVIDIA GPU
	$(PYTHON) tools/setup_env.py --venv $(VENV) --gpu

app: $(LAB_READY) ## open the calculators as an app without code cells (Voilà)
	$(BIN)/python -m pip install --quiet --editable ".[app]"
	$(RUN) tools.app

test: $(TEST_READY) ## run every test: units, all lessons and solutions, the browser
	$(RUN) pytest -n $(WORKERS)

test-unit: $(TEST_READY) ## run the quick tests only: no notebooks, no browser
	$(RUN) pytest -n $(WORKERS) -m "not slow and not browser" tests

test-notebooks: $(TEST_READY) ## run all lessons and solutions, and compare the outputs they promise
	$(RUN) pytest -n $(WORKERS) lessons solutions

test-browser: $(TEST_READY) ## run lessons in JupyterLab in a real browser
	$(RUN) pytest tests/browser

test-unsloth: $(TEST_READY) ## run the GPU lane's own code on Unsloth's CPU backend, in a folder of its own
	$(RUN) tools.gpu.unsloth_on_cpu

drift: $(TEST_READY) ## compare the GPU lane's calls and the Axolotl file with the newest releases
	$(RUN) tools.gpu.interfaces drift

lessons: $(TEST_READY) ## rebuild notebooks, README and its picture from their sources (FORCE=1 executes all solutions again)
	$(RUN) tools.notebooks.build $(if $(FORCE),--force)
	$(RUN) tools.notebooks.picture
	$(RUN) tools.notebooks.glossary
	$(RUN) tools.notebooks.readme

fork: ## write your fork's address into the catalogue and all that is generated from it (OWNER=name/repo)
	@$(PYTHON) -m tools.fork '$(OWNER)'

lint: $(TEST_READY) ## check the style of the code and of the lessons' sources, and the code's layout
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

bench: $(TEST_READY) ## measure the course's budgets on this machine
	$(RUN) tools.bench

model: $(LAB_READY) ## train the bundled model from scratch (hours; resumes from its last checkpoint) and install it
	$(RUN) tools.bundled_model.train --out work/bundled_model
	$(RUN) tools.bundled_model.train --out work/bundled_model --export course_utils/bundled_model/weights

reader: $(LAB_READY) ## train smol's reader adapter (hours; resumes from its last checkpoint) and install it
	$(RUN) tools.reader.train --out work/reader
	$(RUN) tools.reader.train --out work/reader --export course_utils/models/reader

scores: $(LAB_READY) ## score the bundled model and the reader, and write the results into their cards
	$(RUN) tools.bundled_model.score
	$(RUN) tools.reader.score --model tiny
	$(RUN) tools.reader.score --model smol

adapters: $(TEST_READY) ## train the adapters that ship with lessons 04 and 05, those that are out of date
	$(RUN) tools.adapters.train

controls: $(TEST_READY) ## train and record the control arms of lesson 01, with both models
	$(RUN) tools.controls --model tiny
	$(RUN) tools.controls --model smol

# What is made from what, in order. Each step but the last goes on where it was stopped; times on two cores.
everything: $(TEST_READY) ## make all that is trained or generated again, from the bundled model to README (seven hours)
	$(MAKE) model            # 5 h     words and scenes → weights
	$(MAKE) reader           # 3 h     SmolLM2, words, scenes, documentation → the reader adapter
	$(MAKE) scores           # 2 h     weights, adapter → the scores in their cards
	$(MAKE) adapters         # 50 min  weights, January's handbook → adapters
	$(MAKE) controls         # 20 min  weights, 20 prices → lesson 01's control arms
	$(MAKE) lessons FORCE=1  # 25 min  all of it → outputs of the notebooks, README and its picture

clean: ## remove the environment and what tools left behind (what lessons wrote into work/ stays)
	rm -rf $(VENV) build dist *.egg-info test-artifacts .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -prune -exec rm -rf {} +

$(LAB_READY): pyproject.toml tools/setup_env.py
	$(PYTHON) tools/setup_env.py --venv $(VENV)

$(TEST_READY): pyproject.toml tools/setup_env.py
	$(PYTHON) tools/setup_env.py --venv $(VENV) --extra test
