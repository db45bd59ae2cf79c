"""Tables of the views that can be drawn, the sites of disease in them, and kinds of disease."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from medpix2.phantom import abdomen, chest, head, limbs, pelvis
from medpix2.phantom.canvas import Body, Canvas

Spot = tuple[float, float, float]
"""Where a site lies in a view and how large a lesion may be: x, y, radius, body units."""


class View(NamedTuple):
    """A section through a part of the body."""

    draw: Callable[[Canvas, Body, float], None]
    plane: str
    half_width: float
    """Half the width that the body takes, body units."""
    half_height: float
    levels: tuple[float, float]
    """Range of the level that the drawing takes."""
    cm: float
    """Centimetres a body unit, for sizes in captions."""
    centre: tuple[float, float] = (0.0, 0.0)
    """What the picture is about; x is that of the patient's left side."""


VIEWS: dict[str, View] = {
    "brain axial high": View(head.axial, "Axial", 0.78, 1.0, (0.0, 0.3), 9.5),
    "brain axial": View(head.axial, "Axial", 0.78, 1.0, (0.42, 0.6), 9.5),
    "skull base": View(head.axial, "Axial", 0.8, 1.08, (0.7, 1.0), 9.5),
    "brain coronal": View(head.coronal, "Coronal", 0.8, 1.1, (0.0, 1.0), 9.5),
    "brain sagittal": View(head.sagittal, "Sagittal", 1.02, 1.1, (0.0, 1.0), 9.5),
    "mouth": View(head.neck, "Axial", 0.95, 0.9, (0.0, 0.3), 7.0),
    "neck": View(head.neck, "Axial", 0.95, 0.9, (0.7, 1.0), 7.0),
    "chest upper": View(chest.axial, "Axial", 1.05, 0.8, (0.0, 0.38), 17.0),
    "chest lower": View(chest.axial, "Axial", 1.05, 0.88, (0.56, 1.0), 17.0),
    "chest coronal": View(chest.coronal, "Coronal", 1.05, 1.05, (0.0, 1.0), 17.0),
    "chest sagittal": View(chest.sagittal, "Sagittal", 0.85, 1.05, (0.0, 1.0), 17.0),
    "abdomen upper": View(abdomen.axial, "Axial", 1.05, 0.8, (0.0, 0.45), 17.0),
    "abdomen lower": View(abdomen.axial, "Axial", 1.05, 0.8, (0.55, 1.0), 17.0),
    "abdomen coronal": View(abdomen.coronal, "Coronal", 0.85, 1.08, (0.0, 1.0), 19.0),
    "abdomen sagittal": View(abdomen.sagittal, "Sagittal", 0.8, 1.08, (0.0, 1.0), 19.0),
    "pelvis axial": View(pelvis.axial, "Axial", 1.05, 0.72, (0.5, 1.0), 18.0),
    "pelvis wings": View(pelvis.axial, "Axial", 1.05, 0.72, (0.0, 0.4), 18.0),
    "pelvis coronal": View(pelvis.coronal, "Coronal", 1.0, 1.05, (0.0, 1.0), 18.0),
    "pelvis sagittal": View(pelvis.sagittal, "Sagittal", 0.95, 1.05, (0.0, 1.0), 16.0),
    "kidneys": View(pelvis.kidneys, "Coronal", 0.85, 1.05, (0.0, 1.0), 19.0),
    "neck spine": View(limbs.spine_sagittal, "Sagittal", 0.8, 1.1, (0.0, 0.4), 11.0),
    "loin spine": View(limbs.spine_sagittal, "Sagittal", 0.8, 1.1, (0.6, 1.0), 11.0),
    "vertebra": View(limbs.spine_axial, "Axial", 0.95, 0.95, (0.0, 1.0), 7.0),
    "thigh": View(limbs.thigh, "Axial", 0.98, 0.93, (0.0, 1.0), 9.0),
    "knee sagittal": View(limbs.knee_sagittal, "Sagittal", 0.78, 1.05, (0.0, 1.0), 8.0),
    "knee coronal": View(limbs.knee_coronal, "Coronal", 0.78, 1.05, (0.0, 1.0), 8.0),
    "shoulder": View(limbs.shoulder, "Coronal", 1.0, 1.0, (0.0, 1.0), 10.0),
    "hips": View(pelvis.coronal, "Coronal", 0.52, 0.6, (0.0, 1.0), 18.0, (0.58, 0.2)),
    "foot": View(limbs.foot, "Sagittal", 1.08, 0.95, (0.0, 1.0), 11.0),
}


