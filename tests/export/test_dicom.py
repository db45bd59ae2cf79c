import shutil
import subprocess

import numpy as np
import pydicom
import pytest
from PIL import Image

from medpix2.export.dicom import BODY_PARTS, age_string, body_part, dataset_of
from medpix2.export.format import Wishes
from medpix2.export.joined import pictures_with_case
from medpix2.export.pictures import wished
from medpix2.records import LOCATION_CATEGORIES

needs_dciodvfy = pytest.mark.skipif(
    shutil.which("dciodvfy") is None, reason="dciodvfy of dicom3tools is not here"
)


@pytest.fixture
def data_of(told):
    """Return what makes a picture of the content a DICOM data set."""

    def make(image=None, at=1, keeps_text=False, **labels):
        case = told.held[at]
        picture = case.pictures[0]
        if image is not None:
            image.save(picture.path)
        made = wished(picture, Wishes())
        row = pictures_with_case(case, [made] + [None] * (len(case.pictures) - 1))[0] | labels
        return dataset_of(row, made, 1, "CHEST", keeps_text=keeps_text)

    return make


def test_facts_stand_in_their_attributes(exported):
    data = pydicom.dcmread(exported("dicom") / "MPX1001" / "MPX1001_mr0.dcm")
    assert data.SOPClassUID.name == "Secondary Capture Image Storage"
    assert (data.PatientID, data.PatientSex, data.PatientAge) == ("MPX1001", "M", "040Y")
    assert (data.Modality, data.BodyPartExamined) == ("MR", "HEAD")
    assert (data.StudyDescription, data.AdditionalPatientHistory) == ("Hamartoma", "A cough.")
    assert data.ImageComments == (
        "-1 ° of a/b\r\nAxial FLAIR MR image, Brain (Head), 40-year-old man."
    )
    assert (data.InstanceNumber, data.SeriesNumber, data.BurnedInAnnotation) == (3, 2, "YES")


def test_a_case_is_a_study_and_each_modality_a_series(exported):
    folder = exported("dicom")
    files = [pydicom.dcmread(path) for path in sorted(folder.glob("MPX100[13]/*.dcm"))]
    assert len({data.StudyInstanceUID for data in files}) == 2
    series = {(data.PatientID, data.Modality): data.SeriesInstanceUID for data in files}
    assert len(set(series.values())) == len(series) == 4
    assert len({data.SOPInstanceUID for data in files}) == len(files) == 6
    assert len((folder / "index.jsonl").read_text().splitlines()) == 13


def test_other_pixels_are_another_instance_of_the_same_series(data_of):
    one, same = data_of(Image.new("L", (8, 8), 9)), data_of(Image.new("L", (8, 8), 9))
    other = data_of(Image.new("L", (8, 8), 10))
    assert one.SOPInstanceUID == same.SOPInstanceUID != other.SOPInstanceUID
    assert one.SeriesInstanceUID == other.SeriesInstanceUID


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "LA", "P"])
def test_grey_pictures_become_monochrome_whatever_their_mode(data_of, mode):
    pixels = np.arange(0, 63, dtype=np.uint8).reshape(7, 9)
    data = data_of(Image.fromarray(pixels).convert(mode))
    assert data.PhotometricInterpretation == "MONOCHROME2" and data.BitsAllocated == 8
    assert (data.pixel_array == pixels).all()


def test_a_picture_of_16_bits_becomes_one_of_8(data_of):
    pixels = np.linspace(0, 60_000, 63).astype(np.uint16).reshape(7, 9)
    data = data_of(Image.fromarray(pixels))
    assert data.BitsAllocated == 8 and data.pixel_array.min() == 0 and data.pixel_array.max() == 255


def test_a_picture_with_colour_keeps_it(data_of):
    data = data_of(Image.new("RGB", (5, 3), (200, 40, 90)))
    assert data.PhotometricInterpretation == "RGB" and len(data.PixelData) == 46  # padded
    assert data.pixel_array.shape == (3, 5, 3) and data.pixel_array[0, 0].tolist() == [200, 40, 90]


def test_what_is_missing_is_empty_or_absent(data_of):
    data = data_of(age=None, sex=None, title=None, history=None)
    assert data.PatientSex == "" and "PatientAge" not in data and "StudyDescription" not in data
    assert "PatientAge" not in data_of(age=0.0)  # which stands for an age that was not given


@pytest.mark.parametrize(
    ("title", "kept"),
    [("a\\b\n c", "a/b c"), ("x" * 99, "x" * 64), ("’" * 40, "’" * 21)],
)
def test_texts_fit_their_attributes(data_of, title, kept):
    assert data_of(title=title).StudyDescription == kept


def test_burned_in_text_is_told(data_of):
    assert data_of(keeps_text=True).BurnedInAnnotation == "YES"
    assert data_of(keeps_text=False).BurnedInAnnotation == "NO"


@pytest.mark.parametrize(
    ("years", "said"),
    [(41.9, "041Y"), (2.0, "002Y"), (1.5, "018M"), (0.5, "006M"), (0.01, "001M"), (101, "101Y")],
)
def test_an_age_as_dicom_writes_it(years, said):
    assert age_string(years) == said


def test_a_series_has_one_body_part():
    rows = [
        {"location": None, "location_category": "Spine and Muscles"},
        {"location": "Spine", "location_category": "Spine and Muscles"},
        {"location": "Abdomen", "location_category": "Abdomen"},
    ]
    assert body_part(rows) == "SPINE" and body_part(rows[:1]) is None
    assert set(LOCATION_CATEGORIES) - set(BODY_PARTS) == {"Spine and Muscles"}


@pytest.mark.system
@needs_dciodvfy
def test_files_are_valid_by_dciodvfy(told, exported, tmp_path):
    for at, location in enumerate(("Breast and Mammography", "Spine", "Musculoskeletal", None)):
        for picture in told.held[at].pictures:
            facts = picture.document["meta"]["normalized"]
            facts |= {"location": location, "location_category": None}
            if at == 3:
                facts |= {"age": 0.5, "sex": None}
    Image.new("L", (7, 5), 9).save(told.held[0].pictures[0].path)
    files = sorted(exported("dicom").rglob("*.dcm"))
    assert len(files) == 13
    for file in files:
        done = subprocess.run(
            ["dciodvfy", "-new", str(file)], capture_output=True, text=True, check=False
        )
        said = done.stdout + done.stderr
        assert "SCImage" in said and "Error" not in said, said


def test_the_page_s_example_runs(exported, run_example, capsys):
    names = run_example("dicom", exported("dicom"))
    assert names["pixels"].shape[:2] == (16, 24)
    assert capsys.readouterr().out.startswith("MPX1000 CT HEAD -1 ° of a/b")
