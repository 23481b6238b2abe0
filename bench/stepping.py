# SPDX-License-Identifier: MIT
"""Executes another process one instruction at a time (Linux ptrace, x86-64)."""

import ctypes
import os
import signal
import subprocess

_libc = ctypes.CDLL(None, use_errno=True)
_libc.ptrace.restype = ctypes.c_long
_libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]

_SINGLESTEP, _GETREGS, _SETREGS, _ATTACH = 9, 12, 13, 16

# struct user_regs_struct of <sys/user.h>, in its order.
_REGISTERS = (
    "r15 r14 r13 r12 rbp rbx r11 r10 r9 r8 rax rcx rdx rsi rdi orig_rax rip cs eflags rsp ss"
    " fs_base gs_base ds es fs gs"
).split()

SYSCALL = b"\x0f\x05"


class Registers(ctypes.Structure):
    _fields_ = [(name, ctypes.c_ulonglong) for name in _REGISTERS]


class Stepper:
    """A process under control: regs has its registers after each step()."""

    def __init__(self, pid):
        self._pid = pid
        self.regs = Registers()
        self._regs = ctypes.byref(self.regs)
        self._memory = os.open(f"/proc/{pid}/mem", os.O_RDONLY)
        self._ptrace(_ATTACH, None)
        os.waitpid(pid, 0)
        self._ptrace(_GETREGS, self._regs)

    def _ptrace(self, request, data):
        if _libc.ptrace(request, self._pid, None, data) == -1:
            error = ctypes.get_errno()
            raise OSError(error, f"ptrace: {os.strerror(error)}")

    def step(self):
        """Executes one instruction, a system call as a whole; False when it ended."""
        _libc.ptrace(_SINGLESTEP, self._pid, None, None)
        _, status = os.waitpid(self._pid, 0)
        if not os.WIFSTOPPED(status):
            return False
        if os.WSTOPSIG(status) != signal.SIGTRAP:
            raise RuntimeError(f"stopped by signal {os.WSTOPSIG(status)}")
        self._ptrace(_GETREGS, self._regs)
        return True

    def set_registers(self):
        """Gives the process the registers in `regs`."""
        self._ptrace(_SETREGS, self._regs)

    def read(self, address, size):
        """`size` bytes of the process's memory; raises OSError where there is none."""
        return os.pread(self._memory, size, address)

    def word(self, address):
        return int.from_bytes(self.read(address, 8), "little")

    def text(self, address, limit=200):
        """The C string at `address`."""
        return self.read(address, limit).partition(b"\0")[0].decode(errors="replace")

    def close(self):
        os.close(self._memory)


def mapped(pid):
    """{path: address of the file's first byte} of the files that `pid` has mapped."""
    files = {}
    with open(f"/proc/{pid}/maps", encoding="ascii") as maps:
        for line in maps:
            fields = line.split()
            if len(fields) == 6 and fields[5].startswith(("/", "[vdso]")):
                base = int(fields[0].partition("-")[0], 16) - int(fields[2], 16)
                files[fields[5]] = min(base, files.get(fields[5], base))
    return files


def symbols(file, kinds):
    """{offset: name} of the symbols of `file` whose letter in nm's output is one of `kinds`."""
    listed = subprocess.run(["nm", file], capture_output=True, text=True, check=True).stdout
    return {
        int(fields[0], 16): fields[2]
        for fields in map(str.split, listed.splitlines())
        if len(fields) == 3 and fields[1] in kinds
    }
