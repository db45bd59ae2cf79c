"""Fast counts against slow obvious ones, over the same documents."""

import json
from collections import Counter, defaultdict
from statistics import median
from typing import Any

import pytest

from medpix2.errors import NotFound, QueryError
from medpix2.pipeline.stats import stats
from medpix2.pipeline.tables import cell_text
from medpix2.store.database import Store
from medpix2.store.facets import Filters

CASES = 12


def shown(tiny_store: Store, kind: str) -> list[dict[str, Any]]:
    """Return the documents that count, in the order of their pictures."""
    found = tiny_store.current.find({"meta.kind": kind}).sort("meta.n", 1)
    return [d for d in found if d["meta"]["status"] in ("accepted", "pending")]


def facts(image: dict[str, Any]) -> dict[str, Any]:
    return image["meta"]["normalized"]


def rows(found: Any) -> dict[Any, dict[str, Any]]:
    """Return row label to column to cell."""
    return {row[0]: dict(zip(found.columns, row, strict=True)) for row in found.rows}


def test_counts_cases_and_images_without_what_is_excluded(tiny_store: Store) -> None:
    images = shown(tiny_store, "image")
    assert tiny_store.current.count_documents({"meta.kind": "image"}) == len(images) + 1
    found = stats(tiny_store)
    assert (found.cases, found.images) == (CASES, len(images))
    excluded = stats(tiny_store, Filters({"status": ["excluded"]}))
    assert (excluded.cases, excluded.images) == (1, 1)


@pytest.mark.parametrize(
    ("name", "label"), [("modality_location", "location_category"), ("planes", "plane")]
)
def test_a_label_crossed_with_the_modality(tiny_store: Store, name: str, label: str) -> None:
    slow = Counter((facts(i)[label] or "not given", i["Type"]) for i in shown(tiny_store, "image"))
    found = stats(tiny_store).table(name)
    fast = {
        (row, modality): cells[modality]
        for row, cells in rows(found).items()
        for modality in ("CT", "MR")
        if cells[modality]
    }
    assert fast == dict(slow)
    assert all(cells["All"] == cells["CT"] + cells["MR"] for cells in rows(found).values())
    assert found.totals == ("All", *(sum(found.column(name)) for name in found.columns[1:]))
    assert found.rows[-1][0] == "not given"
    known = [row[-1] for row in found.rows[:-1]]
    assert known == sorted(known, reverse=True)


def test_sequences_are_of_mr_alone(tiny_store: Store) -> None:
    mr = [i for i in shown(tiny_store, "image") if i["Type"] == "MR"]
    slow = Counter(facts(image)["sequence"] or "not given" for image in mr)
    found = rows(stats(tiny_store).table("sequences"))
    assert {label: cells["Images"] for label, cells in found.items()} == dict(slow)
    assert all(cells["%"] == round(100 * cells["Images"] / len(mr), 1) for cells in found.values())


def test_a_case_has_the_age_and_sex_of_its_first_image_that_gives_them(tiny_store: Store) -> None:
    sexes: dict[str, set[str]] = defaultdict(set)
    sex: dict[str, str] = {}
    age: dict[str, float] = {}
    for image in shown(tiny_store, "image"):
        if facts(image)["sex"]:
            sexes[image["U_id"]].add(facts(image)["sex"])
            sex.setdefault(image["U_id"], facts(image)["sex"])
        if facts(image)["age"] is not None:
            age.setdefault(image["U_id"], facts(image)["age"])
    assert sexes["MPX6"] == {"male", "female"}  # its pictures disagree
    assert "MPX4" not in age  # its only picture says nothing
    slow: Counter[Any] = Counter()
    for case in shown(tiny_store, "case"):
        years = age.get(case["_id"])
        decade = None if years is None else int(years) // 10 * 10
        label = "not given" if decade is None else f"{decade}–{decade + 9}"
        slow[label, sex.get(case["_id"], "not given")] += 1
    table = stats(tiny_store).table("ages")
    fast = {
        (label, name): cells[name]
        for label, cells in rows(table).items()
        for name in ("female", "male", "not given")
        if cells[name]
    }
    assert fast == dict(slow)
    assert table.totals[-1] == CASES
    oldest = int(max(age.values())) // 10
    assert [row[0] for row in table.rows][: oldest + 1] == [
        f"{decade}–{decade + 9}" for decade in range(0, oldest * 10 + 1, 10)
    ]
    assert "Age 0 (1 of the cases)" in table.note


