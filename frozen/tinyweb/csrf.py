# SPDX-License-Identifier: MIT
"""Protection against cross-site request forgery, by the fields that browsers send.

Browsers say where an unsafe request comes from: in Sec-Fetch-Site (Fetch Metadata) over TLS and
on localhost, and in Origin (RFC 6454) everywhere. No token is needed. Clients that send neither
are no browsers, so nobody else's page can have made them send the request.
"""

from tinyweb.guards import Guard
from tinyweb.server import HTTPException

# RFC 9110 section 9.2.1
_SAFE = (b"GET", b"HEAD", b"OPTIONS", b"TRACE")


class Csrf(Guard):
    """The guard of handlers that change something; unsafe requests from elsewhere get 403.

    origins: other origins whose pages may use them too, such as 'https://app.example'.
    hosts: the names, with port where it is not the scheme's, that this server has, or None for
        any. With them, a page whose name was made to lead here (DNS rebinding) is refused, too.
    exempt: paths that anybody's pages may send requests to, where the instance guards several.
    """

    NEEDS = ("Host", "Origin", "Sec-Fetch-Site")

    def __init__(self, origins=(), hosts=None, exempt=()):
        self.exempt = tuple(path.encode() for path in exempt)
        self.origins = tuple(origin.lower().encode() for origin in origins)
        self.hosts = hosts and tuple(host.lower().encode() for host in hosts)

    def admit(self, req, resp):
        """Let a request pass if allows() says so; else HTTPException(403).

        req, resp: the request and its response.
        """
        if not self.allows(req):
            raise HTTPException(403)

    def allows(self, req):
        """Whether `req` is safe, comes from this server's own pages, or from no page.

        Its fields Host, Origin and Sec-Fetch-Site have to be kept.
        """
        if req.method in _SAFE or req.path in self.exempt:
            return True
        headers = req.headers
        host = headers.get(b"Host", b"").lower()
        if self.hosts is not None and host not in self.hosts:
            return False
        origin = headers.get(b"Origin")
        if origin is not None:
            origin = origin.lower()
            if origin in self.origins:
                return True
        site = headers.get(b"Sec-Fetch-Site")
        if site is not None:
            return site == b"same-origin" or site == b"none"
        return origin is None or origin.endswith(b"://" + host)
