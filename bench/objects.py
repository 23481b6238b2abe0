# SPDX-License-Identifier: MIT
"""Names of bytecode functions, read from the memory of a running 64-bit simulator.

The layouts are those of MicroPython 1.26: mp_code_state_t and mp_module_context_t
(py/bc.h), mp_obj_fun_bc_t (py/objfun.h), qstr_pool_t (py/qstr.h).
"""

import bisect

WORD = 8
# Bytes of mp_state_ctx that are searched for the pointer to the newest pool.
_SEARCHED = 4096


class Names:
    """read: a stepping.Stepper; pool, state: addresses of mp_qstr_const_pool and mp_state_ctx."""

    def __init__(self, process, pool, state):
        self._process = process
        self._functions = {}
        self._pools = self._chain(self._newest(state, pool))

    def _newest(self, state, pool):
        """The pool that leads to all others; the field's place depends on the configuration."""
        best = pool, -1
        words = self._process.read(state, _SEARCHED)
        for at in range(0, len(words), WORD):
            candidate = int.from_bytes(words[at : at + WORD], "little")
            length = self._distance(candidate, pool)
            if length is not None and length > best[1]:
                best = candidate, length
        return best[0]

    def _distance(self, start, pool):
        """Pools from `start` to `pool`, or None where the chain does not lead there."""
        at = start
        for length in range(64):
            if at == pool:
                return length
            try:
                at = self._process.word(at)
            except (OSError, OverflowError):
                return None
        return None

    def _chain(self, pool):
        pools = []
        while pool:
            first = self._process.word(pool + WORD) & ~(1 << 63)
            pools.append((first, pool))
            pool = self._process.word(pool)
        return sorted(pools)

    def qstr(self, number):
        """The text of an interned string."""
        at = bisect.bisect_right(self._pools, (number, 1 << 64)) - 1
        first, pool = self._pools[at]
        # prev, total_prev_len, alloc, len, hashes, lengths, qstrs[]
        return self._process.text(self._process.word(pool + WORD * (6 + number - first)))

    def interned(self, value):
        """The text of an mp_obj_t that is an interned string, "(object)" for any other."""
        return self.qstr(value >> 3) if value & 7 == 2 else "(object)"

    def function(self, code_state):
        """file:function of the bytecode that mp_execute_bytecode(code_state, …) runs."""
        fun = self._process.word(code_state)
        bytecode = self._process.word(fun + 3 * WORD)
        if bytecode not in self._functions:
            table = self._process.word(self._process.word(fun + WORD) + 2 * WORD)
            name = self.qstr(self._short(table, self._simple_name(bytecode)))
            file = self.qstr(self._short(table, 0))
            self._functions[bytecode] = f"{file}:{name}"
        return self._functions[bytecode]

    def _short(self, table, index):
        return int.from_bytes(self._process.read(table + 2 * index, 2), "little")

    def _simple_name(self, bytecode):
        """The first entry of the source information, behind two variable-length numbers."""
        prelude = self._process.read(bytecode, 64)
        at = 0
        for _ in range(2):
            while prelude[at] & 0x80:
                at += 1
            at += 1
        index = prelude[at] & 0x7F
        while prelude[at] & 0x80:
            at += 1
            index = index << 7 | prelude[at] & 0x7F
        return index
