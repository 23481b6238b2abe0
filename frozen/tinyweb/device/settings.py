# SPDX-License-Identifier: MIT
"""The device's settings: one file of JSON that people can read, and that is replaced as a whole.

    from tinyweb.device import settings

    settings.change(name="lamp")
    settings.read()["name"]

What a value may be is in docs/device-settings.schema.json. Keys that are not known here are kept.
"""

import json
import os

from micropython import const
from tinyweb.files import NEW, replace

# The settings file, in the current folder, which is / at boot: the default of `path` below.
PATH = "device.json"

# Bytes that the file may have.
_LONGEST = const(4096)
_MISSING = (2, 19, 20)  # ENOENT, ENODEV, ENOTDIR
_NAME_MAX = const(63)
_HOST_MAX = const(253)
_PATH_MAX = const(128)
_HOSTS = const(8)
_SERVERS = const(3)
# Lists and objects that may be in each other.
_DEEPEST = const(8)
# How many networks are remembered.
NETWORKS = 8


def _is_json(value, deeper):
    # What json.dumps() writes so that json.loads() reads it again.
    if isinstance(value, float):
        return value - value == 0  # Neither infinite nor no number
    if isinstance(value, dict):
        for key in value:
            if not isinstance(key, str):
                return False
        value = value.values()
    elif not isinstance(value, (list, tuple)):
        return value is None or isinstance(value, (bool, int, str))
    for item in value:
        if not deeper or not _is_json(item, deeper - 1):
            return False
    return True


def _is_label(value):
    # A label of a host name (RFC 1123 section 2.1).
    if not isinstance(value, str) or not 1 <= len(value) <= _NAME_MAX:
        return False
    for c in value.lower().encode():
        if not (97 <= c <= 122 or 48 <= c <= 57 or c == 45):
            return False
    return value[0] != "-" and value[-1] != "-"


def _is_password(value):
    from tinyweb import passwords

    try:
        passwords.parse(value)
    except (AttributeError, ValueError):
        return False
    return True


def _is_hosts(value):
    if not isinstance(value, list) or len(value) > _HOSTS:
        return False
    for name in value:
        if not isinstance(name, str) or len(name) > _HOST_MAX:
            return False
        for label in name.split("."):
            if not _is_label(label):
                return False
    return True


def _is_bool(value):
    return value is True or value is False


def _is_address(value):
    # An IPv4 address in dotted decimal.
    if not isinstance(value, str):
        return False
    octets = value.split(".")
    for octet in octets:
        if not octet.isdigit() or len(octet) > 3 or int(octet) > 255:
            return False
    return len(octets) == 4


def _is_key(value):
    # A passphrase of WPA, or the key itself in hexadecimal.
    return isinstance(value, str) and 8 <= len(value.encode()) <= 64


def _is_addresses(value):
    if not isinstance(value, list) or len(value) != 4:
        return False
    for address in value:
        if not _is_address(address):
            return False
    return True


def _is_ssid(value):
    return isinstance(value, str) and 1 <= len(value.encode()) <= 32


def _is_networks(value):
    if not isinstance(value, list) or len(value) > NETWORKS:
        return False
    for network in value:
        if not isinstance(network, dict) or "ssid" not in network:
            return False
        _check(network, _OF_NETWORK, "networks: ")
    return True


def _is_server(value):
    # A host name or address, with or without a port.
    if not isinstance(value, str):
        return False
    name, *port = value.split(":", 1)
    if port and not (port[0].isdigit() and 0 < int(port[0]) < 65536):
        return False
    return _is_hosts([name])


def _is_servers(value):
    if not isinstance(value, list) or len(value) > _SERVERS:
        return False
    for server in value:
        if not _is_server(server):
            return False
    return True


def _is_url(value):
    return (
        isinstance(value, str) and value.startswith(("http://", "https://")) and "?" not in value
    )


def _is_seconds(value):
    return isinstance(value, int) and 10 <= value <= 1000000


def _is_timezone(value):
    from tinyweb.device import clock

    try:
        clock.offset(value, 0)
    except (AttributeError, TypeError, ValueError):
        return False
    return True


def _is_program(value):
    return isinstance(value, str) and len(value) <= _PATH_MAX and ".." not in value.split("/")


def _is_country(value):
    return isinstance(value, str) and len(value) == 2 and value.isalpha() and value.isupper()


