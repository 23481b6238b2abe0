# SPDX-License-Identifier: MIT
"""Links from blocks of Python in the documentation to the page on which they run in the browser.

The page (web/try) reads the program from the link: `#program=` and the text in base64url, and
where the program has files beside it `&files=` and JSON of {path: text} in the same way.
`&path=` is the path that is shown first, where that is not "/".
"""

import base64
import json
import re

import code_blocks

# What there is none of: modules (boards/WEBASSEMBLY), ROMFS, and tests, which run the loop
# themselves where a page runs it for them.
ABSENT = re.compile(
    r"^\s*(?:from|import)\s+(?:machine|network|esp32?|ssl|ntptime|umqtt\S*|assets"
    r"|microdot|tinyweb(?:\.| import )(?:background|device|dns|mdns|testing|tls|wifi))\b|\"/rom/",
    re.M,
)
# The path of a page that can be asked for as it stands.
ROUTE = re.compile(
    r"^(?:@app\.(?:route|resource)\(|app\.(?:static|add_route)\(|app\.add_resource\(\w+, )"
    r'"(/[^"<]*)"',
    re.M,
)
# A file of the tutorial, whole: blocks that change one, or that only a board needs, say so.
FILE = re.compile(r'^```\w+ title="([\w./]+)"[^\n]*\n(.*?)^```\n', re.M | re.S)
PROGRAM = "main.py"
BOARD_ONLY = ("boot.py", "add_user.py")
# A file that the reader makes, with a password.
SECRET = "users.json"
# What starts an example, on their page.
START = re.compile(r"^```\nmake start APP=frozen/examples/(\w+)\.py\n```\n", re.M)
TRY = '<p class="try"><a href="{}">Try it in the browser</a></p>'


def encoded(text):
    """`text` as it stands in links: base64url without the end."""
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def whole(text):
    """The program `text` with what starts its server, where it does not say that itself."""
    if re.search(r"^app = ", text, re.M) and not re.search(r"app\.(run|serve)\(|TestClient", text):
        return f"{text.rstrip()}\n\napp.run()\n"
    return text


def programs(page, markdown):
    """{number of a block: (program, {path: text} of its files)} of those that run there.

    page: name of the file, such as "api.md". markdown: its text.
    """
    files = code_blocks.files(page, markdown)
    blocks = code_blocks.blocks(page, markdown)
    found = {}
    for chain in code_blocks.chains(blocks):
        for i, block in enumerate(chain):
            text = "\n\n".join(part.program for part in chain[: i + 1])
            if re.search(r"^(?:from|import) ", text, re.M) and not ABSENT.search(text):
                # It names the folder, with or without the file.
                needed = {
                    n: files[n] for n in files if re.search(rf"[\"']{n.split('/')[0]}\b", text)
                }
                found[blocks.index(block)] = whole(text), needed
    return found


def link(program, files):
    """What follows the page's address in a link to `program`."""
    more = f"&files={encoded(json.dumps(files))}" if files else ""
    paths = ROUTE.findall(program)
    if paths and "/" not in paths:
        more += f"&path={paths[0]}"
    return f"#program={encoded(program)}{more}"


def add(page, markdown, address):
    """The text of a page with links to `address`, behind each block that runs there."""
    found = programs(page, markdown)
    number = -1

    def with_link(match):
        nonlocal number
        number += 1
        if number not in found:
            return match[0]
        return f"{match[0]}\n{TRY.format(address + link(*found[number]))}\n"

    return code_blocks.BLOCK.sub(with_link, markdown)


def steps(pages):
    """[(program, files) or None] for each page of the tutorial: what there is after its steps.

    pages: their texts, in order.
    """
    files, found = {}, []
    for markdown in pages:
        here = dict(FILE.findall(markdown))
        program = here.pop(PROGRAM, None)
        files.update({name: text for name, text in here.items() if name not in BOARD_ONLY})
        found.append(None if program is None or SECRET in program else (program, dict(files)))
    return found


def add_to_step(markdown, step, address):
    """The text of a page of the tutorial with a link behind its program; `step` is of steps()."""

    def with_link(match):
        if match[1] != PROGRAM:
            return match[0]
        return f"{match[0]}\n{TRY.format(address + link(*step))}\n"

    return FILE.sub(with_link, markdown) if step else markdown


def add_to_examples(markdown, names, address):
    """The text of the page of the examples with links behind what starts one of `names`."""

    def with_link(match):
        if match[1] not in names:
            return match[0]
        return f"{match[0]}\n{TRY.format(f'{address}#example={match[1]}')}\n"

    return START.sub(with_link, markdown)
