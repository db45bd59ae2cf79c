from __future__ import annotations

import json
import random

import pytest
from pymongo import MongoClient
from pymongo.monitoring import CommandListener

from medpix2.curate.question import STOP_WORDS
from medpix2.errors import NotFound, QueryError
from medpix2.pipeline.build import build
from medpix2.pipeline.find import find, show
from medpix2.pipeline.selecting import resolved
from medpix2.pipeline.summary import ANY_STATUS
from medpix2.records import published
from medpix2.store.database import Store, open_store
from medpix2.store.facets import FACETS, Filters

SHOWN = ("accepted", "pending")
EVERYTHING = 10_000


@pytest.fixture(scope="session")
def pictures(phantom_store, labels_of):
    """Return (id, case, facets) of every picture, in order."""
    cases = {row["_id"]: row for row in phantom_store.current.find({"meta.kind": "case"})}
    images = phantom_store.current.find({"meta.kind": "image"}).sort("meta.n")
    return [(row["_id"], row["U_id"], labels_of(row, cases.get(row["U_id"]))) for row in images]


def expected(pictures, filters):
    """Return (picture, case) of what fits, slowly and obviously."""
    wanted = {"status": SHOWN, **filters.values}
    low, high = filters.age or (None, None)
    fitting = []
    for name, case, labels in pictures:
        if any(labels[facet] not in values for facet, values in wanted.items()):
            continue
        age = labels["age"]
        if filters.age and (
            age is None or (low is not None and age < low) or (high is not None and age > high)
        ):
            continue
        fitting.append((name, case))
    return fitting


def ids(found):
    return [(image["_id"], image["U_id"]) for match in found.matches for image in match.images]


def check(store, pictures, filters, text=""):
    fitting = expected(pictures, filters)
    by_case = find(store, text, filters, limit=EVERYTHING)
    by_image = find(store, text, filters, by="image", limit=EVERYTHING)
    assert ids(by_image) == fitting
    assert sorted(ids(by_case)) == sorted(fitting)
    assert {m.case["_id"] for m in by_case.matches if m.images} == {case for _, case in fitting}
    assert by_case.images == by_image.images == len(fitting)
    assert by_case.cases == len(by_case.matches)
    return len(fitting)


def test_each_value_of_each_facet_finds_what_has_it(phantom_store, pictures):
    for facet in FACETS:
        if facet != "age":
            for value in {labels[facet] for _, _, labels in pictures}:
                assert check(phantom_store, pictures, Filters({facet: [value]}))


def test_any_combination_of_filters_finds_what_fits(phantom_store, pictures):
    chance = random.Random(11)
    values = {f: sorted({labels[f] for _, _, labels in pictures}, key=str) for f in FACETS}
    found = 0
    for _ in range(60):
        facets = chance.sample([f for f in FACETS if f not in ("age", "status")], 2)
        wanted = {f: chance.sample(values[f], min(len(values[f]), 3)) for f in facets}
        age = chance.choice([None, None, (30, 50), (None, 45), (45, None), (0, 0)])
        found += check(phantom_store, pictures, Filters(wanted, age)) > 0
    assert found > 20


@pytest.mark.parametrize("age", [(30, 50), (0, 0), (None, 30), (60, None), (43, 43), (119, 120)])
def test_both_ends_of_an_age_range_are_found(phantom_store, pictures, age):
    check(phantom_store, pictures, Filters({}, age))


