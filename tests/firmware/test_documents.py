# SPDX-License-Identifier: MIT
"""Commands in documents and workflows name what there is."""

import json
import re
import shutil
import subprocess

import pytest
import yaml

from firmware import TOP, esp32, table

FLASH = re.compile(r"^esptool(?:\.py)? .*write[-_]flash (.*)$", re.M)
DOCUMENTS = [
    TOP / "README.md",
    TOP / "docs" / "flashing.md",
    TOP / "docs" / "update.md",
    TOP / "boards" / "ESP8266_TINYWEB" / "deploy.md",
]
WORKFLOWS = sorted((TOP / ".github" / "workflows").glob("*.yml"))


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda p: str(p.relative_to(TOP)))
def test_flash_commands_have_the_right_addresses(path):
    commands = FLASH.findall(path.read_text())
    assert commands
    for command in commands:
        *options, offset, file = command.split()
        variant = max(
            (v for v in table.load().values() if file.startswith(v.name + "-")),
            key=lambda v: len(v.name),
        )
        assert int(offset, 0) == variant.files["image"], command
        if "dio" in options:
            assert variant.flash_mode == "dio"
        # Everywhere the same: else a board's file system would end elsewhere after an update.
        assert ("detect" in options) == variant.detect_size, command


@pytest.mark.parametrize(
    "variant",
    [v for v in table.load().values() if not v.variant],
    ids=lambda v: v.board,
)
def test_board_json_agrees_with_the_flash_table(variant):
    """MicroPython's tools make a download page of these files."""
    folder = TOP / "boards" / variant.board
    board = json.loads((folder / "board.json").read_text())
    names = {v for b, v in table.load() if b == variant.board and v}
    assert set(board["variants"]) == names
    assert board["mcu"] == variant.chip
    (page,) = board["deploy"]
    text = (folder / page).read_text()
    if variant.port == "esp32":
        text = text.format(**board)
    commands = FLASH.findall(text)
    assert commands
    for command in commands:
        *_, offset, file = command.split()
        assert (int(offset, 0), file) == (variant.files["image"], f"{variant.name}-VERSION.bin")


def test_table_of_files_is_complete():
    text = (TOP / "docs" / "flashing.md").read_text()
    rows = dict(re.findall(r"^\| `(\w+)-VERSION\.bin` \|.*\| (0x[0-9a-f]+) \|$", text, re.M))
    expected = {v.name: hex(v.files["image"]) for v in table.load().values()}
    assert rows == expected


def steps(path):
    for job in yaml.safe_load(path.read_text())["jobs"].values():
        yield from job["steps"]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda p: p.name)
def test_workflow_calls_what_there_is(path):
    makefiles = [TOP / "Makefile", *(TOP / "ci").glob("*.mk")]
    targets = {t for m in makefiles for t in re.findall(r"^([\w-]+):", m.read_text(), re.M)}
    called = 0
    for step in steps(path):
        assert re.fullmatch(r"actions/[\w-]+@v\d+", step.get("uses", "actions/none@v0"))
        run = step.get("run", "")
        for target in re.findall(r"\bmake ([\w-]+) ", run + " "):
            assert target in targets, target
            called += 1
        for script in re.findall(r"(?:^|\s)(\.?ci/[\w-]+)", run):
            assert (TOP / script).is_file(), script
            called += 1
    # The page's workflow takes what a release has, and needs no checkout.
    assert called or path.name == "pages.yml"


def workflow(name):
    return yaml.safe_load((TOP / ".github" / "workflows" / name).read_text())


def test_page_is_published_from_the_main_branch():
    """GitHub refuses a deployment to github-pages that runs for a tag, as a release does."""
    for path in WORKFLOWS:
        content = workflow(path.name)
        for job in content["jobs"].values():
            environment = job.get("environment")
            if environment and environment["name"] == "github-pages":
                # YAML reads the key "on" as true.
                assert list(content[True]) == ["workflow_dispatch"], path.name
    started = [
        s["run"] for s in workflow("firmware.yml")["jobs"]["release"]["steps"] if "run" in s
    ]
    (command,) = (run for run in started if "gh workflow run" in run)
    assert re.search(r"gh workflow run pages\.yml --ref main --field version=", command)
    assert "version" in workflow("pages.yml")[True]["workflow_dispatch"]["inputs"]


