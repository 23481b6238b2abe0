# SPDX-License-Identifier: MIT
"""Multipart, Urlencoded, parse_params, parse_cookies."""

import gc
import io

import httpparse
from drip import equal, raises, run
from httpparse import DATA, END, PAIR, PART, PART_END, Multipart, Urlencoded

TYPE = b"multipart/form-data; boundary=b"
FIELD = b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'
FILE = (
    b'--b\r\nContent-Disposition: form-data; name="f"; filename="x.txt"\r\n'
    b"Content-Type: text/plain\r\n\r\n"
)
LAST = b"\r\n--b--\r\n"


def events(parser, data, size=100000):
    """What the parser says, the slices put together."""
    stream = io.BytesIO(data)
    found = []
    while True:
        event = parser.parse()
        while event is None:
            space = parser.space
            assert len(space) > 0
            n = min(size, len(space))
            event = parser.parse(stream.readinto(space, n))
        if event == END:
            equal(parser.parse(), END)
            return found
        if event == PART:
            found.append([parser.name, parser.filename, parser.content_type, b"", False])
        elif event == DATA:
            found[-1][3] += bytes(parser.data)
        elif event == PART_END:
            found[-1][4] = True
        elif event == PAIR:
            found.append((parser.name, parser.value, parser.more))


def test_parts():
    data = b"\r\n--a-\r\n" * 300
    body = FIELD + FILE + data + LAST
    wanted = [["a", None, None, b"1", True], ["f", "x.txt", "text/plain", data, True]]
    for size in (1, 2, 3, 7, 100, 100000):
        for buffer in (256, 300, 512, 4096):
            equal(events(Multipart(TYPE, buffer), body, size), wanted)


def test_content_type_may_be_str_and_buffer_a_keyword():
    equal(
        events(Multipart(TYPE.decode(), size=256), FIELD + LAST[2:]),
        [["a", None, None, b"1", True]],
    )


def test_before_the_first_part():
    parser = Multipart(TYPE)
    equal(parser.name, None)
    equal(parser.filename, None)
    equal(parser.content_type, None)
    equal(len(parser.data), 0)


def test_names_of_files():
    for text, wanted in (
        (b'filename="a b.txt"', "a b.txt"),
        (b"filename=a", "a"),
        (b'filename=""', ""),
        (b"x=y", None),
        (b'filename="\xc3\xa4"', "\xe4"),
        (b'filename="\xff"', "\ufffd"),
        (b'filename="a\\"b\\\\c"', 'a"b\\c'),
        (b"filename=a; filename*=UTF-8''%e2%82%ac", "\u20ac"),
        (b"filename*=UTF-8''%e2%82%ac; filename=a", "\u20ac"),
        (b"filename*=iso-8859-1''%e4; filename=a", "a"),
    ):
        body = b"--b\r\nContent-Disposition: form-data; name=n; " + text + b"\r\n\r\n" + LAST
        equal(events(Multipart(TYPE), body), [["n", wanted, None, b"", True]])


def refused(body, content_type=TYPE, **options):
    def parse():
        events(Multipart(content_type, **options), body)

    error = raises(httpparse.Error, parse)
    return error.status, str(error)


