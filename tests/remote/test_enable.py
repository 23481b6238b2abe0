# SPDX-License-Identifier: MIT
"""tinyweb.device: what a program may call, before and after enable(), and beside another one."""

import json

import httpx
import pytest

from support.simulator import free_port

from .conftest import PASSWORD, stored


def test_before_enable(run_mpy, tmp_path):
    """Nothing is there yet, and what needs it says so."""
    done = run_mpy(
        """
        import tinyweb
        from tinyweb import device

        print(device.application(), device.connected(), repr(device.first_page()))
        device.note("nobody reads this")
        try:
            device.connect(tinyweb.webserver())
        except RuntimeError as exc:
            print(exc)
        """,
        cwd=tmp_path,
    )
    assert done.stdout.splitlines() == ["None None ''", "device.enable(app) comes first"]


def test_folder_of_another_device(run_mpy, tmp_path):
    """Its password and its settings are no matter of the device that is served."""
    (tmp_path / "other").mkdir()
    done = run_mpy(
        """
        import tinyweb
        from tinyweb import device

        device.enable(tinyweb.webserver())
        print(device._device.closed() is None)
        device.set_password("passw0rd", "other")
        print(device._device.closed() is None)
        device.set_password("passw0rd")
        print(device._device.closed() is None)
        device.factory_reset("other/")
        print(device._device.closed() is None)
        device.factory_reset()
        print(device._device.closed() is None)
        """,
        cwd=tmp_path,
    )
    assert done.stdout.split() == ["False", "False", "True", "True", "False"]
    assert not list(tmp_path.rglob("device.json"))


TWO = """
    import sys, tinyweb
    from tinyweb import device

    first, second = tinyweb.webserver(), tinyweb.webserver()
    if sys.argv[4] != "none":
        device.enable(first)
    if sys.argv[4] == "both":
        first.start(sys.argv[2], int(sys.argv[3]))
    second.run(sys.argv[2], int(sys.argv[1]))
"""


@pytest.mark.parametrize(
    "which, status", [("none", 200), ("one", 200), ("both", 404)], ids=["none", "one", "both"]
)
def test_two_applications(serve, tmp_path, which, status):
    """One has the device's pages: the one that is started, unless another is served already."""
    (tmp_path / "device.json").write_text(json.dumps({"password": stored(PASSWORD)}))
    other = free_port()
    server = serve(TWO, cwd=tmp_path, args=(other, which))
    auth = ("", PASSWORD)
    assert httpx.get(server.url + "/device/", auth=auth, trust_env=False).status_code == status
    answer = httpx.get(server.url + "/", trust_env=False)
    assert answer.status_code == (302 if status == 200 else 404)
    if which == "both":
        url = f"http://{server.host}:{other}/device/"
        assert httpx.get(url, auth=auth, trust_env=False).status_code == 200


@pytest.mark.parametrize(
    "route, status",
    [
        ("app.add_route('/<name>', page)", 200),
        ("app.add_route('/<int:number>/x', page)", 302),
        ("pass", 302),
    ],
)
def test_first_page(serve, tmp_path, route, status):
    """It leads to the device's, where the application has none that / is one of."""
    (tmp_path / "device.json").write_text(json.dumps({"password": stored(PASSWORD)}))
    program = f"""
        import sys, tinyweb
        app = tinyweb.webserver()
        def page(req, resp, name):
            return name
        {route}
        app.run(sys.argv[2], int(sys.argv[1]))
    """
    server = serve(program, cwd=tmp_path)
    assert httpx.get(server.url + "/", trust_env=False).status_code == status


def test_log_keeps_the_last_lines(run_mpy):
    """Whole lines, where there are some; and whole characters of one that is too long."""
    done = run_mpy("""
        from tinyweb.device.log import Log

        for texts in (["a\\n"], ["first\\n", "second\\n", "third\\n"], ["x" * 30],
                ["é" * 30, "\\n"], [b"1234567\\n", "12345678"], ["12345678", "1234567\\n"]):
            log = Log(16)
            for text in texts:
                log.write(text)
            print([log.text()])
    """)
    assert done.stdout.splitlines() == [
        r"['a\n']",
        r"['second\nthird\n']",
        "['" + "x" * 16 + "']",
        "['" + r"\xe9" * 7 + r"\n']",
        "['12345678']",
        r"['123456781234567\n']",
    ]
