from __future__ import annotations

import json

from medpix2.browse.curate_item import item_of, paths
from medpix2.curate.decided import BURNED_IN, correctable
from medpix2.pipeline.deciding import Verdict, decide, stamp_on
from medpix2.pipeline.queue import Flags, Queue
from medpix2.records import Case, Image
from medpix2.store.queue import Flag


def item(store, rule: str, target: str, field: str = ""):
    queue = Queue(store, Flags())
    return item_of(store, queue, queue.find(rule, target), field)


def test_every_field_that_can_be_corrected_is_there_once():
    for model in (Case, Image):
        found = list(paths(model))
        assert set(found) == correctable(model) - {BURNED_IN}
        assert len(found) == len(set(found))


def test_the_picture_the_evidence_and_the_boxes_are_shown(flagged):
    shown = item(flagged, "dark", "MPX1_ct0")
    assert (shown.side.picture, shown.side.status) == ("MPX1_ct0", "pending")
    (found,) = shown.findings
    assert (found.message, found.facts) == ("is too dark", [("grey", "3")])
    boxes = {(box.what, box.left, box.top, box.width, box.height) for box in shown.side.boxes}
    assert boxes == {("found", 1, 2, 4, 5), ("watermark", 0, 0, 3, 1)}
    assert shown.values[0].field == shown.correcting == "Description.Caption"
    assert shown.values[0].named
    assert shown.proposed == "Caption 0"
    assert "Case.Title" in [value.field for value in shown.context]
    assert shown.other is None


def test_two_pictures_stand_side_by_side_with_what_differs(flagged):
    shown = item(flagged, "twins", "MPX2_mr0")
    assert (shown.other.id, shown.swap) == ("MPX2_mr1", "twins:MPX2_mr1")
    by_field = {value.field: value for value in shown.values}
    assert by_field["Description.Caption"].differs
    assert by_field["Description.Caption"].other == "Caption 4"
    assert not by_field["Type"].differs


def test_what_has_been_decided_and_corrected_is_shown(flagged):
    before = item(flagged, "dark", "MPX1_ct0")
    wanted = {"Description.Caption": "Dark"}
    decide(flagged, ["MPX1_ct0"], Verdict("correct", "ann", corrections=wanted, accepts=True))
    shown = item(flagged, "dark", "MPX1_ct0", "Location")
    assert shown.settled
    assert [(made.action, made.by) for made in shown.decisions] == [
        ("correct", "ann"), ("accept", "ann"),
    ]  # fmt: skip
    value = next(value for value in shown.values if value.field == "Description.Caption")
    assert (value.value, value.source, value.corrected) == ("Dark", "Caption 0", True)
    assert (shown.correcting, shown.proposed) == ("Location", "Brain")
    assert shown.stamp != before.stamp
    assert shown.stamp == stamp_on(flagged, "MPX1_ct0")
    assert shown.evidence == before.evidence


def test_a_case_shows_a_picture_of_it_and_its_texts(flagged, fresh_home):
    from medpix2.records import Finding
    from medpix2.store.findings import store_findings

    found = Finding(
        target="MPX1", rule="alike", version=1, severity="review", message="as MPX5",
        evidence={"other": "MPX5", "pictures": ["MPX1_ct1", "MPX5_mr1"]},
    )  # fmt: skip
    store_findings(flagged.db, ["alike"], {"MPX1": [found]})
    shown = item(flagged, "alike", "MPX1")
    assert (shown.side.picture, shown.other.picture) == ("MPX1_ct1", "MPX5_mr1")
    title = next(value for value in shown.values if value.field == "Case.Title")
    assert (title.value, title.other, title.differs) == ("Title of MPX1", "Title of MPX5", True)
    assert shown.context == []


def test_the_mask_is_what_was_found_until_somebody_draws_another(flagged):
    shown = item(flagged, "dark", "MPX1_ct0")
    assert (shown.mask, shown.drawn) == ('[[0, 0, 3, 1, "watermark"]]', False)
    drawn = Verdict("correct", "ann", corrections={BURNED_IN: "[[2, 2, 4, 6]]"})
    decide(flagged, ["MPX1_ct0"], drawn)
    shown = item(flagged, "dark", "MPX1_ct0")
    assert (shown.mask, shown.drawn) == ('[[2, 2, 4, 6, "lettering"]]', True)
    assert [box.what for box in shown.side.boxes] == ["lettering", "found"]
    assert item(flagged, "dark", "MPX1_ct1").drawn is False


def test_a_picture_that_has_not_been_looked_at_shows_what_an_export_would_mask(phantom_store):
    from PIL import Image

    from medpix2.encode.burned import find_burned_in

    image = phantom_store.current.find_one({"meta.kind": "image", "meta.file": {"$ne": None}})
    flag = Flag("dark", "review", image["_id"], image["U_id"])
    shown = item_of(phantom_store, Queue(phantom_store, Flags()), flag)
    with Image.open(phantom_store.settings.home / "pictures" / image["meta"]["file"]["path"]) as it:
        found = [[*box.corners, box.what] for box in find_burned_in(it)]
    assert found
    assert json.loads(shown.mask) == found
