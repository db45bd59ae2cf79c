"""The fields of flat rows: one table that every tabular format, its schema and its card use.

A missing value is null, whatever the source writes for it ("N/A", "Not available", an empty text).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from medpix2.export.naming import one_of
from medpix2.records import (
    LOCATION_CATEGORIES,
    STATUSES,
    CaseFacts,
    CaseReport,
    Description,
    Image,
    ImageFacts,
    Provenance,
    Topic,
    meant,
)

if TYPE_CHECKING:
    from medpix2.export.content import ExportCase, Picture
    from medpix2.export.pictures import Wished

Type = Literal["text", "float", "int", "texts"]  # `texts` is a list; it is empty, never null


@dataclass(frozen=True)
class Field:
    """A field of a row.

    Attributes
    ----------
    name
        Name of the column.
    type
        Type of its values; all but `texts` may be null.
    description
        What it says.
    at
        Keys that lead to it in the document; () for what is known of the exported file alone.
    classes
        All values that it can have, where they are known, in the order of their labels.
    reveals
        Whether it may give the diagnosis away: never ask for that with such a field in the input.
    """

    name: str
    type: Type
    description: str
    at: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    reveals: bool = False

    def value(self, document: Mapping[str, Any]) -> Any:
        """Return its value in a current document."""
        value: Any = document if isinstance(document, dict) else dict(document)
        for key in self.at:
            value = value.get(key) if isinstance(value, dict) else None
        if self.type == "text" and self.at[:2] != ("meta", "normalized"):  # there "none" is a value
            return meant(value)
        if self.type == "texts":
            return [_text(item) for item in value or ()]
        return value


def _text(item: Any) -> str:
    """Return an item of a list; of somebody credited, what they did, their name and institution."""
    if isinstance(item, Mapping):
        name = ", ".join(str(item[key]) for key in ("name", "affiliation") if item.get(key))
        return f"{item.get('role')}: {name}"
    return str(item)


def _said(model: Any, name: str) -> str:
    return str(model.model_fields[name].description)


def _report(name: str, key: str, field: str, *, reveals: bool) -> Field:
    return Field(name, "text", _said(CaseReport, field), ("Case", key), reveals=reveals)


def _topic(name: str, key: str, field: str) -> Field:
    return Field(name, "text", _said(Topic, field), ("Topic", key), reveals=True)


def _fact(name: str, *, type_: Type = "text", classes: tuple[str, ...] = ()) -> Field:
    return Field(name, type_, _said(ImageFacts, name), ("meta", "normalized", name), classes)


SPLITS = ("train", "dev", "test")
_BOTH = (
    Field("split", "text", "Split of the case: train, dev or test.", ("meta", "split"), SPLITS),
    Field(
        "split_half", "text", "Half of train, if any: train_1 or train_2.",
        ("meta", "split_half"), ("train_1", "train_2"),
    ),
    Field(
        "status", "text", "accepted, or pending where a rule asks for a look.",
        ("meta", "status"), STATUSES,
    ),
)  # fmt: skip

CASE_FIELDS: tuple[Field, ...] = (
    Field("case_id", "text", "Id of the case, e.g. MPX1016.", ("U_id",)),
    Field("image_ids", "texts", "Ids of its exported pictures, in the order of the case."),
    *_BOTH,
    _report("title", "Title", "title", reveals=True),
    _report("history", "History", "history", reveals=False),
    _report("exam", "Exam", "exam", reveals=False),
    _report("findings", "Findings", "findings", reveals=False),
    _report(
        "differential_diagnosis", "Differential Diagnosis", "differential_diagnosis", reveals=True
    ),
    _report("case_diagnosis", "Case Diagnosis", "case_diagnosis", reveals=True),
    _report("diagnosis_by", "Diagnosis By", "diagnosis_by", reveals=True),
    _report("treatment", "Treatment & Follow Up", "treatment", reveals=True),
    _report("discussion", "Discussion", "discussion", reveals=True),
    _topic("topic", "Title", "title"),
    _topic("disease_discussion", "Disease Discussion", "disease_discussion"),
    _topic("acr_code", "ACR Code", "acr_code"),
    Field(
        "category", "text", _said(Topic, "category"), ("meta", "normalized", "category"),
        reveals=True,
    ),
    Field(
        "keywords", "texts", _said(CaseFacts, "keywords"), ("meta", "normalized", "keywords"),
        reveals=True,
    ),
    _topic("reference", "Reference", "reference"),
    _topic("external_links", "External Links", "external_links"),
    Field(
        "credits", "texts", "Whom the source names: what they did, their name and institution.",
        ("meta", "source", "credits"),
    ),
)  # fmt: skip

IMAGE_FIELDS: tuple[Field, ...] = (
    Field("image_id", "text", "Id of the picture, e.g. MPX1016_synpic34317.", ("image",)),
    Field("case_id", "text", "Id of its case.", ("U_id",)),
    Field("file_name", "text", "Its file in the export; null where files are not exported."),
    *_BOTH,
    Field("modality", "text", _said(Image, "type"), ("Type",), ("CT", "MR")),
    Field("modality_text", "text", _said(Description, "modality"), ("Description", "Modality")),
    _fact("sequence"),
    _fact("contrast"),
    _fact("plane"),
    _fact("location"),
    _fact("location_category", classes=LOCATION_CATEGORIES),
    _fact("age", type_="float"),
    _fact("sex", classes=("male", "female")),
    Field("caption", "text", _said(Description, "caption"), ("Description", "Caption")),
    Field("figure_part", "text", _said(Description, "figure_part"), ("Description", "Figure Part")),
    Field(
        "acr_codes", "text", _said(Description, "acr_codes"), ("Description", "ACR Codes"),
        reveals=True,
    ),
    Field("page_url", "text", _said(Provenance, "page_url"), ("meta", "source", "page_url")),
    Field("width", "int", "Width of the exported picture in pixels."),
    Field("height", "int", "Height of the exported picture in pixels."),
    Field("masked", "int", "Boxes of burned-in text that were masked or cropped in it."),
)  # fmt: skip

FIELD_NAMES = tuple(dict.fromkeys(field.name for field in (*CASE_FIELDS, *IMAGE_FIELDS)))


def case_row(case: ExportCase, fields: Sequence[Field] = CASE_FIELDS) -> dict[str, Any]:
    """Return a case in one flat row."""
    row = {field.name: field.value(case.document) for field in fields}
    if "image_ids" in row:
        row["image_ids"] = [picture.document["image"] for picture in case.pictures]
    return row


def image_row(
    picture: Picture,
    wished: Wished | None,
    file_name: str | None,
    fields: Sequence[Field] = IMAGE_FIELDS,
) -> dict[str, Any]:
    """Return a picture in one flat row.

    `wished` is the picture as it is exported, `file_name` its file; None where no files are.
    """
    row = {field.name: field.value(picture.document) for field in fields}
    file = (picture.document.get("meta") or {}).get("file") or {}
    width, height = (wished and wished.size) or (file.get("width"), file.get("height"))
    known = {"file_name": file_name, "width": width, "height": height}
    known["masked"] = wished.masked if wished else 0
    for name, value in known.items():
        if name in row:
            row[name] = value
    return row


def chosen(
    fields: Sequence[Field], names: Iterable[str], always: Iterable[str] = ()
) -> list[Field]:
    """Return those of the fields that are named, or all for no name, in the table's order.

    `always` are names that are there whether named or not: what rows are joined by.
    """
    wanted = set(names)
    if not wanted:
        return list(fields)
    return [field for field in fields if field.name in wanted or field.name in set(always)]


def checked(names: Iterable[str], known: Sequence[str]) -> tuple[str, ...]:
    """Return names of fields as they are, each once.

    Raises
    ------
    QueryError
        A name that is not known; a near one is named.
    """
    names = tuple(dict.fromkeys(names))
    for name in names:
        one_of("field", name, known)
    return names


def described(fields: Iterable[Field]) -> dict[str, tuple[str, str]]:
    """Return name to (type, description) of fields, for the card."""
    said: dict[str, tuple[str, str]] = {}
    for field in fields:
        more = " May give the diagnosis away." if field.reveals else ""
        said[field.name] = (field.type, field.description + more)
    return said
