# SPDX-License-Identifier: MIT
"""SANITIZE=1: a simulator with sanitizers, which see what lies in the collector's heap.

A part of the tests runs in it here; `SANITIZE=1 make test` runs all of them.
"""

import os
import subprocess
import sys

import pytest

from support.simulator import TOP, environment, no_finding, sanitized

# The first test builds the simulator.
pytestmark = pytest.mark.timeout(400)

# Each parser of what clients send, and what is written in C around them; 32-bit only.
PART = [
    *("httpparse", "templates", "static/test_conditional.py", "websocket/test_handshake.py"),
    *("conformance/test_chunked.py", "conformance/test_framing.py", "conformance/test_fields.py"),
    *("http/test_parameters.py", "http/test_responses.py", "http/test_bodies.py"),
]

PROGRAM = """
import gc, uctypes
texts = [bytearray({size}) for _ in range(20)]
# The collector would take an address, in a large int, for a reference.
seconds = [uctypes.addressof(text) + 1 for text in texts]
print(len(uctypes.bytes_at(seconds[0] - 1, {size})))
{freed}
for second in seconds:
    uctypes.bytes_at(second + {offset} - 1, 1)
print("read")
"""


def look(tmp_path, **values):
    """Runs the program above; the CompletedProcess (text)."""
    file = tmp_path / "program.py"
    file.write_text(PROGRAM.format(**values))
    return subprocess.run(
        sanitized().command(file), env=environment(), capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("offset", [0, 39])
def test_what_an_object_has_can_be_read(tmp_path, offset):
    done = look(tmp_path, size=40, offset=offset, freed="")
    no_finding(done.stderr)
    assert (done.returncode, done.stdout) == (0, "40\nread\n")


@pytest.mark.parametrize(
    ("size", "offset", "freed"),
    [
        (40, 40, ""),
        # An object that fills its blocks
        (64, 64, ""),
        (64, 64 + 15, ""),
        (40, 40 + 7, ""),
        # What is allocated meanwhile takes the first blocks that are free.
        (4000, 3990, "texts[0].extend(bytes(8000))"),
        (4000, 3990, "texts.clear(); text = None; gc.collect()"),
    ],
    ids=["behind", "behind blocks", "farther", "rest of a block", "moved away", "collected"],
)
def test_what_no_object_has_is_found(tmp_path, size, offset, freed):
    done = look(tmp_path, size=size, offset=offset, freed=freed)
    assert (done.returncode, done.stdout) == (1, f"{size}\n")
    assert "AddressSanitizer: use-after-poison" in done.stderr
    with pytest.raises(AssertionError, match="use-after-poison"):
        no_finding(done.stderr)


def test_a_part_of_the_tests():
    # Building takes longer than a test may.
    for bits in 32, 64:
        sanitized(bits)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k"]
        + ["not [board and not 64-bit and not 64]", *(f"tests/{part}" for part in PART)],
        cwd=TOP,
        env={**os.environ, "SANITIZE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr
