from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    "asked",
    ["severity=worst", "show=some", "item=" + "x" * 500, "unknown=1", "rule=" + "x" * 101],
)
def test_what_cannot_be_asked_is_told_by_its_name(client, asked):
    answer = client.get(f"/curate.json?{asked}")
    assert answer.status_code == 422
    assert asked.partition("=")[0] in answer.json()["failed"]


def test_notes_are_asked_for_by_name(client):
    asked = client.get("/curate.json").json()["question"]
    assert asked["severity"] == ["exclude", "review"]
    asked = client.get("/curate.json?severity=note&severity=review").json()["question"]
    assert asked["severity"] == ["note", "review"]