def test_errors():
    head = b"--b\r\nContent-Disposition: form-data; name=n\r\n"
    for status, text, body in (
        (400, "body cut short", b""),
        (400, "body cut short", FIELD),
        (400, "body cut short", FIELD + b"--b-"),
        (400, "bad boundary", FIELD + b"--bc"),
        (400, "bad boundary", FIELD + b"--b-c"),
        (400, "bare CR or LF", b"--b\rx"),
        (400, "bad body part", b"--b\r\nContent-Type: a/b\r\n\r\n" + LAST),
        (400, "bad body part", b"--b\r\n\r\n" + LAST),
        (400, "bad body part", head + b"Content-Disposition: form-data; name=n\r\n\r\n" + LAST),
        (400, "bad parameter", head[:-2] + b"; name=m\r\n\r\n" + LAST),
        (400, "bad parameter", head[:-2] + b"; filename*=UTF-8''%00\r\n\r\n" + LAST),
        (400, "line folding", head + b" x\r\n\r\n" + LAST),
        (400, "bad field name", head + b"x y: z\r\n\r\n" + LAST),
        (400, "bad field value", head + b"x: \0\r\n\r\n" + LAST),
        (413, "too many parts", FIELD * 33 + LAST),
        (431, "head too large", head + b"x: " + b"y" * 1024 + b"\r\n\r\n" + LAST),
        (431, "field too large", b"--b\r\nContent-Disposition: form-data; name=" + b"n" * 600),
        (431, "too many fields", head + b"x: y\r\n" * 16 + b"\r\n" + LAST),
    ):
        equal(refused(body), (status, text))
    equal(refused(b"", b"text/plain; boundary=b"), (415, "unknown media type"))
    equal(refused(b"", b"multipart/form-data"), (400, "bad boundary"))
    equal(refused(b"", b'multipart/form-data; boundary="b'), (400, "bad parameter"))
    equal(refused(b"", b"multipart/form-data; boundary=" + b"b" * 500), (431, "field too large"))
    equal(refused(FIELD * 2, max_parts=1), (413, "too many parts"))
    equal(refused(FIELD, max_header=10), (431, "head too large"))


def test_an_error_is_given_again():
    parser = Multipart(TYPE)
    parser.space[:3] = b"--c"
    raises(httpparse.Error, parser.parse, 0)
    raises(httpparse.Error, parser.parse)
    raises(httpparse.Error, parser.parse, 1)


def test_wrong_arguments():
    raises(TypeError, Multipart)
    raises(TypeError, Multipart, None)
    for options in (
        {"size": 255},
        {"size": 32769},
        {"max_parts": -1},
        {"max_parts": 65536},
        {"max_header": 0},
    ):
        raises(ValueError, lambda options=options: Multipart(TYPE, **options))
    raises(ValueError, Multipart(TYPE).parse, -1)
    raises(TypeError, Multipart(TYPE).parse, "")
    for options in ({"size": 15}, {"size": 32769}, {"max_pairs": -1}, {"max_pairs": 65536}):
        raises(ValueError, lambda options=options: Urlencoded(**options))
    raises(AttributeError, lambda: Multipart(TYPE).none)
    raises(AttributeError, lambda: Urlencoded().none)


def test_attributes_cannot_be_set():
    for parser in (Multipart(TYPE), Urlencoded()):
        for name in ("name", "data", "parse"):
            raises(AttributeError, setattr, parser, name, 1)


def test_more_than_was_asked_for_is_cut_to_the_space():
    parser = Multipart(TYPE, 256)
    len(parser.space)
    raises(httpparse.Error, lambda: [parser.parse(32768) for _ in range(9)] and parser.parse(0))
    form = Urlencoded(16)
    len(form.space)
    raises(httpparse.Error, form.parse, 32768)


def test_a_slice_allocates_nothing():
    stream = io.BytesIO(FILE + bytes(20000) + LAST)
    parser = Multipart(TYPE, 256)
    slices = 0
    before = None
    event = None
    while event != END:
        event = parser.parse()
        while event is None:
            event = parser.parse(stream.readinto(parser.space))
        if event == DATA:
            slices += len(parser.data) > 0
            if slices == 10:
                gc.collect()
                before = gc.mem_alloc()
            elif slices == 60:
                equal(gc.mem_alloc(), before)
    assert slices > 60


def test_views_keep_the_buffer_alive():
    def view():
        parser = Multipart(TYPE, 256)
        parser.space[:4] = b"abcd"
        return parser.space

    kept = view()
    gc.collect()
    others = [bytearray(b"x" * 300) for _ in range(20)]
    gc.collect()
    equal(bytes(kept[:4]), b"abcd")
    equal(len(others), 20)


def test_the_data_view_is_read_only():
    parser = Multipart(TYPE)
    stream = io.BytesIO(FILE + b"abc" + LAST)
    event = None
    while event != DATA:
        event = parser.parse() or parser.parse(stream.readinto(parser.space))
    equal(bytes(parser.data), b"abc")
    raises(TypeError, set_item, parser.data)


