# SPDX-License-Identifier: MIT
"""The page "Try it in the browser" in Chromium, as a person uses it."""

import base64
import gzip

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from support import pictures

# Bytes that are loaded until a program can run, as servers send them: gzip.
MOST_TO_LOAD = 300 * 1000
WIDE, PHONE = {"width": 1200, "height": 850}, {"width": 375, "height": 740}

HEAD = "import asyncio, tinyweb\napp = tinyweb.webserver()\n"


@pytest.fixture
def open_page(browser, try_page):
    """Return a function that opens the page in a window; `more` is what its URL ends with."""
    contexts = []

    def start(more="", size=WIDE, context=None, ready=True):
        if context is None:
            context = browser.new_context(viewport=size)
            contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.goto(try_page[1] + more)
        if ready:
            expect(page.locator("#run")).to_be_enabled()
        return page

    yield start
    for context in contexts:
        context.close()


def run(page, program=None):
    """Run what is in the editor, or `program`; its page in the frame."""
    if program is not None:
        page.locator("#source").fill(program)
    page.get_by_role("button", name="Run").click()
    page.locator("#frame:visible, #state:not(:empty):not(:text('Running'))").first.wait_for()
    return page.frame_locator("#frame")


def example(page, name):
    """Choose an example in the menu, and run it."""
    with page.expect_response(f"**/examples/{name}.json"):
        page.locator("#examples").select_option(name)
    expect(page.locator("#state")).to_have_text("Press Run to start the program.")
    return run(page)


def output(page):
    return page.locator("#output")


def test_hello_world_and_its_links(open_page):
    page = open_page()
    frame = run(page)
    expect(frame.locator("h1")).to_contain_text("Hello, world!")
    expect(output(page)).to_contain_text("Serving at http://127.0.0.1:8081/")
    expect(page.locator("#host")).to_have_text("http://127.0.0.1:8081")
    # It leads to /table: outside of what the page serves, were it taken as it is.
    frame.get_by_role("link", name="table").click()
    expect(frame.locator("h1")).to_have_text("Simple table")
    expect(page.locator("#path")).to_have_value("/table")
    page.locator("#path").fill("/")
    page.get_by_role("button", name="Go").click()
    expect(frame.locator("h1")).to_contain_text("Hello, world!")


def test_screenshot(open_page):
    page = open_page(size=pictures.WINDOW)
    frame = example(page, "live_values")
    expect(frame.locator("#free")).not_to_have_text("?")
    pictures.take(page, "try")


def test_rest_api(open_page):
    page = open_page()
    frame = example(page, "rest_api")
    expect(frame.locator("body")).to_contain_text('"name": "Jack"')
    answer = page.frames[1].evaluate("""async () => {
      const post = { method: "POST", body: new URLSearchParams({ name: "Ann" }) };
      const made = await fetch("/customers", post);
      const gone = await fetch("/customers/1", { method: "DELETE" });
      return [made.status, (await made.json()).id, gone.status];
    }""")
    assert answer == [201, "3", 403]


def test_template_and_form(open_page):
    page = open_page()
    frame = example(page, "templates")
    frame.get_by_label("Name").fill("<Ann>")
    frame.get_by_label("Text").fill("Hello")
    frame.get_by_role("button", name="Write").click()
    expect(frame.locator("h1")).to_have_text("1 entry")
    frame.get_by_role("link", name="all").click()
    expect(frame.locator("b")).to_have_text("<Ann>")
    expect(page.locator("#path")).to_have_value("/?by=%3CAnn%3E")


def test_live_values_go_on(open_page):
    page = open_page()
    frame = example(page, "live_values")
    expect(frame.locator("#uptime")).to_have_text("1")
    expect(frame.locator("#uptime")).to_have_text("3")


def test_chat_between_two_windows(open_page):
    page = open_page()
    frame = example(page, "chat")
    expect(frame.locator("#state")).to_have_text("Connected")
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="In a tab").click()
    other = opened.value
    expect(other.locator("#log")).to_contain_text("2 are here")
    other.get_by_label("Message").fill("Hello there")
    other.get_by_role("button", name="Send").click()
    expect(frame.locator("#log")).to_contain_text("Hello there")
    other.close()


def test_demo_with_login_and_guest_book(open_page):
    page = open_page()
    frame = example(page, "demo")
    expect(frame.locator("#live")).to_have_text("Live")
    frame.get_by_role("link", name="Guests").click()
    # The dashboard has fields of these names too.
    expect(frame.get_by_role("heading", name="Guests")).to_be_visible()
    frame.get_by_label("Name").fill("Ann")
    frame.locator("[name=text]").fill("It is here")
    frame.locator("main button, form button").first.click()
    expect(frame.locator("body")).to_contain_text("It is here")
    frame.get_by_role("link", name="Login").click()
    frame.get_by_label("User").fill("admin")
    frame.get_by_label("Password").fill("secret")
    frame.get_by_role("button", name="Log in").click()
    expect(frame.get_by_role("button", name="Log out")).to_be_visible()


