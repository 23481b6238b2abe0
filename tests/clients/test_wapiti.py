# SPDX-License-Identifier: MIT
"""wapiti looks for weaknesses of an application, and finds those that were put there.

Only its modules that stay on this machine: no look-ups, no downloads, no server of theirs. Without
`http_headers`, which wants what `frame-ancestors` has replaced, and HSTS without HTTPS.
"""

import json
import subprocess

import pytest

MODULES = "cookieflags crlf csp exec file htaccess methods permanentxss redirect"
MODULES += " shellshock sql xss"
PROGRAM = """
import sys
import tinyweb
from httpparse import parse_qs
from tinyweb.cookies import set_cookie
from tinyweb.headers import SecurityHeaders
from tinyweb.template import Template

app = tinyweb.webserver(max_concurrency=6)
PAGE = Template("<p>{{ name }}</p><form action='/notes' method='post'><input name='text'></form>"
    "<a href='/?name=x'>me</a> <a href='/files/a.txt'>file</a> <a href='/go?to=/'>home</a>"
    "{% for note in notes %}<p title='{{ note }}'>{{ note }}</p>{% endfor %}")
notes = []

def argument(req, name):
    return parse_qs(req.query_string).get(name, "")

@app.route("/", methods=["GET"])
def index(req, resp):
    set_cookie(resp, "seen", "1", secure=True, http_only=True)
    return PAGE.render(name=argument(req, "name"), notes=notes)

@app.route("/notes", methods=["POST"])
async def add(req, resp):
    data = await req.read_parse_form_data()
    notes.append(data.get("text", ""))
    del notes[:-5]
    await resp.redirect("/")

app.static("/files", "files")

if sys.argv[3] == "safe":
    app.after_request(SecurityHeaders(policy="default-src 'self'; script-src 'self'; "
        "object-src 'none'; base-uri 'none'; frame-ancestors 'none'"))
else:
    @app.route("/go")
    async def go(req, resp):
        await resp.redirect(argument(req, "to"))

    @app.route("/echo")
    def echo(req, resp):
        return "<p>" + argument(req, "text") + "</p>"

app.run(sys.argv[2], int(sys.argv[1]))
"""


@pytest.mark.timeout(300)
@pytest.mark.parametrize("kind", ["safe", "unsafe"])
def test_what_wapiti_finds(serve, kind, tmp_path):
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "a.txt").write_text("text")
    server = serve(PROGRAM, cwd=tmp_path, args=[kind])
    report = tmp_path / "report.json"
    command = [
        "wapiti",
        "-u",
        server.url + "/",
        "--flush-session",
        "-m",
        MODULES.replace(" ", ","),
    ]
    command += ["--store-session", tmp_path / "session", "--store-config", tmp_path / "config"]
    command += ["-s", server.url + "/echo?text=a", "--scope", "domain", "--max-scan-time", "30"]
    command += ["--max-attack-time", "20", "-t", "5", "-v", "0", "-f", "json", "-o", report]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert report.exists(), done.stdout + done.stderr
    found = json.loads(report.read_text())
    faults = {
        name: [entry["info"] for entry in entries]
        for part in ("vulnerabilities", "anomalies")
        for name, entries in found[part].items()
        if entries
    }
    if kind == "safe":
        assert faults == {}
    else:
        assert {"Cross Site Scripting", "Open Redirect"} <= set(faults)
        assert "Content Security Policy Configuration" in faults
    assert server.process.poll() is None
