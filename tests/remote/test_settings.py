# SPDX-License-Identifier: MIT
"""tinyweb.device.settings: what a file may say, and its schema."""

import json

import jsonschema
import pytest

from support.simulator import TOP

SCHEMA = json.loads((TOP / "docs" / "device-settings.schema.json").read_text(encoding="utf-8"))
HASH = "pbkdf2-sha256$1000$-cukoHdlX9vsV8NS$ODa5HvD-1sD2lR1PFFufMZ7Tm03gvGXSbJZn38Q9HB0"

RIGHT = [
    {},
    {"name": "lamp"},
    {"name": "Lamp-2"},
    {"name": "x" * 63},
    {"password": HASH},
    {"hosts": []},
    {"hosts": ["lamp.example", "10-0-0-1.example.org"]},
    {"enabled": False},
    {"networks": [{"ssid": "home"}, {"ssid": "ü" * 16, "password": "12345678", "hidden": True}]},
    {
        "networks": [
            {"ssid": "a", "address": ["10.0.0.7", "255.255.255.0", "10.0.0.1", "10.0.0.1"]}
        ],
        "country": "CH",
        "portal_password": "x" * 64,
    },
    {"ntp": ["pool.ntp.org", "10.0.0.1:1123"], "timezone": "CET-1CEST,M3.5.0,M10.5.0/3"},
    {"ntp": ["a:1", "b:65535"], "timezone": "<-0330>3:30:00<-0230>,M1.1.6/0,J365/167"},
    {"hosts": ["a." * 126 + "a"], "updates": "http://10.0.0.1/r.json", "updates_every": 10},
    {"updates": "https://fleet.example/r.json", "updates_every": 1000000},
    {"ntp": [], "timezone": "<+1245>-12:45<+1345>,M9.5.0/2:45,M4.1.0/3:45"},
    {"mine": {"deep": [1, 2.5, None, "ü"]}, "": 3},
]
# With the sentence that a person reads.
WRONG = [
    (
        {"name": ""},
        'name is 1 to 63 letters, digits and hyphens, with no hyphen at an end, not ""',
    ),
    (
        {"name": 17},
        "name is 1 to 63 letters, digits and hyphens, with no hyphen at an end, not 17",
    ),
    ({"name": "a.b"}, "name is 1 to 63 letters"),
    ({"name": "lämp"}, "name is 1 to 63 letters"),
    ({"name": "-a"}, "name is 1 to 63 letters"),
    ({"name": "a-"}, "name is 1 to 63 letters"),
    ({"name": "x" * 64}, f'at an end, not "{"x" * 36}...'),
    ({"password": "secret"}, "password is what tinyweb.passwords.hash_password() returns"),
    ({"password": None}, "password is what tinyweb.passwords.hash_password() returns"),
    ({"password": "pbkdf2-sha256$x$AA$AA"}, "password is what tinyweb.passwords"),
    ({"hosts": "lamp"}, 'hosts is a list of up to 8 host names, not "lamp"'),
    ({"hosts": [1]}, "hosts is a list of up to 8 host names, not [1]"),
    ({"hosts": ["a..b"]}, "hosts is a list of up to 8 host names"),
    ({"hosts": ["a:80"]}, "hosts is a list of up to 8 host names"),
    ({"hosts": ["a"] * 9}, "hosts is a list of up to 8 host names"),
    ({"enabled": 1}, "enabled is true or false, not 1"),
    ({"enabled": "yes"}, 'enabled is true or false, not "yes"'),
    ({"networks": {}}, "networks is a list of up to 8 networks: {'ssid': ...}"),
    ({"networks": [{"ssid": "a"}] * 9}, "networks is a list of up to 8 networks"),
    ({"networks": ["home"]}, "networks is a list of up to 8 networks"),
    ({"networks": [{"password": "12345678"}]}, "networks is a list of up to 8 networks"),
    ({"networks": [{"ssid": ""}]}, "networks: ssid is the name of a network, 1 to 32 bytes"),
    ({"networks": [{"ssid": "x" * 33}]}, "networks: ssid is the name of a network, 1 to 32"),
    (
        {"networks": [{"ssid": "a", "password": "secret"}]},
        "networks: password is a password of 8 to 64 characters",
    ),
    ({"networks": [{"ssid": "a", "hidden": 1}]}, "networks: hidden is true or false, not 1"),
    (
        {"networks": [{"ssid": "a", "address": ["10.0.0.7", "255.255.255.0", "10.0.0.1"]}]},
        "networks: address is a list of address, netmask, gateway and name server, not",
    ),
    ({"networks": [{"ssid": "a", "address": ["10.0.0.256"] * 4}]}, "networks: address is a list"),
    ({"networks": [{"ssid": "a", "address": ["10.0.0"] * 4}]}, "networks: address is a list"),
    ({"networks": [{"ssid": "a", "address": "10.0.0.1"}]}, "networks: address is a list"),
    ({"networks": [{"ssid": "a", "address": [10, 0, 0, 1]}]}, "networks: address is a list"),
    ({"networks": [{"ssid": "a", "address": ["a.0.0.1"] * 4}]}, "networks: address is a list"),
    ({"networks": [{"ssid": "a", "address": ["0001.0.0.1"] * 4}]}, "networks: address is a list"),
    ({"hosts": ["a." * 126 + "ab"]}, "hosts is a list of up to 8 host names"),
    ({"country": 41}, "country is the two capital letters of a country, not 41"),
    ({"country": "4A"}, "country is the two capital letters of a country"),
    ({"country": "ch"}, 'country is the two capital letters of a country, not "ch"'),
    ({"country": "CHE"}, "country is the two capital letters of a country"),
    ({"portal_password": "secret"}, "portal_password is a password of 8 to 64 characters"),
    ({"ntp": "pool.ntp.org"}, "ntp is a list of up to 3 time servers"),
    ({"ntp": ["a", "b", "c", "d"]}, "ntp is a list of up to 3 time servers"),
    ({"ntp": ["10.0.0.1:x"]}, "ntp is a list of up to 3 time servers"),
    ({"ntp": ["10.0.0.1:0"]}, "ntp is a list of up to 3 time servers"),
    ({"ntp": ["10.0.0.1:65536"]}, "ntp is a list of up to 3 time servers"),
    ({"ntp": [123]}, "ntp is a list of up to 3 time servers"),
    ({"updates": 1}, "updates is the URL of a release file, not 1"),
    ({"updates": "ftp://fleet.example/r.json"}, "updates is the URL of a release file"),
    ({"updates": "http://fleet.example/?r"}, "updates is the URL of a release file"),
    ({"updates_every": "10"}, "updates_every is a number of seconds, 10 to 1000000"),
    ({"updates_every": 9}, "updates_every is a number of seconds, 10 to 1000000, not 9"),
    ({"updates_every": 1000001}, "updates_every is a number of seconds, 10 to 1000000"),
    ({"timezone": 1}, "timezone is a time zone as POSIX's TZ has it"),
    ({"timezone": ""}, "timezone is a time zone as POSIX's TZ has it"),
    ({"timezone": "Europe/Zurich"}, "timezone is a time zone as POSIX's TZ has it"),
    ({"timezone": "CET"}, "timezone is a time zone as POSIX's TZ has it"),
    ({"timezone": "CET-1CEST"}, "timezone is a time zone as POSIX's TZ has it"),
    ({"timezone": "CET-1CEST,M3.5.0"}, "timezone is a time zone as POSIX's TZ has it"),
    *[
        ({"timezone": zone}, "timezone is a time zone as POSIX's TZ has it")
        for zone in (
            "CET-1,M3.5.0,M10.5.0",  # without a name of summer time
            "CET-1CEST?,M3.5.0,M10.5.0",
            "CET-1CEST-2?,M3.5.0,M10.5.0",
            "CET-1CEST,M3.5.0,M10.5.0,M1.1.1",
            "CET-1:00:00:",
            "CET-1CEST,M3.5.0/2?,M10.5.0",
            *[f"CET-1CEST,{day},M10.5.0" for day in ("M0.5.0", "M13.5.0", "M3.0.0", "M3.6.0")],
            *[f"CET-1CEST,M10.5.0,{day}" for day in ("M3.5.7", "M3.5.-1", "M3.5")],
        )
    ],
    ([1], "settings are an object: {...}"),
]
NOT_JSON = "a setting is what JSON has: strings, numbers, lists and the like"
READ = """
    import json
    from tinyweb.device import settings
    for n in range({}):
        try:
            print(json.dumps(settings.read("{{}}.json".format(n))))
        except ValueError as exc:
            print(exc)
"""


