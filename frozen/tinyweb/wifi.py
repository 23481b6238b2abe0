# SPDX-License-Identifier: MIT
"""Joining a Wi-Fi network, with a limit of time and the reason where it fails.

    from tinyweb import wifi

    print(wifi.join("<ssid>", "<password>"))

docs/names.md is the manual.
"""

from time import sleep_ms, ticks_add, ticks_diff, ticks_ms

from micropython import const

# How often the state is looked at, in ms.
_PAUSE = const(100)
# A reason that has been there for so long, in ms, is the answer: at first, or while it tries again
# by itself, a chip may say what is not so a moment later.
_SURE = const(5000)
_NO_ADDRESS = "0.0.0.0"

# The names of a station's states in `network`, as far as a port has them, and what each means.
_REASONS = (
    ("STAT_WRONG_PASSWORD", "wrong password"),
    ("STAT_NO_AP_FOUND", "not found: out of reach, another name, or 5 GHz"),
    ("STAT_NO_AP_FOUND_IN_RSSI_THRESHOLD", "its signal is too weak"),
    ("STAT_NO_AP_FOUND_IN_AUTHMODE_THRESHOLD", "not found with this kind of security"),
    ("STAT_NO_AP_FOUND_W_COMPATIBLE_SECURITY", "its security is none that this chip has"),
    ("STAT_HANDSHAKE_TIMEOUT", "wrong password, or a weak signal"),
    ("STAT_BEACON_TIMEOUT", "its signal was lost"),
    ("STAT_CONNECT_FAIL", "the router refuses"),
)


def join(ssid, password=None, *, timeout=20, hostname=None):
    """Join the network `ssid` and return the address (str) that the board has there.

    ssid: the network's name, str. password: str, None for an open network.
    timeout: seconds that it may take.
    hostname: the board's name in the network, str; what network.hostname() has by default.

    Where the board is in that network already, its address is returned at once. Raises OSError
    with a sentence that says why it failed: the network is not there, the password is wrong, the
    router refuses or gives no address. The board then tries no further.
    """
    import network  # Where there is none, this module can still be imported.

    wlan = network.WLAN(network.STA_IF)
    wlan.active(True)
    if hostname is not None:
        network.hostname(hostname)
    if wlan.isconnected() and wlan.config("essid") == ssid:
        return wlan.ifconfig()[0]
    wlan.disconnect()
    wlan.connect(ssid, password)
    end = ticks_add(ticks_ms(), int(timeout * 1000))
    reason = None
    since = 0
    while ticks_diff(end, ticks_ms()) > 0:
        address = wlan.ifconfig()[0]
        if wlan.isconnected() and address != _NO_ADDRESS:
            return address
        found = _reason(network, wlan.status())
        if found != reason:
            reason = found
            since = ticks_ms()
        if reason is not None and ticks_diff(ticks_ms(), since) >= _SURE:
            break
        sleep_ms(_PAUSE)
    wlan.disconnect()
    if reason is None:
        reason = "it gives no address within {} s".format(timeout)
    raise OSError("cannot join {!r}: {}".format(ssid, reason))


def _reason(network, status):
    # What `status` means, a str, or None while it may yet succeed.
    for name, text in _REASONS:
        if getattr(network, name, None) == status:
            return text
    return None
