"""The format `dicom`: pictures as DICOM Secondary Capture, for viewers and PACS.

A case is a study, its CT pictures are one series and its MR pictures another. Pixels are 8 bit,
MONOCHROME2 where the picture is grey and RGB where it has visible colour. The pictures are screen
shots: their values are no Hounsfield units, there is no spacing and no position.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, get_args

from medpix2.export.format import Card, Format, Part, Parts, Seen, Wishes
from medpix2.export.joined import Row, pictures_with_case, seen
from medpix2.export.texts import caption_of, facts_of
from medpix2.records import Modality

if TYPE_CHECKING:
    from pathlib import Path

    from PIL.Image import Image
    from pydicom.dataset import Dataset

    from medpix2.export.output import Output
    from medpix2.export.pictures import Wished

INDEX = "index.jsonl"
INDEXED = ("image_id", "case_id", "split", "modality", "location", "location_category", "plane")
LO, LT = 64, 10_240  # what a DICOM "long string" and "long text" may have
COLOUR = 8  # levels between the channels of a picture from which on it has visible colour

# Location or category -> body part as the standard names it (PS3.16, annex L); the location first.
BODY_PARTS: Mapping[str, str] = {
    "Brain and Neuro": "BRAIN",
    "Nerve, central": "BRAIN",
    "Head and Neck": "HEADNECK",
    "Eye and Orbit": "ORBIT",
    "Ophthalmology": "ORBIT",
    "Chest, Pulmonary": "CHEST",
    "Cardiovascular": "CHEST",
    "Breast and Mammography": "BREAST",
    "Gastrointestinal": "ABDOMEN",
    "Spine": "SPINE",
    "Abdomen": "ABDOMEN",
    "Head": "HEAD",
    "Reproductive and Urinary System": "ABDOMENPELVIS",
    "Thorax": "CHEST",
}

PAIRED = frozenset({"BREAST", "ORBIT"})  # of which a series must say the side, or that nobody knows

USE = """
`CASE/IMAGE.dcm`: a folder a case, which is a study with a series for each modality. `index.jsonl`
has a line of JSON for each file, with its split and labels.

```python
import json

import pydicom

with open("FOLDER/index.jsonl") as lines:
    first = json.loads(next(lines))
data = pydicom.dcmread("FOLDER/" + first["file"])
print(data.PatientID, data.Modality, data.BodyPartExamined, data.ImageComments)
pixels = data.pixel_array  # 8 bit
```

