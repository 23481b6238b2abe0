# SPDX-License-Identifier: MIT
"""What an application takes of the ESP8266's heap: `make memory APP=main.py`, docs/memory.md.

    python -m bench.application main.py [login]

starts it in the 32-bit simulator, whose objects have the chip's size, with the chip's heap and
number of connections, asks for each of its URLs without parameters, and prints what was in use.
With a log-in, "URL FORM", it sends the form there first, and the cookies that it gets with each
request.
"""

import base64
import http.client
import os
import pathlib
import queue
import subprocess
import sys
import threading
import time

from bench import FOLDER
from bench.programs import HOST, build
from tests.support.simulator import environment, free_port

# Of the ESP8266, in bytes.
HEAP = 38912
CONNECTIONS = 3
# Seconds that a program may take to serve, and to answer.
TIMEOUT = 20
# Seconds after which a stream is not waited for any longer.
LINGER = 3
# How often each URL is asked for: the first time imports, and the cheapest counts.
TIMES = 12
PAUSE = 0.02  # s, before each
MARK = "\x1e"


class Failed(Exception):
    """The application does not serve; the text is its output."""


class Application:
    """A started application. `said` has its figures: {name: list of tuples of words}."""

    def __init__(self, simulator, main):
        self.port = free_port(HOST)
        self.said = {}
        self.cookies = None
        self._output = []
        self._lines = queue.Queue()
        probe = FOLDER / "probes" / "application.py"
        self._process = subprocess.Popen(
            [simulator, "-X", f"heapsize={HEAP}", probe, str(self.port), str(CONNECTIONS), main],
            env=environment(),
            cwd=pathlib.Path(main).parent,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        threading.Thread(target=self._read, daemon=True).start()
        self.wait("serves")

    def _read(self):
        for line in self._process.stdout:
            self._lines.put(line)
        self._lines.put(None)

    def wait(self, name):
        """The next figures under this name, a list of words; raises Failed."""
        while True:
            try:
                line = self._lines.get(timeout=TIMEOUT)
            except queue.Empty:
                line = None
            if line is None:
                raise Failed("".join(self._output) or "the program does not serve")
            if line.startswith(MARK):
                found, *words = line[len(MARK) :].split()
                self.said.setdefault(found, []).append(words)
                if found == name:
                    return words
            else:
                self._output.append(line)

    def heap(self):
        """(in use, free, largest piece) between two requests, in bytes."""
        self.ask("/.heap").close()
        return tuple(map(int, self.wait("heap")))

    def request(self, url):
        """Bytes that the last request for `url` has allocated in all."""
        while True:
            _, count, path = self.wait("request")
            if path == url:
                return int(count)

    def ask(self, url, fields=None, form=None):
        """The connection of a GET for `url`, whose `answer` has a status and fields.

        form: the body of a POST instead, as a form's.
        """
        connection = http.client.HTTPConnection(HOST, self.port, timeout=TIMEOUT)
        fields = {"Connection": "close", **(fields or {})}
        if self.cookies is not None:
            fields["Cookie"] = self.cookies
        if form is not None:
            fields["Content-Type"] = "application/x-www-form-urlencoded"
        connection.request("GET" if form is None else "POST", url, form, fields)
        connection.answer = connection.getresponse()
        return connection

    def stop(self):
        self._process.kill()
        self._process.wait()
        self._process.stdout.close()


def _upgrade():
    key = base64.b64encode(os.urandom(16)).decode()
    return {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": key,
    }


def _of_stream(app, url, fields=None):
    # Bytes that are in use for the stream `url` while it is open; None if it is none.
    idle = app.heap()[0]
    connection = app.ask(url, fields)
    answer = connection.answer
    kind = answer.getheader("Content-Type", "")
    used = None
    if answer.status == 101 or kind.startswith("text/event-stream"):
        used = app.heap()[0] - idle
    answer.close()
    connection.close()
    # Its handler may notice when it sends the next time.
    due = time.monotonic() + LINGER
    while used is not None and app.heap()[0] - idle > used // 2 and time.monotonic() < due:
        time.sleep(0.1)
    return used


def of_route(app, url):
    """(status, bytes, what they are) of a GET for `url`."""
    used = _of_stream(app, url)
    if used is not None:
        return 200, used, "event stream, while it is open"
    least = None
    for _ in range(TIMES):
        # The slot of the connection before is free by then: another one takes more.
        time.sleep(PAUSE)
        connection = app.ask(url)
        status = connection.answer.status
        connection.answer.read()
        connection.close()
        count = app.request(url)
        least = count if least is None else min(least, count)
    if status in (400, 426):
        used = _of_stream(app, url, _upgrade())
        if used is not None:
            return 101, used, "WebSocket, while it is open"
    return status, least, "in all, for one request"


def log_in(app, url, form):
    """(status, bytes, what they are) of the form; later requests have its answer's cookies."""
    for _ in range(2):
        connection = app.ask(url, form=form)
        answer = connection.answer
        answer.read()
        connection.close()
        count = app.request(url)
    cookies = [field.split(";")[0] for field in answer.headers.get_all("Set-Cookie", ())]
    if not cookies:
        raise Failed(f"POST {url} is answered with {answer.status} and no cookie")
    app.cookies = "; ".join(cookies)
    return answer.status, count, "in all, for the log-in"


def measure(simulator, main, login=None):
    """The figures of the application in the file `main`, a dict; raises Failed.

    login: (URL, form) of what its pages ask for.
    """
    app = Application(simulator, os.path.abspath(main))
    try:
        said = app.said
        routes = sorted(words[0] for words in said.get("route", ()) if words)
        result = {
            "heap": {
                name: tuple(map(int, said[name][0])) for name in ("before", "application", "start")
            },
            "slots": tuple(map(int, said["slots"][0])),
            "slot": max((int(words[0]) for words in said.get("slot", ())), default=None),
            "login": login and (login[0], log_in(app, *login)),
            "routes": {url: of_route(app, url) for url in routes},
        }
        result["heap"]["after the requests"] = app.heap()
        return result
    finally:
        app.stop()


TITLES = {
    "before": "before: the simulator, and this measurement",
    "application": "the application: its code, imports, routes, one connection",
    "start": "started: all connections",
}


def report(result):
    """The lines of the table."""
    yield f"heap of {HEAP} bytes, as on the ESP8266"
    yield ""
    yield f"{'':60}{'in use':>8}{'free':>8}{'largest piece':>15}"
    for name, (used, free, largest) in result["heap"].items():
        yield f"{TITLES.get(name, name):60}{used:8}{free:8}{largest:15}"
    slots, most, buffer = result["slots"]
    yield ""
    yield f"connections at a time: {slots} of {most}, with two buffers of {buffer} bytes each"
    if result["slot"] is not None:
        yield f"each of them but the first takes {result['slot']} bytes"
    yield ""
    rows = [("GET " + url, figures) for url, figures in result["routes"].items()]
    if result["login"]:
        rows.insert(0, ("POST " + result["login"][0], result["login"][1]))
    width = max((len(name) for name, _ in rows), default=0)
    for name, (status, count, kind) in rows:
        yield f"{name:{width}}  {status}  {count:6} bytes  {kind}"


def main(arguments):
    login = tuple(arguments[1].split(None, 1)) if arguments[1:] and arguments[1] else None
    usable = len(arguments) in (1, 2) and pathlib.Path(arguments[0]).is_file()
    if not usable or (login and len(login) != 2):
        return (
            "usage: make memory APP=main.py [LOGIN='/login user=...&password=...'], "
            "a program that calls run()"
        )
    try:
        result = measure(build(32), arguments[0], login)
    except (Failed, OSError, http.client.HTTPException) as e:
        return f"{arguments[0]} does not serve in a heap of {HEAP} bytes:\n{e}"
    print("\n".join(report(result)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
