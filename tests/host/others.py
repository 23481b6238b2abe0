# SPDX-License-Identifier: MIT
"""What other implementations make of the same bytes, in the words in which the core says it."""

import h11
import httptools
from werkzeug.sansio import multipart
from wsproto import frame_protocol


def unhexed(word):
    return bytes.fromhex(word.removeprefix("x"))


def core_reads(harness, data, **limits):
    """([(method, target, [(name, value)], body)] of whole messages, what is wrong or None)."""
    found = []
    wrong = None
    message = None
    for line in harness.request(data, **limits).splitlines():
        kind, _, rest = line.partition(" ")
        words = rest.split(" ")
        if kind == "line":
            message = [unhexed(words[0]), unhexed(words[1]) + unhexed(words[2]), []]
        elif kind == "field":
            message[2].insert(0, (unhexed(words[0]).lower(), unhexed(words[1])))
        elif kind == "body" and words[-1] == "remaining=0":
            found.append((*message, unhexed(words[0])))
        elif kind == "error":
            wrong = rest.partition(" ")[2]
    return found, wrong


def origin(method, target, fields, body):
    """A message as the core has it: the target's host counts (RFC 9112 section 3.2.2)."""
    _, separator, rest = target.partition(b"://")
    if separator and not target.startswith(b"/"):
        end = min([i for i in (rest.find(b"/"), rest.find(b"?")) if i >= 0] + [len(rest)])
        fields = [(b"host", rest[:end]), *(field for field in fields if field[0] != b"host")]
        target = rest[end:]
    return method, target, fields, body


def h11_reads(data):
    """As core_reads()."""
    found = []
    server = h11.Connection(h11.SERVER, max_incomplete_event_size=65536)
    server.receive_data(data)
    try:
        while True:
            request = server.next_event()
            if not isinstance(request, h11.Request):
                return found, None
            body = b""
            while isinstance(event := server.next_event(), h11.Data):
                body += bytes(event.data)
            if not isinstance(event, h11.EndOfMessage):
                return found, None
            fields = [(bytes(name), bytes(value)) for name, value in request.headers]
            found.append(origin(bytes(request.method), bytes(request.target), fields, body))
            # A server that answers, so that the next request is read
            server.send(h11.Response(status_code=404, headers=[("Content-Length", "0")]))
            server.send(h11.EndOfMessage())
            if server.our_state is not h11.DONE or server.their_state is not h11.DONE:
                return found, "the connection ends"
            server.start_next_cycle()
    except h11.RemoteProtocolError as exc:
        return found, str(exc)


class _LlhttpEvents:
    def __init__(self):
        self.found = []

    def on_message_begin(self):
        self.target = b""
        self.fields = []
        self.body = b""

    def on_url(self, url):
        self.target += url

    def on_header(self, name, value):
        self.fields.append((name.lower(), value.rstrip(b" \t")))

    def on_headers_complete(self):
        self.head_fields = list(self.fields)

    def on_body(self, body):
        self.body += body

    def on_message_complete(self):
        method = self.parser.get_method()
        self.found.append(origin(method, self.target, self.head_fields, self.body))


def llhttp_reads(data):
    """As core_reads(), by the parser of Node.js."""
    events = _LlhttpEvents()
    events.parser = httptools.HttpRequestParser(events)
    try:
        events.parser.feed_data(data)
    except httptools.HttpParserUpgrade:
        return events.found, "the protocol changes"
    except httptools.HttpParserError as exc:
        return events.found, str(exc)
    return events.found, None


def werkzeug_reads(data, boundary):
    """([(name, filename or None, content)], whether the body is whole)"""
    decoder = multipart.MultipartDecoder(boundary)
    found = []
    event = None
    try:
        decoder.receive_data(data)
        decoder.receive_data(None)
        while not isinstance(event, multipart.Epilogue | multipart.NeedData):
            event = decoder.next_event()
            if isinstance(event, multipart.Data):
                name, filename, content = found.pop()
                found.append((name, filename, content + event.data))
            elif isinstance(event, multipart.Field | multipart.File):
                found.append((event.name, getattr(event, "filename", None), b""))
    except ValueError:
        return found, False
    return found, isinstance(event, multipart.Epilogue)


def messages(frames, end):
    """([(opcode, payload)], end): the messages and the control frames but Close."""
    found = []
    message = b""
    for opcode, _, payload, completes in frames:
        if payload is None or opcode == 8:
            continue
        if opcode > 8:
            if completes != "cut":
                found.append((opcode, payload))
            continue
        message += payload
        if completes not in (None, "cut"):
            found.append((completes[0], message))
            message = b""
    return found, end


def wsproto_reads(data):
    """As messages() of what the harness's frames() gives."""
    reader = frame_protocol.FrameProtocol(client=False, extensions=[])
    reader.receive_bytes(data)
    found = []
    message = b""
    try:
        for frame in reader.received_frames():
            payload = frame.payload
            if frame.opcode is frame_protocol.Opcode.CLOSE:
                return found, ("close", int(payload[0]))
            if isinstance(payload, str):
                payload = payload.encode()
            if frame.opcode.iscontrol():
                found.append((int(frame.opcode), bytes(payload)))
                continue
            message += payload
            if frame.message_finished:
                found.append((int(frame.opcode), message))
                message = b""
    except frame_protocol.ParseFailed as exc:
        return found, ("fail", int(exc.code))
    return found, ("more",)
