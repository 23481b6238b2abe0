# SPDX-License-Identifier: MIT
"""What authors are told: mistakes that would be silent, or would show at a request only.

Each raises TypeError, ValueError or RuntimeError with a sentence that says what to do. start()
does more, since images that have no room for this have none for the device either.
"""

import os
import sys
from errno import EACCES, EADDRINUSE, ENOENT

from httpparse import argument_names

from tinyweb import routes


def _name(f):
    return getattr(f, "__name__", type(f).__name__)


def needs_url(url, decorator):
    """`url` is the argument of the decorator of that name, None for a catch-all."""
    if callable(url):
        raise TypeError('@app.{} needs a URL: @app.{}("/")'.format(decorator, decorator))


def route(server, url, f, methods, save_headers, max_body_size):
    """The arguments of add_route() of `server`."""
    order(f)
    if server._mounted:
        raise RuntimeError("{}: add routes before mount(), which takes them over".format(url))
    if url is not None and not isinstance(url, (str, bytes)):
        raise TypeError("a URL is a str, not {}".format(type(url).__name__))
    _methods(methods)
    if isinstance(save_headers, (str, bytes)):
        raise TypeError("save_headers is a list: save_headers=[{!r}]".format(save_headers))
    for name in save_headers:
        if ":" in (name if isinstance(name, str) else name.decode()) or not name:
            raise ValueError("save_headers: {!r} is no name of a field".format(name))
    if not isinstance(max_body_size, int) or max_body_size < 0:
        raise ValueError("max_body_size is a number of bytes, not {!r}".format(max_body_size))
    if not callable(f):
        raise TypeError("{}: {!r} is no handler: it cannot be called".format(url, f))
    if url is None:
        if server.catch_all is not None:
            raise ValueError("there is a catch-all already")
        _arguments("the catch-all", f, ["request", "response"])
    elif isinstance(url, str):
        _arguments(url, f, ["request", "response"] + _parameters(url))


def options(server, url, unknown):
    """Log the options of a route that there are not."""
    for name in unknown:
        text = "route {}: unknown option {}= ignored".format(url, name)
        if name == "method":
            text += ", write methods=[...]"
        server.log_error(TypeError(text), None)


def order(f):
    """`f` is registered now, or the server starts, for None: no decorator was left out before."""
    around = routes.around
    routes.around = None
    while around is not None and f is not around:
        if f is None:
            text = "{}: @app.route() goes above the other decorators, which it leaves out else"
            raise TypeError(text.format(_name(around.f)))
        f = getattr(f, "f", None)


def start(server, host, port):
    """`server` starts: where somebody has set the device up, its pages are beside it."""
    order(None)
    server._address = host, port
    try:
        os.stat("device.json")
        from tinyweb import device
    except (ImportError, OSError):
        return
    device.mount(server)


def _methods(methods):
    if isinstance(methods, (str, bytes)):
        raise TypeError("methods is a list: methods=[{!r}]".format(methods))
    if not methods:
        raise ValueError("methods is empty: no request would reach the route")
    for method in methods:
        if not isinstance(method, (str, bytes)):
            raise TypeError("a method is a str, not {}".format(type(method).__name__))
        if method != method.upper():
            # RFC 9110 section 9.1: methods are case-sensitive.
            raise ValueError("method {!r}: write {!r}".format(method, method.upper()))


def _parameters(url):
    # The names of the parameters of `url`.
    names = []
    for part in url.split("/"):
        if "<" not in part and ">" not in part:
            continue
        if part[0] != "<" or part[-1] != ">" or part.count("<") + part.count(">") != 2:
            text = '{}: a parameter is a whole segment, as in "/<name>" or "/<int:name>"'
            raise ValueError(text.format(url))
        names.append(part[1:-1].split(":")[-1])
    return names


def _takes(found, count):
    # Whether a function, of which argument_names() has told, can be called with so many arguments.
    names, required, varargs = found
    return required <= count and (varargs or count <= len(names))


