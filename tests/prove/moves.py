# SPDX-License-Identifier: MIT
"""Cuts the core's state machines at every move to another state, for the proofs by induction.

In a copy of a file, each place where the parser goes on in another state, by falling into its
case, by goto or from the loop's beginning, gets a line MOVE(STATE): there the proof says that what
holds of that state is so, and stops.
"""

import re

STATES = (
    *("METHOD", "TARGET", "VERSION", "REQUEST_LINE_LF", "FIELD_NAME", "FIELD_OWS"),
    *("FIELD_VALUE", "FIELD_LF"),
)


def cut_head(text):
    """head.c with its moves."""
    fall = re.compile(r"^( +)// fall through\n+( +case HP_S_(\w+):)", re.M)
    found = tuple(match[3] for match in fall.finditer(text))
    # "field:" is reached from the state before it, and by goto
    assert found == STATES, found
    text = fall.sub(r"\1    MOVE(HP_S_\3);\n\1// fall through\n\n\2", text)
    text, count = re.subn(
        r"\bgoto field;", "r->tok = tok = p;\n            MOVE(HP_S_FIELD_NAME);", text
    )
    assert count == 1
    text, count = re.subn(r"\bgoto head_lf;", "MOVE(HP_S_HEAD_LF);", text)
    assert count == 1
    return text


def cut_form(text):
    """form.c with the move that goes on behind an empty pair."""
    text, count = re.subn(r"\bcontinue;", "MOVE(HP_F_NAME);", text)
    assert count == 1
    return text


def cut_multipart(text):
    """multipart.c with the moves of its loop, and what is proved by itself in its place."""
    head, function, loop = text.partition("static hp_result_t parse(")
    loop, count = re.subn(r"\bcontinue;", "MOVE(m->state);", loop)
    assert count == 2
    call = "= part(m)"
    assert loop.count(call) == 1
    loop = loop.replace(call, "= any_end_of_part(m)")
    for call, instead in (
        ("e = disposition(m,", "e = any_disposition(m,"),
        ("= find_delimiter(m,", "= any_delimiter(m,"),
    ):
        assert head.count(call) == 1
        head = head.replace(call, instead)
    return head + function + loop


def cut_framing(text):
    """framing.c without the look-up of tokens, for the proofs about lists of them."""
    text, count = re.subn(r"^unsigned hp_token\(", "unsigned looked_up_token(", text, flags=re.M)
    assert count == 1
    return text
