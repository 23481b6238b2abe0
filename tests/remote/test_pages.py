# SPDX-License-Identifier: MIT
"""The device's pages in a browser, served by the simulator with a chip's heap."""

import json
import re
import runpy
import subprocess

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from support import ota
from support.simulator import TOP
from support.wire import Wire

from .conftest import PASSWORD, PHONE, PROGRAM, SETTINGS, answer_with, settings, stored

WEB = TOP / "web" / "device"
PAGES = "overview/ files/ files/lib/ apps/ edit/main.py settings/ update/".split()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("fragment", PAGES)
def test_anybody_can_use_it(lamp, visit, fragment, scheme):
    page = visit(lamp, fragment, size=PHONE, color_scheme=scheme)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def test_overview(lamp, visit):
    page = visit(lamp)
    expect(page).to_have_title("lamp")
    expect(page.get_by_role("heading", level=1)).to_have_text("lamp")
    expect(page.get_by_role("link", name="Overview")).to_have_attribute("aria-current", "page")
    expect(page.get_by_role("img", name="Free memory since")).to_be_visible()
    told = page.locator("dd", has_text="MicroPython")
    expect(told).to_have_text(re.compile(r"MicroPython v\d+\.\d+"))
    expect(page.get_by_text("Nothing was logged.")).to_be_visible()
    expect(page.get_by_role("link", name="Console")).to_have_count(0)


def test_readers_language(lamp, visit):
    page = visit(lamp, "settings/", locale="de-CH")
    expect(page.get_by_role("button", name="Sicherung")).to_be_visible()
    assert page.evaluate("document.documentElement.lang") == "de"


def test_every_language_has_every_text():
    """As the pages ask for them, and no other."""
    text = (WEB / "texts.js").read_text(encoding="utf-8")
    names = [set(re.findall(r"^    (\w+):", part, re.M)) for part in text.split("\n  de: {")]
    assert names[0] == names[1] and len(names) == 2
    sources = "".join(
        p.read_text(encoding="utf-8") for p in WEB.glob("*.js") if p.name != "texts.js"
    )
    used = set(re.findall(r'"(\w+)"', sources)) | set(re.findall(r"^      (\w+):", sources, re.M))
    causes = {name for name in names[0] if name.endswith("_RESET")}
    assert names[0] - causes <= used, names[0] - causes - used


def test_size_that_the_docs_tell(tmp_path):
    """Of the files as ci/pack-assets keeps them in the image; 60 KB are the most there may be."""
    made = tmp_path / "assets.py"
    rules = TOP / "build" / "highlight"
    if not (rules / "highlight.js").exists():
        pytest.skip("npm is missing; the rules of the editor's colours come with it")
    command = [TOP / "ci" / "pack-assets", WEB, made, "--bare", "--over", rules]
    subprocess.run(command, check=True)
    names = runpy.run_path(str(made))
    assert len(names["_NAMES"]) == len(list(WEB.iterdir()))
    size = sum(len(data) for data in names["_DATA"])
    text = (TOP / "docs" / "device.md").read_text(encoding="utf-8")
    told = int(re.search(r"In the image they take (\d+) KB", text).group(1))
    assert size < 60_000
    assert told == round(size / 1000), size


# Files


def test_upload_and_preview(lamp, visit, tmp_path):
    page = visit(lamp, "files/")
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Upload files").click()
    (tmp_path / "été & co.txt").write_bytes(b"x" * 70_000)
    chooser.value.set_files(tmp_path / "été & co.txt")
    expect(page.get_by_role("status")).to_have_text("Uploaded: /été & co.txt")
    row = page.get_by_role("listitem").filter(has_text="été & co.txt")
    expect(row).to_contain_text("68 KB")
    assert (lamp.files / "été & co.txt").read_bytes() == b"x" * 70_000
    page.get_by_role("button", name="View: dot.png").click()
    # The page's policy lets no text be run, so wait_for_function() cannot ask a second time.
    expect(page.locator("img.preview")).to_have_js_property("naturalWidth", 1)


