# SPDX-License-Identifier: MIT
"""The networks that the board is in: by Ethernet, by Wi-Fi, and its own access point."""

# The classes and numbers of `network`. Ethernet comes first: to ask for Wi-Fi starts its driver.
_KINDS = (("LAN", None), ("WLAN", "STA_IF"), ("WLAN", "AP_IF"))


def found():
    """A generator of (kind, address, mask) of each network in which the board has an address.

    kind: 'LAN', 'STA_IF' or 'AP_IF'. address, mask: str. A computer tells of none.
    """
    try:
        import network
    except ImportError:
        return
    for kind, name in _KINDS:
        try:
            if name is None:
                # Ethernet is there once a program has set it up; before, this lacks arguments.
                interface = getattr(network, kind)()
            else:
                interface = getattr(network, kind)(getattr(network, name))
            address, mask = interface.ifconfig()[:2]
            if not interface.active() or address == "0.0.0.0":
                continue
        except (AttributeError, OSError, TypeError):
            continue  # The board has none of these.
        yield name or kind, address, mask


def mask_of(address):
    """The mask (str) of the network in which the board has `address`, str; None for no such."""
    for _, own, mask in found():
        if own == address:
            return mask
    return None


def is_wired():
    """Whether the board has an address by Ethernet."""
    for kind, _, _ in found():
        return kind == "LAN"
    return False
