# SPDX-License-Identifier: MIT
"""tinyweb.template: what templates render, in both simulators, with the heap of a chip."""

import html
import json
import re
from html.parser import HTMLParser

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from support.simulator import TOP

FEW = settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
PROGRAM = """
import json, sys
from tinyweb.template import Template, TemplateError, render

class Thing:
    pass

with open("cases.json") as file:
    for line in file:
        text, values = json.loads(line)
        thing = values["thing"] = Thing()
        thing.name = "a thing"
        values["twice"] = lambda value: value * 2
        values["raw"] = b"\\xc3\\xa4<"
        values["numbers"] = [1, 2]
        try:
            if text.endswith(".html"):
                page = render(text, **values)
            else:
                page = Template(text).render(**values)
            longest = 0
            with open("page", "wb") as out:
                for part in page:
                    longest = max(longest, len(part))
                    out.write(part)
            with open("page", "rb") as out:
                # A page may be larger than the heap.
                sys.stdout.write('["')
                while True:
                    part = out.read(64)
                    if not part:
                        break
                    sys.stdout.write("".join("%02x" % c for c in part))
            print('", {}]'.format(longest))
        except TemplateError as exc:
            print(json.dumps(["TemplateError", str(exc)]))
"""


@pytest.fixture(params=[(64, None), (32, "38k")], ids=["64-bit", "32-bit-38k"])
def render_all(request, run_mpy, tmp_path):
    """``render_all([(template, values), ...])``: [(page, size of its longest part), ...]."""

    def render(cases):
        lines = [json.dumps([text, values], ensure_ascii=False) for text, values in cases]
        (tmp_path / "cases.json").write_text("\n".join(lines))
        bits, heap = request.param
        done = run_mpy(PROGRAM, bits=bits, heap=heap, cwd=tmp_path)
        results = [json.loads(line) for line in done.stdout.splitlines()]
        return [
            (page if error == page else bytes.fromhex(page).decode(), longest)
            for page, longest in results
            for error in ["TemplateError"]
        ]

    return render


GOOD = [
    ("", {}, ""),
    ("plain { text } {x} {", {}, "plain { text } {x} {"),
    ("{{ a }}", {"a": 1}, "1"),
    ("{{a}}{{ a }}", {"a": "ä"}, "ää"),
    ("{{ a }}", {"a": None}, ""),
    ("{{ a }}", {"a": [1, "x"]}, "[1, &#39;x&#39;]"),
    ("{{ a.b.c }} {{ a['b'].c }} {{ a[k].c }}", {"a": {"b": {"c": 3}}, "k": "b"}, "3 3 3"),
    ("{{ a.1 }} {{ a[0] }} {{ a[-1] }}", {"a": [4, 5]}, "5 4 5"),
    ("{% if a.99999999999999999999 %}1{% endif %}2", {"a": [4, 5]}, "2"),
    ("{{ thing.name }}", {}, "a thing"),
    ("{{ Name }} {{ no_2 }} {{ Z.A }}", {"Name": 1, "no_2": 2, "Z": {"A": 3}}, "1 2 3"),
    ("{{ raw }}", {}, "ä&lt;"),
    ("{{ 'a\"b' }} {{ 12 }} {{ -3 }} {{ true }}", {}, "a&quot;b 12 -3 True"),
    ("{{ a or 'none' }} {{ b or 'none' }}", {"a": "x"}, "x none"),
    ("{{ a|safe }}", {"a": "<b>"}, "<b>"),
    ("{{ a|url }}", {"a": "a b/&ä"}, "a%20b%2F%26%C3%A4"),
    ("{{ a|url }} {{ 5|url }} {{ raw|url }}", {"a": None}, "None 5 %C3%A4%3C"),
    ("{{ raw|safe }}", {}, "ä<"),
    ("{{ a|twice }} {{ a|twice|safe }}", {"a": "<"}, "&lt;&lt; <<"),
    ("a{# no {{ x }} {% y %} #}b", {}, "ab"),
    ("{% if a %}1{% endif %}2", {"a": 0}, "2"),
    ("{% if a %}1{% else %}2{% endif %}", {"a": 1}, "1"),
    ("{% if a == 1 %}1{% elif a == 2 %}2{% elif a %}+{% else %}-{% endif %}", {"a": 2}, "2"),
    ("{% if a == 1 %}1{% elif a == 2 %}2{% elif a %}+{% else %}-{% endif %}", {"a": 3}, "+"),
    ("{% if a == 1 %}1{% elif a == 2 %}2{% elif a %}+{% else %}-{% endif %}", {"a": 0}, "-"),
    ("{% if not a.b.c %}no{% endif %}", {}, "no"),
    ("{% if a and not b or c %}1{% endif %}", {"a": 1, "b": 1, "c": 1}, "1"),
    ("{% if a and (not b or c) %}1{% else %}0{% endif %}", {"a": 0, "b": 0, "c": 1}, "0"),
    ("{% if 'x' in a %}1{% endif %}{% if a != 'x' %}2{% endif %}", {"a": "xy"}, "12"),
    (
        "{% if 1 < a %}a{% endif %}{% if a <= 1 %}b{% endif %}{% if a >= 2 %}c{% endif %}",
        {"a": 2},
        "ac",
    ),
    ("{% if a > 1 %}a{% endif %}{% if a > 2 %}b{% endif %}", {"a": 2}, "a"),
    ("{% for x in a %}{{ loop.index }}{{ x }};{% endfor %}", {"a": ["a", "b"]}, "1a;2b;"),
    ("{% for x in a %}{{ x }}{% else %}none{% endfor %}", {"a": []}, "none"),
    ("{% for k, v in a %}{{ k }}={{ v }}{% endfor %}", {"a": {"k": 1}}, "k=1"),
    ("{% for k in a %}{{ k }}{% endfor %}", {"a": {"k": 1}}, "k"),
    ("{% for k, v in a %}{{ k }}={{ v }};{% endfor %}", {"a": [[1, 2], [3, 4]]}, "1=2;3=4;"),
    (
        "{% for x in a %}{% for x in x %}{{ loop.index }}{{ x }}{% endfor %}"
        "{{ loop.index }} {% endfor %}{{ x }}",
        {"a": [[7, 8], [9]], "x": "outer"},
        "17281 192 outer",
    ),
    ("<script>v = {{ a|json }}</script>", {"a": "</script>"}, None),
    ("é" * 400 + "{{ a }}" + "ü" * 300, {"a": 1}, "é" * 400 + "1" + "ü" * 300),
    ("{ " * 300 + "{{ a }}", {"a": 1}, "{ " * 300 + "1"),
    # The second tag begins with the last of the 256 bytes that are read at once.
    ("x" * 248 + "{{ a }}{{ a|json }}", {"a": 1}, "x" * 248 + "11"),
]