def test_dropped_files(lamp, visit):
    page = visit(lamp, "files/lib/")
    page.evaluate("""() => {
        const data = new DataTransfer();
        data.items.add(new File(["dropped"], "b.txt"));
        const place = document.querySelector(".drop");
        place.dispatchEvent(new DragEvent("drop", {dataTransfer: data, cancelable: true}));
    }""")
    expect(page.get_by_role("link", name="b.txt", exact=True)).to_be_visible()
    assert (lamp.files / "lib" / "b.txt").read_text() == "dropped"


def test_cancelled_upload_leaves_the_old_file(lamp, visit):
    page = visit(lamp, "files/")
    (lamp.files / "big.bin").write_text("old")
    # A body that does not fit into the buffers of both sides, sent slowly.
    page.context.new_cdp_session(page).send(
        "Network.emulateNetworkConditions",
        {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 20_000},
    )
    page.locator("input[type=file]").set_input_files(
        {"name": "big.bin", "mimeType": "application/octet-stream", "buffer": b"n" * 3_000_000}
    )
    expect(page.get_by_role("progressbar", name="Uploading /big.bin")).to_be_visible()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("status")).to_have_text("Cancelled. The old file is as it was.")
    expect(page.get_by_role("progressbar")).to_have_count(0)
    assert (lamp.files / "big.bin").read_text() == "old"


def test_new_rename_and_delete(lamp, visit):
    page = visit(lamp, "files/")
    answer_with(page, "www")
    page.get_by_role("button", name="New folder").click()
    expect(page.get_by_role("link", name="www/")).to_be_visible()
    answer_with(page, "/www/a b#.py")
    page.get_by_role("button", name="Rename or move: main.py").click()
    expect(page.get_by_role("link", name="main.py", exact=True)).to_have_count(0)
    assert (lamp.files / "www" / "a b#.py").read_text() == "print('hello')\n"
    page.get_by_role("link", name="www/").click()
    page.get_by_role("link", name="a b#.py", exact=True).click()
    expect(page.get_by_label("Text of /www/a b#.py")).to_have_value("print('hello')\n")
    page.get_by_role("main").get_by_role("link", name="Files").click()
    page.get_by_role("link", name="Folder above").click()
    answer_with(page, "lib")
    page.get_by_role("button", name="New folder").click()
    expect(page.get_by_role("status")).to_have_text("There is something of this name already.")
    answer_with(page, "/lib")
    page.get_by_role("button", name="Rename or move: dot.png").click()
    expect(page.get_by_role("status")).to_have_text("There is something of this name already.")
    answer_with(page)
    page.get_by_role("button", name="Delete: lib").click()
    expect(page.get_by_role("link", name="lib/")).to_have_count(0)
    assert not (lamp.files / "lib").exists()
    visit.complaints.clear()  # The browser tells of each answer of 4xx.


# The editor


def test_editor_saves_what_the_device_can_compile(lamp, visit):
    page = visit(lamp, "edit/main.py")
    area = page.get_by_label("Text of /main.py")
    area.fill("import os\nfor name in os.listdir():\nprint(name)\n")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("Line 3: ")
    assert (lamp.files / "main.py").read_text() == "print('hello')\n"
    assert area.evaluate("e => e.value.slice(e.selectionStart, e.selectionEnd)") == "print(name)"
    # What is typed now replaces that line.
    page.keyboard.press("Home")
    page.keyboard.press("Tab")
    page.keyboard.press("Control+s")
    expect(page.get_by_role("status")).to_have_text("Saved.")
    text = "import os\nfor name in os.listdir():\n    print(name)\n"
    assert (lamp.files / "main.py").read_text() == text
    expect(page.get_by_role("alert")).to_have_text("")


def test_editor_with_the_keyboard(lamp, visit):
    page = visit(lamp, "edit/main.py")
    area = page.get_by_label("Text of /main.py")
    area.fill("")
    page.keyboard.type("if 1:\npass\n")
    for _ in range(4):
        page.keyboard.press("Backspace")
    page.keyboard.type("x = 'é'")
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Save", exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_have_text("Saved.")
    assert (lamp.files / "main.py").read_text(encoding="utf-8") == "if 1:\n    pass\nx = 'é'"


def test_editor_asks_before_it_leaves(lamp, visit):
    page = visit(lamp, "edit/main.py")
    page.get_by_label("Text of /main.py").fill("x")
    page.once("dialog", lambda dialog: dialog.dismiss())
    with page.expect_event("dialog"):
        page.get_by_role("navigation").get_by_role("link", name="Overview").click()
    expect(page.get_by_label("Text of /main.py")).to_have_value("x")
    answer_with(page)
    page.get_by_role("navigation").get_by_role("link", name="Overview").click()
    expect(page.get_by_role("img", name="Free memory since")).to_be_visible()


def test_editor_with_what_is_no_text(lamp, visit):
    page = visit(lamp, "edit/dot.png")
    expect(page.get_by_role("alert")).to_have_text("This is no text.")


# Settings


def test_settings(lamp, visit):
    page = visit(lamp, "settings/")
    page.get_by_label("Name in the network").fill("my lamp")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("name is 1 to 63 letters")
    assert settings(lamp) == SETTINGS
    page.get_by_label("Name in the network").fill("light")
    page.get_by_label("Time zone").fill("CET-1CEST,M3.5.0,M10.5.0/3")
    page.get_by_label("Time servers").fill("a.example\nb.example:123")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("status")).to_have_text("Saved.")
    assert settings(lamp) == SETTINGS | {
        "name": "light",
        "timezone": "CET-1CEST,M3.5.0,M10.5.0/3",
        "ntp": ["a.example", "b.example:123"],
    }
    visit.complaints.clear()


def test_networks(lamp, visit):
    page = visit(lamp, "settings/")
    page.get_by_role("button", name="Delete: attic").click()
    expect(page.get_by_role("button", name="Delete: attic")).to_have_count(0)
    page.get_by_label("Network", exact=True).fill("garden")
    page.get_by_label("Its password").fill("a third key")
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_role("button", name="Delete: garden")).to_be_visible()
    assert settings(lamp)["networks"] == [
        {"ssid": "garden", "password": "a third key"},
        {"ssid": "home", "password": "the right key"},
    ]


def test_password_is_changed(lamp, visit):
    page = visit(lamp, "settings/")
    page.get_by_label("New password").fill("another sentence")
    page.get_by_role("button", name="Save", exact=True).click()
    # The browser asks for the new one; here it has none, and says so.
    expect(page.get_by_role("status")).to_have_text("Unauthorized")
    assert httpx.get(f"{lamp.url}/fs/", auth=("", PASSWORD)).status_code == 401
    assert httpx.get(f"{lamp.url}/fs/", auth=("", "another sentence")).status_code == 200
    visit.complaints.clear()


@pytest.mark.parametrize("secrets", [False, True])
def test_backup_and_restore(lamp, visit, secrets):
    page = visit(lamp, "settings/")
    if secrets:
        page.get_by_label("With passwords and networks").check()
    with page.expect_download() as download:
        page.get_by_role("button", name="Backup").click()
    path = download.value.path()
    assert download.value.suggested_filename == "device.json"
    assert json.loads(path.read_text()) == (SETTINGS if secrets else {"name": "lamp"})
    changed = {"password": SETTINGS["password"], "name": "x", "networks": [], "country": "CH"}
    answer = httpx.post(f"{lamp.url}/device/api/settings", json=changed, auth=("", PASSWORD))
    assert answer.status_code == 204, lamp.log()
    page.locator("input[type=file]").set_input_files(path)
    expect(page.get_by_role("status")).to_have_text("Restored.")
    wanted = SETTINGS if secrets else changed | {"name": "lamp"}
    assert settings(lamp) == wanted | {"country": "CH"}


# The answers themselves


