# SPDX-License-Identifier: MIT
"""HTTPS: the context that `webserver.run(ssl=...)` takes."""

import sys


def context(certificate, key):
    """Return the SSLContext of a server (RFC 8446, RFC 5246).

    certificate: path of a file in PEM or DER, with the chain after the certificate if there is
        one. Elliptic curves (P-256) take a chip a tenth of the time of RSA.
    key: path of the private key's file, without a passphrase.

    Raises NotImplementedError where the firmware has no TLS for servers, OSError if a file cannot
    be read and ValueError if it is no certificate or key, or the two do not belong together.
    """
    if sys.platform == "esp8266":
        raise NotImplementedError(
            "no HTTPS on the ESP8266: TLS needs more memory for one connection than the chip has"
        )
    try:
        import tls
    except ImportError:
        raise NotImplementedError("no HTTPS: this firmware was built without TLS")
    made = tls.SSLContext(tls.PROTOCOL_TLS_SERVER)
    with open(certificate, "rb") as c, open(key, "rb") as k:
        made.load_cert_chain(c.read(), k.read())
    return made
