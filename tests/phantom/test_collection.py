import re
import time
from collections import Counter

import pytest

from medpix2.phantom.collection import documents, make_case, split_of
from medpix2.records import LOCATION_CATEGORIES, Case, Image


def test_documents_are_records():
    for case, images in documents(40, 7):
        assert Case.model_validate(case).published() == case
        for image in images:
            assert Image.model_validate(image).published() == image
            assert image["U_id"] == case["U_id"]


def test_a_seed_makes_the_collection():
    assert list(documents(5, 1)) == list(documents(5, 1))
    assert list(documents(5, 1)) != list(documents(5, 2))
    assert list(documents(9, 1))[:5] == list(documents(5, 1))


def test_ids_are_unique_past_ten_thousand():
    cases = [make_case(1, number) for number in (0, 1, 999, 1000, 9_999, 10_000, 99_999, 100_000)]
    ids = [case.case["U_id"] for case in cases]
    pictures = [image["image"] for case in cases for image in case.images]
    assert len(set(ids)) == len(ids)
    assert len(set(pictures)) == len(pictures)
    assert all(re.fullmatch(r"MPX9\d{4,}_synpic\d{5,}", image) for image in pictures)


def test_age_and_sex_are_those_of_the_history():
    for case, images in documents(150, 2):
        history = case["Case"]["History"]
        age = re.search(r"(\d+)[- ]year[- ]old (man|woman|boy|girl)", history)
        assert age, history
        for image in images:
            assert image["Description"]["Age"] == age[1]
            male = age[2] in ("man", "boy")
            assert image["Description"]["Sex"] == ("male" if male else "female")


def test_captions_are_true_of_the_scene():
    for number in range(150):
        case = make_case(2, number)
        for image, scene in zip(case.images, case.scenes, strict=True):
            caption = image["Description"]["Caption"]
            assert caption.startswith(image["Description"]["Plane"])
            side = {-1: "the right ", 1: "the left "}.get(scene.side)
            assert side is None or side in caption


def test_shares_are_near_the_published_ones():
    images = [image for _, some in documents(2500, 1) for image in some]
    shares = Counter(image["Location Category"] for image in images)
    assert set(shares) == set(LOCATION_CATEGORIES)
    assert shares["Head"] / len(images) == pytest.approx(808 / 1850, abs=0.05)
    mr = sum(image["Type"] == "MR" for image in images) / len(images)
    assert mr == pytest.approx(888 / 1850, abs=0.06)


def test_eight_of_ten_cases_are_train():
    names = Counter(split_of(1, number)[0] for number in range(200))
    assert names == {"train": 160, "dev": 20, "test": 20}


def test_documents_are_fast_enough_for_load_tests():
    # 10,000 a second on a free core; a tenth of it here, for machines that are busy.
    start = time.perf_counter()
    images = sum(len(images) for _, images in documents(400, 1))
    assert images / (time.perf_counter() - start) > 1000
