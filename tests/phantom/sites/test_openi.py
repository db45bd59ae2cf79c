import json

import pytest

from medpix2.phantom.sites import openi
from medpix2.phantom.sites.catalog import Catalog


@pytest.fixture
def search(four, asking):
    return lambda query: openi.search(four, asking(query), 1)


def ids(page):
    return [record["image"]["id"] for record in page.get("list", [])]


def test_indices_begin_at_1_and_include_the_last(search):
    page = search("coll=mpx&m=2&n=4")
    assert (page["min"], page["max"], page["count"], int(page["total"])) == (2, 4, 3, 5)
    assert ids(page) == ["MPX1_synpic11", "MPX2_synpic20", "MPX3_synpic30"]
    assert len(ids(search("m=4&n=9"))) == 2


def test_a_page_beyond_the_end_has_no_list(search):
    page = search("m=6&n=9")
    assert "list" not in page and int(page["total"]) == 5


@pytest.mark.parametrize(
    ("it", "number"), [("c", 2), ("c,m", 3), ("x", 1), ("xg", 4), ("xm", 5), ("g,u", 1), ("", 5)]
)
def test_types_of_picture(search, it, number):
    assert len(ids(search(f"it={it}"))) == number


@pytest.mark.parametrize("it", ["z", "c,z", "C"])
def test_a_wrong_type_is_a_query_error(search, it):
    assert search(f"it={it}") == {"Query-Error": "Invalid request type.", "total": 0}


@pytest.mark.parametrize("query", ["coll=pmc", "it=u", "query=nowhere", "coll=pmc,cxr"])
def test_no_hit_has_a_total_and_no_list(search, query):
    assert search(query) == {"total": 0}


def test_unknown_parameters_and_odd_numbers_do_not_matter(search):
    assert ids(search("q=nowhere&hello=1&m=x&n=-3")) == ids(search(""))


def test_at_most_a_hundred_a_page_and_totals_of_both_types(case_with):
    catalog = Catalog(case_with(n, "c") for n in range(1000, 1300))
    pages = [openi.search(catalog, {"m": str(m), "n": "300"}, 1) for m in range(1, 300, 10)]
    assert [page["count"] for page in pages[:21]] == [100] * 21
    assert {type(page["total"]) for page in pages} == {int, str}
    assert {int(page["total"]) for page in pages} == {300}


def test_a_made_record_has_the_keys_and_types_of_the_real_ones(search, real_records):
    real = json.loads(real_records.read_text("utf-8"))[0]
    made = search("")["list"][0]
    assert list(made) == list(real)
    assert {k: type(v) for k, v in made.items()} == {k: type(v) for k, v in real.items()}
    for key in ("image", "journal_date", "MeSH"):
        assert list(made[key]) == list(real[key])


def test_the_address_of_a_picture():
    path = openi.picture_path("1009", "MPX1009_synpic46283", 512)
    assert path == "/imgs/512/207/1009/MPX1009_synpic46283.png"


def test_the_abstract_has_entities_and_raw_line_ends(search):
    assert search("")["list"][0]["abstract"] == (
        "<p><b>Diagnosis: </b>Cyst 1</p><p><b>Exam: </b>5 &lt; 6\n&amp; &ldquo;more&rdquo;</p>"
    )


def test_some_days_are_not_given(case_with):
    catalog = Catalog(case_with(n, "c") for n in range(100))
    days = [r["journal_date"]["day"] for r in openi.search(catalog, {"n": "100"}, 1)["list"]]
    assert 10 < days.count("") < 50
