# SPDX-License-Identifier: MIT
"""Bodies with a content coding, numbers of absurd length, and chunk extensions that are none."""

import gzip
import time

import pytest
import requests

from support.simulator import start_server
from support.wire import Wire

PROGRAM = """
    import sys, tinyweb
    from tinyweb.uploads import receive_form

    app = tinyweb.webserver(max_concurrency=2)

    @app.route("/form", methods=["POST", "PUT"], max_body_size=100000)
    async def form(req, resp):
        return str(await req.read_parse_form_data())

    @app.route("/named", methods=["POST"], max_body_size=100000, save_headers=["Content-Encoding"])
    async def named(req, resp):
        # A handler that knows the coding reads the bytes as they are.
        data = await req.read()
        return str(len(data)) + str(req.headers)

    @app.route("/upload", methods=["POST"], max_body_size=100000)
    async def upload(req, resp):
        await receive_form(req, sys.argv[3])
        return "received"

    @app.route("/headers", methods=["POST"])
    async def headers(req, resp):
        return str(req.headers)

    app.run("127.0.0.1", int(sys.argv[1]))
"""
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=x"


@pytest.fixture(scope="module", params=[64, 32], ids=["64-bit", "32-bit"])
def server(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("app")
    running = start_server(PROGRAM, folder=folder, bits=request.param, args=(folder,))
    yield running
    running.stop()


def post(server, path, data, **headers):
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    return requests.post(server.url + path, data=data, headers=headers, timeout=10)


@pytest.mark.parametrize("kind", [FORM, "application/json", MULTIPART])
@pytest.mark.parametrize("coding", ["gzip", "GZIP", "br", "identity, gzip", "x"])
def test_content_coding_is_refused(server, kind, coding):
    """RFC 9110 section 15.5.16."""
    for path in ("/form", "/upload"):
        if path == "/upload" and kind != MULTIPART:
            continue
        data = gzip.compress(b"a=b")
        assert (
            post(server, path, data, Content_Type=kind, Content_Encoding=coding).status_code == 415
        )
    assert post(server, "/form", b"a=b", Content_Type=FORM).text == "{'a': 'b'}"


@pytest.mark.parametrize("coding", ["identity", "Identity", "IDENTITY", ""])
def test_identity_is_none(server, coding):
    answer = post(server, "/form", b"a=b", Content_Type=FORM, Content_Encoding=coding)
    assert answer.text == "{'a': 'b'}"


def test_handlers_that_name_the_field_get_it(server):
    answer = post(server, "/named", b"abc", Content_Type=FORM, Content_Encoding="gzip")
    assert answer.text == "3{b'Content-Encoding': b'gzip'}"
    assert post(server, "/headers", b"", Content_Encoding="gzip").text == "{}"


def json(server, text):
    return post(server, "/form", text, Content_Type="application/json")


@pytest.mark.parametrize(
    "number", ["1" * 65000, "-" + "1" * 256, "0." + "1" * 65000, "1e" + "1" * 65000, "1" * 256]
)
def test_absurd_numbers_are_refused_at_once(server, number):
    for text in ('{"n": %s}', "[%s]", '[1, "x", {"y": [%s]}]'):
        begin = time.monotonic()
        assert json(server, text % number).status_code == 400
        assert time.monotonic() - begin < 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"n": ' + "1" * 255 + "}", "{'n': " + "1" * 255 + "}"),
        ("[" + "1," * 1000 + "1]", str([1] * 1001)),
        ('["' + "1" * 3000 + '"]', str(["1" * 3000])),
        ('["\\"' + "1" * 3000 + '"]', str(['"' + "1" * 3000])),
        ('{"' + "1" * 300 + '": -1.5}', str({"1" * 300: -1.5})),
    ],
)
def test_other_json_is_as_before(server, text, expected):
    assert json(server, text).text == expected


GOOD = [
    b"",
    b";a",
    b" ;a",
    b";a=b",
    b"\t; a\t= b",
    b';a="b;c=d"',
    b';a="b\\"c"',
    b';a=""',
    b';a="b" ; c',
    b';a="\xc3\xa4\t"',
    b";a=b;c;d=e",
    b" ;!#$%&'*+-.^_`|~1=z",
]
BAD = [
    b";",
    b"; ",
    b";;a",
    b";=b",
    b";a=",
    b";a= ;b",
    b";a b",
    b";a=b c",
    b';a="b',
    b';a="b"c',
    b';"a"=b',
    b";a=b=c",
    b";a=b\x00",
    b";a\x7f",
    b';a="b\x01"',
    b';a="b\\\x01"',
    b";a=(b)",
    b";a@",
    b";\xc3\xa4",
    b" ",
    b";a ",
    b";a=b ",
    b';a="b" ',
]


@pytest.mark.parametrize("octets", [False, True])
@pytest.mark.parametrize("extension", GOOD + BAD)
def test_chunk_extensions(server, extension, octets):
    """RFC 9112 section 7.1.1."""
    head = b"POST /form HTTP/1.1\r\nHost: h\r\nContent-Type: %s\r\n" % FORM.encode()
    body = b"3%s\r\na=b\r\n0%s\r\n\r\n" % (extension, extension)
    with Wire(server.host, server.port, timeout=5) as wire:
        wire.send(head + b"Transfer-Encoding: chunked\r\n\r\n")
        if octets:
            for i in range(len(body)):
                if not wire.try_send(body[i : i + 1]):
                    break
        else:
            wire.send(body)
        response = wire.read_response()
        if extension in GOOD:
            assert response.text == "{'a': 'b'}"
        else:
            assert response.status == 400
