# SPDX-License-Identifier: MIT
# The ESP8266's CPU core in QEMU. docs/emulator.md describes the board.

##
## Emulated board
##

.PHONY: emulate
emulate: ## Boot the firmware in QEMU: prompt here, demo on http://127.0.0.1:8081 (PORT=)
	@ci/emulate $(PORT)

.PHONY: emulator
emulator: ## Build the emulated board's image and print its path (HEAP_SIZE=bytes)
	@HEAP_SIZE="$(HEAP_SIZE)" ci/build-emulator

.PHONY: bench-board
bench-board: ## Count instructions and heap of requests on the emulated board (QUICK=1, ARGS=--help)
	@ci/bench-board $(if $(QUICK),--quick) $(ARGS)
