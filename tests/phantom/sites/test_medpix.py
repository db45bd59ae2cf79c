from xml.etree import ElementTree

from medpix2.phantom.sites import medpix
from medpix2.phantom.sites.catalog import Catalog


def test_an_encounter_with_its_pictures(four):
    found = medpix.encounter(four, {"encounterID": "case-1"})
    assert found["topicID"] == "topic-1" and found["diagnosis"] == "Cyst 1"
    assert found["exam"] == "5 &lt; 6\n&amp; &ldquo;more&rdquo;"
    assert str(found["age"]) == "40"
    assert found["history"] in (None, "", "null")
    assert found["authorEmail"].endswith("@example.org")
    assert [image["imageID"] for image in found["imageList"]] == ["image-1-0", "image-1-1"]
    assert found["imageList"][1] == medpix.image(four, {"imageID": "image-1-1"})


def test_addresses_of_pictures_are_relative_and_the_name_is_the_synpic_one(four):
    found = medpix.image(four, {"imageID": "image-3-0"})
    assert found["imageURL"] == "/images/full/synpic30.jpg"
    assert found["imageCaption"] == "Caption 0"


def test_a_topic(four):
    found = medpix.topic(four, {"topicID": "topic-2"})
    assert found["location"] == "Brain" and found["acrCode"] == "8.-1"
    assert (str(found["preacr"]), str(found["postacr"])) == ("8", "-1")
    assert (found["keyword1"], found["keyword2"]) == ("One", "Two")
    assert found["keyword3"] in (None, "", "null")


def test_what_is_not_there_says_so(four):
    for answer in (
        medpix.encounter(four, {}), medpix.image(four, {"imageID": "x"}), medpix.topic(four, {}),
    ):  # fmt: skip
        assert answer["error"]


def test_absent_values_are_written_in_each_way(case_with):
    catalog = Catalog(case_with(n) for n in range(60))
    written = {
        medpix.encounter(catalog, {"encounterID": f"case-{n}"})["history"] for n in range(60)
    }
    assert written == {None, "", "null"}


def test_whole_numbers_are_numbers_or_texts(case_with):
    catalog = Catalog(case_with(n) for n in range(60))
    ages = [medpix.encounter(catalog, {"encounterID": f"case-{n}"})["age"] for n in range(60)]
    assert set(ages) == {40, "40"}


def test_every_case_is_among_the_diagnoses_of_all_letters(four):
    found = {
        row["encounterID"]
        for letter in "abcdefghijklmnopqrstuvwxyz"
        for row in medpix.diagnosed(four, {"diagnosis": letter})
    }
    assert found == {f"case-{n}" for n in (1, 2, 3, 4)}
    assert medpix.diagnosed(four, {}) == []


def test_as_many_cases_of_the_week_as_are_asked_for(four):
    assert len(medpix.cases_of_week(four, {"count": "3"})) == 3
    assert len(medpix.cases_of_week(four, {"count": "2000"})) == 4


def test_xml_says_the_same_less_what_is_null(four):
    answer = medpix.encounter(four, {"encounterID": "case-1"})
    root = ElementTree.fromstring(medpix.as_xml("encounter", answer))
    assert root.tag == "encounter"
    assert root.findtext("exam") == answer["exam"]
    assert len(root.findall("imageList/item")) == 2
    assert root.find("mediaList") is None
    assert root.findtext("imageList/item/show") == "true"


def test_xml_leaves_out_what_no_xml_may_have():
    assert ElementTree.fromstring(medpix.as_xml("a", "x\x01\ud800y")).text == "xy"
