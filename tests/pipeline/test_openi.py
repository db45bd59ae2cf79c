"""`build openi` against the simulated sites, held against a build of what they were fed."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from medpix2.errors import SourceError
from medpix2.extract.fields import location_category
from medpix2.extract.published import open_copy
from medpix2.extract.snapshot.folder import open_snapshot
from medpix2.phantom.sites.generations import CHANGES, change_of
from medpix2.pipeline.build import build
from medpix2.pipeline.extracting import Asked, home_snapshot
from medpix2.pipeline.openi import build_openi
from medpix2.store.database import open_store
from medpix2.store.shape import VIEWS

# What the sites cannot give, so that a build of them differs there from one of the copy.
ONE_A_CASE = ("Description.Age", "Description.Sex", "Location")  # the copy may have one a picture
JUDGED = "Location Category"  # by people, where the name of the location does not tell
# Nor cases without a picture, which they cannot list, nor null against absent: see `flat`.
REAL_CASES = 60  # of the 602 of the real copy, which take ten times as long


def flat(document: dict[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the fields of a document that have a value."""
    for key, value in document.items():
        if isinstance(value, dict):
            yield from flat(value, f"{above}{key}.")
        elif value is not None:
            yield above + key, value


def views(settings) -> dict[str, dict[str, dict[str, Any]]]:
    with open_store(settings) as store:
        return {
            name: {row["_id"]: dict(flat(row)) for row in store.db[name].find()} for name in VIEWS
        }


def expected(settings) -> dict[str, dict[str, dict[str, Any]]]:
    """Return the views of a copy as the sites can give them."""
    found = views(settings)
    by_case = defaultdict(list)
    with open_store(settings) as store:  # the sites know the excluded pictures, too
        for row in store.images.find():
            by_case[row["U_id"]].append(dict(flat(row)))
    for name in ("Image_Descriptions", "Image_Reports"):
        for document in found[name].values():
            for field in ONE_A_CASE:
                told = Counter(row[field] for row in by_case[document["U_id"]] if field in row)
                document.pop(field, None)
                if told:
                    document[field] = told.most_common(1)[0][0]
            document.pop(JUDGED, None)
            if category := location_category(document.get("Location")):
                document[JUDGED] = category
    pictured = by_case.keys()
    reports = found["Clinical_Reports"]
    found["Clinical_Reports"] = {name: reports[name] for name in reports if name in pictured}
    return found


