# SPDX-License-Identifier: MIT
"""Pages, style sheets and images from files.

    >>> import examples.static_content as static_content
    >>> static_content.run()

serves the folder `static` of the file system. Copy your own there, for instance with
`mpremote cp -r static :`. When there is no such folder, a small one is made to begin with.
"""

import os

import tinyweb

app = tinyweb.webserver()

root = "static"

SAMPLE = (
    (
        "index.html",
        "<!DOCTYPE html>\n"
        '<html lang="en"><head><meta charset="utf-8"><title>Static content</title>\n'
        '<meta name="viewport" content="width=device-width">\n'
        '<link rel="icon" href="/chip.svg"><link rel="stylesheet" href="/style.css"></head>\n'
        '<body><img src="/chip.svg" alt="A chip" width="160" height="160">\n'
        "<h1>Static content</h1>\n"
        "<p>This page, its style and its image are files in the folder <code>static</code>.</p>\n"
        "</body></html>\n",
    ),
    (
        "style.css",
        "body{font:18px/1.5 system-ui,sans-serif;text-align:center;margin:3em 1em;color:#123}\n"
        "code{background:#e6f2f0;padding:0 .3em;border-radius:4px}\n",
    ),
    (
        "chip.svg",
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16">\n'
        '<path stroke="#b58a2c" d="M5 1v14M8 1v14M11 1v14M1 5h14M1 8h14M1 11h14"/>\n'
        '<rect x="3" y="3" width="10" height="10" rx="1" fill="#0f766e"/>\n'
        '<circle cx="5" cy="5" r=".7" fill="#fff"/></svg>\n',
    ),
)


@app.route("/")
async def index(request, response):
    await response.send_file(root + "/index.html")


# The content type follows the name's ending. Only a name that the folder itself lists is
# served, so no spelling of "../" leads out of it.
@app.route("/<name>")
async def file(request, response, name):
    if name in os.listdir(root):
        # How long a browser may keep it, in seconds.
        await response.send_file(root + "/" + name, max_age=3600)
    else:
        await response.error(404)


def make_sample():
    """Make the folder with a page, a style sheet and an image, if it does not exist."""
    try:
        os.stat(root)
        return
    except OSError:
        os.mkdir(root)
    for name, text in SAMPLE:
        with open(root + "/" + name, "w") as f:
            f.write(text)


def run(host="0.0.0.0", port=8081, **kwargs):
    """Serve until interrupted; further keywords go to `webserver.run()`."""
    make_sample()
    app.run(host=host, port=port, **kwargs)


if __name__ == "__main__":
    run()
