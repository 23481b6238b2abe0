# SPDX-License-Identifier: MIT
"""Checks what no formatter does: licence lines, sizes, links, executable scripts.

    ci/check_tree.py

Looks at the files that git knows or would add. Prints one line per finding and
exits with 1 when there is one.
"""

import os
import pathlib
import re
import subprocess
import sys

TOP = pathlib.Path(__file__).resolve().parents[1]
MAX_SIZE = 1_000_000
SOURCES = {".c", ".h", ".py", ".S", ".s", ".ld", ".mk", ".cmake", ".sh", ".js", ".css"}
LICENCE = "SPDX-License-Identifier: MIT"
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")


def files():
    """The paths below TOP that are in git or would be added, as Path objects."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=TOP,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    for name in listed.split("\0"):
        path = TOP / name
        if name and not name.startswith("micropython") and path.is_file():
            yield path


def is_script(data):
    return data.startswith(b"#!")


def check_source(path, data):
    """Licence line in the first lines, no tab indentation in Python, final newline."""
    if path.suffix in SOURCES or is_script(data):
        head = b"\n".join(data.split(b"\n", 4)[:4]).decode(errors="replace")
        if data and LICENCE not in head:
            yield f"no '{LICENCE}' in its first lines"
    if is_script(data) and not os.access(path, os.X_OK):
        yield "starts with #! but is not executable"


def anchors(text):
    """The fragments that headings of a Markdown text can be linked by."""
    found = set()
    for line in re.sub(r"^```.*?^```", "", text, flags=re.M | re.S).splitlines():
        if match := re.match(r"#+\s+(.*)", line):
            title = re.sub(r"[^\w\- ]", "", match[1].strip().lower())
            found.add(title.replace(" ", "-"))
    return found


def check_links(path, text):
    """Relative links of a Markdown file name files that exist, headings included."""
    for target in LINK.findall(re.sub(r"^```.*?^```", "", text, flags=re.M | re.S)):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, fragment = target.partition("#")
        file = (path.parent / name) if name else path
        if not file.exists():
            yield f"links to {target}, which does not exist"
        elif fragment and file.suffix == ".md":
            if fragment not in anchors(file.read_text(encoding="utf-8")):
                yield f"links to {target}, but there is no such heading"


def main():
    findings = 0
    for path in files():
        data = path.read_bytes()
        messages = list(check_source(path, data))
        if len(data) > MAX_SIZE:
            messages.append(f"has {len(data)} bytes, more than {MAX_SIZE}")
        if path.suffix == ".md":
            messages += check_links(path, data.decode("utf-8"))
        for message in messages:
            findings += 1
            print(f"{path.relative_to(TOP)}: {message}")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
