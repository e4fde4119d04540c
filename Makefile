# Thin wrappers around ordinary commands; the README shows those too.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/ready
KILLS ?= 60
TIMES ?= 1
N ?= 1000
TRIES ?= 20
BYTES ?= 1e7
FILES ?= 1e5
MINUTES ?= 60
HOURS ?= 12

.PHONY: help setup demo test test-train lint architecture stage-jack stage-vm stage-vm-arm64 \
    stage-vm-trixie stage-jitter cost faults faults-real fuzz soak soak-virtual hardware-check board \
    case image image-boot release clean

help:
	@echo "make demo        play a virtual set; leaves out/demo.mid, .wav, .png and oled.gif"
	@echo "make test        lint, types and all tests"
	@echo "make architecture  draw the rooms anew from the code, after one changed"
	@echo "make test-train  the tests that need PyTorch; installs it into the environment"
	@echo "make stage-jack  a real clock program drives the real service over JACK"
	@echo "make stage-vm    the service on a realtime kernel in an emulated machine, with real devices"
	@echo "make stage-vm-arm64  the wheels, both model runtimes and a traded set on an emulated 64-bit ARM"
	@echo "make stage-vm-trixie  the installer on Debian 13, 64-bit ARM, and a set there (15 minutes)"
	@echo "make stage-jitter  how late notes are in that machine when nothing can disturb its time"
	@echo "make cost        instructions per event on an emulated 64-bit ARM; WRITE=1 commits them"
	@echo "make faults      clock, cables and processes: each fault N=$(N) times in virtual time"
	@echo "make faults-real TRIES=$(TRIES) of each: real processes killed and stopped, files broken"
	@echo "make fuzz        BYTES=$(BYTES) of mad MIDI, FILES=$(FILES) mutated files"
	@echo "make soak        MINUTES=$(MINUTES) of real trading under load; soak-virtual: HOURS=$(HOURS)"
	@echo "make hardware-check  board, case, overlays and image: every rule, with the real tools"
	@echo "make board       schematic, board and what a factory wants, from their description (KiCad)"
	@echo "make case        the case: parts, drawings, pictures (build123d)"
	@echo "make image       out/lkjam-box.img, to write on a card (wants root); image-boot proves it"
	@echo "make release     the image packed, checksums and the list of what is in it"
	@echo "make setup       only set up (PYTHON=python3.12 to choose one)"
	@echo "make clean       remove what was set up and what was played"

setup: $(READY)

$(READY): pyproject.toml constraints.txt tools/setup.sh
	PYTHON="$(PYTHON)" VENV="$(VENV)" sh tools/setup.sh

demo: $(READY)
	$(BIN)/lkjam-box demo

test: $(READY) lint
	$(BIN)/pytest -n 2

test-train: $(READY)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --only-binary :all: \
	    --constraint constraints.txt --editable '.[train]'
	$(BIN)/pytest -n 2 tests/lab/training

architecture: $(READY)
	$(BIN)/python -m tools.architecture --write

lint: $(READY)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

stage-jack: $(READY)
	$(BIN)/python tests/jack/stage_jack.py --install

stage-vm: $(READY)
	$(BIN)/python tests/stage/machine/stage_vm.py --install --kills $(KILLS) --times $(TIMES)

stage-vm-arm64: $(READY)
	$(BIN)/python tests/stage/machine/stage_vm.py --install --arch arm64

stage-vm-trixie: $(READY)
	$(BIN)/python tests/stage/machine/trixie_vm.py --install

stage-jitter: $(READY)
	$(BIN)/python tests/stage/machine/jitter.py --install

cost: $(READY)
	$(BIN)/python tests/stage/machine/cost.py --install $(if $(WRITE),--write)

faults: $(READY)
	$(BIN)/python -m tests.faults --tries $(N)

faults-real: $(READY)
	$(BIN)/lkjam-box bench faults --tries $(TRIES)
	$(BIN)/python -m tests.faults.live --tries $(TRIES)

fuzz: $(READY)
	$(BIN)/python -m tests.faults.fuzz --bytes $(BYTES) --files $(FILES)

soak: $(READY)
	$(BIN)/lkjam-box bench soak --minutes $(MINUTES)

soak-virtual: $(READY)
	$(BIN)/lkjam-box bench soak --virtual $(HOURS)

hardware-check: $(READY)
	sh hardware/tools/kicad.sh
	sh hardware/tools/firmware.sh
	sh hardware/tools/enclosure.sh & made=$$!; $(BIN)/python -m firmware.image.build && wait $$made
	$(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder --durations=12 $(addprefix tests/hardware/tools/,firmware kicad enclosure)

board: $(READY)
	sh hardware/tools/kicad.sh
	$(BIN)/python -m hardware.gen schematic board fab

case:
	sh hardware/tools/enclosure.sh
	.venv-hardware/bin/python -m hardware.enclosure

image: $(READY)
	sh hardware/tools/firmware.sh
	$(BIN)/python -m firmware.image.build

image-boot: image
	$(BIN)/python -m firmware.image.emulate

release: $(READY)
	sh hardware/tools/firmware.sh
	PYTHON=$(BIN)/python sh firmware/release.sh

clean:
	rm -rf "$(VENV)" out build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
