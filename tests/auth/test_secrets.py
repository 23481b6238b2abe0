# SPDX-License-Identifier: MIT
"""Keys and random numbers come from the hardware's source, and no secret is told."""

import re

import httpx

from support.simulator import TOP

RANDOM = """
    import os
    from tinyweb import passwords, sign
    from tinyweb.digest import digest_auth
    from tinyweb.passwords import Users
    from tinyweb.sessions import Sessions

    for name in ("one.key", "two.key"):
        print(sign.new_key(name).hex())
        os.remove(name)
    for _ in range(2):
        print(passwords.hash_password("same", 1))
    for _ in range(2):
        print(Sessions()._start.hex())
        print(bytes(Users({})._pads[0]).hex())
        print(bytes(digest_auth({})._pads[0]).hex())
"""
FAILS = """
    import sys, tinyweb
    from tinyweb.auth import basic_auth, bearer_auth

    app = tinyweb.webserver(debug=True)

    def check(*secrets):
        raise RuntimeError("the table of users cannot be read")

    @app.route("/basic", before=basic_auth(check))
    def basic(req, resp):
        return "never"

    @app.route("/bearer", before=bearer_auth(check))
    def bearer(req, resp):
        return "never"

    app.run(sys.argv[2], int(sys.argv[1]))
"""


def test_nothing_random_repeats_after_a_cold_boot(run_mpy, tmp_path):
    seen = []
    for _ in range(2):
        seen += run_mpy(RANDOM, cwd=tmp_path).stdout.split()
    assert len(seen) == 20
    assert len(set(seen)) == len(seen)


def test_only_the_hardwares_source_is_used():
    """The module random begins with the same numbers after each reset."""
    for file in (TOP / "frozen" / "tinyweb").rglob("*.py"):
        text = file.read_text(encoding="utf-8")
        assert not re.search(r"^\s*(import|from) u?random\b", text, re.M), file


def test_secrets_are_in_no_traceback(serve):
    server = serve(FAILS)
    with httpx.Client(base_url=server.url, trust_env=False) as client:
        answers = [
            client.get("/basic", auth=("user", "hunter2hunter2")),
            client.get("/bearer", headers={"Authorization": "Bearer hunter2hunter2"}),
        ]
    for answer in answers:
        assert answer.status_code == 500
        assert "cannot be read" in answer.text
        assert "hunter2" not in answer.text
    log = server.log()
    assert log.count("cannot be read") == 2
    assert "hunter2" not in log and "aHVud" not in log
