# SPDX-License-Identifier: MIT
"""Templates of HTML: compiled once, escaped by themselves, sent part by part.

What is kept of a template is a tree with the places of its texts; the texts themselves are read
from the file while it is rendered. So memory depends neither on the template's size nor on the
page's.
"""

import io
import json
import os

from _tinyweb import escape, simple_value
from httpparse import quote

from micropython import const
from tinyweb.expressions import Parser, evaluate, tokens, truth

_CHUNK = const(256)
_TAG_MAX = const(1024)
_CACHED = const(4)
_DEPTH = const(8)

# Kinds of nodes; the members that follow are given.
_TEXT = const(0)  # begin, end
_VALUE = const(1)  # line, expression, filters
_IF = const(2)  # line, ((condition or None, nodes), ...)
_FOR = const(3)  # line, names, expression, nodes, nodes of else
_INCLUDE = const(4)  # line, expression
_BLOCK = const(5)  # line, name

_CLOSING = {b"{{": b"}}", b"{%": b"%}", b"{#": b"#}"}
_cache = []  # (path, (mtime, size), Template), the last used one last


class TemplateError(ValueError):
    """What is wrong with a template: 'name:line: message'."""


def _json(value):
    # For scripts: neither </script> nor <!-- can be in it.
    text = json.dumps(value)
    for c in "<>&'":
        text = text.replace(c, "\\u%04x" % ord(c))
    return text


def _url(value):
    return quote(value if isinstance(value, (bytes, str)) else str(value), b"")


