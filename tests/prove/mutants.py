# SPDX-License-Identifier: MIT
"""Faults, most of them off by one, that are put into a copy of the core; the proofs catch them.

    ci/prove --mutants [--jobs=2] [NUMBER...]

One line for each: its number, the proof that it was given to, and whether that one fails. --table
makes the table in README.md.
"""

import argparse
import concurrent.futures
import dataclasses
import os
import pathlib
import shutil
import sys
import tempfile

from prove import run


@dataclasses.dataclass
class Mutation:
    """In `file` of the core, `before` becomes `after`; the proof `caught_by` is to fail."""

    file: str
    before: str
    after: str
    caught_by: str

    def mutated(self):
        """The text of the file with the fault in it."""
        text = (run.CORE / self.file).read_text("utf-8")
        assert text.count(self.before) == 1, (self.file, self.before, text.count(self.before))
        return text.replace(self.before, self.after)

    def catch(self, cbmc, folder):
        """Whether the proof fails, and does so with a reason, in `folder`, which is empty."""
        cores = folder / "cmodules"
        for module in ("httpparse", "tinyweb"):
            shutil.copytree(run.CORE / module / "core", cores / module / "core")
        (cores / self.file).write_text(self.mutated(), "utf-8")
        proof = next(proof for proof in run.proofs() if proof.name == self.caught_by)
        _, wrong = proof.run(cbmc, cores)
        return any(line.endswith("FAILURE") for line in wrong)


def http(file, before, after, caught_by):
    return Mutation(f"httpparse/core/{file}", before, after, caught_by)


FRAMES = "tinyweb/core/websocket.c"

MUTATIONS = [
    http(
        "head.c",
        "if (p - tok > HP_METHOD_MAX) {",
        "if (p - tok > HP_METHOD_MAX + 1) {",
        "head-method",
    ),
    http("head.c", "if (end - p != 8 ||", "if (end - p < 7 ||", "head-version"),
    http(
        "head.c", "p == tok + r->method_len + 1) {", "p == tok + r->method_len) {", "head-target"
    ),
    http(
        "head.c",
        "request_target(r, tok + r->method_len + 1, r->val - 1)",
        "request_target(r, tok + r->method_len + 1, r->val)",
        "head-request-line-lf",
    ),
    http("head.c", "field_line(r, p - 2)", "field_line(r, p - 1)", "head-field-lf"),
    http("head.c", "r->kept = to + 3;", "r->kept = to + 4;", "head-field-kept-name"),
    http("head.c", "if (n > r->head_left) {", "if (n > r->head_left + 1) {", "head-field-name"),
    http(
        "head.c",
        "r->end - r->tok >= r->limit - r->kept",
        "r->end - r->tok > r->limit - r->kept",
        "head-field-name",
    ),
    http("request.c", "if (r->val >= r->tok) {", "if (true) {", "request-space"),
    http("request.c", "&& r->state != HP_S_FIELDS)", "&& r->state != HP_S_HEAD)", "request-space"),
    http(
        "request.c",
        "    r->tok = r->pos;\n    r->state = HP_S_ERROR",
        "    r->state = HP_S_ERROR",
        "request-fail",
    ),
    http("request.c", "    p -= 3;\n", "    p -= 2;\n", "request-field"),
    http("request.c", "(p[1] | p[2] << 8)", "(p[2] | p[1] << 8)", "request-field"),
    http(
        "body.c",
        "r->remaining > HP_LENGTH_MAX >> 4",
        "r->remaining > HP_LENGTH_MAX >> 3",
        "chunk-size",
    ),
    http("body.c", "if (k > n - *got) {", "if (k > n - *got + 1) {", "body-identity"),
    http("body.c", "if (k > r->remaining) {", "if (k > r->remaining + 1) {", "body-identity"),
    http("framing.c", "while (last[-1] ==", "while (last[0] ==", "expect"),
    http(
        "framing.c", "HP_ENTRY(12, HP_TOKEN_CONTINUE)", "HP_ENTRY(11, HP_TOKEN_CONTINUE)", "token"
    ),
    http(
        "framing.c", "    } else if (len == 14) {", "    } else if (len == 15) {", "framing-field"
    ),
    http(
        "framing.c",
        "(r->coding & (HP_CODING_BAD | HP_CODING_CHUNKED)) != HP_CODING_CHUNKED",
        "(r->coding & HP_CODING_CHUNKED) != HP_CODING_CHUNKED",
        "decide",
    ),
    http("urlencoded.c", "end - from >= 2", "end - from >= 1", "unquote"),
    http("urlencoded.c", "c == 0xe0 ? 0xa0", "c == 0xe0 ? 0x9f", "utf8-sequence"),
    http("form.c", "        f->pos -= gap;\n", "", "form-space"),
    http("form.c", "return used ==", "return used + 1 ==", "form-parse"),
    http("params.c", "if (end - p < 3 ||", "if (end - p < 2 ||", "ext-value"),
    http("params.c", "pair->value = equals + 1;", "pair->value = equals + 2;", "cookies-next"),
    http("params.c", "if (*p == '\\\\' && ++p == end)", "if (*p == '\\\\')", "quoted-string"),
    http(
        "response.c",
        "w->end = w->body = put_line_end",
        "w->end = put_line_end",
        "response-interim",
    ),
    http(
        "response.c",
        "reserve = CHUNK_END_LEN + LAST_CHUNK_LEN;",
        "reserve = LAST_CHUNK_LEN;",
        "response-body",
    ),
    http("response.c", "> UINT32_MAX / 10", "> UINT32_MAX / 9", "response-content-length"),
    http(
        "copy.c",
        "next << (32 - shift);\n            low",
        "next << (31 - shift);\n            low",
        "copy-words",
    ),
    http("head.c", "ONES *(0x7f - (high))", "ONES *(0x7e - (high))", "span-token"),
    http(
        "multipart.c",
        "return --r->head_left == 0 ?",
        "return r->head_left-- == 0 ?",
        "multipart-delimiter-line",
    ),
    http("multipart.c", "p += n;     //", "p += n + 1;     //", "multipart-find-delimiter"),
    http(
        "multipart.c",
        "r->pos += n;",
        "r->pos += n + 1;",
        "multipart-data",
    ),
    Mutation(FRAMES, "length == 127 ? 14 :", "length == 127 ? 13 :", "frame-head"),
    Mutation(FRAMES, "if (left < 126) {", "if (left < 125) {", "frame-head"),
    Mutation(FRAMES, "for (; n >= 4; n -= 4) {", "for (; n >= 3; n -= 4) {", "frame-mask"),
]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cbmc", default="cbmc", help="its path")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--table", action="store_true", help="print the table of README.md")
    parser.add_argument("numbers", nargs="*", type=int, help="of mutations (all)")
    options = parser.parse_args()
    if options.table:
        for number, m in enumerate(MUTATIONS, 1):
            before, after = (" ".join(x.split()).replace("|", "\\|") for x in (m.before, m.after))
            print(f"| {number} | `{m.file}` | `{before}` | `{after}` | {m.caught_by} |")
        return 0

    def work(number):
        with tempfile.TemporaryDirectory() as folder:
            return MUTATIONS[number - 1].catch(options.cbmc, pathlib.Path(folder))

    missed = 0
    numbers = options.numbers or range(1, len(MUTATIONS) + 1)
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for number, caught in zip(numbers, pool.map(work, numbers), strict=True):
            mutation = MUTATIONS[number - 1]
            missed += not caught
            verdict = "caught" if caught else "MISSED"
            print(f"{verdict} {number:2} by {mutation.caught_by}: {mutation.file}", flush=True)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
