"""A source of one's own, as docs/extract.md shows it, builds."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, generate_uid

from medpix2.errors import SettingError
from medpix2.pipeline.build import build
from medpix2.pipeline.find import find
from medpix2.store.database import open_store
from medpix2.store.facets import Filters

EXAMPLE = Path(__file__).parents[1] / "docs" / "examples" / "dicom_folder.py"
REPORT = "Title: Nodule of the lung\nHistory: A cough for 3 weeks\nBy: Dr Nobody\n"
PIXELS = np.tile(np.arange(0, 1600, 100, dtype=np.uint16), (16, 1))  # brighter to the right


def write_scan(file: Path, **tags: object) -> None:
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = CTImageStorage, generate_uid()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    scan = FileDataset(file, {}, file_meta=meta, preamble=b"\0" * 128)
    scan.SOPClassUID, scan.SOPInstanceUID = CTImageStorage, meta.MediaStorageSOPInstanceUID
    scan.PatientName, scan.PhotometricInterpretation = "Nobody^Jo", "MONOCHROME2"
    scan.Rows, scan.Columns, scan.SamplesPerPixel = *PIXELS.shape, 1
    scan.BitsAllocated = scan.BitsStored = 16
    scan.HighBit, scan.PixelRepresentation = 15, 0
    for name, value in tags.items():
        setattr(scan, name, value)
    scan.PixelData = PIXELS.tobytes()
    scan.save_as(file)


@pytest.fixture
def folder(tmp_path):
    case = tmp_path / "archive" / "C1"
    case.mkdir(parents=True)
    (case / "report.txt").write_text(REPORT)
    write_scan(
        case / "a.dcm", Modality="CT", PatientAge="042Y", PatientSex="F", BodyPartExamined="CHEST",
        SeriesDescription="Axial, lung window", WindowCenter=400, WindowWidth=400,
        RescaleSlope=1, RescaleIntercept=-100,
    )  # fmt: skip
    write_scan(case / "b.dcm", Modality="MR", PhotometricInterpretation="MONOCHROME1")
    write_scan(case / "c.dcm", Modality="US")
    return tmp_path / "archive"


@pytest.fixture
def source(folder):
    spec = importlib.util.spec_from_file_location("dicom_folder", EXAMPLE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.DicomFolder(folder)


def test_a_folder_of_dicom_files_is_built_and_found(source, fresh_home):
    done = build(fresh_home, source)
    assert done.problems.total() == 0
    assert build(fresh_home, source).unchanged
    with open_store(fresh_home) as store:
        (match,) = find(store, "nodule", Filters({"modality": ["CT"], "sex": ["female"]})).matches
        assert match.case["Case"] == {
            "Title": "Nodule of the lung",
            "History": "A cough for 3 weeks",
        }
        ct, mr = store.images.find().sort("_id")
    assert (ct["_id"], ct["Location"], ct["normalized"]["age"]) == ("C1_a", "Chest", 42)
    assert ct["source"]["site"] == "dicom"
    assert (mr["_id"], mr["Type"], mr["Description"]["Age"]) == ("C1_b", "MR", None)
    assert "Nobody" not in str(match.case) + str(ct)
    row = _row(fresh_home, ct)
    # The window takes stored values of 300 to 700: what is below is black, above it is white.
    assert row[0] == row[3] == 0 and row[7] == row[15] == 255 and 0 < row[5] < 255
    assert list(_row(fresh_home, mr)) == sorted(_row(fresh_home, mr), reverse=True)


def _row(settings, image):
    return np.asarray(Image.open(settings.home / "pictures" / image["file"]["path"]))[0]


def test_pictures_that_do_not_stay_are_not_linked(source, fresh_home):
    with pytest.raises(SettingError, match="--link"):
        build(fresh_home, source, link=True)
