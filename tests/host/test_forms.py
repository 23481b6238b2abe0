# SPDX-License-Identifier: MIT
"""Multipart, urlencoded forms, parameters and cookies: the core against a reference."""

import collections
import os
import urllib.parse

import httpx
import pytest
import urllib3
from host import core, reference_forms
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

EXAMPLES = int(os.environ.get("HYPOTHESIS_EXAMPLES", "100"))
options = settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture(scope="module", params=[64, 32], ids=["64-bit", "32-bit"])
def harness(request):
    """The core with AddressSanitizer and UndefinedBehaviorSanitizer."""
    with core.running(request.param) as (found,):
        yield found


steps = st.one_of(st.just(b""), st.just(b"\0"), st.binary(max_size=4))


def joined(*words):
    return st.lists(st.sampled_from(words), max_size=8).map(b"".join)


names = st.one_of(
    st.sampled_from([b"a", b"file", b"", b'"q\\"\\\\"', b'"x y"', b'"', b'"\\', b'"\xc3\xa4"']),
    joined(b"a", b'"', b"\\", b" ", b";", b"=", b"\t", b"\x00", b"\x7f", b"\xff"),
)
ext_values = st.one_of(
    st.sampled_from(
        [
            b"UTF-8''%C3%A4.txt",
            b"utf-8'de'a",
            b"iso-8859-1''%E4",
            b"UTF-8''%00",
            b"UTF-8''%ff",
            b"UTF-8'x",
            b"UTF-8",
            b"''",
            b"\"UTF-8''a b\"",
        ]
    ),
    joined(b"UTF-8", b"'", b"%", b"4", b"%41", b"*", b"%7f", b"a"),
)
parameters = st.one_of(
    st.builds(
        lambda k, e, v: k + e + v,
        st.sampled_from([b"name", b"filename", b"Name", b"x", b"filename*", b"boundary"]),
        st.sampled_from([b"=", b"=", b"=", b" =", b""]),
        st.one_of(names, st.sampled_from([b"a", b'"b c"'])),
    ),
    ext_values.map(lambda v: b"filename*=" + v),
    st.sampled_from([b"", b" ", b"name=a", b'name="f"; filename="a.txt"']),
)
parameter_lists = st.lists(parameters, max_size=4).map(
    lambda found: b"".join(b"; " + each for each in found)
)
dispositions = st.one_of(
    st.just(b'form-data; name="a"'),
    st.just(b'form-data; name="f"; filename="a.bin"'),
    parameter_lists.map(lambda p: b"form-data; name=n" + p),
    parameter_lists.map(lambda p: b"form-data" + p),
    st.sampled_from([b"attachment; name=a", b"", b"form-data;name=a;", b"form-data name=a"]),
)
fields = st.one_of(
    dispositions.map(lambda v: b"Content-Disposition: " + v),
    dispositions.map(lambda v: b"content-disposition:\t" + v + b" "),
    st.sampled_from(
        [
            b"Content-Type: text/plain",
            b"Content-Type:",
            b"Content-Length: 5",
            b"Transfer-Encoding: x",
            b"Host: a, b",
            b"X: " + b"y" * 300,
            b"X : y",
            b" X: y",
            b"X: \x01",
            b"X",
            b": y",
            b"X: a\rb",
        ]
    ),
)
good_headers = st.sampled_from(
    [
        b'Content-Disposition: form-data; name="a"\r\n\r\n',
        b'Content-Disposition: form-data; name="f"; filename="a"\r\nContent-Type: a/b\r\n\r\n',
    ]
)
headers = st.one_of(
    good_headers,
    st.lists(fields, max_size=3).map(lambda f: b"".join(each + b"\r\n" for each in f) + b"\r\n"),
)
content = st.one_of(
    joined(b"\r\n", b"--b", b"-", b"\r", b"\n", b"data", b"\r\n--", b"b", b"\0\xff"),
    st.integers(0, 700).map(lambda n: b"\r\n--" * n),
    st.binary(max_size=40),
)
ends = st.sampled_from(
    [b"--b--", b"--b--\r\nepilogue\r\n--b\r\n", b"--b-", b"", b"--b-x", b"--b--x", b"--bb\r\n"]
)
padding = st.sampled_from([b"", b"", b"", b"", b" \t", b" " * 30, b"x", b"\r"])