class Site(NamedTuple):
    """A place where a disease can sit; of a sided one the left side is given."""

    words: str
    """What a report calls it; a sided site gets 'left' or 'right' before it."""
    sided: bool
    tissue: str
    """Tissue around a lesion there."""
    kinds: tuple[str, ...]
    spots: dict[str, Spot]
    sex: str | None = None


_BRAIN = ("mass", "cyst", "abscess", "haemorrhage", "infarct", "calcification", "metastases")
_BONE = ("bone lesion", "fracture", "mass")
_ORGAN = ("mass", "cyst", "abscess", "haemorrhage", "calcification", "metastases")
_SOFT = ("mass", "cyst", "abscess", "haemorrhage", "lipoma")

SITES: dict[str, Site] = {
    "frontal": Site("frontal lobe", True, "wm", _BRAIN, {
        "brain axial high": (0.3, -0.45, 0.16), "brain axial": (0.32, -0.5, 0.14),
        "brain coronal": (0.36, -0.6, 0.13), "brain sagittal": (-0.42, -0.5, 0.15)}),
    "parietal": Site("parietal lobe", True, "wm", _BRAIN, {
        "brain axial high": (0.34, 0.25, 0.16), "brain coronal": (0.42, -0.55, 0.13),
        "brain sagittal": (0.42, -0.55, 0.15), "brain axial": (0.46, 0.3, 0.13)}),
    "temporal": Site("temporal lobe", True, "gm", _BRAIN, {
        "skull base": (0.42, -0.06, 0.13), "brain coronal": (0.5, -0.04, 0.1),
        "brain axial": (0.52, 0.12, 0.12)}),
    "ganglia": Site("basal ganglia", True, "gm", ("infarct", "haemorrhage", "mass", "cyst",
        "calcification"), {
        "brain axial": (0.28, -0.08, 0.1), "brain coronal": (0.26, -0.18, 0.1)}),
    "cerebellum": Site("cerebellar hemisphere", True, "gm", _BRAIN, {
        "skull base": (0.26, 0.52, 0.14)}),
    "orbit": Site("orbit", True, "fat", ("mass", "cyst", "abscess", "calcification"), {
        "skull base": (0.34, -0.44, 0.1), "brain coronal": (0.3, 0.1, 0.1)}),
    "parotid": Site("parotid gland", True, "gland", _SOFT, {"mouth": (0.6, -0.28, 0.13)}),
    "thyroid": Site("lobe of the thyroid gland", True, "gland", ("mass", "cyst", "calcification"), {
        "neck": (0.22, -0.25, 0.12)}),
    "jaw": Site("mandible", True, "marrow", ("cyst", "fracture", "bone lesion"), {"mouth": (0.55,
        -0.5, 0.12)}),
    "neck node": Site("carotid space", True, "muscle", _SOFT, {"neck": (0.5, 0.05, 0.14),
        "mouth": (0.42, 0.02, 0.12)}),
    "lung upper": Site("upper lobe", True, "lung", ("nodule", "consolidation", "cyst",
        "metastases"), {
        "chest upper": (0.44, -0.12, 0.12), "chest coronal": (0.44, -0.42, 0.12),
        "chest sagittal": (-0.05, -0.4, 0.13)}),
    "lung lower": Site("lower lobe", True, "lung", ("nodule", "consolidation", "cyst",
        "metastases"), {
        "chest lower": (0.5, 0.22, 0.13), "chest coronal": (0.52, 0.16, 0.11),
        "chest sagittal": (0.24, 0.2, 0.13)}),
    "mediastinum": Site("anterior mediastinum", False, "fat", ("mass", "cyst", "lipoma"), {
        "chest upper": (0.02, -0.34, 0.15), "chest coronal": (0.0, -0.25, 0.14),
        "chest sagittal": (-0.36, -0.22, 0.13)}),
    "heart": Site("wall of the heart", False, "heart", ("mass", "cyst", "calcification", "lipoma"),
        {
        "chest lower": (0.22, -0.14, 0.12), "chest coronal": (0.18, 0.1, 0.12),
        "chest sagittal": (-0.2, 0.1, 0.11)}),
    "breast": Site("breast", True, "gland", ("mass", "cyst", "calcification"),
        {"chest lower": (0.5, -0.66, 0.11)}, "female"),
    "liver": Site("right lobe of the liver", False, "liver", _ORGAN, {
        "abdomen upper": (-0.45, -0.12, 0.17), "abdomen coronal": (-0.38, -0.45, 0.15),
        "abdomen sagittal": (0.0, -0.65, 0.14)}),
    "spleen": Site("spleen", False, "spleen", ("mass", "cyst", "abscess", "haemorrhage",
        "calcification"), {
        "abdomen upper": (0.64, 0.13, 0.09), "abdomen coronal": (0.52, -0.5, 0.09)}),
    "pancreas": Site("body of the pancreas", False, "pancreas", ("mass", "cyst", "calcification",
        "abscess"), {
        "abdomen upper": (0.14, -0.01, 0.1)}),
    "stomach": Site("wall of the stomach", False, "wall", ("mass", "lipoma", "haemorrhage"), {
        "abdomen upper": (0.44, -0.16, 0.12), "abdomen coronal": (0.27, -0.56, 0.11)}),
    "bowel": Site("small bowel mesentery", False, "fat", ("mass", "cyst", "abscess", "lipoma"), {
        "abdomen lower": (0.1, -0.22, 0.16), "abdomen coronal": (0.15, 0.35, 0.15),
        "abdomen sagittal": (-0.2, 0.4, 0.15)}),
    "colon": Site("colon", False, "wall", ("mass", "abscess", "haemorrhage"), {
        "abdomen lower": (-0.66, -0.04, 0.12), "abdomen coronal": (-0.44, 0.5, 0.12)}),
    "adrenal": Site("adrenal gland", True, "fat", ("mass", "cyst", "haemorrhage", "calcification"),
        {
        "abdomen upper": (0.28, 0.22, 0.09)}),
    "aorta": Site("abdominal aorta", False, "artery", ("aneurysm",), {
        "abdomen lower": (0.08, 0.08, 0.15), "abdomen coronal": (0.02, 0.0, 0.14)}),
    "kidney": Site("kidney", True, "kidney", _ORGAN, {
        "kidneys": (0.42, -0.4, 0.11), "abdomen lower": (0.46, 0.22, 0.09)}),
    "bladder": Site("wall of the urinary bladder", False, "fluid", ("mass", "calcification",
        "haemorrhage"), {
        "pelvis axial": (-0.12, -0.15, 0.09), "pelvis coronal": (-0.12, 0.06, 0.09),
        "pelvis sagittal": (-0.2, 0.28, 0.1), "kidneys": (0.1, 0.8, 0.08)}),
    "prostate": Site("prostate gland", False, "prostate", ("mass", "cyst", "abscess",
        "calcification"), {
        "pelvis axial": (0.02, 0.07, 0.09), "pelvis coronal": (0.0, 0.27, 0.09),
        "pelvis sagittal": (-0.07, 0.47, 0.09)}, "male"),
    "uterus": Site("uterus", False, "uterus", ("mass", "cyst", "calcification"), {
        "pelvis axial": (0.0, 0.08, 0.14), "pelvis coronal": (0.0, -0.25, 0.13),
        "pelvis sagittal": (0.06, -0.04, 0.13), "pelvis wings": (0.0, 0.06, 0.14)}, "female"),
    "ovary": Site("ovary", True, "uterus", ("mass", "cyst", "haemorrhage"), {
        "pelvis axial": (0.27, 0.04, 0.12), "pelvis wings": (0.26, 0.0, 0.13),
        "pelvis coronal": (0.28, -0.2, 0.12)}, "female"),
    "vertebra": Site("vertebral body", False, "marrow", _BONE, {
        "loin spine": (-0.2, 0.0, 0.14), "vertebra": (0.0, -0.08, 0.2), "neck spine": (0.12, 0.16,
            0.1)}),
    "canal": Site("spinal canal", False, "csf", ("mass", "cyst", "lipoma"), {
        "loin spine": (0.1, 0.1, 0.1), "neck spine": (0.3, 0.0, 0.08), "vertebra": (0.0, 0.32,
            0.11)}),
    "back muscle": Site("paraspinal muscle", True, "muscle", _SOFT, {"vertebra": (0.5, 0.82, 0.2)}),
    "thigh": Site("muscles of the thigh", True, "muscle", _SOFT, {"thigh": (-0.42, 0.3, 0.18)}),
    "femur": Site("femur", True, "marrow", _BONE, {
        "thigh": (-0.07, -0.1, 0.12), "knee sagittal": (0.02, -0.25, 0.15), "knee coronal": (0.2,
            -0.25, 0.15)}),
    "tibia": Site("tibia", True, "marrow", _BONE, {
        "knee sagittal": (-0.02, 0.55, 0.13), "knee coronal": (0.1, 0.5, 0.14)}),
    "humerus": Site("humerus", True, "marrow", _BONE, {"shoulder": (0.38, 0.05, 0.15)}),
    "hip": Site("femoral head", True, "marrow", _BONE, {"hips": (0.55, 0.04, 0.1)}),
    "heel": Site("calcaneus", True, "marrow", _BONE, {"foot": (0.44, 0.35, 0.13)}),
}  # fmt: skip