def _arguments(url, f, names):
    # Whether `f`, perhaps below its wrappers, can be called with these.
    found = argument_names(f)
    while found is None:
        if not getattr(f, "SAME_ARGUMENTS", False):
            return
        f = f.f
        found = argument_names(f)
    if not _takes(found, len(names)):
        text = "{}: {}({}) is called with {} arguments: {}"
        own = ", ".join(found[0])
        raise TypeError(text.format(url, _name(f), own, len(names), ", ".join(names)))


def hook(f, arguments, where):
    """`f` can be called with so many arguments; where: how it was registered."""
    if not callable(f):
        raise TypeError("{}: {!r} is no function".format(where, f))
    if hasattr(f, "admit") and where.startswith("after"):
        raise TypeError("a guard comes before a handler: before=, before_request()")
    found = argument_names(f)
    if found is None:
        # An object is called by its method.
        found = argument_names(getattr(f, "__call__", f))  # noqa: B004
    if found is not None and not _takes(found, arguments):
        text = "{}: {} cannot be called with {} arguments"
        text = text.format(where, _name(f), arguments)
        if type(f) is not type(hook):
            text += "; a decorator goes above the handler"
        raise TypeError(text)


def error_key(key):
    """The argument of errorhandler()."""
    if isinstance(key, int):
        if 400 <= key <= 599:
            return
    elif isinstance(key, type) and issubclass(key, BaseException):
        return
    raise TypeError("@app.errorhandler needs a status from 400 to 599, or a class of exceptions")


def source(value):
    """What a static site is of: the path of a folder, or an object with get()."""
    if not isinstance(value, str):
        if not callable(getattr(value, "get", None)):
            raise TypeError("static() takes the path of a folder, or an object with get()")
        return
    from tinyweb.files import is_folder

    if not is_folder(value.rstrip("/") or "/"):
        raise ValueError("there is no folder {!r} in {}".format(value, os.getcwd()))


def server(max_concurrency, backlog, buffer_size):
    """Arguments of webserver()."""
    if not isinstance(max_concurrency, int) or max_concurrency < 1:
        raise ValueError("max_concurrency is a number of connections, from 1 on")
    if not isinstance(backlog, int) or backlog < 0:
        raise ValueError("backlog is a number of connections, from 0 on")
    if not isinstance(buffer_size, int) or not 160 <= buffer_size <= 32768:
        raise ValueError("buffer_size is a number of bytes from 160 to 32768")


def cannot_listen(exc, host, port):
    """Raise the OSError `exc` of an address with what it means."""
    code = exc.errno
    text = "cannot listen on {}:{}".format(host, port)
    if code == EADDRINUSE:
        text += ", another program or server uses the port"
    elif code == EACCES:
        text += ", ports below 1024 are not for every user"
    elif not isinstance(code, int) or code == ENOENT or code < 0:
        text += ", the host is no address of this device"
    raise OSError(code, text)


def announce(server, host, port, forever):
    """Print where `server` is to be found. forever: whether it is served until Ctrl-C."""
    secure = server._ssl is not None
    where = "" if port == (443 if secure else 80) else ":{}".format(port)
    urls = ["{}://{}{}/".format("https" if secure else "http", h, where) for h in _hosts(host)]
    text = "Serving at " + ", ".join(urls)
    if not urls:
        text = "Serving on port {}, as soon as the board is in a network".format(port)
    if forever:
        text += " - Ctrl-C stops it"
    print(text, file=sys.stderr)


def _hosts(host):
    # What clients can write for `host`.
    if host != "0.0.0.0" and host != "::":
        return ["[{}]".format(host) if ":" in host else host]
    try:
        from network import AP_IF, STA_IF, WLAN
    except ImportError:
        return ["127.0.0.1"]
    hosts = []
    for interface in (STA_IF, AP_IF):
        wlan = WLAN(interface)
        if wlan.active() and wlan.ifconfig()[0] != "0.0.0.0":
            hosts.append(wlan.ifconfig()[0])
    return hosts
