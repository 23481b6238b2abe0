# SPDX-License-Identifier: MIT
"""A JSON array that a client sends: imported when the first one comes."""

from tinyweb.server import HTTPException


class Array(list):
    """The list that read_parse_form_data() returns for an array.

    A handler that expects an object calls get() and the like: the answer is 400 then, as it is
    the client who is wrong.
    """

    def get(self, *args):
        """What a dict has and a list has not: raises HTTPException(400)."""
        raise HTTPException(400)

    items = keys = setdefault = update = values = get
