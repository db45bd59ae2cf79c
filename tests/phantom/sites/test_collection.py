import json

import pytest

from medpix2.extract.published import open_copy
from medpix2.phantom.sites.collection import sites_of_copy, sites_of_records


@pytest.fixture
def asker():
    def ask(sites):
        def get(address):
            path, _, query = address.partition("?")
            return json.loads(sites.answer(path, query).body)

        return get

    return ask


def test_a_client_gets_the_sound_phantom_back_field_by_field(
    sound_folder, asker, crawl, as_published
):
    sites = sites_of_copy(open_copy(sound_folder))
    assert crawl(asker(sites)) == as_published(sound_folder)


def test_a_later_generation_says_something_else(sound_folder, asker, crawl):
    states = [
        crawl(asker(sites_of_copy(open_copy(sound_folder), generation=n, changed=0.5)))[0]
        for n in (1, 2, 2)
    ]
    assert states[0] != states[1] == states[2]


@pytest.mark.real
def test_a_client_gets_the_real_copy_back_field_by_field(real_copy, asker, crawl, as_published):
    sites = sites_of_copy(open_copy(real_copy))
    cases, images = crawl(asker(sites))
    real_cases, real_images = as_published(real_copy)
    assert cases == real_cases
    assert images == real_images
    assert len(images) > 1000


@pytest.mark.real
def test_published_pictures_come_byte_for_byte(real_copy, page_through, asker):
    copy = open_copy(real_copy)
    sites = sites_of_copy(copy)
    for record in page_through(asker(sites))[::20]:
        path = copy.pictures[record["image"]["id"]]
        assert sites.answer(record["imgLarge"], "").body == path.read_bytes()


@pytest.mark.real
def test_each_real_record_comes_back_key_for_key(real_records, page_through, asker):
    real = json.loads(real_records.read_text("utf-8"))
    sites = sites_of_records(real_records)
    found = page_through(asker(sites), "coll=mpx")
    assert found == real and len(found) == 97
    for record in found:
        assert sites.answer(record["imgLarge"], "").type == "image/png"
        encounter = asker(sites)(f"/rest/encounter.json?encounterID={record['medpixArticleId']}")
        assert record["medpixFigureId"] in {image["imageID"] for image in encounter["imageList"]}
