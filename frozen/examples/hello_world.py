# SPDX-License-Identifier: MIT
"""Hello, world: two pages that are made while they are sent.

>>> import examples.hello_world as hello
>>> hello.run()
"""

import tinyweb

# Create web server application
app = tinyweb.webserver()


# Index page
@app.route("/")
async def index(request, response):
    # Start HTTP response with content-type text/html
    await response.start_html()
    # Send actual HTML page
    await response.send(
        '<html><body><h1>Hello, world! (<a href="/table">table</a>)</h1></body></html>\n'
    )


# Another one, more complicated page
@app.route("/table")
async def table(request, response):
    # Start HTTP response with content-type text/html
    await response.start_html()
    await response.send(
        "<html><body><h1>Simple table</h1><table border=1><tr><td>Name</td><td>Value</td></tr>"
    )
    for i in range(10):
        await response.send(f"<tr><td>Name{i}</td><td>Value{i}</td></tr>")
    await response.send("</table>")


def run(host="0.0.0.0", port=8081, **kwargs):
    """Serve until interrupted; further keywords go to `webserver.run()`."""
    app.run(host=host, port=port, **kwargs)


if __name__ == "__main__":
    run()