def test_release_can_be_attested_and_published():
    job = workflow("firmware.yml")["jobs"]["release"]
    uses = [step.get("uses", "") for step in job["steps"]]
    assert any(text.startswith("actions/attest-build-provenance@") for text in uses)
    for permission in ("attestations", "id-token", "contents", "actions"):
        assert job["permissions"][permission] == "write"


def test_every_image_is_built_twice_and_compared():
    for name in ("esp8266", "esp32"):
        text = str(workflow("firmware.yml")["jobs"][name])
        assert "ci/build-twice" in text and "make firmware" not in text


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda p: p.name)
def test_workflow_scripts_pass_shellcheck(path):
    if not shutil.which("shellcheck"):
        pytest.skip("shellcheck is missing: ci/install-deps lint")
    for step in steps(path):
        if "run" not in step:
            continue
        script = re.sub(r"\$\{\{.*?\}\}", "value", step["run"])
        # export.sh of the ESP-IDF is not here to be followed.
        done = subprocess.run(
            ["shellcheck", "--shell=bash", "--exclude=SC1091", "-"],
            input=script,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout


def test_every_variant_is_built_by_a_workflow():
    text = (TOP / ".github" / "workflows" / "firmware.yml").read_text()
    jobs = workflow("firmware.yml")["jobs"]
    # The job "boards" lists the ESP32's, by the command that is run here.
    command = re.search(r"\$\((PYTHONPATH=.*?)\)", str(jobs["boards"]["steps"]))[1]
    listed = subprocess.run(command, shell=True, cwd=TOP, capture_output=True, text=True)
    assert sorted(json.loads(listed.stdout)) == sorted(
        " ".join(filter(None, key)) for key, v in table.load().items() if v.port == "esp32"
    )
    assert "needs.boards.outputs.images" in jobs["esp32"]["strategy"]["matrix"]["image"]
    for (board, variant), entry in table.load().items():
        if entry.port == "esp8266":
            command = rf"^ +ci/build-twice {board}{f' {variant}' if variant else ''}$"
            assert re.search(command, text, re.M)


def test_esp_idf_of_workflow_and_page_is_the_one_that_micropython_names():
    def ask(option):
        command = [TOP / "ci" / "fetch-micropython", option]
        return subprocess.run(command, capture_output=True, text=True).stdout.split()

    (found,), (pinned, *_) = ask("--version"), ask("--versions")
    if found != pinned:
        pytest.skip(f"micropython/ holds {found}, the pinned one is {pinned}")
    for path in (TOP / ".github" / "workflows" / "firmware.yml", TOP / "docs" / "building.md"):
        found = set(re.findall(r"espressif/idf:(v[\d.]+)", path.read_text()))
        assert found == {esp32.supported_versions()[0]}, path


# What was seen of a chip with a version; docs/boards.md explains each.
SEEN = r"(?:tested|emulated|built|configured)(?: \([\w ]+\))?"


def test_boards_page_has_each_chip_with_each_version():
    text = (TOP / "docs" / "boards.md").read_text(encoding="utf-8")
    section = text.split("\n## MicroPython versions\n")[1].split("\n## ")[0]
    head, _, *rows = re.findall(r"^\|(.*)\|$", section, re.M)
    printed = subprocess.run(
        [TOP / "ci" / "fetch-micropython", "--versions"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert re.findall(r"MicroPython ([\d.]+)", head) == printed.split()
    cells = [[cell.strip() for cell in row.split("|")] for row in rows]
    chips = {name.lower().replace("-", "") for name, *_ in cells}
    assert chips == {variant.chip for variant in table.load().values()} | {"simulator"}
    for name, *seen in cells:
        assert len(seen) == len(printed.split()), name
        assert all(re.fullmatch(rf"not tried|{SEEN}(?:, {SEEN})*", x) for x in seen), name
    # The table of boards says whether one ran on a chip, and this one whether it was built.
    boards = re.findall(r"^\| (\w+)_TINYWEB \| yes \| (.*?) \|.*\| (.*?) \|$", text, re.M)
    assert len(boards) == len(chips) - 1
    for board, linked, on_chip in boards:
        (pinned,) = [seen[0] for name, *seen in cells if name.replace("-", "_") == board]
        assert ("built" in pinned) == (linked != "no") and on_chip == "no", board