def test_pages(render_all):
    results = render_all([(text, values) for text, values, _ in GOOD])
    for (text, _, expected), (page, longest) in zip(GOOD, results, strict=True):
        if expected is None:
            expected = '<script>v = "\\u003c/script\\u003e"</script>'
        assert page == expected, text
        assert longest <= 256


BAD = [
    ("\n\n{{ a }}", "3: KeyError: a"),
    ("{{ a.b }}", "1: KeyError: a"),
    ("{{ thing.x }}", "1: AttributeError"),
    ("{{ 1 < 'a' }}", "1: TypeError"),
    ("{% if 1 < 'a' %}{% endif %}", "1: TypeError"),
    ("{{ thing.__class__ }}", "1: no name: __class__"),
    ("{{ _a }}", "1: no name: _a"),
    ("{{ }}", "1: an operand is missing"),
    ("{{ a b }}", "1: unexpected b"),
    ("{{ a() }}", "1: unexpected ("),
    ("{{ a + b }}", "1: unexpected +"),
    ("{{ (a }}", "1: ) is missing"),
    ("{{ a[1 }}", "1: ] is missing"),
    ("{{ 'a }}", "1: string without end"),
    ("{{ 1a }}", "1: "),
    ("{{ ) }}", "1: no name: )"),
    ("{{ | }}", "1: no name: |"),
    ("{{ a. }}", "1: a name is missing"),
    ("{{ a.( }}", "1: no name: ("),
    ("{{ a.1b }}", "1: "),
    ("{% for 1a in b %}{% endfor %}", "1: no name: 1a"),
    ("{% for a in b c %}{% endfor %}", "1: unexpected c"),
    ("{% if a b %}{% endif %}", "1: unexpected b"),
    ("{% include 'a' b %}", "1: unexpected b"),
    ("{{ 'a'|nothing }}", "1: no filter nothing"),
    ("x\n{{ a", "2: {{ is not closed"),
    ("x\n{{ " + "a" * 2000 + "}}", "2: {{ is not closed"),
    ("{% if a %}\n\n", "1: endif is missing"),
    ("\n{% for a in b %}{% if b %}{% endfor %}", "2: unknown tag endfor"),
    ("{% for a b %}{% endfor %}", "1: in is missing"),
    ("{% for a in 3 %}{% endfor %}", "1: nothing to go through"),
    ("{% for a, b in 'xy' %}{% endfor %}", "1: 2 names"),
    ("{% for a, b in numbers %}{% endfor %}", "1: 2 names"),
    ("{% for a in 'b' %}{{ a.99999999999999999999 }}{% endfor %}", "1: OverflowError: "),
    ("\n{{ " + "(" * 120 + "a" + ")" * 120 + " }}", "2: maximum recursion depth exceeded"),
    ("\n" + "{% if a %}" * 150 + "{% endif %}" * 150, "2: maximum recursion depth exceeded"),
    ("{% endif %}", "1: unknown tag endif"),
    ("{% if a %}{% endif x %}", "1: unexpected x"),
    ("{% %}", "1: a name is missing"),
    ("{% exec a %}", "1: unknown tag exec"),
    ('<a x="{{ a|json }}">', "1: json has quotation marks itself"),
    ("{% include 'nothing.html' %}", "1: no template nothing.html"),
    ("{% block a %}{% endblock %}{% block a %}{% endblock %}", "1: second block a"),
]


