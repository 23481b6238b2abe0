# SPDX-License-Identifier: MIT
"""This project's tinyweb with the folder of this file as a static site."""

import sys

import tinyweb

app = tinyweb.webserver()
app.static("/", __file__.rsplit("/", 1)[0])
app.run(host=sys.argv[2], port=int(sys.argv[1]))