def test_images_per_case(tiny_store: Store) -> None:
    sizes = Counter(image["U_id"] for image in shown(tiny_store, "image"))
    table = stats(tiny_store).table("images_per_case")
    fast = {row[0]: row[1] for row in table.rows}
    assert fast == dict(Counter(sizes.values()))
    assert f"Median {median(sizes.values()):g}," in table.note
    assert f"at most {max(sizes.values())}" in table.note


def test_lengths_of_texts_leave_out_what_stands_for_nothing(tiny_store: Store) -> None:
    found = rows(stats(tiny_store).table("text_lengths"))
    findings = [len(case["Case"]["Findings"].split()) for case in shown(tiny_store, "case")]
    assert found["Findings"]["Texts"] == CASES
    assert found["Findings"]["Median"] == median(findings)
    assert (found["Exam"]["Texts"], found["Exam"]["%"]) == (6, 50.0)
    assert "History" not in found
    captions = [image["Description"]["Caption"].split() for image in shown(tiny_store, "image")]
    given = [len(words) for words in captions if words != ["N/A"]]
    assert (found["Caption"]["Of"], found["Caption"]["Texts"]) == ("images", len(given))
    assert len(given) == len(captions) - 1
    assert found["Caption"]["Median"] == median(given)


def test_balance_of_the_splits(tiny_store: Store) -> None:
    found = stats(tiny_store)
    images = shown(tiny_store, "image")
    of = {image["_id"]: image["meta"]["split"] or "no split" for image in images}
    sizes = Counter(of.values())
    assert [row[0] for row in found.table("splits").rows] == ["train", "dev", "test", "no split"]
    whole = rows(found.table("splits"))
    assert {split: cells["Images"] for split, cells in whole.items()} == dict(sizes)
    assert [cells["Cases"] for cells in whole.values()] == [7, 2, 2, 1]
    assert whole["train"]["Cases %"] == 58.3
    for name, label_of in (
        ("split_modality", lambda image: image["Type"]),
        ("split_location", lambda image: facts(image)["location_category"] or "not given"),
    ):
        slow = Counter((label_of(image), of[image["_id"]]) for image in images)
        for label, cells in rows(found.table(name)).items():
            for split, size in sizes.items():
                assert cells[split] == slow[label, split]
                assert cells[f"{split} %"] == round(100 * slow[label, split] / size, 1)


def test_filters_hold_for_every_table(tiny_store: Store) -> None:
    found = stats(tiny_store, Filters({"modality": ["CT"], "split": ["train"]}))
    wanted = [
        i for i in shown(tiny_store, "image") if i["Type"] == "CT" and i["meta"]["split"] == "train"
    ]
    cases = {image["U_id"] for image in wanted}
    assert (found.images, found.cases) == (len(wanted), len(cases))
    assert found.table("modality_location").totals == ("All", len(wanted), len(wanted))
    assert found.table("ages").totals[-1] == len(cases)
    assert found.table("sequences").rows == ()
    lengths = rows(found.table("text_lengths"))
    assert lengths["Findings"]["Texts"] == len(cases)
    assert lengths["Caption"]["Texts"] <= len(wanted)
    assert [row[0] for row in found.table("splits").rows] == ["train"]


def test_what_fits_nothing_gives_tables_without_rows(tiny_store: Store) -> None:
    found = stats(tiny_store, Filters({"location_category": ["Nowhere"]}))
    assert (found.cases, found.images) == (0, 0)
    assert [table.name for table in found.tables] == [t.name for t in stats(tiny_store).tables]
    assert all(table.rows == () and table.totals == () for table in found.tables)
    with pytest.raises(QueryError):
        stats(tiny_store, Filters({"colour": ["blue"]}))


def test_an_empty_database_gives_tables_without_rows(tiny_store: Store) -> None:
    empty = Store(tiny_store.db.client["Nothing_Here"], tiny_store.settings)
    assert all(table.rows == () for table in stats(empty).tables)


def test_json_says_what_the_tables_say(tiny_store: Store) -> None:
    found = stats(tiny_store)
    again = json.loads(json.dumps(found.as_json()))
    assert again["images"] == found.images
    for table, as_json in zip(found.tables, again["tables"], strict=True):
        assert as_json["name"] == table.name
        assert [tuple(row) for row in as_json["rows"]] == list(table.rows)
        assert all(len(row) == len(table.columns) for row in (*table.rows, table.totals) if row)


def test_an_unknown_table_is_named(tiny_store: Store) -> None:
    with pytest.raises(NotFound, match="modality_location"):
        stats(tiny_store).table("shoes")


def test_cells_are_shown_as_a_reader_wants_them() -> None:
    assert [cell_text(cell) for cell in (1850, 12.0, None, "CT")] == ["1,850", "12.0", "–", "CT"]