The SOP class is Secondary Capture; `Modality` is CT or MR, for in a Secondary Capture it names the
equipment that the picture comes from. The pixels are a screen shot's all the same: no Hounsfield
units, no spacing, no position.
"""

FIELDS: Mapping[str, tuple[str, str]] = {
    "PatientID, PatientName": ("text", "Id of the case."),
    "PatientAge, PatientSex": ("text", "Age and sex, empty where the source gives none."),
    "StudyDescription": ("text", "Title of the case: most often its diagnosis."),
    "AdditionalPatientHistory": ("text", "History."),
    "Modality": ("text", "CT or MR."),
    "BodyPartExamined": ("text", "Location, in the standard's words; left out where it has none."),
    "ImageComments": ("text", "Caption, then a sentence of the picture's labels."),
    "BurnedInAnnotation": ("text", "NO where burned-in text was masked or cropped, else YES."),
}


def write(part: Part, wishes: Wishes, output: Output) -> None:
    """Write the pictures of a part."""
    with output.fragment(INDEX) as index:
        for case in part.cases:
            made = [output.wished(picture) for picture in case.pictures]
            rows = pictures_with_case(case, made)
            for number, (one, row) in enumerate(zip(made, rows, strict=True), 1):
                series = (other for other in rows if other["modality"] == row["modality"])
                kept = wishes.burned_in == "keep"
                data = dataset_of(row, one, number, body_part(series), keeps_text=kept)
                target = io.BytesIO()
                data.save_as(target, enforce_file_format=True)
                name = f"{row['case_id']}/{row['image_id']}.dcm"
                output.put(name, target.getvalue())
                line = {"file": name, **{key: row[key] for key in INDEXED}}
                index.write(json.dumps(line, ensure_ascii=False).encode() + b"\n")


def finish(parts: Parts, output: Output) -> Card:
    """Write the index."""
    output.join(INDEX, INDEX)
    return Card(
        use=USE,
        fields=FIELDS,
        limits=("Pixels are those of a picture for the screen: never measure in them.",),
    )


def read(folder: Path) -> Iterator[Seen]:
    """Yield every picture of a finished export."""
    from pydicom import dcmread
    from pydicom.errors import InvalidDicomError

    with (folder / INDEX).open(encoding="utf-8") as lines:
        for number, text in enumerate(lines, 1):
            line = json.loads(text)
            try:
                _ = dcmread(folder / line["file"]).pixel_array
            except (InvalidDicomError, AttributeError) as error:
                raise ValueError(f"{line['file']}: {error}") from None
            yield seen(f"{INDEX} line {number}", line)


def dataset_of(
    row: Row, made: Wished, number: int, part: str | None, *, keeps_text: bool
) -> Dataset:
    """Return a picture as a DICOM data set.

    Parameters
    ----------
    row
        The picture with its case, see `joined.pictures_with_case`.
    made
        The picture as it is wished for.
    number
        Its place in the case, from 1.
    part
        Body part of its series.
    keeps_text
        Whether text that is burned in is still there.
    """
    from pydicom.dataset import Dataset, FileMetaDataset
    from pydicom.uid import ExplicitVRLittleEndian, SecondaryCaptureImageStorage, generate_uid

    data = Dataset()
    _set_patient_and_study(data, row)
    _set_series(data, row, part)
    _set_image(data, row, number, keeps_text=keeps_text, changed=made.content is not None)
    _set_pixels(data, made)
    data.SOPClassUID = SecondaryCaptureImageStorage
    # Other pixels are another instance: a masked picture must not pass for the one it was made of.
    data.SOPInstanceUID = generate_uid(entropy_srcs=[row["image_id"], _hash(data.PixelData)])
    data.file_meta = FileMetaDataset()
    data.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    return data


def _set_patient_and_study(data: Dataset, row: Row) -> None:
    from pydicom.uid import generate_uid

    case = str(row["case_id"])
    data.SpecificCharacterSet = "ISO_IR 192"  # UTF-8
    data.PatientID = _line(case)
    data.PatientName = f"{_line(case)}^MedPix"  # family and given name: others are retired
    data.PatientBirthDate = ""
    data.PatientSex = {"male": "M", "female": "F"}.get(row["sex"], "")
    if row["age"]:  # 0 stands for an age that was not given
        data.PatientAge = age_string(row["age"])
    data.PatientIdentityRemoved = "YES"
    data.DeidentificationMethod = "Teaching case: the ids are those of the case"
    data.StudyInstanceUID = generate_uid(entropy_srcs=["study", case])
    data.StudyID = _line(case)[:16]
    data.StudyDate = data.StudyTime = data.AccessionNumber = data.ReferringPhysicianName = ""
    if row["title"]:
        data.StudyDescription = _line(row["title"])
    if row["history"]:
        data.AdditionalPatientHistory = _text(row["history"])


def body_part(rows: Iterable[Row]) -> str | None:
    """Return the body part of a series, as the standard names it: the first that is known."""
    for row in rows:
        for label in (row["location"], row["location_category"]):
            if label in BODY_PARTS:
                return BODY_PARTS[label]
    return None


def _set_series(data: Dataset, row: Row, part: str | None) -> None:
    from pydicom.uid import generate_uid

    modality = row["modality"]
    data.Modality = modality
    data.SeriesInstanceUID = generate_uid(entropy_srcs=["series", row["case_id"], modality])
    data.SeriesNumber = get_args(Modality).index(modality) + 1
    data.SeriesDescription = f"{modality} pictures"
    if part:
        data.BodyPartExamined = part
    if part is None or part in PAIRED:
        data.Laterality = ""  # not known
    data.ConversionType = "WSD"  # workstation


def _set_image(data: Dataset, row: Row, number: int, *, keeps_text: bool, changed: bool) -> None:
    data.InstanceNumber = number
    data.PatientOrientation = ""
    data.ImageType = ["DERIVED", "SECONDARY"]
    caption = caption_of(row)
    data.ImageComments = _text(f"{caption}\n{facts_of(row)}" if caption else facts_of(row))
    data.BurnedInAnnotation = "YES" if keeps_text else "NO"
    if changed:
        data.DerivationDescription = "Resized, masked or cropped by medpix2 from the source's file"


def _set_pixels(data: Dataset, made: Wished) -> None:
    from PIL import Image

    with Image.open(io.BytesIO(made.read())) as opened:
        image = _grey_or_rgb(opened)
    grey = image.mode == "L"
    data.SamplesPerPixel = 1 if grey else 3
    data.PhotometricInterpretation = "MONOCHROME2" if grey else "RGB"
    if not grey:
        data.PlanarConfiguration = 0
    data.Columns, data.Rows = image.size
    data.BitsAllocated = data.BitsStored = 8
    data.HighBit, data.PixelRepresentation = 7, 0
    if grey:
        data.WindowCenter, data.WindowWidth = 128, 256  # shown as the picture is
    content = image.tobytes()
    data.PixelData = content + bytes(len(content) % 2)


def _grey_or_rgb(image: Image) -> Image:
    """Return an image in 8 bits of grey, or in RGB if one can see that it has colour."""
    from PIL import ImageChops

    from medpix2.export.pictures import in_rgb

    if image.mode == "L":
        return image.copy()
    rgb = in_rgb(image)
    red, green, blue = rgb.split()
    extrema = [ImageChops.difference(green, other).getextrema() for other in (red, blue)]
    coloured = any(high > COLOUR for _, high in extrema)  # type: ignore[operator]
    return rgb if coloured else green


def age_string(years: float) -> str:
    """Return an age as DICOM writes it: 045Y, or in months (007M) below two years."""
    return f"{int(years):03}Y" if years >= 2 else f"{max(1, round(years * 12)):03}M"


def _line(text: str) -> str:
    """Return a text as a DICOM long string: one line without backslashes, not too long."""
    return _cut(" ".join(text.replace("\\", "/").split()), LO)


def _text(text: str) -> str:
    """Return a text as a DICOM long text: without control characters but ends of lines."""
    kept = "".join(c for c in text if c in "\n\t" or c.isprintable())
    return _cut(kept.replace("\n", "\r\n"), LT)


def _cut(text: str, size: int) -> str:
    """Return a text of at most so many bytes.

    The standard counts characters, but many programs count bytes.
    """
    return text.encode()[:size].decode("utf-8", "ignore").strip()


def _hash(content: bytes) -> str:
    import hashlib

    return hashlib.sha256(content).hexdigest()


FORMAT = Format(
    name="dicom",
    what="DICOM Secondary Capture for viewers and PACS.",
    write=write,
    finish=finish,
    decodes=True,
    bare=False,
    read=read,
)
