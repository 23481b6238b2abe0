# SPDX-License-Identifier: MIT
"""Calls in a program whose output a test compares."""


def tried(f, *args):
    """Print what f(*args) returns, or its exception."""
    try:
        print(f(*args))
    except Exception as exc:
        print(type(exc).__name__, exc)