@pytest.mark.parametrize("name", ["routing", "upload", "login", "static_content"])
def test_every_other_example_serves(open_page, name):
    page = open_page()
    frame = example(page, name)
    expect(frame.locator("body")).not_to_be_empty()
    assert not page.locator("#state").inner_text()
    assert "Traceback" not in output(page).inner_text()


def test_where_scripts_lead_is_the_programs(open_page):
    page = open_page()
    frame = run(
        page,
        HEAD
        + """
@app.route("/")
async def index(request, response):
    await response.start_html()
    await response.send('''<!doctype html><head><title>A</title></head>
<button onclick="location = '/next'">Go on</button>''')

@app.route("/next")
async def following(request, response):
    await response.start_html()
    await response.send("<h1>" + request.path.decode() + "</h1>")

app.run()
""",
    )
    frame.get_by_role("button").click()
    expect(frame.locator("h1")).to_have_text("/next")
    assert page.frames[1].evaluate("document.compatMode") == "BackCompat"


def test_a_page_keeps_its_document_type(open_page):
    page = open_page()
    run(
        page,
        HEAD
        + """
@app.route("/")
async def index(request, response):
    await response.start_html()
    await response.send("<!doctype html><p>\\u00e4\\u4e16")

app.run()
""",
    )
    expect(page.frame_locator("#frame").locator("p")).to_have_text("ä世")
    assert page.frames[1].evaluate("document.compatMode") == "CSS1Compat"


def link(program):
    return "#program=" + base64.urlsafe_b64encode(program.encode()).decode().rstrip("=")


def test_a_program_in_a_link_waits_for_run(open_page):
    page = open_page(link("print('it ran: é')"))
    expect(page.locator("#source")).to_have_value("print('it ran: é')")
    expect(page.locator("#state")).to_contain_text("This program came with a link.")
    page.wait_for_timeout(300)
    expect(output(page)).to_be_empty()
    # Nor does one that comes while another is there.
    page.evaluate(f"location.hash = '{link('print(2)')}'")
    expect(page.locator("#source")).to_have_value("print(2)")
    page.wait_for_timeout(300)
    expect(output(page)).to_be_empty()
    run(page)
    expect(output(page)).to_have_text("2\n")
    expect(page.locator("#state")).to_contain_text("does not serve anything")


def test_a_link_has_the_path_that_is_shown_first(open_page):
    page = open_page(link(SAYS.replace('route("/")', 'route("/there")')) + "&path=/there")
    expect(run(page).locator("body")).to_have_text("I am {}")
    expect(page.locator("#path")).to_have_value("/there")


def test_a_link_that_cannot_be_read_says_so(open_page):
    page = open_page("#program=***")
    expect(page.locator("#state")).to_contain_text("The link cannot be read")


def test_a_link_to_ones_own_program(open_page, browser):
    page = open_page()
    page.locator("#source").fill("print('mine')")
    page.get_by_role("button", name="Copy link").click()
    expect(page.locator("#state")).to_contain_text("The link is in the")
    other = open_page(page.url[page.url.index("#") :])
    expect(other.locator("#source")).to_have_value("print('mine')")


SAYS = (
    HEAD
    + """
@app.route("/")
def index(request, response):
    return "I am {}"

app.run()
"""
)


def test_each_tab_has_its_own_program(open_page):
    first = open_page()
    second = open_page(context=first.context)
    one = run(first, SAYS.replace("{}", "one"))
    two = run(second, SAYS.replace("{}", "two"))
    expect(one.locator("body")).to_have_text("I am one")
    expect(two.locator("body")).to_have_text("I am two")
    first.bring_to_front()
    for page, frame, text in ((first, one, "I am one"), (second, two, "I am two")):
        page.get_by_role("button", name="Go").click()
        expect(frame.locator("body")).to_have_text(text)


def test_a_page_that_is_closed_has_no_program(open_page):
    page = open_page()
    run(page, SAYS)
    url = page.locator("#open").evaluate("e => e.href")
    other = open_page(context=page.context)
    page.close()
    assert other.goto(url).status == 404
    expect(other.locator("body")).to_have_text("The page of this program is not open any more.")


