# SPDX-License-Identifier: MIT
"""What runs before and after handlers. The registration of hooks is in tinyweb.application."""

from tinyweb import aio


class Around:
    """What surrounds the handler of a route: its member `hooks`.

    handler: the application's, which run(), that of the route, calls in the end.
    before, after: tuples of functions, of this route alone.
    groups: tuple of the Groups that it is in, the server's first.
    """

    def __init__(self, handler, before=(), after=(), groups=()):
        self.handler = handler
        self.before = before
        self.after = after
        self.groups = groups


class Group:
    """Hooks and error handlers of an application; of a mounted one too, beside those of its host.

    All are tuples: functions `before` and `after`, (status or class, function) in `errors`, the
    field-names that the hooks want in `keep`. `cors` is its tinyweb.cors.CORS. `answer` is the
    route of the server's own answers, which want `answer_keep` too; `preflight` is a function that
    answers the request, or not.
    """

    before = after = errors = keep = answer_keep = ()
    cors = preflight = answer = None


def run(req, resp, *parameters):
    """The handler of a route that has hooks, or whose application has."""
    around = req.route.hooks
    f = around.handler
    groups = around.groups
    resp._hook = leave
    # The first group is the server's.
    if groups[0].preflight is not None and req.method == b"OPTIONS":
        if groups[0].preflight(req, resp):
            return None
    for group in groups:
        if group.before:
            break
    else:
        if not around.before:
            return f(req, resp, *parameters)
    return _run(req, resp, f, [group.before for group in groups] + [around.before], parameters)


def _run(req, resp, f, chain, parameters):
    for hooks in chain:
        for hook in hooks:
            result = hook(req, resp)
            if type(result) is aio.generator:
                result = yield from result
            if result is not None or resp._writer.started or resp._unawaited is not None:
                return result
    result = f(req, resp, *parameters)
    if type(result) is aio.generator:
        result = yield from result
    return result


def leave(resp):
    """Run the hooks that come after the handler; its response calls it before the head is made."""
    req = resp._request
    around = req.route.hooks
    for hook in around.after:
        hook(req, resp)
    for group in reversed(around.groups):
        for hook in group.after:
            hook(req, resp)
    cors = policy(req.route)
    if cors is not None:
        cors.apply(req, resp)


def policy(route):
    """The tinyweb.cors.CORS that counts for `route`, which has hooks, or None."""
    if not isinstance(route.cors_origins, str):
        return route.cors_origins
    for group in reversed(route.hooks.groups):
        if group.cors is not None:
            return group.cors
    return None
