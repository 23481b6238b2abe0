# SPDX-License-Identifier: MIT
# Every target calls a script that also runs by hand. Text after ## is its help.

BITS ?= 64

.DEFAULT_GOAL := help
.PHONY: help
help: ## Show this list
	@echo 'TinyWeb: MicroPython with a web server inside. Usage: make TARGET [NAME=value]'
	@echo
	@sed -n 's/^\([a-z][a-z-]*\):.*## \(.*\)/  \1|\2/p' $(MAKEFILE_LIST) | \
	    awk -F'|' '{ printf "%-20s %s\n", $$1, $$2 }'

##
## On this computer
##

.PHONY: run
run: ## Build the simulator and serve the demo on http://127.0.0.1:8081 (PORT=, HOST=, BITS=32)
	@BITS=$(BITS) ci/run-demo

.PHONY: start
start: ## Build the simulator and run a program of yours in it (APP=main.py, BITS=32)
	@BITS=$(BITS) ci/run-app "$(APP)"

.PHONY: try
try: ## Build the page on which programs run in the browser, and serve it on http://127.0.0.1:8082 (PORT=)
	@ci/run-try

.PHONY: repl
repl: ## MicroPython prompt of the simulator (BITS=32)
	@exec "$$(ci/build-simulator $(BITS) | tail -n 1)"

.PHONY: simulator
simulator: ## Build the simulator and print its path (BITS=32: as on the chips; SANITIZE=1)
	@ci/build-simulator $(BITS)

##
## Quality
##

.PHONY: test
test: ## Build what the tests need and run all of them (ARGS= for pytest; SANITIZE=1, ROM=0)
	@ci/test $(ARGS)

.PHONY: lint
lint: ## Check style of Python, C and shell files
	@ci/lint

.PHONY: format
format: ## Rewrite Python and C files in the project's style
	@ci/lint --fix

.PHONY: bench
bench: ## Measure requests/s, heap and instructions (QUICK=1, ORIGINAL=checkout, ARGS=--help)
	@ci/bench $(if $(QUICK),--quick) $(if $(ORIGINAL),--original $(ORIGINAL)) $(ARGS)

.PHONY: soak
soak: ## Serve 200 000 mixed requests in the chip's heap (REQUESTS=)
	@SOAK_REQUESTS=$(or $(REQUESTS),200000) ci/test -s tests/soak --timeout=3600

.PHONY: soak-application
soak-application: ## Use examples.thermostat in the chip's heap: 20 starts, an hour, 100 000 requests
	@THERMOSTAT_RUNS=$(or $(RUNS),20) THERMOSTAT_SECONDS=$(or $(SECONDS),3600) \
	    THERMOSTAT_REQUESTS=$(or $(REQUESTS),100000) \
	    ci/test -s tests/thermostat tests/board/test_thermostat.py --timeout=14400

.PHONY: fuzz
fuzz: ## Fuzz the parsers for a minute (TIME=seconds, ARGS=--afl or names of harnesses)
	@ci/fuzz --seconds=$(or $(TIME),60) $(ARGS)

.PHONY: mutate
mutate: ## Put small faults into the C core, and print which the tests do not notice (ARGS= files)
	@ci/mutate $(ARGS)

.PHONY: prove
prove: ## Prove with CBMC what tests/prove says of the C core (ARGS=--fast, --help or names)
	@ci/prove $(ARGS)

.PHONY: coverage
coverage: ## Print which branches the tests execute, of C and of frozen/tinyweb (ARGS= for pytest)
	@ci/coverage $(ARGS)

.PHONY: simulate
simulate: ## Run the server in a simulated world, each seed another one (SEEDS=, SEED=, ARGS=--help)
	@ci/simulate $(if $(SEEDS),--seeds $(SEEDS)) $(if $(SEED),--seed $(SEED)) $(ARGS)

.PHONY: board-faults
board-faults: ## Let the emulated board's lwIP, flash, network, power and clock fail (half an hour)
	@BOARD_FAULTS=all ci/test -s tests/board/test_faults.py tests/board/test_wire.py \
	    tests/board/test_power.py tests/board/test_turns.py --timeout=14400

.PHONY: calls
calls: ## Call everything in the C modules at random, under sanitizers (SEEDS=, SEED=, ARGS=--help)
	@ci/calls $(if $(SEEDS),--seeds $(SEEDS)) $(if $(SEED),--seed $(SEED)) $(ARGS)

.PHONY: rom-report
rom-report: ## Print what each module in ROM saves of the heap and takes of flash (docs/rom.md)
	@cat "$$(dirname "$$(ci/build-simulator 32)")/rom_report.txt"

.PHONY: rom-heap
rom-heap: ## Print what your packages in ROM take of the heap, and took before (FROZEN_MANIFEST=)
	@ci/install-deps simulator-32
	@ci/install-venv
	@.venv/bin/python -m bench.rom "$(FROZEN_MANIFEST)"

.PHONY: memory
memory: ## Print what an application takes of the ESP8266's heap (APP=main.py [LOGIN="/login user=a&password=b"])
	@ci/install-deps simulator-32
	@ci/install-venv
	@.venv/bin/python -m bench.application "$(APP)" "$(LOGIN)"

include ci/firmware.mk
include ci/emulator.mk

##
## Documentation
##

.PHONY: docs
docs: ## Build the documentation as a site, with search, for reading offline (build/site/index.html)
	@ci/make-docs

.PHONY: reference
reference: ## Make the API reference, HTML for reading offline (build/reference/index.html)
	@ci/make-reference

.PHONY: stubs
stubs: ## Make the type stubs, for editors and type checkers (build/stubs)
	@ci/make-stubs

##
## House keeping
##

.PHONY: deps
deps: ## Install everything that run, test and bench need
	@ci/install-deps all
	@ci/install-venv

.PHONY: clean
clean: ## Remove what was built; micropython/ and .venv/ stay
	rm -rf build dist
