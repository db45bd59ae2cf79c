"""Files of pictures as people have them: PNG, JPEG, DICOM and others, single or in folders."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, UnidentifiedImageError

from medpix2.encode.prepare import windowed
from medpix2.errors import LookFailed, MissingPackage, NotFound

SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".gif", ".tif", ".tiff", ".dcm", ".dicom")
"""Endings by which files of a folder are taken for pictures."""
_DICOM_AT, _DICOM = 128, b"DICM"


def picture_files(places: Iterable[Path]) -> list[Path]:
    """Return the files that are named, and the pictures in folders and below, in order.

    Raises
    ------
    NotFound
        A place is not there, or a folder has no picture.
    """
    found: list[Path] = []
    for place in places:
        if place.is_dir():
            inside = sorted(path for path in place.rglob("*") if _is_picture(path))
            if not inside:
                raise NotFound(f"No picture in the folder {place}", "name a folder with pictures")
            found += inside
        elif place.is_file():
            found.append(place)
        else:
            raise NotFound(f"No file or folder {place}", "check its name")
    return found


def read_picture(path: Path) -> Image.Image:
    """Return the picture of a file; of several frames the middle one.

    Raises
    ------
    LookFailed
        It is no picture, is broken, or is a DICOM file without pixels.
    MissingPackage
        It is a DICOM file, and pydicom is not installed.
    """
    if _is_dicom(path):
        return _read_dicom(path)
    try:
        with Image.open(path) as image:
            image.seek(getattr(image, "n_frames", 1) // 2)
            image.load()
            return image.copy()
    except UnidentifiedImageError:
        raise LookFailed(f"{path} is no picture", "give PNG, JPEG or DICOM files") from None
    except (OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError) as error:
        raise LookFailed(f"The picture {path} cannot be read ({error})", "check the file") from None


def _is_picture(path: Path) -> bool:
    if not path.is_file():
        return False
    return path.suffix.lower() in SUFFIXES or (path.suffix == "" and _is_dicom(path))


def _is_dicom(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(_DICOM_AT + len(_DICOM)).endswith(_DICOM) and file.tell() > _DICOM_AT
    except OSError as error:
        raise LookFailed(f"{path} cannot be read ({error})", "check the file") from None


def _read_dicom(path: Path) -> Image.Image:
    try:
        import pydicom
        from pydicom.pixels.processing import apply_modality_lut, apply_voi_lut
    except ImportError:
        raise MissingPackage(
            "DICOM files need the package pydicom, which is not installed",
            "install medpix2 with its extra: pip install 'medpix2[export]'",
        ) from None
    try:
        dataset = pydicom.dcmread(path)
        if "PixelData" not in dataset:
            raise LookFailed(f"{path} has no pixels", "give a DICOM file of a picture")
        pixels = dataset.pixel_array
        if int(dataset.get("NumberOfFrames") or 1) > 1:
            pixels = pixels[len(pixels) // 2]
        if int(dataset.get("SamplesPerPixel", 1)) == 1:
            pixels = apply_voi_lut(apply_modality_lut(pixels, dataset), dataset)
        return _picture(pixels, dataset)
    except LookFailed:
        raise
    # pydicom and its decoders raise errors of many kinds for broken files.
    except Exception as error:  # noqa: BLE001
        raise LookFailed(f"The DICOM file {path} cannot be read ({error})", "check it") from None


def _picture(pixels: Any, dataset: Any) -> Image.Image:
    kind = str(dataset.get("PhotometricInterpretation", ""))
    if pixels.ndim == 3:
        mode = "YCbCr" if kind.startswith("YBR") else "RGB"
        return Image.fromarray(pixels.astype(np.uint8), mode).convert("RGB")
    # An 8-bit picture has been windowed by whoever made it; its levels are kept.
    grey = pixels if pixels.dtype == np.uint8 else windowed(pixels)
    return Image.fromarray(255 - grey if kind == "MONOCHROME1" else grey)


def each_picture(paths: Iterable[Path]) -> Iterator[tuple[Path, Image.Image | LookFailed]]:
    """Yield each file with its picture, or with the error that it gave."""
    for path in paths:
        try:
            yield path, read_picture(path)
        except LookFailed as error:
            yield path, error
