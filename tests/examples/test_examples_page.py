# SPDX-License-Identifier: MIT
"""docs/examples.md: it has each program of frozen/examples/, and tells what is seen."""

import ast
import re
import subprocess

import pytest

from firmware import contents, table
from support.simulator import TOP

PAGE = (TOP / "docs" / "examples.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| \[(\w+)\]\(#([\w-]+)\) \|.*\| (yes|no) \| (yes|no) \|$", PAGE, re.M)
SECTIONS = {
    re.search(r"\(\.\./frozen/examples/(\w+)\.py\)", text)[1]: text
    for text in re.split(r"^## ", PAGE, flags=re.M)[2:]
}
# What the programs share.
PARTS = {"__init__", "board"}
CONSOLE = re.compile(r"^```console\n(.*?)^```", re.M | re.S)


def carried(board, variant=""):
    """Names of the examples that an image has."""
    files = contents.manifest_files(table.get(board, variant))
    return {name[len("examples/") : -3] for name in files if name.startswith("examples/")}


def commands(name):
    """[(command, what it prints)] of the section of an example."""
    text = "".join(CONSOLE.findall(SECTIONS[name]))
    return re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", text, re.M)


def test_each_program_has_a_row_and_a_section():
    files = {path.stem for path in (TOP / "frozen" / "examples").glob("*.py")} - PARTS
    assert {name for name, *_ in ROWS} == set(SECTIONS) == files
    for name, section, *_ in ROWS:
        title = SECTIONS[name].partition("\n")[0]
        assert section == title.lower().replace(",", "").replace(" ", "-"), name


@pytest.mark.parametrize(
    ("board", "variant", "column"),
    [("ESP8266_TINYWEB", "", 2), ("ESP32_C3_TINYWEB", "", 2), ("ESP8266_TINYWEB", "FLASH_1M", 3)],
)
def test_the_table_says_what_an_image_has(board, variant, column):
    listed = {row[0] for row in ROWS if row[column] == "yes"}
    found = carried(board, variant)
    assert found - PARTS == listed
    assert ("board" in found) == ("gpio" in found)


@pytest.mark.parametrize("name", SECTIONS)
def test_first_lines_say_whether_images_have_it(name):
    source = (TOP / "frozen" / "examples" / f"{name}.py").read_text(encoding="utf-8")
    text = ast.get_docstring(ast.parse(source))
    if name in carried("ESP8266_TINYWEB"):
        assert f">>> import examples.{name} as " in text and "No image" not in text
    else:
        assert text.splitlines()[2].startswith("No image has it.")
        assert f"mpremote {'run' if name == 'testing' else 'cp'} frozen/examples/{name}.py" in text
    assert source.endswith('\n\nif __name__ == "__main__":\n    run()\n')


@pytest.mark.parametrize("name", SECTIONS)
def test_each_has_what_starts_it_and_what_is_seen_then(name):
    start = "mpremote cp " if name == "portal" else "make start APP="
    assert f"\n{start}frozen/examples/{name}.py" in SECTIONS[name]
    assert f"(images/example-{name}.png)" in SECTIONS[name] or commands(name)


@pytest.mark.parametrize("name", [name for name in SECTIONS if "$ curl" in SECTIONS[name]])
def test_terminals(name, example, tmp_path):
    (tmp_path / "www").mkdir()
    (tmp_path / "www" / "index.html").write_text("<h1>My site</h1>\n")
    url = example(name).url
    for command, printed in commands(name):
        line = command.replace("curl ", "curl -s ", 1).replace("http://127.0.0.1:8081", url)
        done = subprocess.run(line, shell=True, stdout=subprocess.PIPE, text=True, check=True)
        assert done.stdout.strip() == printed.strip(), command
