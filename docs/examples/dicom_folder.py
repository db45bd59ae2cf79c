"""A source of one's own: a folder for each case, with DICOM files and a report.txt.

A line of a report begins with the name of its part: "Title: ...", "History: ...". Names, dates and
numbers of patients are not read; what is burned into the pixels stays there.
"""

import re
import tempfile
from collections.abc import Container, Iterator, Mapping
from functools import cached_property
from pathlib import Path

import numpy as np
import pydicom
from PIL import Image
from pydicom.pixels import apply_modality_lut, apply_voi_lut

from medpix2.extract.source import Source
from medpix2.extract.validate import Checked, check_case, check_image

TYPES = {"CT": "CT", "MR": "MR"}  # DICOM's Modality -> Type; others are left out
SEXES = {"M": "male", "F": "female"}
PARTS = ("Title", "History", "Findings", "Case Diagnosis")


class DicomFolder(Source):
    """The CT and MR pictures of a folder, and the reports that go with them."""

    site = "dicom"
    case_file, image_file = "folders", "DICOM files"
    lasting = False  # the pictures are made for the build

    def __init__(self, folder: Path) -> None:
        self.name, self.origin = folder.name, str(folder.absolute())
        self._folders = sorted(path for path in folder.iterdir() if path.is_dir())
        self._made = tempfile.TemporaryDirectory(prefix="dicom-")

    def cases(self) -> Iterator[tuple[int, Checked]]:
        """Yield (index, checked case)."""
        for index, folder in enumerate(self._folders):
            types = {name: TYPES[scan.Modality] for name, scan in self._scans(folder)}
            case = {
                "U_id": folder.name,
                "TAC": [name for name, of in types.items() if of == "CT"],
                "MRI": [name for name, of in types.items() if of == "MR"],
                "Case": _parts(folder / "report.txt"),
                "Topic": {},
            }
            yield index, check_case(case, self.case_file, index)

    def images(self, cases: Container[str] = ()) -> Iterator[tuple[int, Checked]]:
        """Yield (index, checked image)."""
        found = ((folder, *each) for folder in self._folders for each in self._scans(folder))
        for index, (folder, name, scan) in enumerate(found):
            image = {
                "Type": TYPES[scan.Modality],
                "U_id": folder.name,
                "image": name,
                "Description": {
                    "Age": str(int(scan.PatientAge[:3])) if scan.get("PatientAge") else None,
                    "Sex": SEXES.get(scan.get("PatientSex", ""), "N/A"),
                    "Caption": scan.get("SeriesDescription"),
                    "Modality": scan.Modality,
                },
                "Location": (scan.get("BodyPartExamined") or "").capitalize() or None,
            }
            yield index, check_image(image, self.image_file, index, cases)

    @cached_property
    def pictures(self) -> Mapping[str, Path]:
        """Image id to a PNG of its pixels."""
        made = {}
        for folder in self._folders:
            for name, _ in self._scans(folder):
                made[name] = Path(self._made.name) / f"{name}.png"
                scan = pydicom.dcmread(folder / f"{name.partition('_')[2]}.dcm")
                _grey(scan).save(made[name])
        return made

    def _scans(self, folder: Path) -> Iterator[tuple[str, pydicom.Dataset]]:
        for file in sorted(folder.glob("*.dcm")):
            scan = pydicom.dcmread(file, stop_before_pixels=True)
            if scan.Modality in TYPES:
                yield f"{folder.name}_{file.stem}", scan


def _parts(report: Path) -> dict[str, str]:
    found = re.findall(rf"^({'|'.join(PARTS)}): *(.+)$", report.read_text("utf-8"), re.M)
    return dict(found)


def _grey(scan: pydicom.Dataset) -> Image.Image:
    """Return the picture in the window that the file asks for, in 256 greys."""
    values = apply_voi_lut(apply_modality_lut(scan.pixel_array, scan), scan).astype(float)
    values = (values - values.min()) / max(np.ptp(values), 1e-9)
    if scan.PhotometricInterpretation == "MONOCHROME1":
        values = 1 - values
    return Image.fromarray((255 * values).astype(np.uint8))
