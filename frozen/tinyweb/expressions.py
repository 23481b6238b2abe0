# SPDX-License-Identifier: MIT
"""The expressions of templates: compiled to tuples, and evaluated. Nothing is executed as Python.

or-expression:  and-expression {"or" and-expression}
and-expression: not-expression {"and" not-expression}
not-expression: "not" not-expression | comparison
comparison:     operand [("==" | "!=" | "<" | "<=" | ">" | ">=" | "in") operand]
operand:        number | string | "true" | "false" | "none" | path | "(" or-expression ")"
path:           name {"." name | "." number | "[" operand "]"}
"""

from micropython import const

CONST = const(0)
PATH = const(1)
NOT = const(2)
AND = const(3)
OR = const(4)
COMPARE = const(5)

_WORDS = {"true": True, "false": False, "none": None}
_COMPARISONS = ("==", "!=", "<=", ">=", "<", ">", "in")


def _is_name(c):
    return c == "_" or "a" <= c <= "z" or "A" <= c <= "Z" or "0" <= c <= "9"


def tokens(text):
    """The tokens of `text` (str), a list of str; strings keep their first quotation mark."""
    result = []
    at = 0
    while at < len(text):
        c = text[at]
        end = at + 1
        if c in " \t\r\n":
            at = end
            continue
        if _is_name(c):
            while end < len(text) and _is_name(text[end]):
                end += 1
        elif c in "\"'":
            end = text.find(c, end)
            if end < 0:
                raise ValueError("string without end")
            result.append(text[at:end])
            at = end + 1
            continue
        elif text[at : at + 2] in _COMPARISONS:
            end = at + 2
        elif c not in "<>().[]|,-":
            raise ValueError("unexpected " + c)
        result.append(text[at:end])
        at = end
    return result


class Parser:
    """Parses `items`, a list of tokens(), from its start; what is parsed is removed."""

    def __init__(self, items):
        self.items = items

    def take(self, *wanted):
        """Remove the next token and return it if it is one of `wanted`; None otherwise."""
        if self.items and self.items[0] in wanted:
            return self.items.pop(0)
        return None

    def name(self):
        """Remove the next token, which has to be a name without a leading underscore."""
        name = self.items.pop(0) if self.items else ""
        if not name or not _is_name(name[0]) or name[0] == "_" or name[0] <= "9":
            raise ValueError("a name is missing" if not name else "no name: " + name)
        return name

    def expression(self):
        """An or-expression, as (kind, ...)."""
        left = self._and()
        while self.take("or"):
            left = (OR, left, self._and())
        return left

    def _and(self):
        left = self._not()
        while self.take("and"):
            left = (AND, left, self._not())
        return left

    def _not(self):
        if self.take("not"):
            return (NOT, self._not())
        left = self._operand()
        operator = self.take(*_COMPARISONS)
        if operator:
            return (COMPARE, operator, left, self._operand())
        return left

    def _operand(self):
        items = self.items
        if self.take("("):
            inner = self.expression()
            if not self.take(")"):
                raise ValueError(") is missing")
            return inner
        if self.take("-"):
            return (CONST, -int(items.pop(0)))
        if not items:
            raise ValueError("an operand is missing")
        token = items[0]
        if token[0] in "\"'":
            return (CONST, items.pop(0)[1:])
        if "0" <= token[0] <= "9":
            return (CONST, int(items.pop(0)))
        if token in _WORDS:
            return (CONST, _WORDS[items.pop(0)])
        path = [PATH, self.name()]
        while True:
            if self.take("."):
                if items and "0" <= items[0][0] <= "9":
                    path.append((CONST, int(items.pop(0))))
                else:
                    path.append(self.name())
            elif self.take("["):
                path.append(self._operand())
                if not self.take("]"):
                    raise ValueError("] is missing")
            else:
                return tuple(path)


def evaluate(node, values):
    """The value of an expression.

    Raises LookupError, AttributeError or TypeError; OverflowError for an index beyond a machine
    word, where every list has ended.
    """
    kind = node[0]
    if kind == CONST:
        return node[1]
    if kind == PATH:
        return _resolve(node, values)
    if kind == NOT:
        return not truth(node[1], values)
    if kind == AND:
        return _get(node[1], values) and evaluate(node[2], values)
    if kind == OR:
        return _get(node[1], values) or evaluate(node[2], values)
    return _compare(node[1], evaluate(node[2], values), evaluate(node[3], values))


def truth(node, values):
    """Whether an expression is true. A name or member that is not there is not true."""
    return bool(_get(node, values))


def _get(node, values):
    try:
        return evaluate(node, values)
    except (LookupError, AttributeError, OverflowError):
        return None


def _resolve(path, values):
    value = values[path[1]]
    for i in range(2, len(path)):
        key = path[i]
        if isinstance(key, tuple):
            value = value[evaluate(key, values)]
        elif isinstance(value, dict):
            value = value[key]
        else:
            value = getattr(value, key)
    return value


def _compare(operator, a, b):
    if operator == "==":
        return a == b
    if operator == "!=":
        return a != b
    if operator == "<":
        return a < b
    if operator == "<=":
        return a <= b
    if operator == ">":
        return a > b
    if operator == ">=":
        return a >= b
    return a in b
