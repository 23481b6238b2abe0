# SPDX-License-Identifier: MIT


EXAMPLE = "templates"


def test_guest_book(client):
    client.follow_redirects = True
    assert "Nobody was here." in client.get("/").text
    client.post("/", data={"name": "A & B", "text": "<script>alert(1)</script>"})
    page = client.post("/", data={"text": "hi"}).text
    assert "<h1>2 entries</h1>" in page
    assert "<script>" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<b>somebody</b>" in page
    assert "<b>A &amp; B</b>" in page
    assert "<h1>1 entry</h1>" in client.get("/?by=A%20%26%20B").text
    for i in range(25):
        client.post("/", data={"name": "x" * 20, "text": str(i) * 80})
    assert "<h1>20 entries</h1>" in client.get("/").text
