# SPDX-License-Identifier: MIT
"""A guest book, rendered by a template: what guests write is shown as text, whatever it is.

No image has it. To copy it to a board and start it:

    mpremote cp frozen/examples/templates.py : + exec "import templates; templates.run()"
"""

import tinyweb
from tinyweb.template import Template

MOST = 20
entries = []

page = Template("""<!doctype html><html lang="en">
<meta name="viewport" content="width=device-width"><title>Guests</title>
<h1>{{ entries|count }}</h1>
{% for entry in entries %}
<p><b>{{ entry.name or "somebody" }}</b> <a href="/?by={{ entry.name|url }}">all</a>:
{{ entry.text }}
{% else %}
<p>Nobody was here.
{% endfor %}
<form method="post"><input name="name" maxlength="20" placeholder="Name" aria-label="Name">
<input name="text" maxlength="80" placeholder="Text" aria-label="Text" required>
<button>Write</button></form>
""")

app = tinyweb.webserver()


def count(items):
    return "{} {}".format(len(items), "entry" if len(items) == 1 else "entries")


@app.route("/", methods=["GET"])
async def index(req, resp):
    from httpparse import parse_qs

    by = parse_qs(req.query_string).get("by")
    shown = [entry for entry in entries if by is None or entry["name"] == by]
    return page.render(entries=shown, count=count)


@app.route("/", methods=["POST"])
async def write(req, resp):
    form = await req.read_parse_form_data()
    name = str(form.get("name", ""))[:20]
    entries.insert(0, {"name": name, "text": str(form.get("text", ""))[:80]})
    del entries[MOST:]
    await resp.redirect("/")


def run(host="0.0.0.0", port=8081):
    app.run(host, port)


if __name__ == "__main__":
    run()