WAITS = (
    HEAD
    + """
@app.route("/")
async def index(request, response):
    return "here"

@app.route("/never")
async def never(request, response):
    await asyncio.sleep(1000)

@app.route("/half")
async def half(request, response):
    await response.start_html()
    await response.send("half")
    await response.flush()
    await asyncio.sleep(1000)

@app.route("/loop")
def loop(request, response):
    while True:
        pass

app.run()
"""
)


@pytest.mark.parametrize("path, status", [("/never", 503), ("/half", "failed"), ("/loop", 503)])
def test_who_waits_gets_an_answer_when_the_program_is_stopped(open_page, path, status):
    page = open_page()
    frame = run(page, WAITS)
    expect(frame.locator("body")).to_have_text("here")
    # From the page around the frame, which Stop does not empty.
    page.evaluate("""path => {
      const frame = document.createElement("iframe");
      frame.src = document.querySelector("#open").href;
      frame.id = "other";
      document.body.append(frame);
    }""")
    other = page.frame_locator("#other")
    expect(other.locator("body")).to_have_text("here")
    inside = page.frames[-1]
    inside.evaluate(
        """path => {
          window.asked = fetch(path).then(async (answer) => [answer.status, await answer.text()])
            .catch((error) => ["failed", error.message]);
        }""",
        path,
    )
    page.wait_for_timeout(300)
    page.get_by_role("button", name="Stop").click()
    assert inside.evaluate("window.asked")[0] == status
    expect(page.locator("#state")).to_contain_text("Stopped.")
    expect(run(page).locator("body")).to_have_text("here")


def test_an_endless_loop_at_the_start(open_page):
    page = open_page()
    page.locator("#source").fill("while True:\n    pass\n")
    page.get_by_role("button", name="Run").click()
    expect(page.locator("#state")).to_contain_text("Still running, and not serving yet.")
    page.get_by_role("button", name="Stop").click()
    expect(run(page, SAYS).locator("body")).to_have_text("I am {}")


def test_a_new_worker_after_an_error_of_javascript(open_page):
    page = open_page()
    run(page, "import re\nre.match('(a*)*b', 'a' * 30000)\n")
    expect(page.locator("#state")).to_contain_text("Python has stopped:")
    expect(run(page, SAYS).locator("body")).to_have_text("I am {}")


def test_an_exception_is_in_the_output(open_page):
    page = open_page()
    run(page, "import nothing\n")
    expect(page.locator("#state")).to_contain_text("The program has ended with an error")
    expect(output(page)).to_contain_text("ImportError: no module named 'nothing'")


def test_prompt(open_page):
    page = open_page()
    run(page, HEAD + "x = 41\n")
    line = page.locator("#line")
    line.fill("x + 1")
    line.press("Enter")
    expect(output(page)).to_have_text(">>> x + 1\n42\n")
    line.press_sequentially("for i in range(2):")
    line.press("Enter")
    line.press_sequentially("    print(i)")
    line.press("Enter")
    line.press("Enter")
    expect(output(page)).to_contain_text("0\n1\n")
    line.press("ArrowUp")
    line.press("ArrowUp")
    expect(line).to_have_value("x + 1")
    line.fill("app.run()")
    line.press("Enter")
    expect(page.locator("#frame")).to_be_visible()


def test_editor_by_keyboard(open_page):
    page = open_page()
    source = page.locator("#source")
    source.fill("")
    source.press_sequentially("if 1:")
    page.keyboard.press("Enter")
    source.press_sequentially("2")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(source).to_have_value("if 1:\n    2\n        ")
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    expect(source).not_to_be_focused()
    source.fill("print('by key')")
    page.keyboard.press("Control+Enter")
    expect(output(page)).to_have_text("by key\n")


def test_what_has_to_be_loaded(browser, try_page):
    folder, url = try_page
    context = browser.new_context()
    page = context.new_page()
    loaded = {}
    context.on("response", lambda answer: loaded.setdefault(answer.url, answer))
    page.goto(url)
    expect(page.locator("#run")).to_be_enabled()
    expect(run(page).locator("h1")).to_be_visible()
    names = [name.removeprefix(url).split("#")[0] for name in loaded]
    assert all(name.startswith(url) for name in loaded), "nothing comes from another host"
    own = [name or "index.html" for name in names if not name.startswith("app/")]
    assert {"micropython.wasm", "sw.js", "frame.js", "try.mjs"} <= set(own)
    size = sum(len(gzip.compress((folder / name).read_bytes())) for name in set(own))
    context.close()
    assert size <= MOST_TO_LOAD


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everybody_can_use_it(open_page, size, scheme):
    page = open_page(size=size)
    page.emulate_media(color_scheme=scheme)
    run(page, SAYS)
    found = Axe().run(page, options={"iframes": False})
    assert found.violations_count == 0, found.generate_report()
    # Nothing is beside the window, where it would have to be looked for.
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
