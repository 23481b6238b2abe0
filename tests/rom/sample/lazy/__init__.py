# SPDX-License-Identifier: MIT
# Imports its modules when they are asked for, as asyncio does.
_attrs = {"far": "distant", "near": "close"}


def __getattr__(attr):
    module = _attrs.get(attr, None)
    if module is None:
        raise AttributeError(attr)
    value = getattr(__import__(module, None, None, True, 1), attr)
    globals()[attr] = value
    return value


def remember(value):
    globals()["kept"] = value
    return kept  # noqa: F821
