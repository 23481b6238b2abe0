# SPDX-License-Identifier: MIT
"""The response that handlers get."""

import _tinyweb
from _tinyweb import date
from httpparse import reason

from micropython import const

# Seconds after which a client may repeat what the server was too busy or too small for just now.
_RETRY_AFTER = const(10)


class response:
    """The methods of a response.

    code: the status code, 200 by default.
    version: '1.1', or '1.0' to answer as HTTP/1.0 does.
    headers: the header fields beside the server's own; a list of values makes as many fields.

    A coroutine that sends something is kept in _unawaited until it begins. So what a handler
    forgets to await is done when it returns, or before what it does next.
    """

    # In C. Coroutines are those that have to be awaited: what they do may be done at once.
    #
    # add_header(key, value): add the field `key`; `value` is str, bytes or int, or a list or tuple
    #     of these.
    # start_html(): start an answer of text/html. Coroutine.
    # start_json(): start an answer of application/json. Coroutine.
    # send(payload): send `payload`, str or a bytes-like object, as the next part of the body.
    #     Coroutine. Small parts are collected: they leave together, at the latest when the handler
    #     returns. Raises OSError if the client has gone, or takes nothing for send_timeout.
    # flush(): send what send() has collected. Coroutine.
    add_header = _tinyweb.add_header
    start_html = _tinyweb.start_html
    start_json = _tinyweb.start_json
    send = _tinyweb.send
    flush = _tinyweb.flush
    _start = _tinyweb.start  # _start(content_type=None): make the head
    _send_headers = _tinyweb.send_headers  # as in the original
    _later = _tinyweb.later  # _later(coro): keep it in _unawaited; returns it
    _end = _tinyweb.end  # _end(): the handler has returned; None, or what it has not awaited

    def redirect(self, location, msg=None):
        """Redirect the client to `location` with 302 Found (RFC 9110 section 15.4.3). Coroutine.

        msg: the body, text.
        """
        return self._later(self._redirect(location, msg))

    async def _redirect(self, location, msg):
        self._unawaited = None
        self.code = 302
        self.headers["Location"] = location
        self._start("text/plain; charset=utf-8" if msg else None)
        if msg:
            await self.send(msg)

    def error(self, code, msg=None):
        """Answer with the error status `code`; `msg` (str) replaces the reason phrase. Coroutine.

        Replaces what the handler has collected so far; raises RuntimeError if that has left.
        """
        self._unawaited = None  # It replaces that, too.
        return self._later(self._error(code, msg))

    async def _error(self, code, msg):
        self._unawaited = None
        writer = self._writer
        if writer.sent:
            raise RuntimeError("response already sent")
        writer.reset()
        allow = self.headers.get("Allow")
        self.headers = {} if allow is None else {"Allow": allow}
        if code == 503:
            self.headers["Retry-After"] = _RETRY_AFTER
        self.code = code
        # Nothing has asked for the time where the request was not understood.
        self._date = date(self._slot.server)
        if self._slot.server.group is not None:
            from tinyweb import errors

            code = await errors.answered(self, code, msg)
            if code is None:
                return
        self._start("text/plain; charset=utf-8")
        await self.send(msg or reason(code))

    def send_file(
        self,
        filename,
        content_type=None,
        content_encoding=None,
        max_age=2592000,
        buf_size=None,
    ):
        """Send a local file. Coroutine.

        Raises HTTPException(404) if there is none, OSError if it cannot be read.

        filename: path, str; one with a '..' segment is never found.
        content_type: media type; by default that of the file name's extension.
        content_encoding: value of Content-Encoding, such as 'gzip'; by default none.
        max_age: how long the client may keep the file, in seconds (30 days); 0 for not at all.
        buf_size: accepted for the original's sake; the slot's own buffer is used.

        In a response that has been started, the file is the next part of the body. In others,
        where the route saves tinyweb.conditional.FIELDS, conditions and ranges are answered, too.
        """
        from tinyweb import files

        return self._later(
            files.send_file(self, filename, content_type, content_encoding, max_age)
        )

    def add_access_control_headers(self):
        """Add the header fields that let scripts of other origins use the answer (CORS)."""
        route = self._request.route
        if not isinstance(route.cors_origins, str):
            return  # tinyweb.cors adds what is right for the client.
        headers = self.headers
        headers["Access-Control-Allow-Origin"] = route.cors_origins
        headers["Access-Control-Allow-Methods"] = route.cors_methods
        headers["Access-Control-Allow-Headers"] = route.cors_headers

    def _answer(self, value):
        # Answer with what the handler has returned. Coroutine; see tinyweb.values.
        from tinyweb import values

        return values.answer(self, value)

    # What the functions in C leave. Coroutines.

    def _send_rest(self, payload, at):
        # Send `payload` from the offset `at` on, as the client takes it.
        self._unawaited = None
        slot = self._slot
        try:
            while at is not None:
                yield from slot.wait_to_send()
                at = self._writer.write(slot.sock, payload, at)
        finally:
            slot.resume(self)

    def _flush_rest(self):
        # Send what is left in the buffer, as the client takes it.
        self._unawaited = None
        slot = self._slot
        try:
            while True:
                yield from slot.wait_to_send()
                if self._writer.flush(slot.sock) is not None:
                    break
        finally:
            slot.resume(self)

    def _send_next(self, payload):
        # Send `payload` behind what was not awaited.
        yield from self.send(payload)

    def _after(self, first, then):
        # Run `first`, which was not awaited, before `then`.
        yield from first
        yield from then
