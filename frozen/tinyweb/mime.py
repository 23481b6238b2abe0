# SPDX-License-Identifier: MIT
"""Media types by file name extension."""

# One constant in flash; a dict of these would cost 700 bytes of heap.
_TYPES = (
    " html:text/html htm:text/html css:text/css js:text/javascript mjs:text/javascript"
    " json:application/json map:application/json txt:text/plain md:text/markdown csv:text/csv"
    " xml:application/xml svg:image/svg+xml png:image/png jpg:image/jpeg jpeg:image/jpeg"
    " gif:image/gif webp:image/webp avif:image/avif ico:image/x-icon bmp:image/bmp"
    " woff:font/woff woff2:font/woff2 ttf:font/ttf otf:font/otf"
    " mp3:audio/mpeg ogg:audio/ogg wav:audio/wav mp4:video/mp4 webm:video/webm"
    " pdf:application/pdf zip:application/zip gz:application/gzip wasm:application/wasm"
    " webmanifest:application/manifest+json "
)


def media_type(filename):
    """The media type of `filename` (str) by its extension, with charset where it is text."""
    name = filename[filename.rfind("/") + 1 :]
    dot = name.rfind(".")
    if dot < 0:
        return "application/octet-stream"
    at = _TYPES.find(" " + name[dot + 1 :].lower() + ":")
    if at < 0:
        return "application/octet-stream"
    at = _TYPES.find(":", at) + 1
    kind = _TYPES[at : _TYPES.find(" ", at)]
    if kind.startswith("text/"):
        kind += "; charset=utf-8"
    return kind
