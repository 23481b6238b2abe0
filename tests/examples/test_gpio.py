# SPDX-License-Identifier: MIT
import re

import pytest


def test_simulator_tells_that_it_has_no_pins(frozen):
    client = frozen("gpio")
    page = client.get("/")
    assert page.status_code == 200
    assert "No pins on this board" in page.text
    assert "No Wi-Fi on this board" in page.text
    assert client.get("/gpio").json() == {"pins": None}
    assert client.get("/network").json() == {"connected": False}
    assert client.put("/gpio/D4", json={"value": 1}).status_code == 404
    assert client.post("/pin/D4", data={"value": "1"}).status_code == 404


def test_memory_is_the_heap(frozen):
    memory = frozen("gpio").get("/memory").json()
    assert set(memory) == {"free", "used"}
    assert memory["free"] > 0 and memory["used"] > 0


def test_network_of_a_board(frozen):
    client = frozen("gpio", nodemcu=True)
    assert client.get("/network").json() == {
        "connected": True,
        "ssid": "Greenhouse",
        "rssi": -61,
        "ip": "192.0.2.40",
    }
    assert "Wi-Fi: 192.0.2.40, -61 dBm" in client.get("/").text


def levels(client):
    return {pin["name"]: pin["value"] for pin in client.get("/gpio").json()["pins"]}


def test_pins_start_dark_and_pulled_up(frozen):
    client = frozen("gpio", nodemcu=True)
    # D4's LED is lit at 0.
    assert levels(client) == {"D1": 0, "D2": 1, "D3": 1, "D4": 1}


@pytest.mark.parametrize("form", ["data", "json"])
def test_output_is_written(frozen, form):
    client = frozen("gpio", nodemcu=True)
    answer = client.put("/gpio/D1", **{form: {"value": 1}})
    assert (answer.status_code, answer.json()) == (200, {"name": "D1", "value": 1})
    assert levels(client)["D1"] == 1
    client.put("/gpio/D1", **{form: {"value": 0}})
    assert levels(client)["D1"] == 0


@pytest.mark.parametrize("name", ["D2", "D3", "D9", "LED"])
def test_only_outputs_are_written(frozen, name):
    client = frozen("gpio", nodemcu=True)
    before = levels(client)
    assert client.put(f"/gpio/{name}", json={"value": 0}).status_code == 404
    assert levels(client) == before


@pytest.mark.parametrize("body", [{}, {"json": {"value": 2}}, {"data": {"value": "on"}}])
def test_only_0_and_1_are_values(frozen, body):
    client = frozen("gpio", nodemcu=True)
    assert client.put("/gpio/D1", **body).status_code == 400
    assert client.post("/pin/D1", **body).status_code == 400
    assert levels(client)["D1"] == 0


def test_button_of_the_page_switches_and_leads_back(frozen):
    client = frozen("gpio", nodemcu=True)
    page = client.get("/").text
    buttons = dict(re.findall(r'action="(/pin/D\d)"><button name="value" value="(\d)"', page))
    assert buttons == {"/pin/D1": "1", "/pin/D4": "0"}

    answer = client.post("/pin/D1", data={"value": buttons["/pin/D1"]})
    assert answer.status_code == 302
    assert answer.headers["location"] == "/"
    assert levels(client)["D1"] == 1
    assert 'action="/pin/D1"><button name="value" value="0"' in client.get("/").text