class Template:
    """A template: `text` is str or bytes. `name` is what errors call it.

    Raises TemplateError for a template that is malformed.
    """

    path = None
    source = None

    def __init__(self, text, name="template"):
        self.name = name
        self.source = text.encode() if isinstance(text, str) else text
        self._compile()

    def open(self):
        """The text as a stream that can be read and sought in."""
        return io.BytesIO(self.source)

    def render(self, **values):
        """The page, as a generator of bytes. `values` are what the template can name."""
        run = _Run(values)
        try:
            yield from run.template(self)
        finally:
            for file in run.files.values():
                file.close()

    def _compile(self):
        self.parent = None
        self.blocks = {}
        self.line = 1
        file = self.open()
        try:
            self.scanner = self._scan(file)
            self.nodes = self._nodes(())[0]
        except (ValueError, IndexError, RuntimeError) as exc:  # The last: too deep in each other.
            if isinstance(exc, TemplateError):
                raise
            raise self.error(self.line, exc)
        finally:
            file.close()
        self.scanner = None

    def error(self, line, message):
        return TemplateError("{}:{}: {}".format(self.name, line, message))

    def _scan(self, file):
        # Yields (None, begin, end) for a text and (opening, content, last byte before it).
        buf = file.read(_CHUNK)
        base = begin = 0  # the places of buf[0], and of the text that has not been yielded
        before = b""
        while True:
            at = buf.find(b"{")
            while 0 <= at < len(buf) - 1 and buf[at : at + 2] not in _CLOSING:
                at = buf.find(b"{", at + 1)
            if at < 0 or at == len(buf) - 1:
                # None, or perhaps half of one.
                used = len(buf) if at < 0 else at
                more = file.read(_CHUNK)
                if not more:
                    if base + len(buf) > begin:
                        yield None, begin, base + len(buf)
                    return
                self.line += buf[:used].count(b"\n")
                before = buf[used - 1 : used] if used else before
                base += used
                buf = buf[used:] + more
                continue
            self.line += buf[:at].count(b"\n")
            if at:
                before = buf[at - 1 : at]
            if base + at > begin:
                yield None, begin, base + at
            base += at
            buf = buf[at:]
            opening = buf[:2]
            end = buf.find(_CLOSING[opening], 2)
            while end < 0:
                more = file.read(_CHUNK)
                if not more or len(buf) > _TAG_MAX:
                    raise ValueError(opening.decode() + " is not closed")
                buf += more
                end = buf.find(_CLOSING[opening], 2)
            yield opening, buf[2:end].decode(), before
            self.line += buf[:end].count(b"\n")
            base += end + 2
            begin = base
            buf = buf[end + 2 :]
            before = b"}"

    def _nodes(self, ends):
        # Nodes up to a tag in `ends`, and that tag's Parser with its name in front.
        nodes = []
        opened = self.line
        for opening, a, b in self.scanner:
            if opening is None:
                nodes.append((_TEXT, a, b))
            elif opening == b"{{":
                nodes.append(self._value(a, b))
            elif opening == b"{%":
                parser = Parser(tokens(a))
                if parser.items and parser.items[0] in ends:
                    return nodes, parser
                node = self._tag(parser)
                if node is not None:
                    nodes.append(node)
                if parser.items:
                    raise ValueError("unexpected " + parser.items[0])
        if ends:
            raise self.error(opened, ends[-1] + " is missing")
        return nodes, None

    def _value(self, text, before):
        parser = Parser(tokens(text))
        line = self.line
        expression = parser.expression()
        filters = []
        while parser.take("|"):
            filters.append(parser.name())
        if parser.items:
            raise ValueError("unexpected " + parser.items[0])
        if "json" in filters and before == b'"':
            raise ValueError("json has quotation marks itself")
        return (_VALUE, line, expression, tuple(filters))

    def _end(self, parser, name):
        parser.items.pop(0)
        if parser.items:
            raise ValueError("unexpected {} after {}".format(parser.items[0], name))

    def _tag(self, parser):
        line = self.line
        name = parser.name()
        if name == "if":
            return (_IF, line, self._branches(parser))
        if name == "for":
            names = [parser.name()]
            while parser.take(","):
                names.append(parser.name())
            if not parser.take("in"):
                raise ValueError("in is missing")
            expression = parser.expression()
            if parser.items:
                raise ValueError("unexpected " + parser.items[0])
            nodes, end = self._nodes(("else", "endfor"))
            others = ()
            if end.items[0] == "else":
                self._end(end, "else")
                others, end = self._nodes(("endfor",))
            self._end(end, "endfor")
            return (_FOR, line, tuple(names), expression, nodes, others)
        if name == "include":
            return (_INCLUDE, line, parser.expression())
        if name == "block":
            block = parser.name()
            if block in self.blocks:
                raise ValueError("second block " + block)
            self.blocks[block] = ()
            self.blocks[block], end = self._nodes(("endblock",))
            self._end(end, "endblock")
            return (_BLOCK, line, block)
        if name == "extends":
            self.parent = (line, parser.expression())
            return None
        raise ValueError("unknown tag " + name)

    def _branches(self, parser):
        branches = []
        while True:
            condition = parser.expression()
            if parser.items:
                raise ValueError("unexpected " + parser.items[0])
            nodes, parser = self._nodes(("elif", "else", "endif"))
            branches.append((condition, nodes))
            if not parser.take("elif"):
                break
        if parser.items[0] == "else":
            self._end(parser, "else")
            nodes, parser = self._nodes(("endif",))
            branches.append((None, nodes))
        self._end(parser, "endif")
        return branches


class _FileTemplate(Template):
    def __init__(self, path):
        self.name = self.path = path
        self._compile()

    def open(self):
        return open(self.path, "rb")


def load(path):
    """The template in the file `path`. Compiled ones are kept until the file changes, up to four.

    Raises OSError where there is none, TemplateError for one that is malformed.
    """
    try:
        stat = os.stat(path)
    except OSError as exc:
        raise OSError(exc.errno, "no template {!r} in {}".format(path, os.getcwd()))
    stat = (stat[8], stat[6])
    for i in range(len(_cache)):
        if _cache[i][0] == path:
            entry = _cache.pop(i)
            if entry[1] == stat:
                _cache.append(entry)
                return entry[2]
            break
    template = _FileTemplate(path)
    _cache.append((path, stat, template))
    if len(_cache) > _CACHED:
        _cache.pop(0)
    return template


def render(path, **values):
    """The page of the template in the file `path`, as a generator of bytes.

    values: what the template can name.
    """
    return load(path).render(**values)