def one_part(header, text, pad):
    return b"--b" + pad + b"\r\n" + header + text + b"\r\n"


bodies = st.builds(
    lambda preamble, found, end: preamble + b"".join(found) + end,
    st.sampled_from([b"", b"", b"", b"\r\n", b"preamble\r\n", b"x"]),
    st.lists(st.builds(one_part, headers, content, padding), max_size=4),
    st.one_of(st.just(b"--b--\r\n"), ends),
)
content_types = st.one_of(
    st.just(b"multipart/form-data; boundary=b"),
    st.just(b"multipart/form-data; boundary=b"),
    st.just(b'Multipart/Form-Data; charset=utf-8; Boundary="b"'),
    st.builds(
        lambda kind, more: kind + more,
        st.sampled_from([b"multipart/form-data", b"text/plain", b""]),
        parameter_lists,
    ),
    st.sampled_from(
        [
            b"multipart/form-data; boundary=b; boundary=b",
            b'multipart/form-data; boundary="b "',
            b'multipart/form-data; boundary="b@"',
            b'multipart/form-data; boundary=""',
            b"multipart/form-data; boundary=" + b"b" * 71,
            b"multipart/form-data; boundary=b; x",
        ]
    ),
)
multipart_limits = st.fixed_dictionaries(
    {
        "max_parts": st.sampled_from([32, 32, 32, 0, 1, 2]),
        "max_header": st.one_of(st.just(2048), st.integers(1, 120)),
        "max_fields": st.sampled_from([16, 16, 16, 0, 1, 2]),
    }
)
LARGE = 32768


@options
@given(kind=content_types, data=bodies, limits=multipart_limits, steps=steps)
def test_multipart_agrees_with_the_reference(harness, kind, data, limits, steps):
    wanted = reference_forms.multipart(kind, data, **limits)
    assert harness.multipart(kind, data, size=LARGE, steps=steps, **limits) == wanted


@options
@given(
    kind=content_types,
    data=bodies,
    limits=multipart_limits,
    steps=steps,
    size=st.integers(256, 300),
)
def test_a_small_buffer_gives_the_same_or_refuses(harness, kind, data, limits, steps, size):
    wanted = reference_forms.multipart(kind, data, **limits)
    whole = harness.multipart(kind, data, size=size, **limits)
    assert harness.multipart(kind, data, size=size, steps=steps, **limits) == whole
    if whole.endswith("error 431 field too large\n"):
        assert wanted.startswith(whole.rpartition("\nerror")[0])
    else:
        assert whole == wanted


KIND = b"multipart/form-data; boundary=b"
HEAD = b"--b\r\nContent-Disposition: form-data; name=n"
LAST = b"\r\n\r\ndata\r\n--b--"


@pytest.mark.parametrize(
    ("body", "outcome"),
    [
        (HEAD + LAST, "done"),
        # RFC 2046 section 5.1.1: a part need not have a body
        (HEAD + b"\r\n\r\n--b--", "done"),
        (HEAD + b"\r\n\r\n" + HEAD + LAST, "done"),
        (HEAD + b"\r\n\r\n--c\r\n--b--", "done"),
        (HEAD + b"\r\n\r\n--", "body cut short"),
        (HEAD + b"; x=y; filename=f; filename*=UTF-8''%41" + LAST, "done"),
        (HEAD + b"; filename*=UTF-8''%41; filename=f" + LAST, "done"),
        (HEAD + b"; filename*=latin-1''%41; filename=f" + LAST, "done"),
        (HEAD + b"; filename=f; filename*=latin-1''%41" + LAST, "done"),
        (HEAD + b"; filename*=latin-1''%41" + LAST, "done"),
        (HEAD + b"\r\nHost: a\r\nContent-Length: x" + LAST, "done"),
        (HEAD + b"; filename*=a" + LAST, "bad parameter"),
        (HEAD + b"; filename*=UTF-8''%7f" + LAST, "bad parameter"),
        (HEAD + b"; filename=a; filename=b" + LAST, "bad parameter"),
        (HEAD + b"; x" + LAST, "bad parameter"),
        (HEAD + b"\r\nContent-Disposition: form-data; name=n" + LAST, "bad body part"),
        (HEAD + b"\r\nContent-Type: a/b\r\nContent-Type: a/b" + LAST, "bad body part"),
        (HEAD.replace(b"name=n", b"x=y") + LAST, "bad body part"),
        (HEAD.replace(b"form-data", b"attachment") + LAST, "bad body part"),
        (b"--b\r\nContent-Type: a/b" + LAST, "bad body part"),
        (b"--b" + b" " * 100 + HEAD[3:] + LAST, "head too large"),
        (b"--b" + b" " * 99 + b"\t", "head too large"),
        (b"--b\rx", "bare CR or LF"),
        (b"--bx", "bad boundary"),
        (b"--b-x", "bad boundary"),
        (HEAD, "body cut short"),
        ((HEAD + b"\r\n\r\ndata\r\n") * 4 + b"--b--", "too many parts"),
    ],
)
def test_multipart_examples(harness, body, outcome):
    limits = {"max_parts": 3, "max_header": 100, "max_fields": 16}
    wanted = reference_forms.multipart(KIND, body, **limits)
    assert wanted.endswith(f"{outcome}\n")
    assert harness.multipart(KIND, body, size=256, **limits) == wanted
    assert harness.multipart(KIND, body, size=256, steps=b"\0", **limits) == wanted


