"""The words that all stages share: frozen records whose fields describe themselves.

`Case` and `Image` are the documents of the published MedPix 2.0 release, key for key. A key that is
absent, null, "N/A" or "Not available" stays as it was published; what it means stands in
`CaseFacts` and `ImageFacts` (the `normalized` part of a stored document), where missing is null.
The descriptions feed `medpix2 schema`, the manual and, later, the GUI and the data set card.
"""

from __future__ import annotations

from typing import Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

Modality = Literal["CT", "MR"]
Status = Literal["accepted", "pending", "excluded", "withdrawn"]
STATUSES: tuple[Status, ...] = get_args(Status)
Split = Literal["train", "dev", "test"]
SplitHalf = Literal["train_1", "train_2"]
Severity = Literal["exclude", "review", "note"]

LOCATION_CATEGORIES = (
    "Abdomen",
    "Head",
    "Reproductive and Urinary System",
    "Spine and Muscles",
    "Thorax",
)

# Texts that stand for a missing value, in lower case and without a full stop at the end.
MISSING = frozenset(
    {"", "n/a", "na", "n.a", "not available", "not applicable", "null", "none", "unknown", "unsure"}
    | {"not specified", "unknown, not specified", "left blank", "nil"}
)


class Record(BaseModel):
    """Base of all records: frozen, and exact about what was given and what was not."""

    model_config = ConfigDict(frozen=True, populate_by_name=True, extra="forbid", strict=True)

    def published(self) -> dict[str, Any]:
        """Return the record under the published keys: what was absent stays absent."""
        return self.model_dump(by_alias=True, exclude_unset=True)


class PublishedRecord(Record):
    """Base of what a source publishes: a key that we do not know is kept, not refused."""

    # By published key alone: a key that merely is the name of one of our fields is unknown.
    model_config = ConfigDict(extra="allow", populate_by_name=False)


def _text(description: str, alias: str | None = None) -> Any:
    return Field(default=None, alias=alias, description=description)


class CaseReport(PublishedRecord):
    """The clinical report of a case."""

    title: str | None = _text("Title of the case, most often the diagnosis.", "Title")
    history: str | None = _text("Patient's history and reason for the examination.", "History")
    exam: str | None = _text("Physical examination and laboratory results.", "Exam")
    findings: str | None = _text("What the pictures show, in the radiologist's words.", "Findings")
    differential_diagnosis: str | None = _text(
        "Diagnoses that were considered.", "Differential Diagnosis"
    )
    case_diagnosis: str | None = _text("The diagnosis of this case.", "Case Diagnosis")
    diagnosis_by: str | None = _text("How the diagnosis was confirmed.", "Diagnosis By")
    treatment: str | None = _text("Treatment and follow-up.", "Treatment & Follow Up")
    discussion: str | None = _text("Discussion of this case by its author.", "Discussion")
    media: str | None = _text("Further media; empty in the published release.", "Media")


class Topic(PublishedRecord):
    """The topic (the disease) to which a case belongs."""

    title: str | None = _text("Name of the disease or topic.", "Title")
    disease_discussion: str | None = _text(
        "General discussion of the disease (MedPix calls it factoid).", "Disease Discussion"
    )
    acr_code: str | None = _text(
        "American College of Radiology code: anatomy.pathology, -1 where absent.", "ACR Code"
    )
    category: str | None = _text("Category of the disease, e.g. 'Neoplasm, glial'.", "Category")
    keywords: str | None = _text(
        "Up to three key words, published joined without a separator.", "Keywords"
    )
    reference: str | None = _text("References of the discussion.", "Reference")
    external_links: str | None = _text("Web address given by the author.", "External Links")


class Case(PublishedRecord):
    """One clinical case: its pictures' ids, its report and its topic (`Case_topic.json`)."""

    u_id: str = Field(alias="U_id", min_length=1, description="Id of the case, e.g. MPX1016.")
    tac: list[str] = Field(alias="TAC", description="Ids of the case's CT pictures.")
    mri: list[str] = Field(alias="MRI", description="Ids of the case's MR pictures.")
    case: CaseReport = Field(alias="Case", description="The clinical report.")
    topic: Topic = Field(alias="Topic", description="The disease or topic.")


