# make app     the app on http://127.0.0.1:7860, in .venv (no torch);  make app ARGS="--port 8000"
# make test    the whole test suite, in .venv-test;                    make test ARGS="tests/inference -k json"
# make train   fine-tune on a labelled folder, in .venv-test;      make train ARGS="data --pretrained"
# make evaluate  score a model and write a report, in .venv-test;  make evaluate ARGS="models/attitude.onnx DATA --output output/evaluation"
# make export  checkpoint to a verified ONNX file, in .venv-test;  make export ARGS="RUN/model_best.pth.tar --out FILE --verify data"
# make web     the page that classifies wholly in the browser, in build/web;  make web ARGS="--model FILE"
# make check   lint, format, types, licences and known weak points of the pinned libraries, in .venv-test
# make lock    write requirements.lock anew from requirements.txt
# make format  apply the format and the safe fixes
# make clean   delete both environments

SHELL := /bin/bash
.DEFAULT_GOAL := help
.NOTPARALLEL:
.DELETE_ON_ERROR:
.PHONY: help app test train evaluate export web check format lock clean

is_new_enough := import sys; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(firstword $(shell for name in python3.11 python3.12 python3.13 python3.14 python3 python; do \
	$$name -c '$(is_new_enough)' 2>/dev/null && command -v $$name; done))
ARGS ?=
# Where the pinned versions were tried, exactly they are installed, and pip checks their hashes; `make app LOCK=` takes the newest.
LOCK ?= $(if $(filter Linux-x86_64,$(shell uname -s)-$(shell uname -m)),requirements.lock)

help:
	@sed -n 's/^# \{0,1\}//p; /^$$/q' Makefile

app: .venv/.usable
	@exec .venv/bin/python app.py $(ARGS)

test: .venv-test/.usable
	.venv-test/bin/python -m pytest $(ARGS)

train: .venv-test/.usable
	.venv-test/bin/python -m training.train $(ARGS)

evaluate: .venv-test/.usable
	.venv-test/bin/python -m training.evaluate $(ARGS)

export: .venv-test/.usable
	.venv-test/bin/python -m export $(ARGS)

web: .venv-test/.usable
	@command -v npm >/dev/null || { echo "The page needs npm for ONNX Runtime Web. On Debian: apt-get install npm"; exit 1; }
	npm ci --prefix web --ignore-scripts --no-audit --no-fund
	.venv-test/bin/python -m export.web --model models/attitude.onnx $(ARGS)

check: .venv-test/.usable
	.venv-test/bin/python -m ruff check .
	.venv-test/bin/python -m ruff format --check .
	.venv-test/bin/python -m mypy
	.venv-test/bin/python -m tests.supply licences
	.venv-test/bin/python -m tests.supply audit

format: .venv-test/.usable
	.venv-test/bin/python -m ruff check --fix .
	.venv-test/bin/python -m ruff format .

lock: .venv-test/.usable
	.venv-test/bin/python -m pip install --disable-pip-version-check --quiet uv
	(sed '/^[^#]/,$$d' requirements.lock; .venv-test/bin/python -m uv pip compile --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-header --quiet --upgrade requirements.txt) > requirements.lock.new
	mv requirements.lock.new requirements.lock

clean:
	rm -rf .venv .venv-test

# `.complete` is written last, so an install that was interrupted is never taken for a whole one: it starts anew.
# A changed list of requirements is installed into the environment that is there.
define install
	@test -n "$(PYTHON)" || { echo "Taido needs Python 3.11 or newer; found none. Install it, or run: make PYTHON=/path/to/python3.11"; exit 1; }
	@echo "Installing $< into $(@D) ..."
	@if [ -f $@ ]; then rm $@; else rm -rf $(@D) && "$(PYTHON)" -m venv $(@D) \
		|| { rm -rf $(@D); echo "Cannot make $(@D); on Debian: apt-get install python3-venv"; exit 1; }; fi
	@$(@D)/bin/python -m pip install --disable-pip-version-check -r $<
	@touch $@
endef

.venv/.complete: $(or $(LOCK),requirements.txt) requirements.txt
	$(install)

.venv-test/.complete: requirements-dev.txt requirements-train.txt requirements.txt
	$(install)

# OpenCV loads two system libraries that bare Debian machines lack.
%/.usable: %/.complete
	@$*/bin/python -c "import cv2" || { echo "OpenCV does not start. On Debian: apt-get install $$(tr '\n' ' ' < packages.txt)"; exit 1; }
	@touch $@
