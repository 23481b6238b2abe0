# SPDX-License-Identifier: MIT
"""Programs that speak CircuitPython's web workflow, as they come from PyPI: cpremote, circup."""

import json
import os
import subprocess
import sys

# Runs commands of a program one after the other in one process: its start is what takes long.
SESSION = """
import importlib, json, sys
module, name, commands = sys.argv[1:]
main = getattr(importlib.import_module(module), name)
for command in json.loads(commands):
    sys.argv = command
    try:
        main()
    except SystemExit:
        pass
    except Exception as exc:
        print(type(exc), exc)
    print("END", flush=True)
"""


def run(module, options, *commands, home):
    """What each of the commands of a program says, a list. module: where its main() is."""
    env = {**os.environ, "HOME": str(home), "NO_PROXY": "*"}
    env.pop("XDG_DATA_HOME", None)
    lines = [[module, *options, *command] for command in commands]
    done = subprocess.run(
        [sys.executable, "-P", "-c", SESSION, module, "main", json.dumps(lines)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=100,
        env=env,
    )
    said = done.stdout.split("END\n")
    assert len(said) == len(commands) + 1, done.stdout
    return [part.strip() for part in said[:-1]]


def bundle(home):
    """A bundle of libraries as circup keeps what it has downloaded: a module and a package."""
    data = home / ".local" / "share" / "circup"
    lib = data / "own" / "own-bundle-py" / "own-bundle-py-20260101" / "lib"
    (lib / "parts" / "inner").mkdir(parents=True)
    (lib / "single.py").write_text('__version__ = "1.2.3"\n__repo__ = "https://own.example"\n')
    (lib / "parts" / "__init__.py").write_text('__version__ = "0.1.0"\n__repo__ = "x"\n')
    (lib / "parts" / "inner" / "more.py").write_text("more = 1\n")
    (data / "bundle_config.json").write_text('{"own": "own/own_bundle"}')
    (data / "circup.json").write_text('{"own/own_bundle": ["20260101"]}')
