# SPDX-License-Identifier: MIT
"""Parameters of URLs that are no str: `<int:name>`, `<float:name>`, and the application's own.

A converter takes the decoded segment, a str that is not empty, and returns the handler's argument;
where it raises ValueError, the URL does not match.
"""

from micropython import const

# Longer numbers are nobody's, and would take memory.
_DIGITS_MAX = const(20)


def find(server, kind):
    """The converter of `<kind:name>`; ValueError if there is none."""
    converter = server.converters.get(kind) or {"int": _int, "float": _float}.get(kind)
    if converter is None:
        raise ValueError("no converter for {}".format(kind))
    return converter


def _digits(value):
    if not value.isdigit() or len(value) > _DIGITS_MAX:
        raise ValueError
    return value


def _int(value):
    # int() alone takes what nobody means by a number in a URL: spaces, underscores, signs.
    if value.startswith("-"):
        return -int(_digits(value[1:]))
    return int(_digits(value))


def _float(value):
    parts = value.split(".", 1)
    _digits(parts[0][1:] if value.startswith("-") else parts[0])
    if len(parts) > 1:
        _digits(parts[1])
    return float(value)
