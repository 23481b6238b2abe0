# SPDX-License-Identifier: MIT
"""Want of memory is never taken for something else, such as a wrong password or a missing file."""

import pytest

PROGRAM = """
import micropython
from tinyweb import auth, conditional, cors, digest, files, multipart, sessions

basic, bearer = auth.basic_auth({}), auth.bearer_auth({})
digest_auth = digest.digest_auth({})
policy = cors.CORS(origins=["https://a.example"])


class Request:
    # The heap is locked when the field is read.
    class headers:
        @staticmethod
        def get(name, default=None):
            micropython.heap_lock()
            return b"https://a.example" * 5


class Sessions(sessions.Sessions):
    def _read(self, value):
        micropython.heap_lock()
        return super()._read(value)


class Cookies:
    headers = {b"Cookie": b"session=aaaa.bbbb.cccc"}


keeper = Sessions("key")
DATE = b"Mon, 06 May 2024 13:08:09 GMT"
long = b"x" * 200
waiting = basic.check(None, b"YW5uOng="), bearer.check(None, b"token" * 10)
stat = 1, 2


def steps():
    # Each is to be called; those with True lock the heap themselves.
    yield "basic", False, waiting[0].__next__
    yield "bearer", False, waiting[1].__next__
    yield "nonce", False, lambda: digest_auth._issued(b"1.2.3")
    yield "date", False, lambda: conditional.parse_date(DATE)
    yield "field of a form", False, lambda: multipart.text(long)
    yield "folder", False, lambda: files.is_folder("/")
    yield "same file", False, lambda: files._is_same("/", stat)
    yield "origin", True, lambda: policy._allow(Request, {})
    yield "session", True, lambda: keeper.load(Cookies(), None)


for name, locks, call in list(steps()):
    failed = None
    if not locks:
        micropython.heap_lock()
    try:
        call()
    except MemoryError:
        failed = "MemoryError"
    except Exception as exc:
        failed = exc
    micropython.heap_unlock()
    print(name, failed)
"""


@pytest.mark.parametrize("bits", [64, 32])
def test_want_of_memory_passes(run_mpy, tmp_path, bits):
    """Whoever meets it gets 503 for an answer, and may try again."""
    done = run_mpy(PROGRAM, bits=bits, cwd=tmp_path)
    lines = done.stdout.splitlines()
    assert len(lines) == 9
    for line in lines:
        assert line.endswith(" MemoryError"), line
