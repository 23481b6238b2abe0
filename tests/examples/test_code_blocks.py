# SPDX-License-Identifier: MIT
"""Every block of Python in the docs is a program that runs when it is copied, or says what it
continues, as ci/code_blocks.py reads it.

Blocks are put together accordingly and run in the simulator: what serves has to listen, what does
not has to end. The tutorial has tests of its own.
"""

import json
import pathlib
import re
import subprocess
import sys
import time

import code_blocks
import pytest

from support.simulator import TOP

DOCS = TOP / "docs"
PAGES = [TOP / "README.md", *sorted(DOCS.glob("*.md"))]
SERVE = "import sys\n\napp.run(host=sys.argv[2], port=int(sys.argv[1]))\n"

# Blocks that the simulator cannot run, by their page and a line: the test that has them instead.
ELSEWHERE = {
    ("README.md", ">>> from tinyweb import wifi"): "tests/board/test_docs.py",
    ("architecture.md", "def wait_for_body(self, request, step=None):"): (
        "tests/examples/test_code_blocks.py"
    ),
    ("building.md", 'include("$(TINYWEB_MANIFEST)")'): "tests/firmware/test_own.py",
    ("deep-sleep.md", "machine.deepsleep(SLEEP)"): "tests/examples/test_howto_pages.py",
    ("emulator.md", "import machine"): "tests/board/test_docs.py",
    ("first-boot.md", "device.connect(app)"): "tests/board/test_docs.py",
    ("mqtt.md", "from umqtt.simple import MQTTClient"): "tests/examples/test_mqtt.py",
    ("names.md", 'print(wifi.join("<ssid>", "<password>", timeout=20, hostname="lamp"))'): (
        "tests/board/test_docs.py"
    ),
    ("names.md", 'network.hostname("lamp")'): "tests/names/test_page.py",
    ("names.md", "from tinyweb.mdns import Responder"): "tests/names/test_page.py",
    ("names.md", "from tinyweb.dns import NameServer"): "tests/names/test_page.py",
    ("production.md", "    watchdog = machine.WDT()"): "tests/examples/test_howto_pages.py",
    ("rom.md", 'rom("mypackage")'): "tests/rom/test_package.py",
    ("single-page-app.md", 'DIST = "/rom/dist"'): "tests/examples/test_howto_pages.py",
    ("static.md", "import assets"): "tests/examples/test_static_site.py",
    ("static.md", 'app.static("/", "/rom/www", cache={".html": 0, "": 86400})'): (
        "tests/examples/test_static_site.py"
    ),
    ("tasks.md", "background.start()"): "tests/board/test_docs.py",
    ("tls.md", "from tinyweb import tls"): "tests/examples/test_tls_page.py",
    ("update.md", 'package("tinyweb", ("device/update_key.py",), base_path=".")'): (
        "tests/firmware/test_update_page.py"
    ),
}


def blocks(path):
    """The blocks of a page in order."""
    return code_blocks.blocks(path.name, path.read_text(encoding="utf-8"))


def elsewhere(block):
    """The test that has the block instead, or None."""
    for (page, line), test in ELSEWHERE.items():
        if page == block.page and line in block.text.splitlines():
            return test
    return None


ALL = [block for path in PAGES for block in blocks(path)]


def undefined(texts, folder):
    """For each of these programs the names that it uses and does not define, by ruff."""
    for number, text in enumerate(texts):
        (folder / f"block{number}.py").write_text(text, encoding="utf-8")
    command = [pathlib.Path(sys.executable).with_name("ruff"), "check", "--isolated"]
    command += ["--select=F821", "--output-format=json", folder]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert not done.stderr, done.stderr
    found = [set() for _ in texts]
    for finding in json.loads(done.stdout):
        number = int(re.search(r"block(\d+)\.py$", finding["filename"])[1])
        found[number].add(finding["message"])
    return found


def test_blocks_are_whole_or_say_what_they_continue(tmp_path):
    programs = [block for block in ALL if elsewhere(block) is None]
    missing = undefined([block.program for block in programs], tmp_path)
    silent = [
        (block.page, block.text.splitlines()[:2], names)
        for block, names in zip(programs, missing, strict=True)
        if names and not block.continues
    ]
    assert silent == []


def test_what_is_elsewhere_is_there():
    used = set()
    for block in ALL:
        if test := elsewhere(block):
            page = block.page.removesuffix(".md")
            source = (TOP / test).read_text(encoding="utf-8")
            assert block.page in source or f'"{page}"' in source, (test, block.page)
            used |= {key for key in ELSEWHERE if key[1] in block.text.splitlines()}
    assert used == set(ELSEWHERE)


def programs():
    """The programs of all pages, each with the blocks that continue it."""
    found = []
    for path in PAGES:
        page = [block for block in blocks(path) if elsewhere(block) is None]
        found += code_blocks.chains(page)
    return found


def name(chain):
    first = re.sub(r"\W+", "-", chain[0].text.splitlines()[-1]).strip("-")
    return f"{chain[0].page.removesuffix('.md')}-{first[:40]}"


def write_files(page, folder):
    """Writes what the programs of a page find in their folder."""
    path = DOCS / page if (DOCS / page).exists() else TOP / page
    for name, text in code_blocks.files(page, path.read_text(encoding="utf-8")).items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")


@pytest.mark.parametrize("chain", programs(), ids=name)
def test_program_runs(serve, run_mpy, tmp_path, chain):
    write_files(chain[0].page, tmp_path)
    program = "\n\n".join(block.program for block in chain)
    if "asyncio.run(" in program and "app.serve(" in program:
        program = re.sub(r'host=".*?", port=\d+', "port=int(sys.argv[1])", program)
        program = f"import sys\n{program}"
    elif re.search(r"^app = ", program, re.M) and "TestClient" not in program:
        program = code_blocks.RUN.sub("", program) + "\n\n" + SERVE
    else:
        run_mpy(program, cwd=tmp_path)
        return
    server = serve(program, cwd=tmp_path)
    # The tasks of a program have begun when its loop has gone round.
    deadline = time.monotonic() + 0.2
    while time.monotonic() < deadline and server.process.poll() is None:
        time.sleep(0.02)
    assert server.process.poll() is None, server.log()
    assert "Traceback" not in server.log(), server.log()


def test_excerpt_in_architecture_is_of_connection_py():
    (block,) = [block for block in ALL if block.page == "architecture.md"]
    source = (TOP / "frozen" / "tinyweb" / "connection.py").read_text(encoding="utf-8")
    method = re.search(r"    def wait_for_body\(.*?(?=\n    def )", source, re.S)[0]
    for line in block.text.splitlines():
        assert line == "    ..." or f"    {line}\n" in f"{method}\n", line
