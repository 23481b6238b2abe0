# SPDX-License-Identifier: MIT
# Images for boards. boards/flash.toml says what there is and where it goes in flash.

BOARD ?= ESP8266_TINYWEB

##
## Boards
##

.PHONY: firmware
firmware: ## Build an image (BOARD=, VARIANT=, ESP_SDK=; your own: FROZEN_MANIFEST=, USER_C_MODULES=)
	@ESP_SDK="$(ESP_SDK)" ci/build-firmware "$(BOARD)" $(VARIANT) $(if $(PARTIAL),--partial) \
	    $(if $(FROZEN_MANIFEST),--manifest "$(FROZEN_MANIFEST)") \
	    $(if $(USER_C_MODULES),--modules "$(USER_C_MODULES)") \
	    $(if $(PARTITIONS),--partitions "$(PARTITIONS)")

.PHONY: romfs
romfs: ## Make an image of ROMFS from a folder (APP=FOLDER, IMAGE=build/FOLDER.romfs, SITE=www)
	@ci/build-romfs "$(APP)" "$(IMAGE)" $(SITE)

.PHONY: deploy
deploy: ## Flash a board (PORT=, BOARD=, VARIANT=; IMAGE=FILE, BAUD=, FLASH_MODE=)
	@ci/flash deploy --port "$(PORT)" --board "$(BOARD)" --variant "$(VARIANT)" \
	    --image "$(IMAGE)" $(if $(BAUD),--baud $(BAUD)) \
	    $(if $(FLASH_MODE),--flash-mode $(FLASH_MODE))

.PHONY: erase
erase: ## Erase all of a board's flash (PORT=)
	@ci/flash erase --port "$(PORT)" $(if $(BAUD),--baud $(BAUD))

.PHONY: monitor
monitor: ## Open a board's prompt (PORT=); Ctrl-X leaves
	@ci/flash monitor --port "$(PORT)"

.PHONY: release
release: ## Write a release of built images to dist/ (VERSION=v1.2.3, IMAGES=, PARTIAL=1)
	@ci/make-release "$(VERSION)" $(if $(IMAGES),--images "$(IMAGES)") \
	    $(if $(PARTIAL),--partial)

.PHONY: sizes
sizes: ## Print what the images in build/ take of each memory
	@ci/firmware-sizes
