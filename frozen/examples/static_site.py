# SPDX-License-Identifier: MIT
"""A site from the folder `www`, and a little API beside it.

No image has it. To copy the site and it to a board and start it:

    mpremote cp -r www :
    mpremote cp frozen/examples/static_site.py : + exec "import static_site; static_site.run()"

Compress what is text: `gzip -9k www/*.html www/*.css www/*.js`; browsers then get the smaller
files.
"""

import gc

import tinyweb

app = tinyweb.webserver()


# Routes go before the site's files.
@app.resource("/api/memory")
def memory(data):
    return {"free": gc.mem_free()}


# Pages are looked at each time, which costs an empty answer when they are the same. What has a
# version in its name never changes: the browser need not ask.
app.static("/", "www", cache={"": 0, ".v1.js": 31536000, ".v1.css": 31536000})


def run(host="0.0.0.0", port=8081, **kwargs):
    """Serve until interrupted; further keywords go to `webserver.run()`."""
    app.run(host=host, port=port, **kwargs)


if __name__ == "__main__":
    run()
