# What a person types. Every target sets up what it needs by itself; a second run reuses everything.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PY := .venv/bin/python
# how the images of a track's baselines are built; compose/tracks has one file a track
images_of = words=$$($(PY) -m compose.tracks $(1)) && $(2) $(PY) baselines/runtime/build.py $$words
NOTED := var/demo/steps.tsv
NOTED_FULL := var/demo-full/$(TRACK)/steps.tsv

# platform/ is a source root: an __init__.py there would shadow the standard library's `platform`
ifneq ($(wildcard platform/__init__.py),)
$(error platform/__init__.py must not exist: it would shadow the standard library's platform module)
endif

.PHONY: help setup images demo demo-full serve test lint catalogue baseline bench fuzz

help:  ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

setup:  ## .venv and browser libraries
	@compose/setup.sh

images:  ## Docker Engine, .venv, runtime, scorer and baseline images
	@compose/prepare.sh
	@$(call images_of,demo)

demo:  ## three methods through the whole door, ranked; FRESH=1 evaluates again
	@rm -f $(NOTED)
	@compose/timed.sh $(NOTED) "set-up, engine" compose/prepare.sh
	@$(call images_of,demo,compose/timed.sh $(NOTED) "images")
	@$(PY) -m compose.demo $(if $(FRESH),--fresh)

demo-full:  ## every baseline of a track on all its boards: make demo-full TRACK=kspace; FRESH=1 evaluates again
	@compose/is_track.sh "$(TRACK)"
	@rm -f $(NOTED_FULL)
	@compose/timed.sh $(NOTED_FULL) "set-up, engine" compose/prepare.sh
	@$(call images_of,$(TRACK),compose/timed.sh $(NOTED_FULL) "images")
	@$(PY) -m compose.demo --track $(TRACK) $(if $(FRESH),--fresh)

serve: images  ## the same site at http://127.0.0.1:8000 until Ctrl-C
	@$(PY) -m compose.serve

test: images  ## every test, on SQLite and PostgreSQL, with the real engine and a real browser
	@compose/setup.sh --with-test-services
	@$(PY) -m compose.test_lanes

lint: setup  ## ruff, mypy --strict, import contracts
	@.venv/bin/ruff format --check .
	@.venv/bin/ruff check .
	@.venv/bin/mypy
	@PYTHONPATH=.:platform:submissions .venv/bin/lint-imports

catalogue: setup  ## writes evaluators/contract/catalogue.json from the code
	@$(PY) -m evaluators.tasks.write_catalogue

baseline:  ## trains one method again: make baseline NAME=unet
	@compose/is_trained.sh "$(NAME)"
	@compose/setup.sh
	@$(PY) -m baselines.$(NAME).train --size cpu

bench: setup  ## our times beside the peers', in tests/benchmarks/RESULTS.md; ONLY=ssim prints one
	@compose/side_env.sh bench
	@var/bench/venv/bin/python -m tests.benchmarks.run $(ONLY)

fuzz: setup  ## every reader 200,000 times on bytes made from good files, told in tests/fuzz/RESULTS.md; ONLY=mat5 runs one
	@compose/side_env.sh fuzz
	@var/fuzz/venv/bin/python -m tests.fuzz.run $(ONLY)
