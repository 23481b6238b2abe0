# SPDX-License-Identifier: MIT
"""The request that handlers get."""

import _tinyweb
from _tinyweb import HTTPException, small_form
from httpparse import parse_qs

from micropython import const

# Bytes of a chunked body that read(n) takes at most: n may be far more than what comes.
_PIECE = const(1024)


class request:
    """The methods of a request; it is valid until the handler returns.

    method: such as b'GET'. path: of the URL, percent-encoded as the client sent it, bytes.
    query_string: what follows the question mark, b'' if nothing does. version: 10 or 11.
    headers: the header fields that the route's `save_headers` names, by these names, bytes.
    peer: the client's address, as socket.accept() gave it.
    content_length: bytes of the body, None where the client sent none or sends it in chunks.
    """

    # What the slot calls
    _expect = _tinyweb.expect  # _expect(max_body_size): there is a body; HTTPException(413)

    def readinto(self, buf):
        """Read body bytes into `buf`, a bytearray or writable memoryview. Coroutine.

        Returns their number, 0 at the end of the body. Raises HTTPException(413) beyond the
        route's max_body_size, httpparse.Error on a malformed chunk or a body that is cut off,
        OSError if the client has gone.
        """
        # RFC 9110 section 15.5.14, RFC 9112 sections 7.1 and 8.
        slot = self._slot
        parser = slot.parser
        if parser.remaining == 0:
            return 0  # Perhaps there was no body at all, and nothing to count.
        if not self._taken and parser.expect:
            yield from self._continue(slot)
        n = parser.readinto(slot.sock, buf)
        if n is None:
            while n is None:
                yield from slot.wait_for_body(self)
                # A task may have waited for longer than the request took.
                n = self._parser.readinto(slot.sock, buf)
            slot.resume()
        self._taken += n
        if self._taken > self._max_body_size:
            slot.response._keep_alive = False
            raise HTTPException(413)
        return n

    def _continue(self, slot):
        # Send 100 Continue, before the body is read (RFC 9110 section 10.1.1). Coroutine.
        response = slot.response
        try:
            while self._slot.writer.interim(slot.sock, 100) is None:
                yield from slot.wait_to_send()
        finally:
            slot.resume(response)

    def read(self, n=-1):
        """Read up to `n` bytes of the body, or all of it. Coroutine; b'' is the body's end.

        Raises what readinto() does. All of it is a bytearray, so that it needs no second copy.
        """
        left = self._slot.parser.remaining
        if left == 0 or n == 0:
            return b""
        if n < 0:
            return (yield from self._read_all(left))
        # int(): bytearray() trusts what an object says of its length.
        buf = bytearray(int(min(n, left if left > 0 else _PIECE)))
        n = yield from self.readinto(buf)
        return bytes(memoryview(buf)[:n])

    def _read_all(self, limit):
        # A body of known size, `limit` if that is not negative, costs one buffer of that size.
        known = limit > 0
        if not known:
            limit = self._max_body_size + 1  # as much as can come before it is too much
        buf = bytearray(int(limit if known else min(limit, 256)))
        used = 0
        while True:
            if used == len(buf):
                if known:
                    return buf
                buf.extend(bytes(min(len(buf), limit - used)))
            n = yield from self.readinto(memoryview(buf)[used:])
            if not n:
                return buf[:used]
            used += n

    def __aiter__(self):
        from tinyweb.slices import Slices

        return Slices(self)

    def read_parse_form_data(self):
        """Read the body of a form or of JSON and return it as a dict, or a list. Coroutine.

        The strings of application/x-www-form-urlencoded and multipart/form-data; the object or
        array of application/json; {} without a body. Raises HTTPException: 400 for what is
        malformed, 413 for what is too large, 415 for other content types and for forms with files.
        """
        found = small_form(self)
        if found is None:
            return self._read_form()
        return self._read_rest(found) if type(found) is bytearray else found

    def _read_rest(self, buf):
        # A form whose first _taken bytes are in `buf` already. Coroutine.
        used = self._taken
        while used < len(buf):
            n = yield from self.readinto(memoryview(buf)[used:])
            if not n:
                break
            used += n
        return parse_qs(buf)

    def _read_form(self):
        # A large form, or one of another type. Coroutine.
        if self._slot.parser.remaining == 0:
            return {}
        from tinyweb import forms

        return (yield from forms.read_form(self))
