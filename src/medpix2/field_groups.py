"""Groups of fields by what they give away: what must not be shown where it is to be predicted.

A model that is to predict the diagnosis must not read it in the title. Where the pictures' labels
are to be predicted, the caption and the description must not be shown. Field names are the
published keys with dots, case fields first (`Case.Title`), picture fields as in `Descriptions.json`
(`Description.Caption`).
"""

from __future__ import annotations

# What names the diagnosis, or was written by somebody who knew it and says so.
DIAGNOSIS = (
    "Case.Title",
    "Case.Case Diagnosis",
    "Case.Discussion",
    "Case.Differential Diagnosis",
    "Case.Diagnosis By",
    "Case.Treatment & Follow Up",
    "Topic.Title",
    "Topic.Disease Discussion",
    "Topic.ACR Code",
    "Topic.Category",
    "Topic.Keywords",
    "Topic.Reference",
    "Topic.External Links",
    "Description.ACR Codes",
)

# What describes the pictures in words: most captions and findings name the modality, the sequence,
# the plane and the body part.
PICTURES = (
    "Description.Caption",
    "Description.Modality",
    "Description.Plane",
    "Case.Findings",
)

# What a physician knows before the pictures are read.
BEFORE_PICTURES = (
    "Case.History",
    "Case.Exam",
    "Description.Age",
    "Description.Sex",
)
