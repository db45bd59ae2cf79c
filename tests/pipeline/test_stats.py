"""Fast counts against slow obvious ones, over the same documents."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

import pytest
from PIL import Image

from medpix2.errors import NotFound, QueryError
from medpix2.pipeline.build import build
from medpix2.pipeline.stats import stats
from medpix2.pipeline.tables import cell_text
from medpix2.settings import load_settings
from medpix2.store.database import Store, open_store
from medpix2.store.facets import Filters
from medpix2.store.server import stop_server

CASES = 12
PLACES = ("Head", "Thorax", "Abdomen", "N/A")
PLANES = ("Axial", "Coronal", "Sagittal", "N/A", "swimming")
MODALITIES = ("MR - T1W w/Gd", "MR - FLAIR", "MR - T2 weighted", "MR - N/A")
SPLITS = {"train": range(7), "dev": range(7, 9), "test": range(9, 11)}  # the last case has none


def _image(case: int, n: int) -> dict[str, Any]:
    ct = (case + n) % 3 == 0
    return {
        "Type": "CT" if ct else "MR",
        "U_id": f"MPX{case}",
        "image": f"MPX{case}_synpic{n}",
        "Description": {
            # The first picture of case 4 does not say what the second one does.
            "Age": "N/A" if case == 4 and n == 0 else str(case * 8 % 91 if case else 0),
            "Sex": "N/A" if case in (2, 4) and n == 0 else ("male", "female")[case % 2],
            "Caption": " ".join(["word"] * (case + n)) or "N/A",
            "Modality": "CT w/contrast (IV)" if ct else MODALITIES[(case + n) % 4],
            "Plane": PLANES[(case * 2 + n) % 5],
        },
        "Location": "Brain",
        "Location Category": PLACES[case % 4],
    }


def _case(case: int, images: list[dict[str, Any]]) -> dict[str, Any]:
    of = defaultdict(list)
    for image in images:
        of[image["Type"]].append(image["image"])
    return {
        "U_id": f"MPX{case}",
        "TAC": of["CT"],
        "MRI": of["MR"],
        "Case": {
            "Title": f"Case {case}",
            "Exam": "N/A" if case % 2 else "Fever.",
            "Findings": "one\n\ntwo   three\tfour " * (case + 1),
            "History": "",
        },
        "Topic": {"Title": "A topic", "Disease Discussion": "word " * (10 * case + 5)},
    }


def write_copy(folder: Path) -> None:
    """Write a small copy of the published layout; one of its pictures is not there."""
    (folder / "images").mkdir(parents=True)
    (folder / "splitted_dataset").mkdir()
    images = [[_image(case, n) for n in range(1 + case % 4)] for case in range(CASES)]
    cases = [_case(case, images[case]) for case in range(CASES)]
    flat = [image for some in images for image in some]
    for at, image in enumerate(flat[:-1]):
        Image.new("L", (8, 8), at * 8 % 256).save(folder / "images" / f"{image['image']}.png")
    lists = {name: [f"MPX{case}" for case in of] for name, of in SPLITS.items()}
    (folder / "Case_topic.json").write_text(json.dumps(cases))
    (folder / "Descriptions.json").write_text(json.dumps(flat))
    (folder / "splitted_dataset" / "uid_list.json").write_text(json.dumps(lists))


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    folder = tmp_path_factory.mktemp("stats")
    write_copy(folder / "copy")
    settings = load_settings({"home": str(folder / "home"), "linger": "0.2", "jobs": "1"})
    build(settings, str(folder / "copy"))
    with open_store(settings) as opened:
        yield opened
    stop_server(settings.home, force=True)


def shown(store: Store, kind: str, **wanted: Any) -> list[dict[str, Any]]:
    """Return the documents that count, in the order of their pictures."""
    found = store.current.find({"meta.kind": kind}).sort("meta.n", 1)
    return [d for d in found if d["meta"]["status"] in ("accepted", "pending")]


def facts(image: dict[str, Any]) -> dict[str, Any]:
    return image["meta"]["normalized"]


def rows(found: Any) -> dict[Any, dict[str, Any]]:
    """Return row label to column to cell."""
    return {row[0]: dict(zip(found.columns, row, strict=True)) for row in found.rows}


def test_counts_cases_and_images_without_what_is_excluded(store: Store) -> None:
    images = shown(store, "image")
    assert store.current.count_documents({"meta.kind": "image"}) == len(images) + 1
    found = stats(store)
    assert (found.cases, found.images) == (CASES, len(images))
    excluded = stats(store, Filters({"status": ["excluded"]}))
    assert (excluded.cases, excluded.images) == (1, 1)


@pytest.mark.parametrize(
    ("name", "label"), [("modality_location", "location_category"), ("planes", "plane")]
)
def test_a_label_crossed_with_the_modality(store: Store, name: str, label: str) -> None:
    slow = Counter((facts(i)[label] or "not given", i["Type"]) for i in shown(store, "image"))
    found = stats(store).table(name)
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


def test_sequences_are_of_mr_alone(store: Store) -> None:
    mr = [i for i in shown(store, "image") if i["Type"] == "MR"]
    slow = Counter(facts(image)["sequence"] or "not given" for image in mr)
    found = rows(stats(store).table("sequences"))
    assert {label: cells["Images"] for label, cells in found.items()} == dict(slow)
    assert all(cells["%"] == round(100 * cells["Images"] / len(mr), 1) for cells in found.values())


def test_a_case_has_the_age_and_sex_of_its_first_image_that_gives_them(store: Store) -> None:
    sex: dict[str, str] = {}
    age: dict[str, float] = {}
    for image in shown(store, "image"):
        if facts(image)["sex"]:
            sex.setdefault(image["U_id"], facts(image)["sex"])
        if facts(image)["age"] is not None:
            age.setdefault(image["U_id"], facts(image)["age"])
    assert "MPX4" not in sex  # its only picture says neither
    slow: Counter[Any] = Counter()
    for case in shown(store, "case"):
        years = age.get(case["_id"])
        decade = None if years is None else int(years) // 10 * 10
        label = "not given" if decade is None else f"{decade}–{decade + 9}"
        slow[label, sex.get(case["_id"], "not given")] += 1
    table = stats(store).table("ages")
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
    assert "1 case has age 0" in table.note


def test_images_per_case(store: Store) -> None:
    sizes = Counter(image["U_id"] for image in shown(store, "image"))
    table = stats(store).table("images_per_case")
    fast = {row[0]: row[1] for row in table.rows}
    assert fast == dict(Counter(sizes.values()))
    assert f"Median {median(sizes.values()):g}," in table.note
    assert f"at most {max(sizes.values())}" in table.note


def test_lengths_of_texts_leave_out_what_stands_for_nothing(store: Store) -> None:
    found = rows(stats(store).table("text_lengths"))
    findings = [len(case["Case"]["Findings"].split()) for case in shown(store, "case")]
    assert found["Findings"]["Texts"] == CASES
    assert found["Findings"]["Median"] == median(findings)
    assert (found["Exam"]["Texts"], found["Exam"]["%"]) == (6, 50.0)
    assert "History" not in found
    captions = [image["Description"]["Caption"].split() for image in shown(store, "image")]
    given = [len(words) for words in captions if words != ["N/A"]]
    assert (found["Caption"]["Of"], found["Caption"]["Texts"]) == ("images", len(given))
    assert len(given) == len(captions) - 1
    assert found["Caption"]["Median"] == median(given)


def test_balance_of_the_splits(store: Store) -> None:
    found = stats(store)
    images = shown(store, "image")
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


def test_filters_hold_for_every_table(store: Store) -> None:
    found = stats(store, Filters({"modality": ["CT"], "split": ["train"]}))
    wanted = [
        i for i in shown(store, "image") if i["Type"] == "CT" and i["meta"]["split"] == "train"
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


def test_what_fits_nothing_gives_tables_without_rows(store: Store) -> None:
    found = stats(store, Filters({"location_category": ["Nowhere"]}))
    assert (found.cases, found.images) == (0, 0)
    assert [table.name for table in found.tables] == [t.name for t in stats(store).tables]
    assert all(table.rows == () and table.totals == () for table in found.tables)
    with pytest.raises(QueryError):
        stats(store, Filters({"colour": ["blue"]}))


def test_an_empty_database_gives_tables_without_rows(store: Store) -> None:
    empty = Store(store.db.client["Nothing_Here"], store.settings)
    assert all(table.rows == () for table in stats(empty).tables)


def test_json_says_what_the_tables_say(store: Store) -> None:
    found = stats(store)
    again = json.loads(json.dumps(found.as_json()))
    assert again["images"] == found.images
    for table, as_json in zip(found.tables, again["tables"], strict=True):
        assert as_json["name"] == table.name
        assert [tuple(row) for row in as_json["rows"]] == list(table.rows)
        assert all(len(row) == len(table.columns) for row in (*table.rows, table.totals) if row)


def test_an_unknown_table_is_named(store: Store) -> None:
    with pytest.raises(NotFound, match="modality_location"):
        stats(store).table("shoes")


def test_cells_are_shown_as_a_reader_wants_them() -> None:
    assert [cell_text(cell) for cell in (1850, 12.0, None, "CT")] == ["1,850", "12.0", "–", "CT"]
