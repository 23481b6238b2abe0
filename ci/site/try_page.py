# SPDX-License-Identifier: MIT
"""Writes the page on which programs run in the browser; ci/make-try is its command line.

try_page.py MICROPYTHON FOLDER

MICROPYTHON is the JavaScript that ci/build-page has made; its .wasm is beside it.
"""

import json
import pathlib
import shutil
import sys

TOP = pathlib.Path(__file__).resolve().parents[2]

# The examples in the menu: the name in links, the title, the program, and the path of its page.
# The first one is there when the page is opened.
EXAMPLES = (
    ("hello_world", "Hello, world", "frozen/examples/hello_world.py", "/"),
    ("rest_api", "REST API", "frozen/examples/rest_api.py", "/customers"),
    ("routing", "Routes of a JSON API", "frozen/examples/routing.py", "/api/lamps"),
    ("templates", "Guest book by a template", "frozen/examples/templates.py", "/"),
    ("live_values", "Live values", "frozen/examples/live_values.py", "/"),
    ("chat", "Chat by WebSocket", "frozen/examples/chat.py", "/"),
    ("upload", "Uploads", "frozen/examples/upload.py", "/"),
    ("login", "Log-in", "frozen/examples/login.py", "/"),
    ("static_content", "Files", "frozen/examples/static_content.py", "/"),
    ("demo", "The demo", "demo/main.py", "/"),
)
# What a program needs beside itself: folders, whose files keep their paths beside the program.
FOLDERS = {"demo": ("features", "www")}


def example(name, path, start):
    """What examples/NAME.json has: program, path of its page, and {path: text} of its files."""
    folder = path.parent
    files = {
        file.relative_to(folder).as_posix(): file.read_text(encoding="utf-8")
        for part in FOLDERS.get(name, ())
        for file in sorted((folder / part).rglob("*"))
        if file.is_file() and "__pycache__" not in file.parts
    }
    return {"source": path.read_text(encoding="utf-8"), "path": start, "files": files}


def write(micropython, out):
    """Writes the page into the folder `out`: what it held before is gone."""
    shutil.rmtree(out, ignore_errors=True)
    shutil.copytree(TOP / "web/try", out)
    shutil.copy(TOP / "web/page.css", out)
    for file in (micropython, micropython.with_suffix(".wasm")):
        shutil.copy(file, out)
    (out / "examples").mkdir()
    for name, _, path, start in EXAMPLES:
        text = json.dumps(example(name, TOP / path, start))
        (out / f"examples/{name}.json").write_text(text, encoding="utf-8")
    index = [{"name": name, "title": title} for name, title, *_ in EXAMPLES]
    (out / "examples/index.json").write_text(json.dumps(index), encoding="utf-8")


if __name__ == "__main__":
    write(*map(pathlib.Path, sys.argv[1:]))
