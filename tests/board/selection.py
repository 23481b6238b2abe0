# SPDX-License-Identifier: MIT
"""Which cases run on the board as well."""

import zlib


def deselect(config, items, is_elsewhere):
    """Leaves out most of the items that run on the board.

    is_elsewhere(item): None for one that this is not about, which stays; whether the board cannot
        run it. Of those that it can one in four stays, always the same ones; with --all-cases all.
    """
    kept = []
    left_out = []
    for item in items:
        elsewhere = is_elsewhere(item)
        drop = elsewhere is not None and (
            elsewhere
            or (not config.getoption("--all-cases") and zlib.crc32(item.name.encode()) % 4)
        )
        (left_out if drop else kept).append(item)
    config.hook.pytest_deselected(items=left_out)
    items[:] = kept