class Description(PublishedRecord):
    """What the source says of one picture."""

    acr_codes: str | None = _text(
        "American College of Radiology code of the picture: anatomy.pathology.", "ACR Codes"
    )
    age: str | None = _text("Age of the patient in years; '0' may stand for not given.", "Age")
    caption: str | None = _text("Caption of the picture.", "Caption")
    figure_part: str | None = _text("Part of a figure, e.g. '2a'.", "Figure Part")
    modality: str | None = _text("Modality with sequence or contrast, as the source.", "Modality")
    plane: str | None = _text("Plane of the section, as the source.", "Plane")
    sex: str | None = _text("Sex of the patient: male, female or N/A.", "Sex")


class Image(PublishedRecord):
    """One picture with its description and labels (`Descriptions.json`)."""

    type: Modality = Field(alias="Type", description="Scanning modality: CT or MR.")
    u_id: str = Field(alias="U_id", min_length=1, description="Id of the case.")
    image: str = Field(min_length=1, description="Id of the picture, e.g. MPX1016_synpic34317.")
    description: Description = Field(
        alias="Description", description="What the source says of the picture."
    )
    location: str | None = _text("Body part or organ system, one of about 20.", "Location")
    location_category: str | None = _text(
        "Location in five classes: " + ", ".join(LOCATION_CATEGORIES) + ".", "Location Category"
    )


def meant(text: object) -> str | None:
    """Return a label without blanks around it, or None if it stands for a missing value."""
    if not isinstance(text, str):
        return None
    text = text.strip()
    return None if text.lower().rstrip(".") in MISSING else text


class CaseFacts(Record):
    """What a case's texts mean, in one form; missing is null."""

    keywords: tuple[str, ...] = Field(
        default=(), description="Key words as a list (joined ones parted where case shows it)."
    )
    category: str | None = Field(default=None, description="Topic category; null where missing.")


class ImageFacts(Record):
    """What a picture's labels mean, in one form; missing is null."""

    age: float | None = Field(default=None, description="Age in years.")
    sex: Literal["male", "female"] | None = Field(default=None, description="Sex of the patient.")
    sequence: str | None = Field(
        default=None, description="MR sequence or technique: T1, T2, FLAIR, DWI, Angiography, ..."
    )
    contrast: str | None = Field(
        default=None, description="Contrast medium: none, IV, GI, GI and IV; null where not said."
    )
    plane: str | None = Field(
        default=None, description="Plane: Axial, Coronal, Sagittal, Oblique, Multiple, 3D, ..."
    )
    location: str | None = Field(default=None, description="Location; null where missing.")
    location_category: str | None = Field(
        default=None, description="Location category; null where missing."
    )


class PictureFile(Record):
    """What is known of a picture's file."""

    path: str = Field(description="Path in the home's picture folder, or absolute if linked.")
    sha256: str = Field(description="SHA-256 of the file's bytes, hexadecimal.")
    phash: str = Field(description="64-bit perceptual hash (DCT), hexadecimal.")
    width: int = Field(description="Width in pixels.")
    height: int = Field(description="Height in pixels.")
    mode: str = Field(description="Pixel mode as Pillow names it: L, RGB, RGBA, ...")
    bytes: int = Field(description="Size of the file in bytes.")


class Credit(Record):
    """Somebody to whom a web source credits a case or a picture."""

    role: Literal["author", "approver", "contributor"] = Field(description="What they did.")
    name: str = Field(description="Name, or names, as the source writes them.")
    affiliation: str | None = Field(default=None, description="Their institution.")


