# `make` alone explains the targets. Each sets up what it needs first; set-up that was cut short is resumed.
PYTHON ?= python3
VENV ?= .venv
LESSON ?= lessons/00_start_here.ipynb
WORKERS ?= 2
PAGES ?= 1000
STUDENTS ?= 5
LADDER ?= 1 2
LEARNERS ?= 1

BIN := $(VENV)/bin
SCALE := build/scale
RUN := $(BIN)/python -m
JUPYTER := $(BIN)/jupyter lab $(if $(filter 0,$(shell id -u)),--allow-root)
LAB_READY := $(VENV)/.ready-lab
TEST_READY := $(VENV)/.ready-test

.DEFAULT_GOAL := help
.PHONY: help lab setup doctor gpu app test test-unit test-notebooks test-browser gpu-day test-unsloth hub-test wheelhouse wheelhouse-test drift lessons new-lesson parity site audit-dependencies guide slides handout preflight certificate grade nbgrader test-nbgrader fork lint scale audit-demo bench model reader scores adapters controls year everything clean

help: ## explain the targets
	@echo "Stale Prices: RAG, fine-tuning, and when to use each"
	@awk -F ':.*## ' '/^##@ / { printf "\n%s\n", substr($$0, 5) } \
		/^[a-z-]+:.*## / { printf "  make %-18s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

##@ Learn

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

certificate: $(LAB_READY) ## make a certificate from your own notebooks and results (NAME="Ada Lovelace")
	@$(RUN) tools.teaching.certificate --name "$(NAME)"

##@ At work

audit-demo: $(LAB_READY) ## audit a RAG service whose index was left behind, then one that is up to date
	$(RUN) examples.audit_demo

scale: ## index pages with Ray into a Chroma server, kill the server and a node, compare speeds (PAGES=…); own environment
	mkdir -p build
	$(PYTHON) tools/setup_env.py --venv $(SCALE) --extra scale
	$(SCALE)/bin/python -m examples.scale.measure --pages $(PAGES)

##@ Teach

guide: $(TEST_READY) ## make the facilitator guide, HTML and PDF: schedules, notes, waits, answers (build/teaching)
	$(RUN) tools.teaching.guide

slides: $(TEST_READY) ## make slides of every lesson (build/teaching/slides; fetches reveal.js once, by npm)
	$(RUN) tools.teaching.slides

handout: $(TEST_READY) ## make the handout, one page for every participant (build/teaching)
	$(RUN) tools.teaching.handout

preflight: $(TEST_READY) ## say whether this room is ready, and how long it waits (LEARNERS=30 share this machine)
	$(RUN) tools.teaching.preflight --learners $(LEARNERS)

grade: $(LAB_READY) ## mark the notebooks that students handed in: CSV and HTML in work/grades (SUBMISSIONS=folder LESSON=06)
	$(if $(SUBMISSIONS),,$(error Which folder? make grade SUBMISSIONS=folder))$(RUN) tools.grading.grade '$(SUBMISSIONS)' --workers $(WORKERS) $(if $(filter file,$(origin LESSON)),,--lesson '$(LESSON)')

nbgrader: $(TEST_READY) ## write every lesson as an nbgrader assignment into build/nbgrader
	$(RUN) tools.grading.assignments

wheelhouse: ## collect what the set-up installs in build/wheelhouse, for a room without a network (TARGETS=windows:3.12)
	$(PYTHON) -m tools.wheelhouse $(if $(TARGETS),--target $(TARGETS))

fork: ## write your fork's address into the catalogue and all that is generated from it (OWNER=name/repo)
	@$(PYTHON) -m tools.fork '$(OWNER)'

site: ## build the site that GitHub Pages shows, without executing anything (build/site/html)
	$(PYTHON) -m tools.website.build

##@ Test

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

test-nbgrader: $(TEST_READY) ## let nbgrader itself mark one, in an environment of its own: untouched, wrong, right
	$(RUN) tools.grading.nbgrader_proof

hub-test: $(TEST_READY) ## run a class on a real JupyterHub here, and kill the hub amid a lesson (STUDENTS=30 LADDER='2 4 8')
	$(RUN) tools.hub.load --students $(STUDENTS) --ladder $(LADDER)
	STALE_PRICES_REQUIRE_HUB=1 $(RUN) pytest tests/unit/test_hub_config.py tests/unit/test_hub_links.py

wheelhouse-test: ## set up from build/wheelhouse where there is no network, and use it (Linux)
	$(PYTHON) -m tools.wheelhouse --prove

lint: $(TEST_READY) ## check the style of the code and of the lessons' sources, and the code's layout
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/codespell

