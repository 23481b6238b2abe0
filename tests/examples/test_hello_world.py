# SPDX-License-Identifier: MIT
import re


def test_index_is_a_page_that_links_to_the_table(frozen):
    answer = frozen("hello_world").get("/")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    assert '<h1>Hello, world! (<a href="/table">table</a>)</h1>' in answer.text


def test_table_has_ten_rows_in_order(frozen):
    answer = frozen("hello_world").get("/table")
    assert answer.status_code == 200
    rows = re.findall(r"<tr><td>Name(\d)</td><td>Value(\d)</td></tr>", answer.text)
    assert rows == [(str(i), str(i)) for i in range(10)]


def test_other_paths_are_not_found_and_the_server_goes_on(frozen):
    client = frozen("hello_world")
    assert client.get("/nothing").status_code == 404
    assert client.get("/").status_code == 200


def test_post_is_allowed_and_delete_is_not(frozen):
    client = frozen("hello_world")
    assert client.post("/", data={"a": "1"}).status_code == 200
    assert client.delete("/").status_code == 405