@pytest.mark.parametrize(
    "kind",
    [
        b'multipart/form-data; boundary="b "',
        b'multipart/form-data; boundary=""',
        b'multipart/form-data; boundary="b@"',
        b"multipart/form-data; boundary=" + b"b" * 71,
        b"multipart/form-data; boundary=b; boundary=b",
        b"multipart/form-data",
    ],
)
def test_bad_boundaries(harness, kind):
    got = harness.multipart(kind, b"", size=256, max_parts=1, max_header=100, max_fields=1)
    assert got == "\nerror 400 bad boundary\n"


def test_limits_of_a_header_are_those_of_each_part(harness):
    part = HEAD + b"\r\nContent-Type: a/b\r\n\r\ndata\r\n"
    limits = {"max_parts": 9, "max_header": len(part), "max_fields": 2}
    for steps in (b"", b"\0"):
        got = harness.multipart(KIND, part * 5 + b"--b--", size=256, steps=steps, **limits)
        assert decoded_parts(got) == [("n", b"data")] * 5


def test_every_byte_in_a_boundary(harness):
    limits = {"max_parts": 1, "max_header": 100, "max_fields": 1}
    for char in (bytes([byte]) for byte in range(256)):
        for value in (b"b" + char, b'"b' + char + b'b"', b'"b' + char + b'"', b'"' + char + b'b"'):
            kind = b"multipart/form-data; boundary=" + value
            data = b"--" + value.strip(b'"') + b"--"
            wanted = reference_forms.multipart(kind, data, **limits)
            assert harness.multipart(kind, data, size=256, **limits) == wanted


@pytest.mark.parametrize("length", [1, 2, 69, 70])
def test_boundaries_have_70_bytes_at_most(harness, length):
    kind = b"multipart/form-data; boundary=" + b"b" * length
    data = (HEAD + LAST).replace(b"--b", b"--" + b"b" * length)
    got = harness.multipart(kind, data, size=256, max_parts=1, max_header=100, max_fields=1)
    assert decoded_parts(got) == [("n", b"data")]


def test_content_type_that_fills_the_buffer(harness):
    kind = (KIND + b"; x=").ljust(256, b"y")
    got = harness.multipart(kind, HEAD + LAST, size=256, max_parts=1, max_header=100, max_fields=1)
    assert decoded_parts(got) == [("n", b"data")]


def test_content_type_that_does_not_fit(harness):
    kind = KIND + b"; x=" + b"y" * 300
    got = harness.multipart(kind, b"", size=256, max_parts=1, max_header=100, max_fields=1)
    assert got == "\nerror 431 field too large\n"


def test_the_strategies_reach_every_outcome_of_multipart():
    """Errors that no example meets would be tested by nothing above."""
    seen = collections.Counter()

    @settings(options, max_examples=4000, database=None, derandomize=True)
    @given(kind=content_types, data=bodies, limits=multipart_limits)
    def collect(kind, data, limits):
        last = reference_forms.multipart(kind, data, **limits).splitlines()[-1]
        seen[last.split(" ", 2)[-1]] += 1

    collect()
    assert set(seen) == {
        "done",
        "unknown media type",
        "bad boundary",
        "bad parameter",
        "bad body part",
        "bare CR or LF",
        "line folding",
        "bad field name",
        "bad field value",
        "too many fields",
        "too many parts",
        "head too large",
        "body cut short",
    }