# What each key that is known has to be: a function that tells, and how a sentence goes on. Tuples,
# which stay in flash.
_KEYS = (
    ("name", _is_label, "1 to 63 letters, digits and hyphens, with no hyphen at an end"),
    ("password", _is_password, "what tinyweb.passwords.hash_password() returns"),
    ("hosts", _is_hosts, "a list of up to 8 host names"),
    ("enabled", _is_bool, "true or false"),
    ("main", _is_program, "the path of a program, at most 128 characters and no .., or ''"),
    ("networks", _is_networks, "a list of up to 8 networks: {'ssid': ...}"),
    ("country", _is_country, "the two capital letters of a country"),
    ("portal_password", _is_key, "a password of 8 to 64 characters"),
    ("ntp", _is_servers, "a list of up to 3 time servers"),
    ("updates", _is_url, "the URL of a release file"),
    ("updates_every", _is_seconds, "a number of seconds, 10 to 1000000"),
    (
        "timezone",
        _is_timezone,
        "a time zone as POSIX's TZ has it, such as 'CET-1CEST,M3.5.0,M10.5.0/3'",
    ),
)
_OF_NETWORK = (
    ("ssid", _is_ssid, "the name of a network, 1 to 32 bytes"),
    ("password", _is_key, "a password of 8 to 64 characters"),
    ("hidden", _is_bool, "true or false"),
    ("address", _is_addresses, "a list of address, netmask, gateway and name server"),
)
# Those whose values are told to nobody.
SECRET = ("password", "networks", "portal_password")


def hashed(password):
    """`password` (str) in the form that the setting `password` has.

    Raises ValueError for one of less than 8 characters.
    """
    if not isinstance(password, str) or len(password) < 8:
        raise ValueError("a password has 8 characters or more")
    from tinyweb.passwords import hash_password

    return hash_password(password)


def check(values):
    """Raise ValueError with a sentence if `values`, a dict, cannot be settings."""
    if not isinstance(values, dict):
        raise ValueError("settings are an object: {...}")
    for key in values:
        if not isinstance(key, str):
            raise ValueError("the name of a setting is a string")
    if not _is_json(values, _DEEPEST):
        raise ValueError("a setting is what JSON has: strings, numbers, lists and the like")
    _check(values, _KEYS, "")


def _check(values, keys, where):
    for key, is_right, what in keys:
        if key in values and not is_right(values[key]):
            # A password is not repeated: it may be in plain text.
            told = "" if key in SECRET else ", not " + _shown(values[key])
            raise ValueError("{}{} is {}{}".format(where, key, what, told))


def _shown(value):
    text = json.dumps(value)
    return text if len(text) <= 40 else text[:37] + "..."


def read(path="device.json"):
    """The settings in the file `path`, a dict; {} where there is no such file.

    Raises ValueError with a sentence if the file is malformed or longer than 4096 bytes, or if a
    value is wrong; OSError if it cannot be read.
    """
    text = _text(path)
    if text is None:
        # FAT renames a file onto another in two steps: between them there is the new one only.
        text = _text(path + NEW)
        try:
            return {} if text is None else _parsed(text)
        except ValueError:
            return {}  # The first one of all, which a reset has cut off.
    try:
        return _parsed(text)
    except ValueError as exc:
        raise ValueError("{}: {}".format(path, exc))


def _text(path):
    # At most one byte more than the file may have; None where there is none.
    try:
        # What is read at once takes its memory in one piece.
        size = os.stat(path)[6]
        with open(path, "rb") as file:
            return file.read(min(size, _LONGEST) + 1)
    except OSError as exc:
        if exc.errno not in _MISSING:
            raise
        return None


def _parsed(text):
    if len(text) > _LONGEST:
        raise ValueError("has more than {} bytes".format(_LONGEST))
    try:
        values = json.loads(text)
    except ValueError:
        raise ValueError("is no JSON")
    check(values)
    return values


def write(values, path="device.json"):
    """Replace the file `path` by `values`, a dict, after check().

    Whenever the power fails, the file has what it had before, or what it shall have.

    Raises ValueError with a sentence if a value is wrong, or if the file would have more than 4096
    bytes; OSError if it cannot be written.
    """
    check(values)
    lines = []
    for key in sorted(values):
        lines.append("  {}: {}".format(json.dumps(key), json.dumps(values[key])))
    text = ("{\n" + ",\n".join(lines) + "\n}\n").encode()
    if len(text) > _LONGEST:
        raise ValueError("settings have at most {} bytes".format(_LONGEST))
    replace(path, text)


def change(path="device.json", **values):
    """Set `values` in the file `path`, beside what it has; None takes a setting out of it.

    Returns the settings. Raises what read() and write() do.
    """
    settings = read(path)
    merge(settings, values)
    write(settings, path)
    return settings


def merge(settings, values):
    """Set `values` in `settings`, both dicts; None takes a setting out of it."""
    for key, value in values.items():
        if value is None:
            settings.pop(key, None)
        else:
            settings[key] = value


def remember(network, path="device.json", **values):
    """Put `network`, an entry of `networks`, before the others in the file `path`; set `values`.

    The one that was joined first is forgotten where there are too many. Raises what change() does.
    """
    known = [network]
    for other in read(path).get("networks", ()):
        if other["ssid"] != network["ssid"]:
            known.append(other)
    change(path, networks=known[:NETWORKS], **values)
