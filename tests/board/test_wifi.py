# SPDX-License-Identifier: MIT
"""tinyweb.wifi on the emulated board, whose radio knows networks that cannot be joined."""

import pytest

JOIN = """
from time import ticks_diff, ticks_ms
from tinyweb import wifi

start = ticks_ms()
try:
    print(wifi.join({arguments}))
except OSError as exc:
    print(exc)
print(ticks_diff(ticks_ms(), start))
"""


def join(board, arguments):
    printed, error = board.terminal.raw(JOIN.format(arguments=arguments), timeout=60)
    assert error == ""
    said, took = printed.splitlines()
    return said, int(took)


def test_address(board):
    said, _ = join(board, "'home', 'secret'")
    assert said == "10.0.2.15"
    # The second time there is nothing to wait for.
    said, took = join(board, "'home', 'secret'")
    assert said == "10.0.2.15"
    assert took < 50
    printed, _ = board.terminal.raw("import network\nprint(network.WLAN().config('ssid'))")
    assert printed == "home\n"


def test_which_networks_the_board_is_in(board):
    join(board, "'home', 'secret'")
    code = """
from tinyweb import interfaces
print(list(interfaces.found()), interfaces.is_wired())
print(interfaces.mask_of('10.0.2.15'), interfaces.mask_of('10.0.2.16'))
"""
    printed, error = board.terminal.raw(code)
    assert error == ""
    assert printed == "[('STA_IF', '10.0.2.15', '255.255.255.0')] False\n255.255.255.0 None\n"


def test_hostname(board):
    assert join(board, "'elsewhere', 'secret', hostname='lamp'")[0] == "10.0.2.15"
    assert board.terminal.raw("import network\nprint(network.hostname())")[0] == "lamp\n"


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ("'home2', 'wrong'", "cannot join 'home2': wrong password"),
        (
            "'absent', timeout=1",
            "cannot join 'absent': not found: out of reach, another name, or 5 GHz",
        ),
        ("'full', 'secret', timeout=1", "cannot join 'full': the router refuses"),
        ("'silent', timeout=1", "cannot join 'silent': it gives no address within 1 s"),
    ],
)
def test_reason(board, arguments, reason):
    said, took = join(board, arguments)
    assert said == reason
    assert took < (1500 if "timeout" in arguments else 5500)
    printed, _ = board.terminal.raw("import network\nprint(network.WLAN().status())")
    assert printed == "0\n"  # It tries no further.


def test_again_after_a_failure(board):
    assert join(board, "'absent', timeout=1")[0].startswith("cannot join")
    assert join(board, "'home', 'secret'")[0] == "10.0.2.15"
