# SPDX-License-Identifier: MIT
"""The programs of deep-sleep.md, single-page-app.md and production.md.

`machine` and `network` are the board's; what stands for them keeps what was asked of it.
"""

import re
import subprocess

import httpx
import pytest

from support.simulator import TOP, search_path

PORTS = TOP / "micropython" / "ports"
LONG = 60  # seconds, for a loaded machine

NETWORK = """\
STA_IF = 0


def hostname(new=None):
    return "board"


class WLAN:
    def __init__(self, interface):
        pass

    def active(self, on=True):
        return True

    def isconnected(self):
        return True

    def config(self, name):
        return "<ssid>"

    def ifconfig(self):
        return ("127.0.0.1", "255.0.0.0", "127.0.0.1", "127.0.0.1")
"""
MACHINE = """\
import sys

PWRON_RESET = 1
DEEPSLEEP_RESET = 4


def reset_cause():
    return int(sys.argv[3])


def reset():
    print("reset")
    raise SystemExit


def deepsleep(ms):
    print("sleeps", ms)
    raise SystemExit


class RTC:
    def memory(self, data=None):
        if data is not None:
            open("rtc", "wb").write(data)
        try:
            return open("rtc", "rb").read()
        except OSError:
            return b""


class WDT:
    fed = 0

    def feed(self):
        WDT.fed += 1
"""


def program(page, line):
    """The block of Python in a page that has this line, for a port that the system gives."""
    text = (TOP / "docs" / f"{page}.md").read_text(encoding="utf-8")
    (found,) = [b for b in re.findall(r"^```python\n(.*?)^```", text, re.M | re.S) if line in b]
    return "import sys\n" + re.sub(
        r'host="0.0.0.0", port=80\b', "host=sys.argv[2], port=int(sys.argv[1])", found
    )


@pytest.fixture
def chip(tmp_path):
    """A folder with the modules that a board has, and the environment that finds them."""
    (tmp_path / "network.py").write_text(NETWORK)
    (tmp_path / "machine.py").write_text(MACHINE)
    (tmp_path / "ntptime.py").write_text("def settime():\n    raise OSError(110)\n")
    return {"cwd": tmp_path, "env": search_path(tmp_path)}


def get(server, path):
    return httpx.get(server.url + path, timeout=LONG, trust_env=False)


def test_deep_sleep(serve, run_mpy, chip):
    code = program("deep-sleep", "machine.deepsleep(SLEEP)")
    for count in range(1, 4):
        done = run_mpy(code, args=("0", "127.0.0.1", "4"), **chip)
        assert done.stdout == "sleeps 600000\n"
        assert (chip["cwd"] / "rtc").read_text() == str(count)
    # The power came: it serves, and sleeps when the time is over.
    server = serve(code.replace("AWAKE = 5 * 60", "AWAKE = 3"), args=("1",), **chip)
    assert get(server, "/").text == "Measured 3 times."
    assert server.process.wait(LONG) == 0
    assert server.log() == "127.0.0.1\nsleeps 600000\n"


def test_deep_sleep_on_the_chips():
    """What the page says of ports is in their sources."""
    page = (TOP / "docs" / "deep-sleep.md").read_text(encoding="utf-8")
    text = (PORTS / "esp8266" / "machine_rtc.c").read_text(encoding="utf-8")
    assert "#define MEM_USER_MAXLEN     (512 - (MEM_USER_DATA_ADDR - MEM_DELTA_ADDR) * 4)" in text
    assert len(re.findall(r"#define MEM_\w+_ADDR +\(MEM_\w+_ADDR \+ \d\)", text)) == 4
    assert f"{512 - (2 + 1 + 1 + 1) * 4} on the ESP8266" in page.replace("bytes ", "")
    text = (PORTS / "esp32" / "machine_rtc.c").read_text(encoding="utf-8")
    assert re.search(r"#define MICROPY_HW_RTC_USER_MEM_MAX +2048$", text, re.M)
    text = (PORTS / "esp8266" / "modmachine.c").read_text(encoding="utf-8")
    assert "uint32_t max_us = max_ms * 1000;" in text
    assert f"for {0xFFFFFFFF // 60_000_000} minutes at most" in page


def test_single_page_app(serve, tmp_path):
    """A folder as Vite makes it, compressed by the page's command."""
    page = (TOP / "docs" / "single-page-app.md").read_text(encoding="utf-8")
    dist = tmp_path / "dist"
    (dist / "assets").mkdir(parents=True)
    (dist / "index.html").write_text('<script src="/assets/index-Bx3.js"></script>')
    script = "console.log(1);\n" * 100
    (dist / "assets" / "index-Bx3.js").write_text(script)
    (dist / "assets" / "index-Ca1.css").write_text("h1 {}")
    command = re.search(r"^find dist.*$", page, re.M)[0]
    subprocess.run(["sh", "-c", command], cwd=tmp_path, check=True)
    assert sorted(path.name for path in (dist / "assets").iterdir()) == [
        "index-Bx3.js.gz",
        "index-Ca1.css.gz",
    ]
    code = program("single-page-app", "DIST").replace('"/rom/dist"', '"dist"')
    server = serve(code, cwd=tmp_path)
    answer = get(server, "/assets/index-Bx3.js")
    assert answer.text == script and answer.headers["Content-Encoding"] == "gzip"
    assert answer.headers["Cache-Control"] == "max-age=31536000"
    for path in ("/", "/settings", "/settings/network"):
        answer = get(server, path)
        assert (answer.status_code, answer.text) == (200, (dist / "index.html").read_text())
        assert "31536000" not in answer.headers["Cache-Control"]
    assert get(server, "/api/state").json() == {"temperature": 21.5}
    for path in ("/api/nothing", "/assets/index-old.js"):
        answer = get(server, path)
        assert (answer.status_code, answer.json()) == (404, {"message": "not found"})


def test_production(serve, chip):
    code = program("production", "machine.WDT()")
    failing = '\n\n@app.route("/fail")\ndef fail(req, resp):\n    import machine\n'
    failing += "    raise ValueError(machine.WDT.fed)\n\n\napp.log_error"
    server = serve(code.replace("\n\napp.log_error", failing, 1), args=("1",), **chip)
    assert get(server, "/").text == "<h1>Thermostat</h1>"
    assert get(server, "/fail").status_code == 500
    lines = [line.split(" ", 1)[1] for line in (chip["cwd"] / "device.log").open()]
    assert lines[0] == "start 1 127.0.0.1\n"
    assert "110" in lines[1] or "ETIMEDOUT" in lines[1]
    assert re.fullmatch(r"ValueError\([1-9]\d*,\) b'/fail'\n", lines[2])
    (chip["cwd"] / "device.log").write_text("x" * 20001)
    assert get(server, "/fail").status_code == 500
    assert (chip["cwd"] / "device.old").stat().st_size > 20001


def test_production_starts_again_when_it_cannot_listen(run_mpy, chip):
    code = program("production", "machine.WDT()").replace("port=int(sys.argv[1])", "port=-1")
    done = run_mpy(code.replace("time.sleep(10)", "time.sleep(0)"), args=("0", "x", "1"), **chip)
    assert done.stdout == "reset\n"
    assert "port" in (chip["cwd"] / "device.log").read_text()