def test_errors(render_all):
    results = render_all([(text, {}) for text, _ in BAD])
    for (text, message), (page, error) in zip(BAD, results, strict=True):
        assert page == "TemplateError", text
        assert error.startswith("template:" + message), text


def test_files(render_all, tmp_path):
    (tmp_path / "t").mkdir()
    files = {
        "base.html": "<h1>{% block title %}Base{% endblock %}</h1>{% block body %}{% endblock %}.",
        "child.html": "{% extends 'base.html' %}{% block body %}{{ a }}{% include 'x.html' %}"
        "{% endblock %} lost",
        "grandchild.html": "{% extends 'child.html' %}{% block title %}G{% endblock %}",
        "x.html": "[{{ a }}{% block title %}own{% endblock %}]",
        "loop.html": "{% include 'loop.html' %}",
        "circle.html": "{% extends 'circle.html' %}",
        "large.html": "{% for x in a %}{{ x }}{% endfor %}" + "<p>text\n" * 5000 + "{{ b }}",
        "broken.html": "\n\n{% if %}",
        "breaks.html": "\n{% include 'broken.html' %}",
    }
    for name, text in files.items():
        (tmp_path / "t" / name).write_text(text)
    results = render_all(
        [(f"t/{name}", {"a": "<", "b": "end"}) for name in files] + [("t/base.html", {})]
    )
    pages = [page for page, _ in results]
    assert pages[0] == pages[9] == "<h1>Base</h1>."
    assert pages[1] == "<h1>Base</h1>&lt;[&lt;own]."
    assert pages[2] == "<h1>G</h1>&lt;[&lt;own]."
    assert pages[3] == "[&lt;own]"
    assert results[4][0] == results[5][0] == "TemplateError"
    assert "too many templates" in results[4][1] and "too many templates" in results[5][1]
    # It is larger than the heap: only parts of it are ever in memory.
    assert pages[6] == "&lt;" + "<p>text\n" * 5000 + "end" and results[6][1] <= 256
    assert results[7] == ("TemplateError", "t/broken.html:3: an operand is missing")
    assert results[8] == results[7]


def test_changed_file_is_compiled_anew(run_mpy, tmp_path):
    done = run_mpy(
        """
        from tinyweb import template
        for text in ("one {{ a }}", "another {{ a }}"):
            with open("a.html", "w") as file:
                file.write(text)
            for _ in range(2):
                print(b"".join(template.render("a.html", a=1)))
            print(template.load("a.html") is template.load("a.html"))
        for i in range(6):
            with open("{}.html".format(i), "w") as file:
                file.write("x")
            template.load("{}.html".format(i))
        print(len(template._cache))
        """,
        cwd=tmp_path,
    )
    assert done.stdout.splitlines() == [
        *["b'one 1'", "b'one 1'", "True"],
        *["b'another 1'", "b'another 1'", "True", "4"],
    ]


