# SPDX-License-Identifier: MIT
"""Style, licence lines, links and sizes of the files in the repository."""

import subprocess

import complexity
import pytest

from support.simulator import TOP


def test_lint_finds_nothing():
    if subprocess.run(["git", "rev-parse"], cwd=TOP, capture_output=True).returncode != 0:
        pytest.skip("not a git checkout, so its files are not known")
    done = subprocess.run([TOP / "ci" / "lint"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def git(*arguments, cwd):
    subprocess.run(["git", *arguments], cwd=cwd, check=True, capture_output=True)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.py", "print()\n", "no 'SPDX-License-Identifier: MIT'"),
        ("ci/a", "#!/bin/sh\n# SPDX-License-Identifier: MIT\n", "not executable"),
        ("docs/a.md", "[b](b.md)\n", "links to b.md, which does not exist"),
        ("docs/a.md", "# One\n[x](#two)\n", "links to #two, but there is no such heading"),
        ("big.bin", "x" * 1_000_001, "has 1000001 bytes"),
    ],
)
def test_check_tree_reports(tmp_path, name, text, message):
    git("init", "-q", ".", cwd=tmp_path)
    checker = tmp_path / "ci" / "check_tree.py"
    checker.parent.mkdir()
    checker.write_text((TOP / "ci" / "check_tree.py").read_text())
    clean = subprocess.run(["python3", checker], capture_output=True, text=True)
    assert (clean.returncode, clean.stdout) == (0, "")

    file = tmp_path / name
    file.parent.mkdir(exist_ok=True)
    file.write_text(text)
    done = subprocess.run(["python3", checker], capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stdout.startswith(f"{name}: ")
    assert message in done.stdout


def test_c_formatter_finds_and_fixes(tmp_path):
    file = tmp_path / "a.c"
    file.write_text("int f(int a){\n  if(a) return 1;\n    return 0; }\n")
    command = [TOP / ".venv/bin/python", TOP / "ci" / "format_c.py"]
    found = subprocess.run([*command, file], capture_output=True, text=True)
    assert found.returncode == 1
    assert "+int f(int a) {" in found.stdout
    subprocess.run([*command, "--fix", file], check=True, capture_output=True)
    again = subprocess.run([*command, file], capture_output=True, text=True)
    assert (again.returncode, again.stdout) == (0, "")


def test_complexity_that_grows_is_found():
    reasons = {"a.c": {"known": [9, "a state machine"], "gone": [9, "one condition"]}}
    larger = {("a.c", "new"): 9, ("a.c", "known"): 9, ("a.c", "small"): 8}
    found = [
        *complexity.findings(larger, reasons),
        *complexity.findings({("a.c", "known"): 10, ("a.c", "gone"): 8}, reasons),
    ]
    assert found == [
        "a.c: new() has a complexity of 9, more than 8",
        "a.c: gone() is in complexity.toml, but not in the file",
        "a.c: known() has a complexity of 10, more than 9",
        "a.c: gone() has a complexity of 8, no longer 9",
    ]


def test_complexity_is_measured(tmp_path):
    file = tmp_path / "cmodules" / "a" / "b.c"
    file.parent.mkdir(parents=True)
    file.write_text("int f(int a) {\n    return a == 1 || a == 2 || a == 3;\n}\n")
    assert complexity.measure([file]) == {("a/b.c", "f"): 3}
