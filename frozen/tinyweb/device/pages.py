# SPDX-License-Identifier: MIT
"""/device/: the pages with which a person uses the device. Their sources are in web/device/."""

from tinyweb import HTTPException
from tinyweb.device import assets

_KINDS = (
    (".js", "text/javascript; charset=utf-8"),
    (".css", "text/css; charset=utf-8"),
    (".svg", "image/svg+xml"),
)
_PAGE = "index.html"


def answer(req, resp, name):
    """Answer a request for `name`, the decoded path behind /device/."""
    if req.method != b"GET" and req.method != b"HEAD":
        raise HTTPException(405)
    found = assets.get((name or _PAGE) + ".gz")
    if found is None:
        raise HTTPException(404)
    data, tag = found
    headers = {"Cache-Control": "no-cache", "ETag": tag}
    if req.headers.get(b"If-None-Match") == tag.encode():
        return None, 304, headers
    headers["Content-Encoding"] = "gzip"
    headers["Content-Length"] = len(data)
    headers["X-Content-Type-Options"] = "nosniff"
    for end, kind in _KINDS:
        if name.endswith(end):
            headers["Content-Type"] = kind
            break
    else:
        headers["Content-Security-Policy"] = "default-src 'self';frame-ancestors 'none'"
        headers["Referrer-Policy"] = "no-referrer"
    return data, 200, headers
