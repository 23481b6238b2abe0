# SPDX-License-Identifier: MIT
"""What docs/troubleshooting.md says of the server's answers and errors."""

import re

import httpx

from support.simulator import TOP

PAGE = (TOP / "docs" / "troubleshooting.md").read_text(encoding="utf-8")
PROGRAM = """
import asyncio
import sys

import tinyweb

app = tinyweb.webserver(buffer_size=256, handler_timeout=1)
port = int(sys.argv[1])


@app.route("/a", methods=["GET"], save_headers=["X-Wanted"])
def a(req, resp):
    return repr(req.headers)


@app.route("/<int:n>")
async def number(req, resp, n):
    await req.read_parse_form_data()
    return str(n)


@app.route("/full")
def full(req, resp):
    return bytearray(100000000)


@app.route("/slow")
async def slow(req, resp):
    await asyncio.sleep(60)


app.run(port=port, loop_forever=False)
try:
    app.run(port=port, loop_forever=False)
except RuntimeError as exc:
    print(exc)
for name in ("room", "tinyweb.nothing"):
    try:
        __import__(name)
    except ImportError as exc:
        print(exc)
other = tinyweb.webserver()
try:
    other.run(port=port, loop_forever=False)
except OSError as exc:
    print(exc)
try:
    app.loop.run_forever()
finally:
    app.shutdown()
"""
ROW = re.compile(r"^\| ([\d, ]+) \|", re.M)


def test_answers_and_errors(serve, tmp_path):
    server = serve(PROGRAM, bits=32, heap="200k", cwd=tmp_path)
    seen = set()
    with httpx.Client(base_url=server.url, timeout=60, trust_env=False) as client:

        def status(method, url, **options):
            answer = client.request(method, url, **options)
            seen.add(answer.status_code)
            return answer.status_code

        assert status("GET", "/5?" + "%zz=" * 3, headers={"Host": "a b"}) == 400
        assert status("GET", "/a/") == 404
        assert status("GET", "/x") == 404
        assert status("PUT", "/a") == 405
        assert client.put("/a").headers["Allow"] == "GET, HEAD, OPTIONS"
        assert status("POST", "/5", content="x" * 1025) == 413
        assert status("GET", "/" + "x" * 300) == 414
        assert status("GET", "/a", headers={"X-Wanted": "x" * 300}) == 431
        assert status("POST", "/5", content="x", headers={"Content-Type": "a/b"}) == 415
        assert status("GET", "/a", headers={"X": "x" * 17000}) == 431
        assert status("GET", "/full") == 503
        assert status("GET", "/slow") == 503
        named = client.get("/a", headers={"x-wanted": "yes", "X-Other": "no"}).text
        assert named == "{b'X-Wanted': b'yes'}"
    log = server.log()
    for said in (
        r"\[Errno 98\] EADDRINUSE: cannot listen on [\d.]+:\d+, another program or server uses",
        r"the server listens already: app.shutdown\(\) ends that",
        "no module named 'room'",
    ):
        assert re.search(said, log) and re.search(said, PAGE)
    explained = {int(code) for row in ROW.findall(PAGE) for code in row.split(",")}
    assert seen | {408, 429, 500} == explained


def test_reasons_of_wifi():
    """The page has each reason that wifi.join() may give, in its words."""
    source = (TOP / "frozen" / "tinyweb" / "wifi.py").read_text(encoding="utf-8")
    reasons = re.findall(r'\("STAT_\w+", "(.*?)"\)', source)
    assert len(reasons) == 8
    reasons.append(re.search(r'"(it gives no address within) ', source)[1])
    for reason in reasons:
        assert f"`{reason}" in PAGE, reason
