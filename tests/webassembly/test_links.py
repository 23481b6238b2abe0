# SPDX-License-Identifier: MIT
"""What the documentation's links to the page lead to: programs that run there."""

import json

import pytest
import try_links
from tutorial import steps

from support.simulator import TOP

PAGES = [TOP / "README.md", *sorted((TOP / "docs").glob("*.md"))]
FOUND = {page.name: try_links.programs(page.name, page.read_text("utf-8")) for page in PAGES}

RUN = """
const results = [];
for (const [source, files] of PROGRAMS) {
  const server = await boot(source, files);
  await wait(20);
  const serves = /^(app = |.*app.(run|serve)\\()/m.test(source) && !source.includes("TestClient");
  results.push([server.output(), server.failures, !serves || server.ports.length > 0]);
}
return results;
"""


@pytest.mark.parametrize("page", [name for name, programs in FOUND.items() if programs])
def test_programs_run(node, page):
    programs = list(FOUND[page].values())
    results = node(f"const PROGRAMS = {json.dumps(programs)};\n{RUN}")
    for (source, _), (output, failures, serves) in zip(programs, results, strict=True):
        assert "Traceback" not in output, (source, output)
        assert (failures, serves) == ([], True), source


def tutorial():
    """{page: (program, files)} of the tutorial."""
    names = [f"{name}.md" for name in steps.pages()]
    texts = [(TOP / "docs/tutorial" / name).read_text("utf-8") for name in names]
    return {n: step for n, step in zip(names, try_links.steps(texts), strict=True) if step}


@pytest.mark.parametrize("page", ["first-page.md", "control.md", "form.md", "chart.md"])
def test_steps_of_the_tutorial_run(node, page):
    program, files = tutorial()[page]
    shown = node(f"""
        const server = await boot({json.dumps(program)}, {json.dumps(files)});
        return [server.output(), server.failures, (await server.request({{}})).status];
    """)
    assert "Traceback" not in shown[0], shown[0]
    assert shown[1:] == [[], 200]


def test_a_step_of_the_tutorial_has_a_link():
    (name, step), *_ = tutorial().items()
    text = (TOP / "docs/tutorial" / name).read_text("utf-8")
    linked = try_links.add_to_step(text, step, "../try/index.html")
    assert linked.count("../try/index.html#program=") == 1
    assert list(tutorial()) == ["first-page.md", "control.md", "form.md", "chart.md"]


def test_examples_of_the_first_page_are_among_them():
    texts = [program for program, _ in FOUND["README.md"].values()]
    for piece in ("Hello, world!", "read_parse_form_data", "app.add_resource(Customers"):
        assert any(piece in text for text in texts)
    assert all(text.rstrip().splitlines()[-1].strip().startswith("app.run(") for text in texts)


@pytest.mark.parametrize(
    ("routes", "end"),
    [
        ('@app.route("/")\n@app.route("/a")\n', ""),
        ('@app.route("/<int:n>")\n@app.route("/a")\n', "&path=/a"),
        ('app.add_resource(Lamps, "/lamps")\n', "&path=/lamps"),
        ('app.static("/", "www")\n@app.route("/a")\n', ""),
        ("", ""),
    ],
)
def test_a_link_has_the_path_that_is_shown_first(routes, end):
    link = try_links.link(routes, {})
    assert link == f"#program={try_links.encoded(routes)}{end}"


def test_a_link_has_the_program_and_its_files():
    links = try_links.add(
        "x.md", "```python\nimport tinyweb\nopen('www/a')\n```\n", "try/index.html"
    )
    assert links.startswith("```python\nimport tinyweb\nopen('www/a')\n```\n\n<p class=")
    program = "aW1wb3J0IHRpbnl3ZWIKb3Blbignd3d3L2EnKQo"
    assert f'<a href="try/index.html#program={program}&files=' in links
