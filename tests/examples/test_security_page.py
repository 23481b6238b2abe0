# SPDX-License-Identifier: MIT
"""The program of docs/security.md, and the defaults that the page names."""

import inspect
import re

import httpx

from support.simulator import TOP

PAGE = (TOP / "docs" / "security.md").read_text(encoding="utf-8")
RUN = "\n\nimport sys\n\napp.run(port=int(sys.argv[1]))\n"
RESOURCE = """

@app.resource("/open")
def open_(data):
    return {}


@app.route("/both")
def both(req, resp):
    return "<b>"


@app.route("/own")
def own(req, resp):
    resp.headers["Content-Security-Policy"] = "sandbox"
    return "<b>"


@app.route("/fails")
def fails(req, resp):
    raise ValueError("a secret")
"""


def test_program_and_defaults(serve, tmp_path):
    program = re.search(r"^```python\n(.*?)^```", PAGE, re.M | re.S)[1]
    server = serve(program + inspect.cleandoc(RESOURCE) + RUN, cwd=tmp_path)
    with httpx.Client(base_url=server.url, trust_env=False) as client:
        for path, status in (("/", 200), ("/nowhere", 404)):
            answer = client.get(path)
            assert answer.status_code == status
            assert answer.headers["Content-Security-Policy"].startswith("default-src 'self'")
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert answer.headers["Referrer-Policy"] == "no-referrer"
            assert answer.headers["Permissions-Policy"].startswith("camera=()")
        assert client.post("/").status_code == 405
        own = client.get("/own").headers
        assert own["Content-Security-Policy"] == "sandbox"
        assert own["X-Content-Type-Options"] == "nosniff"
        # The defaults
        assert client.get("/open").headers["Access-Control-Allow-Origin"] == "*"
        for method in ("GET", "POST"):
            answer = client.request(method, "/both")
            assert answer.headers["Content-Type"].startswith("text/html")
            assert answer.text == "<b>"
            assert "Access-Control-Allow-Origin" not in answer.headers
        failed = client.get("/fails")
        assert failed.status_code == 500
        assert "secret" not in failed.text
    assert "a secret" in server.log()