form_values = st.dictionaries(
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20),
    st.one_of(
        st.text(max_size=50).map(lambda s: s.encode()),
        st.tuples(
            st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12),
            st.builds(lambda b, n: b * n, st.binary(max_size=40), st.integers(1, 60)),
        ),
    ),
    max_size=5,
)


def decoded_parts(transcript):
    lines = transcript.splitlines()
    assert lines.pop() == "done"
    found = []
    for head, data in zip(lines[::2], lines[1::2], strict=True):
        _, name, filename, _ = head.split(" ")
        name = bytes.fromhex(name[1:]).decode()
        content = bytes.fromhex(data.removeprefix("data x"))
        if filename == "-":
            found.append((name, content))
        else:
            found.append((name, (bytes.fromhex(filename[1:]).decode(), content)))
    return found


@options
@given(values=form_values, steps=steps)
def test_forms_of_urllib3_are_understood(harness, values, steps):
    # urllib3 leaves backslashes alone, which a quoted-string needs doubled
    sent = {
        name.replace("\\", "\\\\"): (value[0].replace("\\", "\\\\"), value[1])
        if isinstance(value, tuple)
        else value
        for name, value in values.items()
    }
    body, kind = urllib3.encode_multipart_formdata(sent)
    limits = {"size": 600, "max_parts": 32, "max_header": 2048, "max_fields": 16}
    got = decoded_parts(harness.multipart(kind.encode(), body, steps=steps, **limits))
    wanted = [
        (
            name.replace('"', "%22"),
            (value[0].replace('"', "%22"), value[1]) if isinstance(value, tuple) else value,
        )
        for name, value in values.items()
    ]
    assert got == wanted


@options
@given(contents=st.lists(st.binary(max_size=700), min_size=1, max_size=3), steps=steps)
def test_forms_of_httpx_are_understood(harness, contents, steps):
    files = [("file", (f"name{i}.bin", data)) for i, data in enumerate(contents)]
    request = httpx.Request("POST", "http://a/", data={"field": "value"}, files=files)
    limits = {"size": 300, "max_parts": 32, "max_header": 2048, "max_fields": 16}
    kind = request.headers["Content-Type"].encode()
    got = decoded_parts(harness.multipart(kind, request.read(), steps=steps, **limits))
    assert got == [("field", b"value"), *files]


field_values = st.one_of(
    st.builds(lambda first, more: first + more, joined(b"a", b"/", b" ", b"A"), parameter_lists),
    joined(b"a", b";", b" ", b"=", b'"', b"\\", b"b/c", b"*", b"UTF-8''", b"%41", b"\xe4", b"\0"),
)


@options
@given(value=field_values)
def test_parameters(harness, value):
    assert harness.parameters(value) == reference_forms.parameters(value)


@pytest.mark.parametrize(
    "value",
    [
        b'a; b="c\\',
        b'a; b="c\\"',
        b'a; b="\x01"',
        b'a; b="\t\x7f"',
        b'a; b="\t\\\t"',
        b'a; b="c',
        b"a;b=c;d=",
        b"a;b",
        b"a b",
        b"a;;; ",
        b"",
        b"a; b*=UTF-8''%4",
        b"a; b*=UTF-8''%zz",
        b"a; b*=UTF-8''%4z",
        b"a; b*=UTF-8''%z4",
        b"a; b*=UTF-8''%20%7e%c2%a0",
        b"a; b*=UTF-8''a'b",
        b"a; b*=UTF-8''a*b",
        b"a; b*=\"UTF-8''a b\"",
        b"a; b*=\"UTF 8''a\"",
        b"a; b*=UTF-8''%7f%41",
        b"a; b*=UTF-8''%1f",
        b"a; b*=UTF-8''%e4",
        b"a; b*=UTF-8''%41a",
        b"a; b*=UTF-16''a",
        b"a; b*=''",
    ],
)
def test_parameter_examples(harness, value):
    assert harness.parameters(value) == reference_forms.parameters(value)


@options
@given(value=ext_values)
def test_extended_values(harness, value):
    value = b"a/b; x*=" + value
    assert harness.parameters(value) == reference_forms.parameters(value)


@options
@given(value=joined(b"a", b"b=", b";", b"; ", b" ", b"\t", b"=", b'"c"', b"d e", b"\xff", b"@"))
def test_cookies(harness, value):
    assert harness.cookies(value) == reference_forms.cookies(value)


