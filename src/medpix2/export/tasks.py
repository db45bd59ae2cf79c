"""The tasks of the format `conversations`: what is asked, in which wordings, and of which field.

Two kinds. A `LabelTask` asks for a label of one picture. A `ReportTask` asks for a text of the
record, from all pictures of a case. Every answer is a field of the record and nothing else. What a
question tells of the case comes from `medpix2.field_groups.BEFORE_PICTURES` alone: what a physician
knows before the pictures are read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class LabelTask:
    """A question for a label of one picture.

    Attributes
    ----------
    name
        Name of the task.
    label
        Field of `joined.WITH_CASE` that answers it.
    source_field
        Published field that the label comes from.
    wordings
        (question, answer) pairs; `{label}` is the label, `{said}` the label as `said` has it.
    said
        How a label is said in a sentence; a label that is not in it is said as it is.
    unasked
        Labels that answer nothing.
    """

    name: str
    label: str
    source_field: str
    wordings: tuple[tuple[str, str], ...]
    said: Mapping[str, str]
    unasked: frozenset[str] = frozenset()


@dataclass(frozen=True)
class ReportTask:
    """A question for texts of a case, from its pictures.

    Attributes
    ----------
    name
        Name of the task.
    answer
        Field of `joined.WITH_CASE` -> how it is said; `{text}` is its text. The first one must be
        there, the others are added where they are.
    source_fields
        The published fields that the answer comes from, in the same order.
    questions
        Its wordings.
    context
        Whether history, examination, age and sex are told with the question; if so, cases whose
        history gives the diagnosis away are left out.
    each
        One question a picture, not one a case.
    """

    name: str
    answer: Mapping[str, str]
    source_fields: tuple[str, ...]
    questions: tuple[str, ...]
    context: bool
    each: bool = False


LABEL_TASKS: tuple[LabelTask, ...] = (
    LabelTask(
        "modality",
        "modality",
        "Type",
        (
            ("Which modality is this picture, CT or MR? Answer with one word.", "{label}"),
            ("With which imaging modality was this picture taken?", "It was taken with {said}."),
            ("What kind of scan is this?", "This is a scan made by {said}."),
            ("Name the modality of this radiological image.", "{label}"),
        ),
        {"CT": "computed tomography (CT)", "MR": "magnetic resonance imaging (MR)"},
    ),
    LabelTask(
        "plane",
        "plane",
        "Description.Plane",
        (
            ("In which plane is this section? Answer with one word.", "{label}"),
            ("Which imaging plane does this picture show?", "It shows the {said} plane."),
            ("Is this an axial, a coronal or a sagittal section?", "It is {said}."),
            ("Name the plane of this scan.", "{label}"),
        ),
        {"Axial": "axial", "Coronal": "coronal", "Sagittal": "sagittal", "Oblique": "oblique"},
        # No plane of a section: several at once, or what is no section.
        frozenset(
            {"3D", "Drawing", "Frontal", "Gross pathology", "Lateral", "Multiple", "Other"}
            | {"Photograph"}
        ),
    ),
    LabelTask(
        "sequence",
        "sequence",
        "Description.Modality",
        (
            ("Which MR sequence or technique is this? Answer with its name only.", "{label}"),
            ("With which MR sequence was this picture made?", "The sequence is {said}."),
            ("Name the MR sequence of this picture.", "{label}"),
        ),
        {"T1": "T1-weighted", "T2": "T2-weighted", "T2*": "T2*-weighted", "PD": "PD-weighted"},
        frozenset({"Other"}),
    ),
    LabelTask(
        "contrast",
        "contrast",
        "Description.Modality",
        (
            ("Was a contrast medium given for this scan, and which way?", "{said}"),
            ("Is this a scan with contrast medium?", "{said}"),
            ("What can be said of the contrast medium of this scan?", "{said}"),
        ),
        {
            "none": "No contrast medium was given.",
            "IV": "Contrast medium was given intravenously.",
            "GI": "Contrast medium was given into the gastrointestinal tract.",
            "GI and IV": "Contrast medium was given intravenously and into the gastrointestinal "
            "tract.",
        },
    ),
    LabelTask(
        "location_category",
        "location_category",
        "Location Category",
        (
            (
                "Which part of the body is this: Abdomen, Head, Reproductive and Urinary System, "
                "Spine and Muscles, or Thorax? Answer with one of them.",
                "{label}",
            ),
            ("Which part of the body does this picture belong to?", "It belongs to: {label}."),
            ("Name the region of the body that was scanned.", "{label}"),
        ),
        {},
    ),
    LabelTask(
        "location",
        "location",
        "Location",
        (
            ("Which body part or organ system is this case about? Name it only.", "{label}"),
            ("Which organ system does this picture show?", "It shows: {label}."),
            ("Under which body part would a radiologist file this picture?", "{label}"),
        ),
        {},
    ),
)

REPORT_TASKS: tuple[ReportTask, ...] = (
    ReportTask(
        "caption",
        {"caption": "{text}"},
        ("Description.Caption",),
        (
            "Describe this picture in a caption.",
            "What does this picture show?",
            "Write a short caption for this radiological image.",
        ),
        context=False,
        each=True,
    ),
    ReportTask(
        "findings",
        {"findings": "{text}"},
        ("Case.Findings",),
        (
            "Report the findings.",
            "Describe what is seen, as a radiologist would report it.",
            "Write the findings section of the report.",
            "Which findings does this examination show?",
        ),
        context=False,
    ),
    ReportTask(
        "diagnosis",
        {
            "case_diagnosis": "Diagnosis: {text}",
            "differential_diagnosis": "Differential diagnosis: {text}",
        },
        ("Case.Case Diagnosis", "Case.Differential Diagnosis"),
        (
            "What is the diagnosis? Give the differential diagnosis too.",
            "Which diagnosis is the most likely, and which others should be considered?",
            "Give your diagnosis and the differential diagnosis.",
        ),
        context=True,
    ),
    ReportTask(
        "differential",
        {"differential_diagnosis": "{text}"},
        ("Case.Differential Diagnosis",),
        (
            "Which diagnoses should be considered?",
            "List the differential diagnosis.",
            "What could this be? Name the diagnoses to consider.",
        ),
        context=True,
    ),
    ReportTask(
        "confirmation",
        {"diagnosis_by": "{text}"},
        ("Case.Diagnosis By",),
        (
            "How was the diagnosis of this case confirmed?",
            "By what was the diagnosis made in the end?",
        ),
        context=True,
    ),
    ReportTask(
        "treatment",
        {"treatment": "{text}"},
        ("Case.Treatment & Follow Up",),
        (
            "How was this patient treated and followed up?",
            "Describe treatment and follow-up of this case.",
        ),
        context=True,
    ),
)

TASKS = (*(task.name for task in LABEL_TASKS), *(task.name for task in REPORT_TASKS))
