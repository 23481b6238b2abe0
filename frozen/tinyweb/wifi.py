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
# What ifconfig() has as long as there is none.
NO_ADDRESS = "0.0.0.0"

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
    attempt = Attempt(ssid, password, timeout=timeout, hostname=hostname)
    while True:
        address = attempt.poll()
        if address is not None:
            return address
        sleep_ms(_PAUSE)


def networks():
    """The networks that the board hears, a list of (ssid, rssi, secure), the strongest first.

    ssid: str. rssi: the strength in dBm, a negative number.
    secure: whether it asks for a password.

    Names that are hidden, or no UTF-8, are left out. The scan takes some two seconds, in which
    nothing else runs. Raises OSError where the radio refuses.
    """
    import network

    wlan = network.WLAN(network.STA_IF)
    wlan.active(True)
    found = {}
    for ssid, _, _, rssi, security, *_ in wlan.scan():
        try:
            ssid = str(ssid, "utf-8")
        except ValueError:
            continue
        # Of a network with several stations the strongest one counts.
        if ssid and (ssid not in found or rssi > found[ssid][1]):
            found[ssid] = (ssid, rssi, security != 0)
    return sorted(found.values(), key=lambda each: -each[1])


class Attempt:
    """An attempt to join a network, which goes on while others run: call poll() now and then.

    ssid, password, timeout, hostname: as for join().
    address: (address, netmask, gateway, name server), str each, where the router gives none;
        "dhcp" after an attempt that had one.
    """

    def __init__(self, ssid, password=None, *, timeout=20, hostname=None, address=None):
        import network  # Where there is none, this module can still be imported.

        self._ssid = ssid
        self._timeout = timeout
        self._network = network
        self._wlan = wlan = network.WLAN(network.STA_IF)
        self._end = ticks_add(ticks_ms(), int(timeout * 1000))
        self._why = None  # it may fail, which it has said since the time _since
        self._since = 0
        wlan.active(True)
        if hostname is not None:
            network.hostname(hostname)
        if address is None and wlan.isconnected() and wlan.config("essid") == ssid:
            return
        wlan.disconnect()
        if address is not None:
            wlan.ifconfig(address)
        wlan.connect(ssid, password)

    def poll(self):
        """The address (str) that the board has got, None as long as that is open.

        Raises OSError with a sentence where it has failed; the board then tries no further.
        """
        wlan = self._wlan
        address = wlan.ifconfig()[0]
        if wlan.isconnected() and address != NO_ADDRESS:
            return address
        now = ticks_ms()
        why = _reason(self._network, wlan.status())
        if why != self._why:
            self._why = why
            self._since = now
        sure = why is not None and ticks_diff(now, self._since) >= _SURE
        if not sure and ticks_diff(self._end, now) > 0:
            return None
        wlan.disconnect()
        if why is None:
            why = "it gives no address within {} s".format(self._timeout)
        raise OSError("cannot join {!r}: {}".format(self._ssid, why))


def _reason(network, status):
    # What `status` means, a str, or None while it may yet succeed.
    for name, text in _REASONS:
        if getattr(network, name, None) == status:
            return text
    return None