class Kind(NamedTuple):
    """A kind of disease: how it looks and how it is called."""

    words: tuple[str, ...]
    tissue: str
    """Tissue of its main part."""
    layers: tuple[tuple[str, float], ...]
    """Tissues from outside in, each with its radius as a share of the lesion's."""
    families: tuple[str, ...]
    """What the topic's Category may be."""
    number: int = 1


KINDS: dict[str, Kind] = {
    "mass": Kind(("mass", "tumour", "soft tissue mass"), "solid", (("solid", 1.0), ("oedema",
        0.35)),
                 ("Neoplasm, benign", "Neoplasm, carcinoma", "Neoplasm, NOS", "Neoplasm, sarcoma",
                     "Neoplasm, malignant (NOS)")),
    "nodule": Kind(("nodule", "rounded nodule"), "solid", (("solid", 0.8),),
        ("Neoplasm, carcinoma", "Neoplasm, benign", "Infection, fungi")),
    "cyst": Kind(("cyst", "cystic lesion"), "cyst", (("wall", 1.0), ("cyst", 0.93)),
        ("Cyst, benign", "Congenital, malformation")),
    "abscess": Kind(("abscess", "collection"), "pus", (("oedema", 1.25), ("rim", 1.0), ("pus",
        0.78)), ("Infection, bacteria", "Infection, NOS")),
    "haemorrhage": Kind(("haemorrhage", "haematoma"), "bleed", (("oedema", 1.2), ("bleed", 1.0)),
        ("Hemorrhage", "Trauma", "Vascular")),
    "infarct": Kind(("infarct", "area of infarction"), "infarct", (("infarct", 1.3),),
        ("Infarction and/or Necrosis", "Hypoxic or Ischemic", "Vascular")),
    "calcification": Kind(("calcification", "calcified lesion"), "calcified", (("calcified",
        0.6),), ("Metabolic (see also Toxic)", "Idiopathic or Unknown", "Infection, generalized")),
    "metastases": Kind(("metastases", "scattered nodules"), "solid", (("solid", 0.5),),
        ("Neoplasm, metastatic",), 5),
    "lipoma": Kind(("lipoma", "fatty mass"), "fatty", (("wall", 1.0), ("fatty", 0.94)),
        ("Neoplasm, benign",)),
    "consolidation": Kind(("consolidation", "airspace opacity"), "consolidation",
        (("consolidation", 1.4),), ("Infection, bacteria", "Infection, viral",
            "Inflammatory, NOS")),
    "bone lesion": Kind(("lytic lesion", "bone lesion"), "solid", (("cortex", 1.0), ("solid",
        0.9)), ("Neoplasm, benign", "Neoplasm, sarcoma", "Cyst, benign")),
    "fracture": Kind(("fracture", "fracture line"), "oedema", (("oedema", 0.9),), ("Trauma",)),
    "aneurysm": Kind(("aneurysm", "aneurysmal dilatation"), "artery", (("wall", 1.0), ("artery",
        0.75)), ("Vascular",)),
}  # fmt: skip


