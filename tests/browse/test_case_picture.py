from __future__ import annotations

from medpix2.browse.case_picture import case_picture, seen
from medpix2.records import Finding


def finding(target: str, **evidence) -> Finding:
    return Finding(
        target=target, rule="near-duplicate", version=1, severity="review", message="the same",
        evidence=evidence or None,
    )  # fmt: skip


def image(phantom_store):
    return phantom_store.current.find_one({"meta.kind": "image"})


def test_labels_are_for_people_and_missing_ones_stay_missing(phantom_store):
    document = image(phantom_store)
    document["meta"]["normalized"] |= {"age": 42.0, "contrast": None}
    shown = case_picture(phantom_store.settings, document, {}, [], [])
    labels = {label.name: label.value for label in shown.labels}
    assert labels["Age"] == "42 years"
    assert labels["Contrast"] is None
    assert labels["Modality"] == document["Type"]
    assert f"{shown.width} × {shown.height} pixels" in labels["File"]


def test_an_address_says_the_content(client, phantom_store):
    shown = case_picture(phantom_store.settings, image(phantom_store), {}, [], [])
    for address in (shown.address, shown.thumbnail):
        answer = client.get(address)
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]


def test_a_correction_shows_what_the_source_says(phantom_store):
    document = image(phantom_store)
    source = {"Description": {**document["Description"], "Age": "0"}}
    document["meta"]["corrected"] = ["Description.Age", "Description.Nothing"]
    (first, second) = case_picture(phantom_store.settings, document, source, [], []).corrected
    assert (first.source, first.now) == ("0", document["Description"]["Age"])
    assert (second.source, second.now) == (None, None)


def test_a_picture_has_its_own_findings(phantom_store):
    document = image(phantom_store)
    rows = [finding(document["_id"], other="MPX1_x"), finding("MPX1_x", other=document["_id"])]
    (found,) = case_picture(phantom_store.settings, document, {}, rows, {"MPX1_x"}).findings
    assert (found.other, found.here) == ("MPX1_x", True)


def test_where_a_finding_is_on_the_picture_is_told(phantom_store):
    document = image(phantom_store)
    rows = [finding(document["_id"], boxes=[[1, 2, 30, 40], [5, 6]]), finding(document["_id"])]
    shown = case_picture(phantom_store.settings, document, {}, rows, [])
    assert shown.marks == [(1, 2, 30, 40)]


def test_both_of_a_pair_name_the_other(phantom_store):
    document = image(phantom_store)
    name, ids = document["_id"], {document["_id"], "MPX1_x", "MPX1_y"}
    rows = [
        finding(name, other="MPX1_y"), finding("MPX1_x", other=name), finding(name, other="far"),
        finding("MPX1_x", other="MPX1_y"), finding(name, other=name), finding("MPX1", other=name),
    ]  # fmt: skip
    shown = case_picture(phantom_store.settings, document, {}, rows, ids)
    assert shown.twins == ["MPX1_x", "MPX1_y"]


def test_a_reason_that_is_a_finding_is_told_once(phantom_store):
    document = image(phantom_store)
    for reason, further in [("near-duplicate: the same", None), ("blurred", "blurred")]:
        document["meta"]["reason"] = reason
        rows = [finding(document["_id"])]
        shown = case_picture(phantom_store.settings, document, {}, rows, [])
        assert (shown.reason, shown.further_reason) == (reason, further)


def test_another_picture_is_named_where_there_is_one():
    assert not seen(finding("a", other="far"), {"near"}).here
    assert seen(finding("a", other=["no", "id"]), {"near"}).other is None
    assert seen(finding("a"), {"near"}).other is None
