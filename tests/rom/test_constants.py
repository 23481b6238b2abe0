# SPDX-License-Identifier: MIT
"""Where the objects lie: in pages that nobody can write to, and on the chip in flash."""

import re
import signal
import subprocess

import pytest
from board import emulator

from support.simulator import TOP

# What ci/rom writes; compilers add a number to static names.
OBJECT = re.compile(r"rom_(function|class|closure|cell|dict|table|tuple|context|globals|module)_")
IROM0 = range(0x40200000, 0x40300000)


def readelf(path, *options):
    done = subprocess.run(
        ["readelf", "-W", *options, path], capture_output=True, text=True, check=True
    )
    return done.stdout


def objects(path):
    """{name: (address, size, number of the section)} of the objects in a program."""
    found = {}
    for line in readelf(path, "--symbols").splitlines():
        fields = line.split()
        if len(fields) == 8 and fields[3] == "OBJECT" and OBJECT.match(fields[7]):
            found[fields[7]] = int(fields[1], 16), int(fields[2], 0), int(fields[6])
    return found


def test_simulator_cannot_write_to_them(simulator_any):
    """A store to a constant ends the program, so every test looks for one."""
    found = objects(simulator_any.path)
    assert len(found) > 500
    writable = set()
    relro = None
    for line in readelf(simulator_any.path, "--segments").splitlines():
        fields = line.split()
        if fields and fields[0] == "LOAD" and "W" in fields[6:8]:
            writable.update(range(int(fields[2], 16), int(fields[2], 16) + int(fields[5], 16)))
        if fields and fields[0] == "GNU_RELRO":
            relro = range(int(fields[2], 16), int(fields[2], 16) + int(fields[5], 16))
    assert relro
    outside = {
        name
        for name, (address, size, _) in found.items()
        if address in writable and not (address in relro and address + size - 1 in relro)
    }
    assert not outside


# What stands for each kind of object that ci/rom writes, and for its first word.
KINDS = {
    "module": "tinyweb",
    "function": "errors.answered",
    "generator": "connection._run",
    "class": "tinyweb.HTTPException",
    "attributes of a class": "tinyweb.HTTPException.__dict__",
    "globals": "tinyweb.__dict__",
    "tuple": "rest._SAVE_HEADERS",
}
STORE = """
    import sys, tinyweb, uctypes
    from tinyweb import connection, errors, rest
    value = {}
    address = id(value)
    if address < 0:  # id() makes a small integer of one that has 31 bits
        address += 1 << 31
    word = uctypes.bytearray_at(address, 4)
    print(bytes(word) != bytes(4))
    word[0] = word[0]
    print("written")
"""


@pytest.mark.parametrize("kind", KINDS)
def test_store_ends_the_simulator(simulator_any, run_mpy, kind):
    """Of what was there, too. So each program of the tests that ends well has stored nothing."""
    done = run_mpy(STORE.replace("{}", KINDS[kind]), bits=simulator_any.bits, check=False)
    assert (done.stdout, done.returncode) == ("True\n", -signal.SIGSEGV)


@pytest.mark.parametrize("value", ["tinyweb", "[1]", "type('A', (tinyweb.HTTPException,), {})"])
def test_store_to_an_object_in_ram_does_not(simulator_any, run_mpy, value):
    patched = value == "tinyweb"
    done = run_mpy(STORE.replace("{}", value), bits=simulator_any.bits, patched=patched)
    assert done.stdout == "True\nwritten\n"


@pytest.mark.parametrize("statement", ["class A(m.webserver): pass", "m.HTTPException(404)"])
def test_use_of_a_class_writes_nothing_to_it(simulator_any, run_mpy, statement):
    run_mpy(f"import tinyweb as m\n{statement}\n", bits=simulator_any.bits)


def test_board_has_them_in_flash():
    """The emulated board has the chip's addresses."""
    found = objects(emulator.build())
    assert len(found) > 500
    assert all(address in IROM0 for address, _, _ in found.values())


def test_each_name_that_is_relied_upon_is_looked_for(tmp_path):
    """A MicroPython without one of them is refused, by a sentence that names it."""
    program = TOP / "ci" / "rom" / "micropython.py"

    def missing(top):
        command = ["python3", program, top]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    assert missing(TOP / "micropython") == ""
    for name in ("py", "tools"):
        (tmp_path / name).mkdir()
        for file in (TOP / "micropython" / name).iterdir():
            if file.is_file():
                (tmp_path / name / file.name).write_bytes(file.read_bytes())
    objtype = tmp_path / "py" / "objtype.c"
    objtype.write_text(objtype.read_text().replace("instance_print(", "print_instance("))
    said = missing(tmp_path)
    assert "rely on the function instance_print() in MicroPython's py/objtype.c" in said
