# SPDX-License-Identifier: MIT
"""Files from a browser to the file system, with progress, and a list of what is there.

No image has it. To copy it to a board and start it:

    mpremote cp frozen/examples/upload.py : + exec "import upload; upload.run()"

It keeps the files in the folder `files`. `curl -T photo.jpg http://BOARD:8081/files/` sends one
from the command line.
"""

import os

import tinyweb
from tinyweb import uploads

app = tinyweb.webserver()

FOLDER = "files"
LIMIT = 1 << 20

PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Files</title>
<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,"></head>
<body><h1>Files</h1>
<form method="post" action="/upload" enctype="multipart/form-data">
<input type="file" name="file" aria-label="Files" multiple required> <button>Send</button>
<progress id="sent" value="0" max="1" aria-label="Progress"></progress></form>
<ul id="list"></ul>
<script>
const form = document.forms[0], sent = document.getElementById("sent");
// Without this script the form works as well, but tells nothing of its progress.
form.onsubmit = event => {
  event.preventDefault();
  const request = new XMLHttpRequest();
  request.upload.onprogress = e => { sent.max = e.total; sent.value = e.loaded; };
  request.onload = () => {
    if (request.status >= 400) alert(request.responseText); else form.reset();
    list();
  };
  request.open("POST", form.action);
  request.send(new FormData(form));
};
async function list() {
  const files = await (await fetch("/files")).json();
  document.getElementById("list").replaceChildren(...files.map(([name, size]) => {
    const item = document.createElement("li"), link = document.createElement("a");
    link.href = "/files/" + encodeURIComponent(name);
    link.textContent = name;
    item.append(link, ` ${size} bytes`);
    return item;
  }));
}
list();
</script></body></html>
"""


def shown():
    """(name, size) of each file; hidden ones are uploads under way."""
    files = []
    for entry in os.ilistdir(FOLDER):
        if not entry[0].startswith("."):
            files.append((entry[0], os.stat(FOLDER + "/" + entry[0])[6]))
    return sorted(files)


def exists(path):
    try:
        os.stat(path)
    except OSError:
        return False
    return True


@app.route("/")
async def index(request, response):
    await response.start_html()
    await response.send(PAGE)


@app.resource("/files")
def files(data):
    return shown()


@app.route("/upload", methods=["POST"], max_body_size=4 * LIMIT)
async def upload(request, response):
    await uploads.receive_form(request, FOLDER, max_file_size=LIMIT)
    await response.redirect("/")


@app.route("/files/<name>", methods=["PUT"], max_body_size=LIMIT)
async def put(request, response, name):
    path = FOLDER + "/" + uploads.safe_name(name)
    response.code = 204 if exists(path) else 201
    await uploads.receive_file(request, path)


@app.route("/files/<name>", methods=["GET"])
async def get(request, response, name):
    # The file may change: the browser asks each time.
    await response.send_file(FOLDER + "/" + uploads.safe_name(name), max_age=0)


@app.route("/files/<name>", methods=["DELETE"])
async def delete(request, response, name):
    path = FOLDER + "/" + uploads.safe_name(name)
    if not exists(path):
        raise tinyweb.HTTPException(404)
    os.remove(path)
    response.code = 204


def run(host="0.0.0.0", port=8081, **kwargs):
    """Serve until interrupted; further keywords go to `webserver.run()`."""
    if not exists(FOLDER):
        os.mkdir(FOLDER)
    uploads.clean(FOLDER)
    app.run(host=host, port=port, **kwargs)


if __name__ == "__main__":
    run()