parity: $(TEST_READY) ## say which generated files are behind their sources; changes nothing
	$(RUN) tools.notebooks.build --check
	$(RUN) tools.notebooks.picture --check
	$(RUN) tools.notebooks.glossary --check
	$(RUN) tools.notebooks.readme --check

bench: $(TEST_READY) ## measure the course's budgets on this machine
	$(RUN) tools.bench

drift: $(TEST_READY) ## compare the GPU lane's calls and the Axolotl file with the newest releases, our pins with Colab's packages
	$(RUN) tools.gpu.interfaces drift
	$(RUN) tools.colab

audit-dependencies: $(TEST_READY) ## look up what is installed among the known vulnerabilities (asks pypi.org)
	$(PYTHON) -m venv build/pip-audit
	build/pip-audit/bin/python -m pip install --quiet --disable-pip-version-check pip-audit==2.10.1
	build/pip-audit/bin/pip-audit --skip-editable --path "$$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')"

##@ Write and train

lessons: $(TEST_READY) ## rebuild notebooks, README and its picture from their sources (FORCE=1 executes all solutions again)
	$(RUN) tools.notebooks.build $(if $(FORCE),--force)
	$(RUN) tools.notebooks.picture
	$(RUN) tools.notebooks.glossary
	$(RUN) tools.notebooks.readme

new-lesson: $(TEST_READY) ## begin a lesson: source, checks, catalogue entry (NN=11 NAME=my_lesson TITLE='My lesson')
	$(RUN) tools.notebooks.new_lesson '$(NN)' '$(NAME)' $(if $(TITLE),--title '$(TITLE)')

adapters: $(TEST_READY) ## train the adapters that ship with lessons 04 and 05, those that are out of date
	$(RUN) tools.adapters.train

controls: $(TEST_READY) ## record what lessons 01, 03 and 05 show without waiting: control arms, more questions, smol's hybrid
	$(RUN) tools.controls --model tiny
	$(RUN) tools.controls --model smol
	$(RUN) tools.desk --model tiny
	$(RUN) tools.desk --model smol
	$(RUN) tools.hybrid

year: $(TEST_READY) ## train and ask lesson 09's year again, and record it (resumes; an hour and more)
	$(RUN) tools.production --model tiny

scores: $(LAB_READY) ## score the bundled model and the reader, and write the results into their cards
	$(RUN) tools.bundled_model.score
	$(RUN) tools.reader.score --model tiny
	$(RUN) tools.reader.score --model smol

reader: $(LAB_READY) ## train smol's reader adapter (hours; resumes from its last checkpoint) and install it
	$(RUN) tools.reader.train --out work/reader
	$(RUN) tools.reader.train --out work/reader --export course_utils/models/reader

model: $(LAB_READY) ## train the bundled model from scratch (hours; resumes from its last checkpoint) and install it
	$(RUN) tools.bundled_model.train --out work/bundled_model
	$(RUN) tools.bundled_model.train --out work/bundled_model --export course_utils/bundled_model/weights

gpu-day: $(TEST_READY) ## on a GPU: run and record all that wants one, in 40 minutes; resumable (REHEARSE=1: in small, here)
	$(RUN) tools.gpu.day $(if $(REHEARSE),--rehearse)

# What is made from what, in order. Each step but the last goes on where it was stopped; times on two cores.
everything: $(TEST_READY) ## make all that is trained or generated again, from the bundled model to README (fourteen hours)
	$(MAKE) model            # 5 h     words and scenes → weights
	$(MAKE) reader           # 3 h     SmolLM2, words, scenes, documentation → the reader adapter
	$(MAKE) scores           # 2 h     weights, adapter → the scores in their cards
	$(MAKE) adapters         # 50 min  weights, January's handbook → adapters
	$(MAKE) controls         # 2 h     weights, 20 prices, 80 tickets → what lessons 01, 03 and 05 show as recorded
	$(MAKE) year             # 60 min  weights, twelve handbooks → lesson 09's recorded year
	$(MAKE) lessons FORCE=1  # 25 min  all of it → outputs of the notebooks, README and its picture

clean: ## remove the environment and what tools left behind (what lessons wrote into work/ stays)
	rm -rf $(VENV) build dist *.egg-info test-artifacts .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -prune -exec rm -rf {} +

$(LAB_READY): pyproject.toml tools/setup_env.py
	$(PYTHON) tools/setup_env.py --venv $(VENV) $(if $(WHEELHOUSE),--wheelhouse '$(WHEELHOUSE)')

$(TEST_READY): pyproject.toml tools/setup_env.py
	$(PYTHON) tools/setup_env.py --venv $(VENV) --extra test