class _Run:
    # The rendering of one page.

    def __init__(self, values):
        self.values = values
        self.files = {}  # Template -> the stream of its text
        self.blocks = {}  # name -> [(Template, nodes)] of the page's own template
        self.depth = 0

    def template(self, template):
        """Render a whole template. Generator."""
        if self.depth == _DEPTH:
            raise template.error(1, "too many templates in each other")
        self.depth += 1
        while template.parent is not None:
            self._override(template)
            line, expression = template.parent
            template = self._other(template, line, expression)
            self.depth += 1
            if self.depth > _DEPTH:
                raise template.error(1, "too many templates in each other")
        self._override(template)
        yield from self._nodes(template, template.nodes)
        self.depth -= 1

    def _override(self, template):
        for name, nodes in template.blocks.items():
            if name not in self.blocks:
                self.blocks[name] = (template, nodes)

    def _other(self, template, line, expression):
        name = self._get(template, line, expression)
        if template.path is not None:
            name = template.path[: template.path.rfind("/") + 1] + name
        try:
            return load(name)
        except OSError:
            raise template.error(line, "no template " + name)

    def _get(self, template, line, expression):
        try:
            return evaluate(expression, self.values)
        except (LookupError, AttributeError, TypeError, OverflowError) as exc:
            raise template.error(line, "{}: {}".format(type(exc).__name__, exc))

    def _nodes(self, template, nodes):
        for node in nodes:
            kind = node[0]
            if kind == _TEXT:
                at = node[1]
                source = template.source
                while at < node[2]:
                    if source is None:
                        part = self._read(template, at, node[2])
                    else:
                        part = source[at : min(at + _CHUNK, node[2])]
                    at += len(part)
                    yield part
            elif kind == _VALUE:
                part = simple_value(node, self.values)
                yield self._value(template, node) if part is None else part
            else:
                yield from self._tag(template, node)

    def _read(self, template, at, end):
        file = self.files.get(template)
        if file is None:
            file = self.files[template] = template.open()
        file.seek(at)
        part = file.read(min(_CHUNK, end - at))
        if not part:
            raise template.error(1, "the file has changed")
        return part

    def _value(self, template, node):
        _, line, expression, filters = node
        value = self._get(template, line, expression)
        safe = False
        for name in filters:
            if name == "safe":
                safe = True
            elif name == "url":
                value = _url(value)
            elif name == "json":
                value = _json(value)
                safe = True
            else:
                value = self._filter(template, line, name, value)
        if not safe:
            return escape(value)
        return value if isinstance(value, bytes) else str(value).encode()

    def _filter(self, template, line, name, value):
        f = self.values.get(name)
        if not callable(f):
            raise template.error(line, "no filter " + name)
        return f(value)

    def _tag(self, template, node):
        kind = node[0]
        if kind == _IF:
            for condition, nodes in node[2]:
                if condition is None or self._is(template, node[1], condition):
                    yield from self._nodes(template, nodes)
                    return
        elif kind == _FOR:
            yield from self._for(template, node)
        elif kind == _INCLUDE:
            outer = self.blocks
            self.blocks = {}  # They are the including template's.
            yield from self.template(self._other(template, node[1], node[2]))
            self.blocks = outer
        else:
            owner, nodes = self.blocks[node[2]]
            yield from self._nodes(owner, nodes)

    def _is(self, template, line, condition):
        try:
            return truth(condition, self.values)
        except TypeError as exc:
            raise template.error(line, "TypeError: {}".format(exc))

    def _for(self, template, node):
        _, line, names, expression, nodes, others = node
        items = self._get(template, line, expression)
        if isinstance(items, dict) and len(names) == 2:
            items = items.items()
        values = self.values
        saved = [(name, values[name]) for name in names + ("loop",) if name in values]
        loop = {"index": 0}
        try:
            items = iter(items)
        except TypeError:
            raise template.error(line, "nothing to go through")
        for item in items:
            values["loop"] = loop
            loop["index"] += 1
            self._assign(template, line, names, item)
            yield from self._nodes(template, nodes)
        if loop["index"] == 0:
            yield from self._nodes(template, others)
        for name in names + ("loop",):
            values.pop(name, None)
        values.update(saved)

    def _assign(self, template, line, names, item):
        if len(names) == 1:
            self.values[names[0]] = item
            return
        try:
            item = tuple(item)
        except TypeError:
            item = ()
        if len(item) != len(names):
            raise template.error(line, "{} names for another number of values".format(len(names)))
        for i in range(len(names)):
            self.values[names[i]] = item[i]