def set_item(view):
    view[0] = 1


def test_urlencoded():
    data = b"a=1&b=%20+c&&=d&e&n%C3%A4me=%e2%82%ac&f=%ff&g=%zz"
    wanted = [
        ("a", "1", False),
        ("b", "  c", False),
        ("", "d", False),
        ("e", "", False),
        ("n\xe4me", "\u20ac", False),
        ("f", "\ufffd", False),
        ("g", "%zz", False),
    ]
    for size in (1, 2, 3, 5, 100):
        equal(events(Urlencoded(32), data, size), wanted)
    equal(events(Urlencoded(), b""), [])
    equal([(name, value) for name, value, _ in wanted], httpparse.parse_qsl(data))


def test_urlencoded_slices():
    found = events(Urlencoded(16, slices=True), b"a=" + b"%41" * 100 + b"&b=1", 3)
    equal(found[-1], ("b", "1", False))
    equal("".join(value for _, value, _ in found[:-1]), "A" * 100)
    assert all(name == "a" for name, _, _ in found[:-1])
    equal([more for _, _, more in found[-3:]], [True, False, False])


def test_urlencoded_errors():
    def parse(data, *args, **options):
        error = raises(httpparse.Error, events, Urlencoded(*args, **options), data)
        return error.status, str(error)

    equal(parse(b"a=" + b"b" * 16, 16), (413, "content too large"))
    equal(parse(b"n" * 16 + b"=", 16, slices=True), (413, "content too large"))
    equal(parse(b"a&b&c", max_pairs=2), (413, "too many parts"))


def test_parse_params():
    for value, wanted in (
        (b"", ("", {})),
        (b"text/html", ("text/html", {})),
        ("Text/HTML; Charset=UTF-8", ("text/html", {"charset": "UTF-8"})),
        (b'a ; b="c\\"d\\\\;" ;; e=f;', ("a", {"b": 'c"d\\;', "e": "f"})),
        (b'a; b=""', ("a", {"b": ""})),
        (b"a; f*=UTF-8''%c3%a4; f=b", ("a", {"f": "\xe4"})),
        (b"a; f=b; f*=utf-8'de'c", ("a", {"f": "c"})),
        (b"a; f=b; f*=latin-1''%e4", ("a", {"f": "b"})),
        (b"a; *=b", ("a", {"*": "b"})),
        (b'a; b="\xc3\xa4\xff"', ("a", {"b": "\xe4\ufffd"})),
    ):
        equal(httpparse.parse_params(value), wanted)
        if isinstance(value, bytes):
            equal(httpparse.parse_params(bytearray(value)), wanted)


def test_parse_params_errors():
    for value in (
        b"a b",
        b"a; b",
        b"a; b=",
        b"a; =b",
        b"a; b = c",
        b'a; b="c',
        b'a; b="c\\',
        b'a; b="\x01"',
        b"a; b=c d",
        b"a; b=1; B=2",
        b"a; b*=1",
        b"a; b*=UTF-8''%ff",
        b"a; b*=UTF-8''%4",
        b"a; b*=UTF-8''a; b*=UTF-8''b",
    ):
        error = raises(httpparse.Error, httpparse.parse_params, value)
        equal((error.status, str(error)), (400, "bad parameter"))
    raises(TypeError, httpparse.parse_params, None)


def test_parse_cookies():
    for value, wanted in (
        (b"", {}),
        (b"a=1", {"a": "1"}),
        ("a=1; b=2", {"a": "1", "b": "2"}),
        (b"a=1;b=2 ; c=", {"a": "1", "b": "2", "c": ""}),
        (b'a="1"', {"a": '"1"'}),
        (b"a=b=c", {"a": "b=c"}),
        (b"a=1; a=2", {"a": "1"}),
        (b"a; =b; c d=e; f=1", {"f": "1"}),
        (b"a=\xff", {"a": "\ufffd"}),
    ):
        equal(httpparse.parse_cookies(value), wanted)
    raises(TypeError, httpparse.parse_cookies, 1)


run(globals())
