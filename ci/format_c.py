# SPDX-License-Identifier: MIT
"""Checks or rewrites C files in MicroPython's style.

    ci/format_c.py [--fix] FILE...

uncrustify runs with the configuration that micropython/ carries, followed by the
same small correction that its own tools/codeformat.py applies. Without --fix the
differences are printed and the exit status is 1 when there are any.
"""

import argparse
import difflib
import importlib.util
import pathlib
import subprocess
import sys
import tempfile

TOP = pathlib.Path(__file__).resolve().parents[1]
TOOLS = TOP / "micropython" / "tools"


def load_codeformat():
    """Imports MicroPython's tools/codeformat.py, which is not in a package."""
    spec = importlib.util.spec_from_file_location("codeformat", TOOLS / "codeformat.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def formatted(file, codeformat):
    """Returns the text of the C file `file` (a Path) as it should be."""
    done = subprocess.run(
        [
            pathlib.Path(sys.executable).with_name("uncrustify"),
            *("-q", "-l", "C", "-c", TOOLS / "uncrustify.cfg", "-f", file),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise SystemExit(f"uncrustify failed on {file}:\n{done.stderr}")
    with tempfile.TemporaryDirectory() as folder:
        copy = pathlib.Path(folder) / file.name
        copy.write_text(done.stdout, encoding="utf-8")
        codeformat.fixup_c(copy)
        return copy.read_text(encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--fix", action="store_true", help="rewrite the files")
    parser.add_argument("files", nargs="*", type=pathlib.Path)
    options = parser.parse_args()

    codeformat = load_codeformat()
    different = 0
    for file in options.files:
        old = file.read_text(encoding="utf-8")
        new = formatted(file, codeformat)
        if old == new:
            continue
        different += 1
        if options.fix:
            file.write_text(new, encoding="utf-8")
            print(f"reformatted {file}")
        else:
            sys.stdout.writelines(
                difflib.unified_diff(
                    old.splitlines(True), new.splitlines(True), f"{file}", f"{file} (style)"
                )
            )
    return 1 if different and not options.fix else 0


if __name__ == "__main__":
    sys.exit(main())