def test_ages_count_in_whole_years(fresh_home, source):
    for name, age in (("MPX1_ct0", "50"), ("MPX1_ct1", "29.9"), ("MPX2_mr0", "6 months"),
                      ("MPX2_mr1", "0"), ("MPX3_ct0", "30"), ("MPX5_ct0", "51")):  # fmt: skip
        source.found(name)["Description"]["Age"] = age
    for name in ("MPX1_mr0", "MPX5_mr0", "MPX5_mr1"):
        source.found(name)["Description"]["Age"] = "N/A"
    build(fresh_home, source.write())

    def aged(low, high):
        found = find(store, filters=Filters({}, (low, high)), by="image")
        return {match.images[0]["_id"] for match in found.matches}

    with open_store(fresh_home) as store:
        assert aged(30, 50) == {"MPX1_ct0", "MPX3_ct0"}
        assert aged(0, 0) == {"MPX2_mr0", "MPX2_mr1"}
        assert aged(29, None) == {"MPX1_ct0", "MPX1_ct1", "MPX3_ct0", "MPX5_ct0"}
        assert find(store, filters=Filters({"age": [None]}), by="image").images == 3


@pytest.mark.parametrize("by", ["case", "image"])
@pytest.mark.parametrize("text", ["", "patient", "the preferred surgery"])
def test_the_pages_together_are_all_and_none_comes_twice(phantom_store, by, text):
    whole = find(phantom_store, text, by=by, limit=EVERYTHING)
    total = whole.cases if by == "case" else whole.images
    assert len(whole.matches) == total > 7
    paged = []
    for offset in range(0, total + 7, 7):
        page = find(phantom_store, text, by=by, offset=offset, limit=7)
        assert (page.cases, page.images, page.offset) == (whole.cases, whole.images, offset)
        assert len(page.matches) == max(0, min(7, total - offset))
        paged += page.matches
    assert [m.as_json() for m in paged] == [m.as_json() for m in whole.matches]


@pytest.mark.parametrize(("offset", "limit"), [(-1, 20), (0, 0), (0, -5), (0, 10_001)])
def test_a_page_that_cannot_be_is_refused(phantom_store, offset, limit):
    with pytest.raises(QueryError, match="No page"):
        find(phantom_store, offset=offset, limit=limit)


def test_cases_without_pictures_are_found_by_what_cases_have(fresh_home, source):
    build(fresh_home, source.write())
    with open_store(fresh_home) as store:
        found = find(store)
        assert [match.case["_id"] for match in found.matches] == [f"MPX{n}" for n in range(1, 6)]
        assert [len(match.images) for match in found.matches] == [3, 2, 1, 0, 3]
        assert (found.cases, found.images) == (5, 9)
        by_split = find(store, filters=Filters({"split": ["train"]}))
        assert "MPX4" in [match.case["_id"] for match in by_split.matches]
        by_sex = find(store, filters=Filters({"sex": [None]}))
        assert "MPX4" not in [match.case["_id"] for match in by_sex.matches]
        assert find(store, "MPX4").matches[0].images == []
        assert find(store, by="image").images == 9


# Text


@pytest.fixture
def texts(fresh_home, source):
    """Return a store of cases with known texts."""
    source.found("MPX1")["Case"]["Title"] = "Tumor of the left lung"
    source.found("MPX2")["Case"]["Discussion"] = "A tumour, not of the lung on the left."
    source.found("MPX3")["Case"]["History"] = "Renal cell carcinoma in a child"
    source.found("MPX3_ct0")["Description"]["Caption"] = (
        "Haemorrhage ($5.00 (a|b) [x] c:\\d \U0001fac1)"
    )
    source.found("MPX5_mr0")["Description"]["Caption"] = "Diffusion weighted picture"
    source.found("MPX5")["Topic"]["Title"] = "Ménière's disease"
    build(fresh_home, source.write())
    with open_store(fresh_home) as store:
        yield store


def cases(store, text, **more):
    return [match.case["_id"] for match in find(store, text, **more).matches]


def test_every_word_must_occur_and_titles_come_first(texts):
    assert cases(texts, "tumor lung") == ["MPX1", "MPX2"]
    assert cases(texts, "tumor child") == []


def test_a_phrase_must_occur_as_it_stands(texts):
    assert cases(texts, '"left lung"') == ["MPX1"]
    assert cases(texts, '"lung left"') == []


