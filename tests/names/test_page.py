# SPDX-License-Identifier: MIT
"""The programs of docs/names.md, frozen/examples/portal.py, and what the page says of chips."""

import re
import socket

import dns.message
import dns.query
import httpx
import pytest

from support.simulator import TOP, search_path

PAGE = (TOP / "docs" / "names.md").read_text(encoding="utf-8")
PORT = TOP / "micropython" / "ports"

# What the simulator lacks: a network that is there at once.
NETWORK = """\
STA_IF = 0
AP_IF = 1
name = "board"


def hostname(new=None):
    global name
    name = new or name
    return name


class WLAN:
    def __init__(self, interface):
        pass

    def active(self, on):
        pass

    def connect(self, ssid, password):
        pass

    def disconnect(self):
        pass

    def config(self, ssid):
        pass

    def isconnected(self):
        return True

    def ifconfig(self):
        return ("127.0.0.1", "255.0.0.0", "127.0.0.1", "127.0.0.1")
"""


@pytest.fixture
def names():
    """A UDP port that was free a moment ago, as text."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        return str(sock.getsockname()[1])


@pytest.fixture
def run(serve, tmp_path):
    """``run(program)`` with the module `network`."""
    (tmp_path / "network.py").write_text(NETWORK)

    def start(program, bits, heap, *args):
        env = search_path(tmp_path, TOP / "frozen" / "examples")
        return serve("import sys\n" + program, bits=bits, heap=heap, args=args, env=env)

    return start


def programs():
    return re.findall(r"^```python\n(.*?)^```", PAGE, re.M | re.S)


def address(name, port):
    query = dns.message.make_query(name, "A")
    answer = dns.query.udp(query, "127.0.0.1", port=int(port), timeout=20)
    return answer.answer[0][0].address


CHIPS = pytest.mark.parametrize(
    ("bits", "heap"), [(64, None), (32, "38k")], ids=["64-bit", "32-bit-38k"]
)


@CHIPS
def test_name(run, names, bits, heap):
    _, hostname, responder, _ = programs()
    responder = responder.replace(".start()", '.start("127.0.0.1", int(sys.argv[3]))')
    app = "import tinyweb\ntinyweb.webserver().run(sys.argv[2], int(sys.argv[1]))\n"
    run(hostname + responder + app, bits, heap, names)
    assert address("lamp.local", names) == "127.0.0.1"


@CHIPS
@pytest.mark.parametrize("program", ["page", "example"])
def test_portal(run, names, program, bits, heap):
    if program == "page":
        code = programs()[3].replace(".start()", '.start("127.0.0.1", int(sys.argv[3]))')
        code = code.replace('host="0.0.0.0", port=80', "host=sys.argv[2], port=int(sys.argv[1])")
    else:
        code = "import portal\nportal.run('x', sys.argv[2], int(sys.argv[1]), int(sys.argv[3]))\n"
    server = run(code, bits, heap, names)
    assert address("connectivitycheck.gstatic.com", names) == "127.0.0.1"
    answer = httpx.get(f"{server.url}/generate_204", trust_env=False)
    home = "http://192.168.4.1/" if program == "page" else f"{server.url}/"
    assert (answer.status_code, answer.headers["Location"]) == (302, home)
    assert "<h1>Hello from the device</h1>" in httpx.get(server.url, trust_env=False).text


def test_esp32_answers_for_its_name_by_itself():
    text = (PORT / "esp32" / "mpconfigport.h").read_text(encoding="utf-8")
    assert re.search(r"^#define MICROPY_HW_ENABLE_MDNS_RESPONDER +\(1\)$", text, re.M)
    text = (PORT / "esp32" / "network_wlan.c").read_text(encoding="utf-8")
    assert "mdns_hostname_set(mod_network_hostname_data)" in text
    files = [f for f in (TOP / "boards").glob("*[Ee][Ss][Pp]32*/*") if f.suffix != ".md"]
    assert len(files) > 20
    for file in files:
        assert "MDNS" not in file.read_text(encoding="utf-8"), file


def test_esp8266_does_not():
    files = [*(PORT / "esp8266").rglob("*.[ch]"), PORT / "esp8266" / "Makefile"]
    assert len(files) > 20
    for file in files:
        assert "mdns" not in file.read_text(encoding="utf-8").lower(), file
