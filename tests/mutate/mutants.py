# SPDX-License-Identifier: MIT
"""Every small fault of a list of kinds in the C files of the core.

Kinds: another comparison, "&&" for "||", another operator of numbers or bits, a constant one
larger or smaller, a condition turned round, a statement left out. Of what the preprocessor reads,
only what #define says is changed; texts are not.
"""

import collections
import dataclasses
import re

# What stands for an operator: each is a mutant.
OPERATORS = {
    "<": ("<=", ">="),
    "<=": ("<", ">"),
    ">": (">=", "<="),
    ">=": (">", "<"),
    "==": ("!=",),
    "!=": ("==",),
    "&&": ("||",),
    "||": ("&&",),
    "+": ("-",),
    "-": ("+",),
    "++": ("--",),
    "--": ("++",),
    "+=": ("-=",),
    "-=": ("+=",),
    "|=": ("&=",),
    "&=": ("|=",),
    "<<": (">>",),
    ">>": ("<<",),
    "|": ("&",),
    "&": ("|",),
    "%": ("/",),
    "/": ("*",),
}
TOKEN = re.compile(
    r"""(?P<text>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')|(?P<comment>//[^\n]*|/\*.*?\*/)"""
    r"""|(?P<number>\b(?:0[xX][0-9a-fA-F]+|\d+)[uUlL]*\b)|(?P<word>[A-Za-z_]\w*)"""
    r"""|(?P<operator>->|<<=|>>=|\+\+|--|&&|\|\||[<>=!+\-*/%&|^]=|<<|>>|[<>+\-*/%&|^=!~])""",
    re.DOTALL | re.VERBOSE,
)
CONDITION = re.compile(r"\b(?:if|while) \(")
# A statement on a line of its own: an assignment, a step, a call, or one that leaves.
STATEMENT = re.compile(
    r"^[ \t]+(?:[*(\w][^;{}=]*?(?:[-+|&^]|<<|>>)?=[^=;][^;{}]*"
    r"|(?:\+\+|--)?[\w>.\-\[\]]+(?:\+\+|--)?"
    r"|\w+\([^;{}]*\)|break|continue)\;(?=\s*(?://.*)?$)",
    re.MULTILINE,
)
DECLARATION = re.compile(
    r"^\s+(?:const |static |unsigned |struct |size_t |bool |int |uint\w+ |hp_\w+ ?\*?\w* "
    r"|char |return\b|typedef |extern |word_t |uintptr_t )"
)


@dataclasses.dataclass(frozen=True)
class Mutant:
    """In `file`, `before` at the place `at` becomes `after`."""

    file: str
    line: int
    at: int
    before: str
    after: str
    code: str  # the line, without blanks around
    number: int = 1  # of those that are written the same

    def applied(self, text):
        """The text of the file with the fault in it."""
        assert text[self.at : self.at + len(self.before)] == self.before
        return text[: self.at] + self.after + text[self.at + len(self.before) :]

    def __str__(self):
        return self.name.replace(":", f":{self.line}:", 1)

    @property
    def name(self):
        """What it is called, whichever line it is in."""
        before = " ".join(self.before.split())
        number = f" (number {self.number})" if self.number > 1 else ""
        return f"{self.file}: {before} -> {self.after}: {self.code}{number}"


def _is_binary(before):
    # Whether what stands before + - & * is the end of an operand.
    before = before.rstrip()
    return (
        bool(before)
        and (before[-1].isalnum() or before[-1] in "_)]'\"")
        and not re.search(r"\b(?:return|case|sizeof)$", before)
    )


def _closing(text, at):
    # Where the parenthesis at text[at] is closed.
    depth = 0
    for i in range(at, len(text)):
        depth += (text[i] == "(") - (text[i] == ")")
        if depth == 0:
            return i
    raise ValueError("no closing parenthesis")


def _changes(text):
    # (place, before, after) of each fault.
    plain = list(text)
    for token in TOKEN.finditer(text):
        kind, word = token.lastgroup, token[0]
        if kind in ("comment", "text"):
            for i in range(token.start(), token.end()):
                if plain[i] != "\n":
                    plain[i] = " "
        if kind == "number":
            value = int(word.rstrip("uUlL"), 0)
            suffix = word[len(word.rstrip("uUlL")) :]
            for other in (value + 1, value - 1):
                if other >= 0:
                    yield token.start(), word, f"{other}{suffix}"
        elif kind == "operator" and word in OPERATORS:
            line = text[text.rfind("\n", 0, token.start()) + 1 : token.start()]
            after = text[token.end() : token.end() + 1]
            if word in "+-&" and (not _is_binary(line) or after not in (" ", "\n")):
                continue
            for other in OPERATORS[word]:
                yield token.start(), word, other
    plain = "".join(plain)
    for found in CONDITION.finditer(plain):
        begin = found.end() - 1
        end = _closing(plain, begin) + 1
        yield begin, text[begin:end], f"(!{text[begin:end]})"
    for found in STATEMENT.finditer(plain):
        if not DECLARATION.match(found[0]):
            begin = found.start() + len(found[0]) - len(found[0].lstrip())
            yield begin, text[begin : found.end()], ";"


def of(file):
    """The mutants of a file of the core, a path, by their places."""
    text = file.read_text(encoding="utf-8")
    lines = text.splitlines()
    found = []
    for at, before, after in _changes(text):
        line = text.count("\n", 0, at) + 1
        code = lines[line - 1].strip()
        if code.startswith("#") and not code.startswith("#define"):
            continue
        if code.startswith(("_Static_assert", "HP_CHECK", "CHECK(")):
            continue
        found.append(Mutant(file.name, line, at, before, after, code))
    found.sort(key=lambda m: (m.at, m.after))
    seen = collections.Counter()
    for i, mutant in enumerate(found):
        seen[mutant.name] += 1
        found[i] = dataclasses.replace(mutant, number=seen[mutant.name])
    return found