def test_a_word_with_a_minus_must_not_occur(texts):
    assert cases(texts, "lung -discussion") == ["MPX1", "MPX2"]
    assert cases(texts, 'lung -"left lung"') == ["MPX2"]
    assert cases(texts, "cough -lung -child") == ["MPX4", "MPX5"]
    with pytest.raises(QueryError, match="only what must not occur"):
        find(texts, "-lung")


@pytest.mark.parametrize(
    ("text", "case", "said"),
    [
        ("tumour", "MPX1", "tumour = tumor"),
        ("kidney", "MPX3", "kidney = renal"),
        ("DWI", "MPX5", "DWI = diffusion weighted"),
        ("hemorrhage", "MPX3", "hemorrhage = haemorrhage, bleed, bleeding"),
        ("rcc", "MPX3", "rcc = renal cell carcinoma"),
    ],
)
def test_other_spellings_and_synonyms_are_found_and_told(texts, text, case, said):
    found = find(texts, text)
    assert case in [match.case["_id"] for match in found.matches]
    assert found.question.widened == [said]
    exact = find(texts, text, widening=False)
    assert exact.question.widened == []
    assert len(exact.matches) <= len(found.matches)


def test_exact_words_leave_other_spellings_out(texts):
    assert cases(texts, "DWI", widening=False) == []
    assert cases(texts, "tumour") == cases(texts, "tumor")


def test_stop_words_ask_for_nothing(texts):
    assert cases(texts, "a tumor of the lung") == cases(texts, "tumor lung")
    for word in sorted(STOP_WORDS)[::9]:
        assert cases(texts, f"lung {word} tumor") == cases(texts, "lung tumor")


@pytest.mark.parametrize("text", ["the", "of THE", "???", "-", '""', "$ . *", "\0"])
def test_a_text_without_a_word_is_refused(texts, text):
    with pytest.raises(QueryError, match="no word to look for"):
        find(texts, text)


def test_blanks_are_no_text(texts):
    assert find(texts, "  \t ").cases == 5


@pytest.mark.parametrize(
    "text",
    ["$where", "lung $ne", "{lung}", "lung.*", "^lung$", "lung\\", "(lung", "lung\0", "\u202elung",
     'lung"', '"lung', "lung\udcff", "$5.00", "c:\\d", "[x]", "\U0001fac1", "ﬁ", "lung\r\n", "%s",
     "肺", "l'", "--lung x", "x" * 500, "a b " * 125],
)  # fmt: skip
def test_strange_characters_do_no_harm(texts, text):
    try:
        found = find(texts, text)
    except QueryError:
        return
    assert found.cases <= 5


def test_a_text_that_is_too_long_is_refused(texts):
    with pytest.raises(QueryError, match="has 501 characters: use at most 500"):
        find(texts, "x" * 501)


def test_accents_do_not_hide_a_word(texts):
    assert cases(texts, "Meniere's") == cases(texts, "Ménière's")[:5]
    assert "MPX5" in cases(texts, "disease")


def test_text_and_filters_go_together(texts):
    found = find(texts, "lung", Filters({"modality": ["MR"]}))
    by_case = {match.case["_id"]: [i["_id"] for i in match.images] for match in found.matches}
    assert by_case == {"MPX1": ["MPX1_mr0"], "MPX2": ["MPX2_mr0", "MPX2_mr1"]}
    assert (found.cases, found.images) == (2, 3)
    counted = find(texts, "lung", counts=["modality", "split"]).counts
    assert counted == {"modality": {"MR": 3, "CT": 2}, "split": {"train": 5}}


def test_text_and_filters_agree_with_the_two_asked_apart(phantom_store, pictures):
    chance = random.Random(5)
    for text in ("patient", "calcium women", "biopsy", "surgery", "follow-up"):
        matched = {m.case["_id"] for m in find(phantom_store, text, limit=EVERYTHING).matches}
        for facet in chance.sample(["modality", "sex", "plane", "location_category", "split"], 3):
            value = chance.choice(sorted({p[2][facet] for p in pictures}, key=str))
            filters = Filters({facet: [value]})
            fitting = [pair for pair in expected(pictures, filters) if pair[1] in matched]
            found = find(phantom_store, text, filters, by="image", limit=EVERYTHING)
            assert sorted(ids(found)) == sorted(fitting)
            scores = [match.score for match in found.matches]
            assert scores == sorted(scores, reverse=True)


