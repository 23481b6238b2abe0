# SPDX-License-Identifier: MIT
tinyweb_official_variant(SPIRAM)
list(APPEND MICROPY_DEF_BOARD
    TINYWEB_VARIANT_NAME=" with SPIRAM"
)
