# SPDX-License-Identifier: MIT


EXAMPLE = "routing"


def test_api(client):
    lamps = {
        "/api/lamps/1": {"name": "Desk", "level": 0},
        "/api/lamps/2": {"name": "Shelf", "level": 30},
    }
    answer = client.get("/api/lamps")
    assert answer.json() == lamps
    assert answer.headers["server-timing"].startswith("handler;dur=")
    assert answer.headers["access-control-allow-origin"] == "*"
    dimmed = client.put("/api/lamps/1/level/70")
    assert (dimmed.status_code, dimmed.headers["location"]) == (303, "/api/lamps/1")
    assert client.get("/api/lamps/1").json()["level"] == 70
    assert client.get("/levels.csv").text == "Desk,70\nShelf,30\n"


def test_errors(client):
    missing = client.get("/api/lamps/3")
    assert (missing.status_code, missing.json()) == (404, {"error": "no such lamp"})
    assert client.put("/api/lamps/1/level/101").json() == {
        "error": "nothing at /api/lamps/1/level/101"
    }
    assert client.put("/api/lamps/1/level/5", content=b"x" * 2000).status_code == 413
    assert client.post("/api/lamps").status_code == 405


def test_preflight(client):
    answer = client.options(
        "/api/lamps/1/level/5",
        headers={"Origin": "https://x.example", "Access-Control-Request-Method": "PUT"},
    )
    assert answer.status_code == 204
    assert answer.headers["access-control-allow-methods"] == "PUT, OPTIONS"
    assert answer.headers["access-control-max-age"] == "3600"
