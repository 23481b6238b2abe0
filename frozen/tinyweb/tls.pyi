# SPDX-License-Identifier: MIT
"""HTTPS: the context that `webserver.run(ssl=...)` takes."""

from typing import Any

def context(certificate: str, key: str) -> Any:
    """Return the SSLContext of a server (RFC 8446, RFC 5246).

    certificate: path of a file in PEM or DER, with the chain after the certificate if there is
        one. Elliptic curves (P-256) take a chip a tenth of the time of RSA.
    key: path of the private key's file, without a passphrase.

    Raises NotImplementedError where the firmware has no TLS for servers, OSError if a file cannot
    be read and ValueError if it is no certificate or key, or the two do not belong together.
    """