def test_a_caption_that_fits_puts_its_picture_first(texts):
    found = find(texts, "diffusion")
    assert found.matches[0].images[0]["_id"] == "MPX5_mr0"
    by_image = find(texts, "diffusion", by="image")
    assert by_image.matches[0].images[0]["_id"] == "MPX5_mr0"
    assert by_image.images == 3


# Values


def test_values_are_found_whatever_the_case_of_their_letters(phantom_store):
    stored = Filters({"modality": ["MR"], "location_category": ["Head"], "plane": ["Axial"]})
    typed = Filters({"modality": ["mr"], "location_category": ["HEAD"], "plane": ["axial"]})
    assert resolved(phantom_store, typed).values == stored.values
    assert ids(find(phantom_store, "", typed)) == ids(find(phantom_store, "", stored))


def test_a_value_that_no_picture_has_is_refused_and_a_near_one_named(phantom_store):
    with pytest.raises(QueryError, match="location category 'Hed': did you mean 'Head'") as caught:
        find(phantom_store, "", Filters({"location_category": ["Hed"]}))
    assert "Thorax" in str(caught.value)
    with pytest.raises(QueryError, match="No picture has the sex 'x'"):
        find(phantom_store, "", Filters({"sex": ["x"]}))


def test_values_that_hold_commas_are_told_apart(fresh_home, source):
    for at, image in enumerate(source.images):
        image["Location"] = ("Arm, left", "Arm, right", "Leg")[at % 3]
    build(fresh_home, source.write())
    with open_store(fresh_home) as store, pytest.raises(QueryError) as caught:
        find(store, "", Filters({"location": ["Xyz"]}))
    assert "there are 'Arm, left', 'Arm, right', 'Leg'" in str(caught.value)


def test_every_status_can_be_asked_for_even_if_nothing_has_it(phantom_store):
    for status in ANY_STATUS:
        found = find(phantom_store, "", Filters({"status": [status]}), limit=EVERYTHING)
        assert found.images == sum(
            1 for row in phantom_store.current.find({"meta.kind": "image"})
            if row["meta"]["status"] == status
        )  # fmt: skip


def test_an_unknown_status_is_refused_by_name(phantom_store):
    with pytest.raises(QueryError, match="acepted"):
        find(phantom_store, "", Filters({"status": ["acepted"]}))


def test_excluded_and_withdrawn_pictures_are_found_when_asked_for(fresh_home, source):
    source.pictures["MPX1_ct0"] = b""
    build(fresh_home, source.write())
    source.drop("MPX2")
    build(fresh_home, source.write())

    def shown(*statuses):
        found = find(store, "", Filters({"status": statuses}), by="image", limit=EVERYTHING)
        return {match.images[0]["_id"] for match in found.matches}

    with open_store(fresh_home) as store:
        assert shown("excluded") == {"MPX1_ct0"}
        assert shown("withdrawn") == {"MPX2_mr0", "MPX2_mr1"}
        assert shown(*ANY_STATUS) == {row["_id"] for row in store.images.find()}
        assert "MPX2" not in cases(store, "")
        assert cases(store, "", filters=Filters({"status": ["withdrawn"]})) == ["MPX2"]


# Show


def test_a_case_is_shown_with_all_its_pictures_as_published(phantom_store, phantom_folder):
    cases = {c["U_id"]: c for c in json.loads((phantom_folder / "Case_topic.json").read_text())}
    images = json.loads((phantom_folder / "Descriptions.json").read_text())
    for name in list(cases)[:5]:
        match = show(phantom_store, name)
        assert published(match.case) == cases[name]
        ours = [published(image) for image in match.images]
        assert sorted(ours, key=lambda i: i["image"]) == sorted(
            (image for image in images if image["U_id"] == name), key=lambda i: i["image"]
        )
        assert show(phantom_store, ours[0]["image"]) == match