def read_all(run_mpy, folder, texts):
    """What read() gives or says of files with these texts."""
    for n, text in enumerate(texts):
        (folder / f"{n}.json").write_bytes(text if isinstance(text, bytes) else text.encode())
    return run_mpy(READ.format(len(texts)), cwd=folder).stdout.splitlines()


def test_reader_agrees_with_the_schema(run_mpy, tmp_path):
    values = RIGHT + [value for value, _ in WRONG]
    said = read_all(run_mpy, tmp_path, [json.dumps(value) for value in values])
    for value, line in zip(RIGHT, said, strict=False):
        jsonschema.validate(value, SCHEMA)
        assert json.loads(line) == value
    for n, (value, sentence) in enumerate(WRONG, len(RIGHT)):
        # bool is no number in JSON; the validator knows.
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(value, SCHEMA)
        assert said[n].startswith(f"{n}.json: ") and sentence in said[n]


def test_schema_names_what_the_reader_knows(run_mpy):
    program = "from tinyweb.device import settings; print(sorted(k for k, *_ in settings._KEYS))"
    known = run_mpy(program).stdout
    assert known.strip() == str(sorted(SCHEMA["properties"]))


@pytest.mark.parametrize(
    "text, sentence",
    [
        ("", "is no JSON"),
        ("{", "is no JSON"),
        ('{"name": lamp}', "is no JSON"),
        (b"\xff\xfe", "is no JSON"),
        ('{"mine": 1e999}', NOT_JSON),
        ('{"mine": [{"a": -1e999}]}', NOT_JSON),
        ('{"mine": ' + "[" * 9 + "]" * 9 + "}", NOT_JSON),
        ('{"a": "' + "x" * 4096 + '"}', "has more than 4096 bytes"),
    ],
)
def test_malformed(run_mpy, tmp_path, text, sentence):
    assert read_all(run_mpy, tmp_path, [text]) == [f"0.json: {sentence}"]


