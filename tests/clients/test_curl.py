# SPDX-License-Identifier: MIT
"""curl: what its options make of the protocol."""

import json
import shutil
import subprocess

import pytest

BITS = 64
pytestmark = pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")


@pytest.fixture
def curl(server, tmp_path):
    """``curl(*arguments)``: runs curl; a word that begins with / becomes the server's URL."""

    def run(*arguments, check=True, data=None):
        words = [server.url + word if word.startswith("/") else word for word in arguments]
        done = subprocess.run(
            ["curl", "-sS", "--noproxy", "*", "--max-time", "20", *words],
            input=data,
            cwd=tmp_path,
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0 or not check, done.stderr.decode()
        return done

    return run


def test_get(curl):
    assert curl("/").stdout == b"<h1>index</h1>"


def test_http_1_0(curl):
    assert curl("--http1.0", "/stream/50").stdout == b"0123456789abcdef" * 64 * 50


def test_connection_is_used_again(curl):
    # Each transfer says how many connections it has made.
    done = curl("-w", "%{stderr}%{num_connects}\\n", "/", "/", "/numbers", "/things/7")
    assert done.stdout.startswith(b"<h1>index</h1>" * 2 + b"0\n1\n2\n")
    assert json.loads(done.stdout.rpartition(b"299\n")[2]) == {"id": "7", "data": {}}
    assert done.stderr.split() == [b"1", b"0", b"0", b"0"]


def test_file(curl, content):
    assert curl("/file").stdout == content


def test_head(curl, content):
    done = curl("-I", "/file")
    assert done.stdout.startswith(b"HTTP/1.1 200 OK\r\n")
    assert f"content-length: {len(content)}\r\n".encode() in done.stdout.lower()


def test_form(curl):
    done = curl("--data-urlencode", "name=Jürgen & 你好", "-d", "x=1", "/form")
    assert json.loads(done.stdout) == {"name": "Jürgen & 你好", "x": "1"}


def test_json(curl):
    done = curl("--json", '{"name": "Jürgen"}', "/form")
    assert json.loads(done.stdout) == {"name": "Jürgen"}


def test_upload_with_length(curl, content, tmp_path):
    (tmp_path / "content").write_bytes(content)
    done = curl("-T", "content", "/upload")
    assert json.loads(done.stdout) == [len(content), sum(content)]


def test_upload_in_chunks(curl, content):
    done = curl("-T", "-", "/upload", data=content)
    assert json.loads(done.stdout) == [len(content), sum(content)]


def test_expect_100_continue(curl, content):
    done = curl("-v", "-H", "Expect: 100-continue", "--data-binary", "@-", "/upload", data=content)
    assert b"< HTTP/1.1 100 Continue" in done.stderr
    assert json.loads(done.stdout) == [len(content), sum(content)]


def test_expect_100_continue_refused(curl, content):
    done = curl(
        "-i",
        "-H",
        "Expect: 100-continue",
        "--data-binary",
        "@-",
        "/form",
        data=content,
        check=False,
    )
    assert done.stdout.startswith(b"HTTP/1.1 413 Content Too Large\r\n")


def test_large_body_refused(curl, content):
    done = curl("-i", "-H", "Expect:", "--data-binary", "@-", "/form", data=content, check=False)
    assert done.stdout.startswith(b"HTTP/1.1 413 Content Too Large\r\n")


def test_redirect_is_followed(curl):
    assert curl("-L", "/redirect").stdout == b"<h1>index</h1>"


def test_parallel(curl, content, tmp_path):
    words = []
    for number in range(12):
        words += ["/file", "-o", str(number)]
    curl("-Z", "--parallel-max", "6", *words)
    for number in range(12):
        assert (tmp_path / str(number)).read_bytes() == content


def test_slow_download(curl, content):
    """1 MB/s is slower than the server, which waits for the socket again and again."""
    assert curl("--limit-rate", "1M", "/file").stdout == content


def test_aborted_downloads(curl):
    for _ in range(10):
        done = curl("--max-filesize", "1000", "/file", check=False)
        assert done.returncode == 63
        done = curl("--max-time", "0.05", "--limit-rate", "1k", "/stream/5000", check=False)
        assert done.returncode == 28


def test_options_and_method_not_allowed(curl):
    assert b"\r\nAllow: POST, PUT" in curl("-i", "-X", "OPTIONS", "/upload").stdout
    assert curl("-i", "-X", "DELETE", "/upload").stdout.startswith(b"HTTP/1.1 405 ")


def test_long_url_and_many_headers(curl):
    assert curl("-i", "/?" + "q" * 20000).stdout.startswith(b"HTTP/1.1 414 URI Too Long\r\n")
    words = []
    for number in range(60):
        words += ["-H", f"X-Header-{number}: {'v' * 50}"]
    assert curl(*words, "/").stdout == b"<h1>index</h1>"


def test_tls_to_the_plain_port(curl, server):
    done = curl(f"https://{server.host}:{server.port}/", check=False)
    assert done.returncode == 35


def test_http2_prior_knowledge(curl):
    done = curl("--http2-prior-knowledge", "/", check=False)
    assert done.returncode != 0
