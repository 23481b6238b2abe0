# SPDX-License-Identifier: MIT
"""Programs that speak CircuitPython's web workflow, as they come from PyPI."""

import json

import pytest

from support.web_workflow import bundle, run

from .conftest import PASSWORD


@pytest.fixture
def server(device):
    return device(bits=32, heap="38k")


@pytest.fixture
def local(tmp_path, monkeypatch):
    """The folder of this machine's files, which is the current one."""
    folder = tmp_path / "local"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def test_cpremote(server, local, tmp_path):
    def cpremote(*commands, password=PASSWORD):
        options = ("--host", server.url, "--password", password, "--units", "b")
        return run("cpremote.cpremote", options, *commands, home=tmp_path)

    (local / "main.py").write_text("print('ü')\n", encoding="utf-8")
    expected = {
        ("mkdir", "lib/mine"): "Directory created",
        ("mkdir", "lib"): "Directory or file exists",
        ("put", "main.py"): "File created and saved",
        ("put", "main.py", "lib/mine/a.py"): "File created and saved",
        ("put", "main.py", "/main.py"): "File existed and overwritten",
        ("put", "main.py", "none/main.py"): "Missing parent directory",
        ("ls", "none"): "Missing directory",
        ("mv", "lib/mine/a.py", "lib/b.py"): "File/directory renamed",
        ("mv", "main.py", "lib/b.py"): (
            "Precondition Failed - The destination path is already in use"
        ),
        ("get", "lib/b.py", "copy.py"): "File exists and file returned",
    }
    assert cpremote(*expected) == list(expected.values())
    assert (server.files / "main.py").read_text(encoding="utf-8") == "print('ü')\n"
    assert (local / "copy.py").read_text(encoding="utf-8") == "print('ü')\n"
    listing, lib, version, disks, devices, *removed = cpremote(
        ["ls"],
        ["ls", "/lib"],
        ["version"],
        ["diskinfo"],
        ["devices"],
        ["rm", "main.py"],
        ["rm", "main.py"],
        ["rmdir", "lib"],
    )
    assert "main.py" in listing and "lib/" in listing and "writable: True" in listing
    assert "b.py" in lib and "mine/" in lib
    assert json.loads(version)["web_api_version"] == 4
    assert json.loads(disks)[0]["root"] == "/"
    # Devices of other tests may be in this network, too.
    assert json.loads(devices)["total"] == len(json.loads(devices)["devices"])
    assert removed == [
        "File existed and deleted",
        "File not found",
        "Directory and its contents deleted",
    ]
    assert [path.name for path in server.files.iterdir()] == ["device.json"]
    assert cpremote(["ls"], password="wrong") == ["Incorrect password"]


def options(server):
    return ("--host", server.host, "--port", str(server.port), "--password", PASSWORD)


def test_circup(server, tmp_path):
    bundle(tmp_path)
    (server.files / "lib").mkdir()
    # This device is none of those whose compiled modules circup has: --py takes sources.
    more = ("--offline", "--cpy-version", "10.0.0", "--board-id", "tinyweb")
    single, parts, frozen = run(
        "circup",
        options(server) + more,
        ["install", "--py", "single"],
        ["install", "--py", "parts"],
        ["freeze"],
        home=tmp_path,
    )
    assert "Installed 'single'" in single and "Installed 'parts'" in parts
    assert "single==1.2.3" in frozen and "parts==0.1.0" in frozen
    lib = server.files / "lib"
    assert (lib / "single.py").read_text().startswith('__version__ = "1.2.3"')
    assert (lib / "parts" / "inner" / "more.py").read_text() == "more = 1\n"
    (said,) = run("circup", options(server) + more, ["uninstall", "parts"], home=tmp_path)
    assert "Uninstalled 'parts'" in said
    assert [path.name for path in lib.iterdir()] == ["single.py"]


def test_circup_says_what_it_found(server, tmp_path):
    (said,) = run("circup", options(server), ["--offline", "freeze"], home=tmp_path)
    assert f"at http://:{PASSWORD}@{server.host}:{server.port}, running CircuitPython 1." in said
    assert "no longer supported" in said


def test_shell_of_circup(server, local, tmp_path):
    (local / "a.txt").write_text("text")
    (local / "from").mkdir()
    put, again, listing, got, _ = run(
        "circup.wwshell",
        options(server),
        ["put", "a.txt"],
        ["put", "a.txt"],
        ["ls"],
        ["get", "a.txt", "from"],
        ["mkdir", "folder/"],
        home=tmp_path,
    )
    assert "Successfully PUT a.txt" in put and "already exists" in again
    assert "4\ta.txt" in listing and "Downloaded File" in got
    assert (server.files / "a.txt").read_text() == "text"
    assert (local / "from" / "a.txt").read_text() == "text"
    assert (server.files / "folder").is_dir()
    run("circup.wwshell", options(server), ["rm", "folder/"], ["rm", "a.txt"], home=tmp_path)
    assert [path.name for path in server.files.iterdir()] == ["device.json"]
