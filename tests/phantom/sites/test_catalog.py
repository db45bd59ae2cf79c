from medpix2.phantom.sites.catalog import Catalog


def test_a_case_is_found_by_every_id_that_it_has(four):
    case = four.encounter("case-1")
    assert case.uid == "MPX1" and four.topic("topic-1") == case
    assert four.image("image-1-1") == four.picture("MPX1_synpic11") == four.picture("synpic11")
    assert four.picture("synpic11")[1] == case.pictures[1]
    nothing = (four.encounter("x"), four.topic("x"), four.image("x"), four.picture("x"))
    assert nothing == (None,) * 4


def test_pictures_of_kinds_and_words(four):
    def ids(kinds, *words):
        return [four.at(code)[1].id for code in four.matching(kinds, words)]

    assert ids(frozenset("c")) == ["MPX1_synpic10", "MPX3_synpic30"]
    assert len(ids(None)) == 5
    assert ids(None, "cyst", "title 3") == ["MPX3_synpic30"]
    assert ids(frozenset("c"), "nowhere") == []


def test_kinds_of_two_letters_are_kinds_of_their_own(case_with):
    catalog = Catalog([case_with(1, "ph", "p")])
    assert len(catalog.matching(frozenset({"p"}), ())) == 1


def test_the_seed_mixes_cases_and_keeps_their_pictures_together(case_with):
    cases = [case_with(n, "c", "m") for n in range(50)]
    orders = []
    for seed in (1, 2):
        catalog = Catalog(cases, seed)
        found = [catalog.at(code)[1].id for code in catalog.matching(None, ())]
        uids = [case.uid for case in catalog.cases()]
        assert found == [f"{uid}_synpic{uid[3:]}{n}" for uid in uids for n in (0, 1)]
        assert sorted(uids) == sorted(case.uid for case in cases)
        orders.append(uids)
    assert orders[0] != orders[1] and orders[0] != [case.uid for case in cases]


def test_diagnoses_are_searched_whatever_their_case(four):
    assert [case.uid for case in four.diagnosed("CYST 2")] == ["MPX2"]
    assert len(four.diagnosed("c")) == len(four) == 4
