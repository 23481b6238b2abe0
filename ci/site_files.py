# SPDX-License-Identifier: MIT
"""Files of a site as they are kept on a device: for ci/pack-assets and ci/build-romfs."""

import gzip
import re


def files(folder):
    """(name below `folder`, path) of all files in it, hidden ones but .well-known left out."""
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and not re.search(r"(^|/)\.(?!well-known/)", name):
            yield name, path


def packed(name, data):
    """(name, bytes) as it is kept: compressed where that saves a tenth, and then only so."""
    small = gzip.compress(data, 9, mtime=0)
    if len(small) < len(data) * 0.9:
        return name + ".gz", small
    return name, data
