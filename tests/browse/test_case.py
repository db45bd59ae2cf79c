from __future__ import annotations

from medpix2.pipeline.find import find


def test_a_case_shows_its_report_and_all_its_pictures(client, phantom_store):
    case = find(phantom_store, limit=1).matches[0].case
    said = client.get(f"/case/{case['_id']}.json").json()
    assert said["title"] == case["Case"]["Title"]
    assert said["published"]["Case"] == case["Case"]
    listed = [*case["TAC"], *case["MRI"]]
    assert [picture["id"] for picture in said["pictures"]] == listed
    shown = client.get(f"/case/{case['_id']}").text
    for name in listed:
        assert f"/picture/{name}" in shown


def test_the_id_of_a_picture_leads_to_its_case(client, phantom_store):
    image = find(phantom_store, by="image", limit=1).matches[0].images[0]
    assert client.get(f"/case/{image['_id']}.json").json()["id"] == image["U_id"]


def test_an_unknown_case_is_a_page_that_helps(client):
    answer = client.get("/case/MPX9000x")
    assert answer.status_code == 404
    assert "MPX9000x" in answer.text
    assert "/search" in answer.text