def test_an_excluded_picture_is_shown_as_well(fresh_home, source):
    source.pictures["MPX1_ct0"] = b""
    source.image("MPX9", "ct0")
    build(fresh_home, source.write())
    with open_store(fresh_home) as store:
        assert show(store, "MPX1_ct0").images[0]["_id"] == "MPX1_ct0"
        assert show(store, "MPX9_ct0").case is None


@pytest.mark.parametrize("name", ["MPX9000", "mpx9000", "MPX90000_synpic1"])
def test_an_unknown_id_is_refused_and_near_ones_named(phantom_store, name):
    with pytest.raises(NotFound, match="did you mean MPX90"):
        show(phantom_store, name)


@pytest.mark.parametrize("name", ["", "Q", "x" * 5000, "$gt", "a\0b", "\udcff", "é(["])
def test_an_id_that_is_none_is_refused(phantom_store, name):
    with pytest.raises(NotFound, match="No case or picture"):
        show(phantom_store, name)


# Speed


class Commands(CommandListener):
    """Keeps every question that is asked of the server."""

    def __init__(self):
        self.kept = []

    def started(self, event):
        if event.command_name in ("find", "aggregate", "count", "distinct"):
            self.kept.append(dict(event.command))

    def succeeded(self, event):
        pass

    def failed(self, event):
        pass


def test_no_question_of_find_scans_a_collection(phantom_store):
    settings, listener = phantom_store.settings, Commands()
    with MongoClient(settings.mongo_url, event_listeners=[listener]) as client:
        store = Store(client[settings.database], settings)
        for text in ("", "tumour", '"left lung" -child', "renal cell carcinoma mass"):
            for by in ("case", "image"):
                for filters in (Filters(), Filters({"modality": ["MR"], "sex": [None]}, (30, 50))):
                    find(store, text, filters, by=by, offset=10, counts=["split", "sequence"])
        show(store, "MPX90001")
        with pytest.raises(NotFound):
            show(store, "MPX99999")
        asked = list(listener.kept)
        assert {command["find"] for command in asked} == {"state", "facets", "current", "words"}
        for command in asked:
            plain = {k: v for k, v in command.items() if not k.startswith(("$", "lsid"))}
            plan = store.db.command("explain", plain, verbosity="queryPlanner")
            one_of_any = not command.get("filter") and command.get("limit") == 1
            assert one_of_any or "COLLSCAN" not in str(plan["queryPlanner"]), command


def test_a_case_whose_every_picture_is_excluded_is_still_a_case(fresh_home, source):
    for name in source.pictures:
        if name.startswith("MPX1_"):
            source.pictures[name] = b"no picture"
    done = build(fresh_home, source.write())
    with open_store(fresh_home) as store:
        reports = {row["_id"] for row in store.db["Clinical_Reports"].find()}
        assert "MPX1" in reports
        assert done.summary.cases == len(reports)
        found = {match.case["_id"]: match for match in find(store).matches}
        assert found.keys() == reports
        assert found["MPX1"].images == []
        by_modality = find(store, filters=Filters({"modality": ["CT"]})).matches
        assert "MPX1" not in {match.case["_id"] for match in by_modality}


def test_the_caption_of_an_excluded_picture_finds_nothing(fresh_home, source):
    source.found("MPX1_ct0")["Description"]["Caption"] = "a quokka"
    source.pictures["MPX1_ct0"] = b"no picture"
    build(fresh_home, source.write())
    with open_store(fresh_home) as store:
        assert find(store, "quokka").cases == 0
        assert find(store, "quokka", Filters({"status": ["excluded"]})).images == 1
