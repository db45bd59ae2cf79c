import pytest

from medpix2.curate.body_parts import PARTS_OF, categories_in
from medpix2.records import LOCATION_CATEGORIES


@pytest.mark.parametrize(
    ("text", "categories"),
    [
        ("Mass of the left upper lobe", ["Thorax"]),
        ("Cyst of the LIVER and the spleen", ["Abdomen"]),
        ("Stone in the bladder", ["Reproductive and Urinary System"]),
        ("Stone in the gall bladder", []),
        ("Tear of the medial meniscus", ["Spine and Muscles"]),
        ("Lesion in the frontal lobe and the lung", ["Head", "Thorax"]),
        ("Mass posterior to the uterus", []),
        ("Isointense to brain", []),
        ("A mass adjacent to the left kidney", []),
        ("A mass.", []),
    ],
)
def test_the_categories_of_the_parts_that_a_text_names(text, categories):
    assert list(categories_in(text)) == categories


def test_every_category_has_parts():
    assert set(PARTS_OF) == set(LOCATION_CATEGORIES)