def test_change_keeps_what_it_does_not_know(run_mpy, tmp_path):
    (tmp_path / "device.json").write_text('{"mine":[1,{"a":null}],"name":"old"}')
    program = """
        from tinyweb.device import settings
        settings.change(name="lamp", enabled=True)
        settings.change(enabled=None)
        print(settings.read("other.json"))
    """
    assert run_mpy(program, cwd=tmp_path).stdout == "{}\n"
    assert (tmp_path / "device.json").read_text() == (
        '{\n  "mine": [1, {"a": null}],\n  "name": "lamp"\n}\n'
    )
    assert [path.name for path in tmp_path.glob("*.json*")] == ["device.json"]


@pytest.mark.parametrize(
    "values, sentence",
    [
        ({"name": "a b"}, "name is 1 to 63"),
        ({"password": "secret"}, "password is what tinyweb.passwords.hash_password() returns"),
        ({"x": "y" * 4090}, "settings have at most 4096 bytes"),
    ],
)
def test_wrong_values_are_not_written(run_mpy, tmp_path, values, sentence):
    program = f"""
        from tinyweb.device import settings
        settings.write({{"name": "old"}})
        try:
            settings.change(**{values!r})
        except ValueError as exc:
            print(exc)
        for wrong in (float("nan"), [1, -float("inf")], {{"a": {{1: 2}}}}, b"", settings):
            try:
                settings.change(mine=wrong)
            except ValueError as exc:
                print(exc)
        try:
            settings.check({{1: 2}})
        except ValueError as exc:
            print(exc)
        deepest = [[[[[[[[]]]]]]]]
        settings.change(mine=deepest[0])
        print(settings.read() == {{"name": "old", "mine": deepest[0]}})
        try:
            settings.change(mine=[deepest])
        except ValueError as exc:
            print(exc)
        settings.change(mine=None)
        print(settings.read())
    """
    first, *others, last = run_mpy(program, cwd=tmp_path).stdout.splitlines()
    assert sentence in first and "secret" not in first
    key = "the name of a setting is a string"
    assert others == [*[NOT_JSON] * 5, key, "True", NOT_JSON]
    assert last == "{'name': 'old'}"


def test_first_file_of_all_that_a_reset_has_cut_off(run_mpy, tmp_path):
    """On FAT there may be the new file alone: it counts if it is whole, and else there is none."""
    program = "from tinyweb.device import settings; print(settings.read())"
    for text, found in (('{"name": "lamp"}', {"name": "lamp"}), ('{"name": "la', {})):
        (tmp_path / "device.json.new").write_text(text)
        assert run_mpy(program, cwd=tmp_path).stdout == f"{found}\n"


def test_networks_that_are_remembered(run_mpy, tmp_path):
    """The last one joined is the first, and the ninth is forgotten."""
    program = """
from tinyweb.device import settings
for name in ("a", "b", "a", "c", "d", "e", "f", "g", "h", "i"):
    settings.remember({"ssid": name})
settings.remember({"ssid": "b", "hidden": True}, name="lamp")
values = settings.read()
print(values["name"], [network["ssid"] for network in values["networks"]])
print(values["networks"][0] == {"ssid": "b", "hidden": True})
"""
    names, first = run_mpy(program, cwd=tmp_path).stdout.splitlines()
    assert names == "lamp ['b', 'i', 'h', 'g', 'f', 'e', 'd', 'c']"
    assert first == "True"
