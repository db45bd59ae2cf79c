from __future__ import annotations

import random
from pathlib import Path

import pytest

from medpix2.errors import ProblemsFound
from medpix2.extract.pictures import picture_pool
from medpix2.extract.published import open_copy
from medpix2.extract.survey import survey
from medpix2.pipeline import storing as module
from medpix2.pipeline.build import build
from medpix2.pipeline.folding import refold
from medpix2.pipeline.pictures import PictureReader
from medpix2.pipeline.progress import Silent
from medpix2.pipeline.storing import Storing


@pytest.fixture(scope="module")
def pool():
    with picture_pool(1, None) as opened:
        yield opened


@pytest.fixture
def opened(store, source, pool):
    """Return what opens the storing of the source as it now is."""

    def ready(kind=PictureReader):
        copy = open_copy(Path(source.write()))
        found = survey(copy)
        reader = kind(copy, found, pool, None, recheck=False)
        return Storing(store, found, reader, Silent())

    return ready


def test_cases_are_folded_while_pictures_come(store, opened, facets_agree, monkeypatch):
    monkeypatch.setattr(module, "PICTURES", 1)
    seen = []

    class Watched(PictureReader):
        def __iter__(self):
            for image in super().__iter__():
                seen.append({row["_id"] for row in store.current.find({"meta.kind": "case"})})
                yield image

    storing = opened(Watched)
    assert storing.store().new == 14
    assert seen[0] == set()
    assert seen[-1] == {"MPX1", "MPX2", "MPX3", "MPX4"}
    facets_agree(store)


def test_ordinals_do_not_depend_on_the_order_of_the_images(
    fresh_home, store, source, opened, monkeypatch
):
    monkeypatch.setattr(module, "PICTURES", 2)
    random.Random(4).shuffle(source.images)
    random.Random(5).shuffle(source.cases)
    build(fresh_home, source.write())

    def ordinals():
        return {row["_id"]: (row["meta"]["n"], row["meta"]["c"]) for row in store.current.find()}

    at_first = ordinals()
    refold(store)
    assert ordinals() == at_first
    assert [at_first[f"MPX{n}"][0] for n in range(1, 6)] == [0, 3, 5, 6, 7]


def test_where_there_are_documents_already_all_is_folded_at_the_end(
    store, source, opened, facets_agree
):
    opened().store()
    store.db["facets"].drop()
    moved = source.found("MPX1")["TAC"].pop(0)
    source.found("MPX5")["TAC"].append(moved)
    source.found(moved)["U_id"] = "MPX5"
    storing = opened()
    assert storing.store().new == 14
    assert storing.images.changed == 1
    assert store.current.find_one({"_id": moved})["U_id"] == "MPX5"
    facets_agree(store)


def test_documents_that_repeat_an_id_are_put_aside_as_text(store, source, opened):
    source.cases.append(dict(source.found("MPX2"), Topic={}))
    source.images.insert(0, {**source.found("MPX1_ct0"), "image": None})
    source.images.append(dict(source.found("MPX1_ct0"), Location="again"))
    storing = opened()
    storing.store()
    assert storing.dropped == 3
    rows = store.db["dropped"].find()
    assert {(row["file"], row["index"]) for row in rows} == {
        ("Case_topic.json", 5), ("Descriptions.json", 0), ("Descriptions.json", 10),
    }  # fmt: skip
    assert store.images.find_one({"_id": "MPX1_ct0"})["Location"] == "Brain"


def test_problems_are_refused_before_anything_is_stored(store, source, opened):
    source.pictures["MPX1_ct0"] = b""
    source.splits["train"].remove("MPX1")
    storing = opened()
    with pytest.raises(ProblemsFound, match="2 problems") as caught:
        storing.refuse_problems()
    assert {problem.kind for problem in caught.value.problems} == {"bad-picture", "split-missing"}
    assert store.images.count_documents({}) == 0