def draw_lesion(c: Canvas, kind: str, x: float, y: float, radius: float) -> None:
    """Draw a disease at a place in body coordinates."""
    what = KINDS[kind]
    for number in range(what.number):
        far = 0.0 if number == 0 else radius * 1.1
        cx, cy = x + c.jitter(far), y + c.jitter(far)
        stretch, angle = c.between(0.7, 1.15), c.between(0, 180)
        for tissue, share in what.layers:
            c.blob(
                tissue, cx, cy, radius * share, radius * share * stretch, angle=angle, wobble=0.22
            )
    if kind == "fracture":
        turn = c.between(0, 3.14)
        along = np.linspace(-1.3, 1.3, 7)[:, None] * radius
        path = (
            np.array([x, y]) + along * (np.cos(turn), np.sin(turn)) + c.rng.normal(0, 0.01, (7, 2))
        )
        c.line("cortex", path, 0.018)


def draw_arteries(c: Canvas) -> None:
    """Draw winding arteries that spring from the middle of the picture."""
    for _ in range(12):
        turn, width = c.between(0, 2 * np.pi), c.between(0.03, 0.06)
        x, y = c.jitter(0.06), c.jitter(0.06)
        for _ in range(4):
            path = [(x, y)]
            for _ in range(5):
                turn += c.jitter(0.35)
                x, y = x + 0.045 * np.cos(turn), y + 0.045 * np.sin(turn)
                path.append((x, y))
            c.line("artery", path, width)
            width *= 0.75


def draw(c: Canvas, b: Body, view: str, level: float) -> None:
    """Draw a view of a body."""
    VIEWS[view].draw(c, b, level)
