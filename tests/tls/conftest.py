# SPDX-License-Identifier: MIT
import ssl

import pytest
import trustme


@pytest.fixture(scope="session")
def authority():
    return trustme.CA()


@pytest.fixture(scope="session")
def write():
    """``write(certificate, folder)``: the files (certificate, key) of a trustme certificate."""

    def files_of(certificate, folder):
        folder.mkdir()
        paths = folder / "certificate.pem", folder / "key.pem"
        with open(paths[0], "wb") as file:
            for blob in certificate.cert_chain_pems:
                file.write(blob.bytes())
        certificate.private_key_pem.write_to_path(paths[1])
        return paths

    return files_of


@pytest.fixture(scope="session")
def files(authority, write, tmp_path_factory):
    certificate = authority.issue_cert("127.0.0.1", "localhost")
    return write(certificate, tmp_path_factory.mktemp("tls") / "server")


@pytest.fixture(scope="session")
def trust(authority):
    """A client's context that trusts the authority."""
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context