@pytest.mark.parametrize("bits", [64, 32])
def test_failures_that_are_not_the_templates_pass(run_mpy, tmp_path, bits):
    """An exception of the values' own code, or of the file system, comes out as it is."""
    done = run_mpy(
        """
        import os
        from tinyweb.template import Template, load

        class Sensor:
            @property
            def value(self):
                raise RuntimeError("no sensor")

            def __iter__(self):
                raise RuntimeError("no list")

        for text in (
            "{{ s.value }}",
            "{% if s.value %}{% endif %}",
            "{% for x in s %}{% endfor %}",
            "{% for a, b in all %}{% endfor %}",
        ):
            s = Sensor()
            try:
                print(list(Template(text).render(s=s, all=[s])))
            except Exception as exc:
                print(type(exc).__name__, exc)
        os.mkdir("folder")
        try:
            load("folder")
        except OSError as exc:
            print("OSError", exc.errno)
        """,
        cwd=tmp_path,
        bits=bits,
    )
    assert done.stdout.splitlines() == [
        *["RuntimeError no sensor"] * 2,
        *["RuntimeError no list"] * 2,
        "OSError 21",
    ]


def test_file_that_shrinks_while_it_is_rendered(run_mpy, tmp_path):
    """The page ends with an error, and is not sent on and on."""
    done = run_mpy(
        """
        from tinyweb.template import TemplateError, load

        with open("a.html", "w") as file:
            file.write("x" * 1000)
        page = load("a.html").render()
        print(len(next(page)))
        open("a.html", "w").close()
        try:
            print(list(page))
        except TemplateError as exc:
            print(exc)
        """,
        cwd=tmp_path,
    )
    assert done.stdout.splitlines() == ["256", "a.html:1: the file has changed"]


class Reader(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags = []
        self.text = ""

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, attrs))

    def handle_data(self, data):
        self.text += data


MARKUP = st.text(max_size=30) | st.text("<>&'\"{}%=/ axs;#", max_size=30)


@settings(FEW, max_examples=8)
@given(texts=st.lists(MARKUP.filter(lambda t: t.isprintable()), min_size=1, max_size=20))
def test_values_are_never_markup(render_all, texts):
    template = "<p title=\"{{ a }}\" lang='{{ a }}'>{{ a }}</p><script>{{ a|json }}</script>"
    for text, (page, _) in zip(
        texts, render_all([(template, {"a": t}) for t in texts]), strict=True
    ):
        head, _, script = page.partition("<script>")
        reader = Reader()
        reader.feed(head)
        reader.close()
        assert reader.tags == [("p", [("title", text), ("lang", text)])]
        assert reader.text == text
        body = script.removesuffix("</script>")
        assert not re.search("[<>&']", body)
        assert json.loads(body) == text


@settings(FEW, max_examples=8)
@given(
    templates=st.lists(st.text("{}%#|ab.[]'\"=<> \nifelsndorc1_(),-", max_size=60), max_size=30)
)
def test_any_text_is_a_template_or_an_error(render_all, templates):
    templates = [text for text in templates if not text.endswith(".html")]
    values = {"a": "x", "b": [1, 2], "c": {"a": 1}}
    results = render_all([(text, values) for text in templates])
    assert len(results) == len(templates)
    for text, (page, _) in zip(templates, results, strict=True):
        if not re.search("{[{%#]", text):
            assert page == text
        assert page is not None and html.unescape(page) is not None


@pytest.fixture(params=[(64, None), (32, "38k")], ids=["64-bit", "32-bit-38k"])
def client(request, serve, tmp_path):
    """The examples of docs/templates.md."""
    text = (TOP / "docs" / "templates.md").read_text(encoding="utf-8")
    (program,) = re.findall(r"^```python\n(.*?)^```", text, re.M | re.S)
    pages = re.findall(r"^```html\n<!-- (.*?) -->\n(.*?)^```", text, re.M | re.S)
    (tmp_path / "templates").mkdir()
    for name, content in pages:
        (tmp_path / "templates" / name).write_text(content)
    program += "\nimport sys\napp.run(host=sys.argv[2], port=int(sys.argv[1]))\n"
    bits, heap = request.param
    server = serve(program, bits=bits, heap=heap, cwd=tmp_path)
    with httpx.Client(base_url=server.url, timeout=20) as session:
        yield session
    server.stop()
    assert server.log().count("Traceback") <= 1, server.log()


def test_documented_application(client):
    for _ in range(3):
        answer = client.get("/")
        assert answer.headers["content-type"].startswith("text/html")
        assert "<title>Sensors</title>" in answer.text
        assert re.findall("<li>(.*)", answer.text) == ["attic: 21.5", "&lt;cellar&gt;: cold"]
    assert client.head("/").status_code == 200
    assert client.get("/hello/a%26b").text == "<p>Hello, a&amp;b!"