class Provenance(Record):
    """Where a document comes from."""

    site: str = Field(description="Kind of source: published, openi or phantom.")
    name: str = Field(description="Name of the copy, archive or snapshot.")
    split: Split | None = Field(default=None, description="Split that the source puts it in.")
    split_half: SplitHalf | None = Field(default=None, description="Half of train, if any.")
    image_uuid: str | None = Field(default=None, description="The image's UUID on MedPix.")
    image_url: str | None = Field(default=None, description="Address of the picture's file.")
    page_url: str | None = Field(default=None, description="Page for people on MedPix.")
    origin: str | None = Field(
        default=None, description="Folder, archive or site that the source was read from."
    )
    encounter_uuid: str | None = Field(default=None, description="The case's UUID on MedPix.")
    topic_uuid: str | None = Field(default=None, description="The topic's UUID on MedPix.")
    credits: tuple[Credit, ...] | None = Field(
        default=None, description="Authors, approvers and contributors that the source names."
    )
    licence: str | None = Field(default=None, description="Licence that the source states.")
    retrieved: str | None = Field(default=None, description="When it was fetched, ISO 8601, UTC.")
    snapshot: str | None = Field(default=None, description="Snapshot of raw answers it is from.")
    partial: tuple[str, ...] | None = Field(
        default=None, description="What a site did not answer; null if nothing is missing."
    )
    raw: str | None = Field(
        default=None, description="JSON text of a document of which not all could be stored."
    )
    gone: bool | None = Field(
        default=None, description="True once the source that gave it gives it no more."
    )


class Problem(Record):
    """Something wrong with a source, found by `build`; an error excludes what it is about."""

    kind: str = Field(description="Kind of problem, from a fixed list.")
    severity: Literal["error", "warning"] = Field(description="An error excludes.")
    file: str = Field(description="File of the source in which it stands.")
    index: int | None = Field(default=None, description="Index of the document, from 0.")
    id: str | None = Field(default=None, description="Case or image that it is about.")
    field: str | None = Field(default=None, description="Field, with dots.")
    message: str = Field(description="What is wrong.")

    def __str__(self) -> str:
        where = self.file if self.index is None else f"{self.file}[{self.index}]"
        parts = [where, self.id, self.field]
        return " ".join(part for part in parts if part) + f": {self.message}"


class Finding(Record):
    """A hit of a rule on a case or image, stored beside its source record."""

    target: str = Field(description="Id of the case or image.")
    rule: str = Field(description="Name of the rule.")
    version: int = Field(description="Version of the rule.")
    severity: Severity = Field(description="exclude, review (makes it pending) or note.")
    message: str = Field(description="What the rule saw.")
    field: str | None = Field(default=None, description="Field that it looked at.")
    evidence: dict[str, Any] | None = Field(
        default=None, description="What the rule saw, as data: a value, another id, a box."
    )


Action = Literal["accept", "exclude", "correct", "merge", "undo", "withdraw"]
ACTIONS: tuple[Action, ...] = get_args(Action)


class Decision(Record):
    """What a person decided; decisions are appended, never changed; a later one undoes."""

    target: str = Field(description="Id of the case or image.")
    action: Action = Field(
        description="What to do; undo takes the target back to where nothing is decided."
    )
    by: str = Field(description="Who decided.")
    at: str = Field(description="When, as ISO 8601 in UTC.")
    reason: str | None = Field(default=None, description="Why.")
    field: str | None = Field(default=None, description="Published field to correct, with dots.")
    old: str | None = Field(
        default=None, description="Value that was seen when it was decided; null if none."
    )
    new: str | None = Field(default=None, description="Value to use instead; null takes it away.")
    into: str | None = Field(
        default=None, description="Case or image of which the target is a duplicate."
    )
    rules: tuple[str, ...] = Field(
        default=(),
        strict=False,  # a stored one comes back as a list
        description="Rules whose findings were seen; what others find is not settled by it.",
    )
    evidence: str | None = Field(
        default=None,
        description="Digest of what was seen: of the published document (of a correction: of the "
        "field) and of the picture; null is not compared.",
    )
