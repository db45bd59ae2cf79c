import numpy as np
import pytest
from PIL import Image

from medpix2.errors import OutputError
from medpix2.export.content import ExportCase, Picture
from medpix2.pipeline.views import SHOWN_PICTURES, case_view


@pytest.fixture
def content(tmp_path):
    """Return what is exported of a case with some grey pictures."""

    def make(pictures=2, **report):
        held = []
        for n in range(pictures):
            path = tmp_path / f"{n}.png"
            Image.new("L", (6, 4), n).save(path)
            image = {"image": f"MPX1_{n}", "U_id": "MPX1", "Type": "CT", "_id": f"MPX1_{n}"}
            meta = {"normalized": {"plane": "Axial", "age": 41.0, "sex": "female"}, "split": "dev"}
            caption = {"Description": {"Caption": "a < b" if n else None}}
            held.append(Picture({**image, **caption, "meta": meta}, path))
        case = {"_id": "MPX1", "U_id": "MPX1", "Case": report, "meta": {"split": "dev"}}
        return ExportCase(case, held)

    return make


def test_fields_are_asked_for_by_name(content):
    case = case_view(content(Title="A mass", History="N/A"))
    assert (case["title"], case["history"], case["age"]) == ("A mass", None, 41.0)
    image = case.images[1]
    assert (image["plane"], image["title"], image.case_id) == ("Axial", "A mass", "MPX1")
    assert case.document == {"U_id": "MPX1", "Case": {"Title": "A mass", "History": "N/A"}}
    with pytest.raises(KeyError):
        case["titel"]


def test_a_picture_comes_as_pil_and_numpy(content):
    image = case_view(content()).images[1]
    assert image.pil().mode == "L" and image.pil("RGB").mode == "RGB"
    assert image.numpy().shape == (4, 6) and image.numpy("RGB").shape == (4, 6, 3)
    assert image.numpy().dtype == np.uint8 and (image.numpy() == 1).all()


def test_a_picture_that_is_gone_is_named(content):
    image = case_view(content()).images[0]
    image.path.unlink()
    with pytest.raises(OutputError, match=r"Picture .*0.png cannot be read"):
        image.pil()


def test_a_notebook_shows_a_case_as_a_page(content):
    shown = case_view(content(Title="A <b>mass</b>", History="First\nsecond."))._repr_html_()
    assert "<h3>A &lt;b&gt;mass&lt;/b&gt;</h3>" in shown and "First<br>second." in shown
    assert shown.count("<img ") == 2 and "data:image/jpeg;base64," in shown
    assert "41-year-old woman" in shown and "a &lt; b" in shown and "Treatment" not in shown
    assert "<img " in case_view(content()).images[0]._repr_html_()


def test_a_case_with_many_pictures_shows_some(content):
    shown = case_view(content(pictures=SHOWN_PICTURES + 3))._repr_html_()
    assert shown.count("<img ") == SHOWN_PICTURES and "and 3 more pictures" in shown
