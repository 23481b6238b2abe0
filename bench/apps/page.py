# SPDX-License-Identifier: MIT
"""The page that every server under measurement answers `GET /` with."""

PAGE = '<html><body><h1>Hello, world! (<a href="/table">table</a>)</h1></body></html>\n'
