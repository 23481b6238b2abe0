# SPDX-License-Identifier: MIT
# 2 MiB of flash inside the chip, whose name goes to the banner.
tinyweb_official_variant(D2WD)
tinyweb_partitions(partitions-2MiB.csv)
