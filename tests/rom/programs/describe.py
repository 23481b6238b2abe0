# SPDX-License-Identifier: MIT
# Prints a line for every name that every frozen module, and every class in them, has.
import sys

FROZEN = ("tinyweb", "asyncio")
NAMES = sys.argv[1:]
# What asyncio imports when it is asked for.
LAZY = "Event Lock StreamReader StreamWriter ThreadSafeFlag gather open_connection start_server"
LAZY += " wait_for wait_for_ms"


def imported(name):
    module = __import__(name)
    for part in name.split(".")[1:]:
        module = getattr(module, part)
    return module


def describe(value, seen):
    kind = type(value).__name__
    if isinstance(value, type):
        if value in seen or not getattr(value, "__module__", "").startswith(FROZEN):
            return kind + " " + value.__name__
        seen.append(value)
        text = [kind, value.__name__, repr([x.__name__ for x in value.__bases__])]
        attributes = value.__dict__
        for name in sorted(attributes):
            # Through the class, so that static methods are what callers get
            text.append(name + "=" + describe(getattr(value, name), seen))
        return " ".join(text)
    if kind in ("function", "generator", "closure", "bound_method"):
        try:
            return kind + " " + value.__name__
        except AttributeError:
            return kind
    if kind == "module":
        return kind + " " + value.__name__
    if kind in ("int", "str", "bytes", "bool", "NoneType", "float"):
        return repr(value)
    if kind == "tuple" or kind == "list":
        return kind + " [" + ", ".join(describe(x, seen) for x in value) + "]"
    if kind == "dict":
        items = [describe(k, seen) + ": " + describe(v, seen) for k, v in value.items()]
        return kind + " {" + ", ".join(sorted(items)) + "}"
    return kind


modules = [imported(x) for x in NAMES]
for name in LAZY.split():
    getattr(sys.modules["asyncio"], name)
for module in modules:
    for name in sorted(dir(module)):
        try:
            value = getattr(module, name)
        except AttributeError:
            continue
        if name != "__dict__":
            text = describe(value, [])
            print(module.__name__, name, text)