def differing(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """Return view, id and field of every value that differs, with both values."""
    found = {}
    for name in VIEWS:
        for key in one[name].keys() | other[name].keys():
            a, b = one[name].get(key, {}), other[name].get(key, {})
            for field in a.keys() | b.keys():
                if a.get(field) != b.get(field):
                    found[name, key, field] = (a.get(field), b.get(field))
    return found


@pytest.fixture
def copied(fresh_home):
    """Return settings of another home, to build the copy itself in."""
    return replace(
        fresh_home, home=fresh_home.home.with_name("copied"), database=f"{fresh_home.database}_copy"
    )


@pytest.fixture
def drop_copied(copied, server_url):
    from pymongo import MongoClient

    yield
    with MongoClient(server_url) as client:
        client.drop_database(copied.database)


@pytest.mark.usefixtures("drop_copied")
def test_the_views_are_those_of_a_build_of_what_the_sites_were_fed(
    crawled_phantom, crawled_sites, asking, fresh_home, copied
):
    build(copied, str(crawled_phantom))
    state, done = build_openi(asking(fresh_home, crawled_sites.url))
    assert (state.left, dict(state.faults)) == (0, {})
    assert not [problem for problem in done.problems.kept if problem.severity == "error"]
    wanted, got = expected(copied), views(fresh_home)
    assert {name: len(rows) for name, rows in got.items()} == {
        name: len(rows) for name, rows in wanted.items()
    }
    assert len(got["Image_Reports"]) > 20
    assert differing(wanted, got) == {}


def first_cases(copy: Path, folder: Path, number: int) -> str:
    """Write the first cases of a copy, its pictures linked, as a copy of its own."""
    cases = json.loads((copy / "Case_topic.json").read_text("utf-8"))[:number]
    uids = {case["U_id"] for case in cases}
    images = [
        image for image in json.loads((copy / "Descriptions.json").read_text("utf-8"))
        if image["U_id"] in uids
    ]  # fmt: skip
    folder.mkdir()
    (folder / "Case_topic.json").write_text(json.dumps(cases))
    (folder / "Descriptions.json").write_text(json.dumps(images))
    for shared in ("images", "images_overview.csv"):
        (folder / shared).symlink_to(copy / shared)
    return str(folder)


@pytest.mark.real
@pytest.mark.usefixtures("drop_copied")
def test_the_views_are_those_of_a_build_of_real_cases(
    real_copy, tmp_path, sites, asking, fresh_home, copied
):
    folder = first_cases(real_copy, tmp_path / "some", REAL_CASES)
    build(copied, folder)
    state, _ = build_openi(asking(fresh_home, sites(folder).url))
    assert state.left == 0
    wanted, got = expected(copied), views(fresh_home)
    assert len(got["Clinical_Reports"]) == len(wanted["Clinical_Reports"])
    differences = differing(wanted, got)
    assert Counter((name, field) for name, _, field in differences) == {}


def listed(served) -> Counter[str]:
    """Return how often each address was asked, those of listings and robots.txt apart."""
    return Counter(served.json("/_asked/addresses"))


def test_a_second_time_only_the_listings_are_asked_and_nothing_changes(
    crawled_phantom, sites, asking, fresh_home, contents_of
):
    served = sites(crawled_phantom)
    settings = asking(fresh_home, served.url)
    build_openi(settings)
    with open_store(fresh_home) as store:
        before = contents_of(store)
    asked = listed(served)
    state, done = build_openi(settings)
    assert state.left == 0
    assert done.unchanged and done.examined == 0
    more = listed(served) - asked
    assert {address.partition("?")[0] for address in more} == {"/robots.txt", "/api/search"}
    assert set(more.values()) == {1}
    with open_store(fresh_home) as store:
        assert contents_of(store) == before


RATE, SEED = 0.7, 22  # of the later state: every kind of change befalls some case


@pytest.fixture
def later(crawled_phantom, sites, asking, fresh_home):
    """Build the sites as they were, then as they are later; return case to change, and address."""
    build_openi(asking(fresh_home, sites(crawled_phantom).url))
    served = sites(
        crawled_phantom, "--generation", 2, "--faults", f"changed={RATE}", "--seed", SEED
    )
    uids = [checked.document["U_id"] for _, checked in open_copy(crawled_phantom).cases()]
    how = {uid: change_of(uid, 2, RATE, SEED) for uid in uids}
    assert set(how.values()) == {None, *CHANGES}
    return how, asking(fresh_home, served.url)


def changed_cases(settings) -> dict[str, set[str]]:
    """Return kind of change to the cases that show it."""
    text = "Added in generation 2."
    with open_store(settings) as store:
        cases = list(store.current.find({"meta.kind": "case"}))
        captions = store.images.find({"Description.Caption": {"$regex": text}})
        return {
            "gone": {row["_id"] for row in cases if row["meta"]["status"] == "withdrawn"},
            "new": {row["_id"] for row in cases if row["_id"].startswith("MPX200")},
            "findings": {row["_id"] for row in cases if text in row["Case"].get("Findings", "")},
            "discussion": {
                row["_id"] for row in cases if text in row["Case"].get("Discussion", "")
            },
            "topic": {row["_id"] for row in cases if text in json.dumps(row["Topic"])},
            "caption": {row["U_id"] for row in captions},
        }


def test_a_later_crawl_changes_what_has_changed_and_keeps_the_earlier_answers(later, fresh_home):
    how, settings = later
    # What Open-i's listings show is seen without asking MedPix for everything again.
    build_openi(settings)
    wanted = {kind: {uid for uid, change in how.items() if change == kind} for kind in CHANGES}
    wanted["new"] = {f"MPX200{uid.removeprefix('MPX')}" for uid in wanted["new"]}
    hidden = {"discussion": set(), "topic": set()}
    assert changed_cases(fresh_home) == {**wanted, **hidden}
    state, _ = build_openi(settings, Asked(refresh=True))
    assert state.left == 0
    assert changed_cases(fresh_home) == wanted
    with open_snapshot(home_snapshot(fresh_home)) as snapshot:
        for uid in how:
            record = snapshot.listing.records(uid)[0].body
            history = snapshot.answers.history(f"encounter/{record['medpixArticleId']}")
            assert [b"generation 2" in answer.body for answer in history] == (
                [False, True] if how[uid] in ("findings", "discussion", "caption") else
                [False, False] if how[uid] == "topic" else [False]
            ), how[uid]  # fmt: skip
            assert snapshot.answers.latest(history[-1].key) == history[-1]


def test_sites_that_do_not_answer_are_one_clear_error(fresh_home, asking):
    with pytest.raises(
        SourceError, match=r"No listing could be got from http://127\.0\.0\.1:9 \(refused\)"
    ):
        build_openi(asking(fresh_home, "http://127.0.0.1:9"))
