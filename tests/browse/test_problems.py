from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/search.json?age_from=-1", 422), ("/search.json?offset=-5", 422),
        ("/search.json?limit=0", 422), ("/search.json?limit=1e9", 422),
        ("/search.json?nosuch=1", 422), ("/search.json?by=doctor", 422),
        ("/search.json?q=" + "x" * 501, 422), ("/search.json?age_from=99999999999999999999", 422),
        ("/search.json?modality=XR", 400), ("/search.json?age_from=50&age_to=30", 400),
        ("/search.json?q=%22half", 200), ("/case/nobody.json", 404), ("/nowhere.json", 404),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_said_in_json_and_as_a_page(client, address, status):
    answer = client.get(address)
    assert answer.status_code == status, answer.text
    page = client.get(address.replace(".json", ""))
    assert page.status_code == status
    assert page.headers["content-type"].startswith("text/html")
    if status != 200:
        said = answer.json()
        assert said["failed"]
        assert said["todo"]


def test_a_page_that_asks_for_a_picture_gets_one_that_says_there_is_none(client):
    answer = client.get("/picture/nobody", headers={"Accept": "image/webp,image/*,*/*;q=0.8"})
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("image/svg+xml")
    assert answer.headers["cache-control"] == "no-store"
    assert "No picture" in answer.text