def test_assets(lamp):
    with httpx.Client(base_url=lamp.url, trust_env=False, auth=("", PASSWORD)) as client:
        answer = client.get("/device/")
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert answer.headers["content-security-policy"] == (
            "default-src 'self';frame-ancestors 'none'"
        )
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        answer = client.get("/device/page.js")
        assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
        assert answer.headers["x-content-type-options"] == "nosniff"
        again = client.get("/device/page.js", headers={"If-None-Match": answer.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        for name in ("none.js", "index.html.gz", "..%2fpage.js", "%2e%2e/main.py", "api/none"):
            assert client.get(f"/device/{name}").status_code == 404, name
    total = 0
    names = [path.name for path in WEB.iterdir() if path.name != "index.html"]
    assert "page.js" in names
    for name in ("", *names):
        answer = httpx.get(f"{lamp.url}/device/{name}", auth=("", PASSWORD))
        assert answer.headers["content-encoding"] == "gzip"
        total += int(answer.headers["content-length"])
    assert total <= 60_000


def test_state_and_log(device):
    program = PROGRAM.replace(
        "    device.enable(app)",
        """
    @app.route("/fail")
    def fail(req, resp):
        raise ValueError("é" * 300)

    device.enable(app)
    """,
    )
    server = device(program, **SETTINGS)
    with httpx.Client(base_url=server.url, trust_env=False, auth=("", PASSWORD)) as client:
        for _ in range(3):
            assert client.get("/fail").status_code == 500
        state = client.get("/device/api/state").json()
    assert state["log"].endswith("é\n") and len(state["log"].encode()) <= 256
    assert 0 < state["heap"][0] < state["heap"][1]
    assert state["disk"]["free"] > 0
    assert (state["name"], state["console"]) == ("lamp", False)


def test_networks_that_are_shown(lamp):
    """Without their passwords: whether there is one."""
    with httpx.Client(base_url=lamp.url, trust_env=False, auth=("", PASSWORD)) as client:
        networks = [*SETTINGS["networks"], {"ssid": "yard", "hidden": True}]
        answer = client.post("/device/api/settings", json={"networks": networks})
        assert answer.status_code == 204
        shown = client.get("/device/api/settings").json()["networks"]
        assert shown == [
            {"ssid": "home", "password": True},
            {"ssid": "attic", "password": True},
            {"ssid": "yard", "hidden": True},
        ]
        # And written as they were shown.
        answer = client.post("/device/api/settings", json={"networks": shown})
        assert answer.status_code == 204
    assert settings(lamp)["networks"] == networks


def test_program_that_does_not_come_or_does_not_fit(lamp):
    """What is checked has to be in memory as a whole."""
    url = f"{lamp.url}/device/api/check"
    with Wire(lamp.host, lamp.port) as wire:
        wire.send(
            f"POST /device/api/check HTTP/1.1\r\nHost: {lamp.host}\r\nContent-Length: 9\r\n"
            "Authorization: Basic OnBhc3N3MHJk\r\n\r\nx = ".encode()
        )
    answer = httpx.post(url, content=b"x\n" * 15_000, auth=("", PASSWORD), trust_env=False)
    assert answer.status_code == 413
    answer = httpx.post(url, content=b"x = (", auth=("", PASSWORD), trust_env=False)
    assert answer.json()["error"].startswith("SyntaxError")


def test_cause_of_a_start_that_is_another(serve, tmp_path):
    """A chip may have more of them than are known here."""
    (tmp_path / "device.json").write_text(json.dumps(SETTINGS))
    program = PROGRAM.replace("import sys", "import machine, sys").replace(
        "device.enable(app)", "machine.reset_cause = lambda: 99; device.enable(app)"
    )
    flash = ota.Flash(tmp_path / "flash", ota.image())
    server = serve(program, cwd=tmp_path, env=flash.environment)
    answer = httpx.get(f"{server.url}/device/api/state", auth=("", PASSWORD), trust_env=False)
    assert answer.json()["cause"] is None


def test_what_cannot_be_is_refused(lamp):
    kept = {**SETTINGS, "networks": [*SETTINGS["networks"], {"ssid": "yard"}]}
    with httpx.Client(base_url=lamp.url, trust_env=False, auth=("", PASSWORD)) as client:
        answer = client.post("/device/api/settings", json={"networks": kept["networks"]})
        assert answer.status_code == 204
        for value, sentence in [
            ([1], "settings are an object: {...}"),
            ({"password": None}, "a password can be changed here, but not taken away"),
            ({"new_password": "short"}, "a password has 8 characters or more"),
            ({"password": "in plain text"}, "password is what "),
            ({"networks": [{"ssid": "garden", "password": True}]}, "networks: password is a "),
            # It is known without one.
            ({"networks": [{"ssid": "yard", "password": True}]}, "networks: password is a "),
            ({"networks": [1]}, "networks is a list of up to 8 networks"),
        ]:
            answer = client.post("/device/api/settings", json=value)
            assert answer.status_code == 400, value
            assert answer.text.startswith(sentence)
        assert settings(lamp) == kept
        assert client.post("/device/api/state").status_code == 405
        assert client.get("/device/api/restart").status_code == 404
        # The simulator has nothing that it could restart.
        assert client.post("/device/api/restart").status_code == 501
        assert client.put("/device/", content=b"x").status_code == 405
        assert client.post("/fs/main.py", content=b"x").status_code == 405
        assert client.options("/device/").status_code == 405
        assert client.post("/device/api/check", content=iter([b"x"])).status_code == 411
        assert client.post("/device/api/check", content=b"x" * 40_000).status_code == 413
        assert client.post("/device/api/check", content=b"x = \xff").status_code == 200


# Beside an application that knows nothing of it

MOUNTED = """
    import sys, tinyweb
    from tinyweb import device

    app = tinyweb.webserver(max_concurrency=4)
    {}
    app.run(sys.argv[2], int(sys.argv[1]))
"""
PAGE = """
    @app.route("/")
    def index(req, resp):
        return "mine"
"""


@pytest.mark.parametrize(
    ("before", "status", "there"),
    [
        ("", 302, True),
        (PAGE, 200, True),
        (PAGE + "    device.enable(app)", 200, True),
        ("device.enable(app)" + PAGE, 200, True),
        ("device.disable()", 404, False),
        ('app.static("/", "lib", index="a.py")', 200, True),
        ('app.add_route("/<name>", lambda req, resp, name: "mine")', 200, True),
        ('app.catchall()(lambda req, resp: "mine")', 200, True),
        # The application goes before, and the log says so.
        ('app.add_route("/fs/", lambda req, resp: "mine")', 404, False),
    ],
)
def test_every_application_gets_the_pages(device, before, status, there):
    (device.files / "lib").mkdir()
    (device.files / "lib" / "a.py").write_text("mine")
    server = device(MOUNTED.format(before), **SETTINGS)
    with httpx.Client(base_url=server.url, trust_env=False, auth=("", PASSWORD)) as client:
        answer = client.get("/")
        assert answer.status_code == status
        if status == 302:
            assert answer.headers["location"] == "/device/"
        assert (client.get("/device/").status_code == 200) == there


@pytest.mark.parametrize(
    "values",
    [{"password": None}, {"name": "lamp"}, {"enabled": False, "password": stored(PASSWORD)}],
)
def test_nobody_has_set_it_up(device, values):
    server = device(MOUNTED.format(PAGE), **values)
    for path in ("/device/", "/fs/", "/cp/version.json", "/webrepl"):
        assert httpx.get(server.url + path, auth=("", PASSWORD)).status_code == 404
    assert httpx.get(server.url).text == "mine"


def test_factory_reset_at_the_prompt(run_mpy, tmp_path):
    (tmp_path / "device.json").write_text(json.dumps(SETTINGS))
    run_mpy("from tinyweb import device\ndevice.factory_reset()\n" * 2, cwd=tmp_path)
    assert not (tmp_path / "device.json").exists()


def test_factory_reset(lamp):
    with httpx.Client(base_url=lamp.url, trust_env=False, auth=("", PASSWORD)) as client:
        client.post("/device/api/reset")
        assert not (lamp.files / "device.json").exists()
        assert (lamp.files / "main.py").exists()
        assert client.get("/fs/").status_code == 403
