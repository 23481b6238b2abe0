# SPDX-License-Identifier: MIT
"""Header fields by which browsers protect an application's pages."""


class SecurityHeaders:
    """A hook for `after_request` that adds these fields to each answer whose handler has not.

    policy: Content-Security-Policy, str: where what a page uses comes from, and who may frame it.
    referrer: Referrer-Policy, str: what other sites learn of a page's address.
    permissions: Permissions-Policy, str: what of the browser's machine a page may use.

    None leaves a field out. `X-Content-Type-Options: nosniff` is always among them.
    """

    def __init__(
        self,
        policy="default-src 'self'; frame-ancestors 'none'",
        referrer="no-referrer",
        permissions="camera=(), geolocation=(), microphone=()",
    ):
        self.fields = (
            ("X-Content-Type-Options", "nosniff"),
            ("Content-Security-Policy", policy),
            ("Referrer-Policy", referrer),
            ("Permissions-Policy", permissions),
        )

    def __call__(self, req, resp):
        """Add the fields to `resp`, a response whose head is about to be made.

        req: its request.
        """
        headers = resp.headers
        for name, value in self.fields:
            if value is not None and name not in headers:
                headers[name] = value