@pytest.mark.parametrize("value", [b"a=1 \t; b=2\t", b"a=\t ;b= c", b"a", b"=a; b c=d;; e="])
def test_cookie_examples(harness, value):
    assert harness.cookies(value) == reference_forms.cookies(value)


form_bodies = st.one_of(
    joined(b"a", b"=", b"&", b"%41", b"%", b"%4", b"+", b"value", b"&b=1", b"\xff", b"%zz"),
    st.lists(st.tuples(st.text(max_size=8), st.text(max_size=30)), max_size=5).map(
        lambda found: urllib.parse.urlencode(found).encode()
    ),
)


def form_transcript(found):
    return "".join(f"pair {word(name)} {word(value)}\n" for name, value in found)


word = reference_forms.word


@options
@given(
    data=form_bodies,
    size=st.integers(16, 60),
    max_pairs=st.sampled_from([100, 100, 0, 1, 3]),
    steps=steps,
)
def test_urlencoded_pairs(harness, data, size, max_pairs, steps):
    found = reference_forms.pairs(data)
    limits = {"size": size, "max_pairs": max_pairs, "slices": False}
    got = harness.form(data, **limits)
    assert harness.form(data, steps=steps, **limits) == got
    if got.endswith("error 413 content too large\n"):
        got = got.removesuffix("error 413 content too large\n")
        assert form_transcript(found[:max_pairs]).startswith(got)
        assert any(len(pair) >= size for pair in data.split(b"&"))
    elif len(found) > max_pairs:
        assert got == form_transcript(found[:max_pairs]) + "error 413 too many parts\n"
    else:
        assert got == form_transcript(found) + "done\n"


@options
@given(data=form_bodies, size=st.integers(16, 40), steps=steps)
def test_urlencoded_slices(harness, data, size, steps):
    limits = {"size": size, "max_pairs": 100, "slices": True}
    got = harness.form(data, **limits)
    assert harness.form(data, steps=steps, **limits) == got
    *lines, last = got.splitlines()
    found = []
    more = False
    for line in lines:
        _, name, value, *rest = line.split(" ")
        pair = [bytes.fromhex(name[1:]), bytes.fromhex(value[1:])]
        if more:
            assert pair[0] == found[-1][0]
            found[-1][1] += pair[1]
        else:
            found.append(pair)
        more = rest == ["more"]
    wanted = [list(pair) for pair in reference_forms.pairs(data)]
    if last == "done":
        assert found == wanted
        assert not more
    else:
        # Only a name, or a name and an escape, can be too large
        assert last == "error 413 content too large"
        assert any(len(pair.split(b"=")[0]) >= size - 3 for pair in data.split(b"&"))


@pytest.mark.parametrize(
    ("data", "slices", "got"),
    [
        (b"n" * 14 + b"=%41", True, "error 413 content too large"),
        (b"n" * 14 + b"=%", True, f"pair x{'6e' * 14} x25\ndone"),
        (b"n" * 15 + b"=%%", True, "error 413 content too large"),
        (b"n" * 15 + b"=a", True, f"pair x{'6e' * 15} x61 more\npair x{'6e' * 15} x\ndone"),
        (b"n" * 16, True, "error 413 content too large"),
        (b"n=" + b"a" * 15, False, "error 413 content too large"),
        (b"n=" + b"a" * 14, False, f"pair x6e x{'61' * 14}\ndone"),
        (b"n" * 14 + b"%=a", True, f"pair x{'6e' * 14}25 x61 more\npair x{'6e' * 14}25 x\ndone"),
        (b"n=" + b"a" * 17, True, f"pair x6e x{'61' * 15} more\npair x6e x6161\ndone"),
        (b"n=" + b"a" * 13 + b"%41", True, f"pair x6e x{'61' * 13} more\npair x6e x41\ndone"),
        (b"n=" + b"a" * 14 + b"%41", True, f"pair x6e x{'61' * 14} more\npair x6e x41\ndone"),
    ],
)
def test_pairs_that_fill_the_buffer(harness, data, slices, got):
    limits = {"size": 16, "max_pairs": 1, "slices": slices}
    assert harness.form(data, **limits) == got + "\n"
    assert harness.form(data, steps=b"\0", **limits) == got + "\n"
