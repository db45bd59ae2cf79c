from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from medpix2.encode.files import each_picture, picture_files, read_picture
from medpix2.errors import LookFailed, NotFound


@pytest.fixture
def dicom(tmp_path):
    """Return what writes a DICOM file of some pixels."""
    from pydicom.dataset import FileDataset, FileMetaDataset
    from pydicom.uid import ExplicitVRLittleEndian, SecondaryCaptureImageStorage

    def write(pixels, kind="MONOCHROME2", name="one.dcm", **more):
        meta = FileMetaDataset()
        meta.TransferSyntaxUID = ExplicitVRLittleEndian
        meta.MediaStorageSOPClassUID = SecondaryCaptureImageStorage
        meta.MediaStorageSOPInstanceUID = "1.2.3"
        dataset = FileDataset(str(tmp_path / name), {}, file_meta=meta, preamble=b"\0" * 128)
        if pixels is not None:
            bits = pixels.dtype.itemsize * 8
            dataset.Rows, dataset.Columns = pixels.shape[-2:]
            dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = bits, bits, bits - 1
            dataset.SamplesPerPixel, dataset.PixelRepresentation = 1, 0
            dataset.PhotometricInterpretation = kind
            dataset.PixelData = pixels.tobytes()
        for key, value in more.items():
            setattr(dataset, key, value)
        dataset.save_as(tmp_path / name, enforce_file_format=True)
        return tmp_path / name

    return write


RAMP = np.arange(400, dtype=np.uint16).reshape(20, 20) * 10


def test_a_folder_gives_its_pictures_and_no_other_files(tmp_path):
    for name in ("b.png", "below/a.JPG", "notes.txt"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        if path.suffix == ".txt":
            path.write_text("no picture")
        else:
            Image.new("L", (9, 9)).save(path, "png")
    assert [path.name for path in picture_files([tmp_path])] == ["b.png", "a.JPG"]


def test_what_is_not_there_is_named(tmp_path):
    with pytest.raises(NotFound, match="No picture in the folder"):
        picture_files([tmp_path])
    with pytest.raises(NotFound, match="gone"):
        picture_files([tmp_path / "gone.png"])


def test_a_broken_file_does_not_stop_the_others(tmp_path):
    (tmp_path / "a.png").write_bytes(b"no picture")
    Image.new("L", (9, 9)).save(tmp_path / "b.png")
    whole = (tmp_path / "b.png").read_bytes()
    (tmp_path / "c.png").write_bytes(whole[:45])
    found = dict(each_picture(picture_files([tmp_path])))
    kinds = {path.name: type(one) is LookFailed for path, one in found.items()}
    assert kinds == {"a.png": True, "b.png": False, "c.png": True}


def test_the_middle_one_of_several_frames(tmp_path):
    frames = [Image.new("L", (9, 9), level) for level in (10, 120, 240)]
    frames[0].save(tmp_path / "a.tif", save_all=True, append_images=frames[1:])
    assert np.asarray(read_picture(tmp_path / "a.tif")).max() == 120


def test_dicom_of_sixteen_bits_and_its_inversion(dicom):
    grey = np.asarray(read_picture(dicom(RAMP)))
    assert grey.dtype == np.uint8 and grey[0, 0] == 0 and grey[-1, -1] == 255
    inverted = np.asarray(read_picture(dicom(RAMP, "MONOCHROME1", "two.dcm")))
    assert inverted[0, 0] == 255 and inverted[-1, -1] == 0


def test_the_window_of_a_dicom_file_is_used(dicom):
    path = dicom(RAMP, WindowCenter=1000, WindowWidth=200)
    grey = np.asarray(read_picture(path))
    assert grey[0].max() == 0 and grey[-1].min() == 255
    assert 0 < grey[5, 0] < 255


def test_dicom_of_several_frames(dicom):
    frames = np.stack([np.full((9, 9), level, np.uint8) for level in (10, 120, 240)])
    image = read_picture(dicom(frames, NumberOfFrames=3))
    assert np.asarray(image).max() == 120


def test_dicom_without_pixels(dicom):
    with pytest.raises(LookFailed, match="has no pixels"):
        read_picture(dicom(None))
