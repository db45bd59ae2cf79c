"""Which locations, sites, techniques and codes there are, and how often.

Names and shares follow the published release's vocabulary; the texts are ours.
"""

from __future__ import annotations

CATEGORIES = {
    "Head": (808, 0.82),
    "Spine and Muscles": (315, 0.82),
    "Thorax": (293, 0.12),
    "Abdomen": (287, 0.06),
    "Reproductive and Urinary System": (147, 0.24),
}
"""Share of the pictures (in counts), and of MR among them."""

_BRAIN = ("frontal", "parietal", "temporal", "ganglia", "cerebellum")
LOCATIONS: dict[str, tuple[tuple[str, int, tuple[str, ...]], ...]] = {
    "Head": (
        ("Brain and Neuro", 580, _BRAIN),
        ("Head and Neck", 83, ("parotid", "thyroid", "neck node", "jaw")),
        ("Eye and Orbit", 49, ("orbit",)),
        ("Nerve, central", 39, ("ganglia", "cerebellum", "temporal")),
        ("Generalized", 26, _BRAIN),
        ("Vascular", 21, ("ganglia", "parietal", "frontal")),
        ("Ophthalmology", 6, ("orbit",)),
        ("Nerve, peripheral", 2, ("neck node",)),
        ("Endocrine", 2, ("thyroid",)),
        ("Dental, Oral, or Tooth", 2, ("jaw",)),
    ),
    "Spine and Muscles": (
        ("Musculoskeletal", 256, ("thigh", "femur", "femur", "tibia", "humerus", "hip", "heel",
            "back muscle")),
        ("Spine", 59, ("vertebra", "canal")),
    ),
    "Thorax": (
        ("Chest, Pulmonary", 198, ("lung upper", "lung lower", "lung lower", "mediastinum")),
        ("Cardiovascular", 64, ("heart", "mediastinum")),
        ("Breast and Mammography", 14, ("breast",)),
        ("Generalized", 9, ("lung lower", "mediastinum")),
        ("Vascular", 6, ("mediastinum", "heart")),
        ("Hematopoietic", 1, ("mediastinum",)),
    ),
    "Abdomen": (
        ("Gastrointestinal", 169, ("liver", "pancreas", "stomach", "bowel", "colon", "spleen")),
        ("Abdomen", 46, ("liver", "bowel", "colon", "adrenal")),
        ("Vascular", 37, ("aorta",)),
        ("Generalized", 17, ("liver", "bowel")),
        ("Endocrine", 6, ("adrenal", "pancreas")),
        ("Hematopoietic", 5, ("spleen",)),
        ("Pathology", 4, ("liver", "stomach")),
    ),
    "Reproductive and Urinary System": (
        ("Genitourinary", 140, ("kidney", "bladder", "bladder", "prostate", "uterus", "ovary")),
        ("Generalized", 4, ("bladder",)),
        ("Vascular", 3, ("kidney",)),
    ),
}  # fmt: skip
"""By category: location, share, and the sites of disease there."""

CT_ONLY_SITES = frozenset({"lung upper", "lung lower"})

Shares = tuple[tuple[str, int, str], ...]
"""Modality as the source writes it, share, and the technique it stands for."""

CT = (
    ("CT w/contrast (IV)", 393, "CT IV"),
    ("CT - noncontrast", 369, "CT"),
    ("CTA - CT Angiography", 9, "CTA"),
)
CT_BELLY = (
    ("CT w/contrast (IV)", 200, "CT IV"),
    ("CT - noncontrast", 130, "CT"),
    ("CT - GI & IV Contrast", 155, "CT GI IV"),
    ("CT - GI Contrast", 17, "CT GI"),
    ("CTA - CT Angiography", 3, "CTA"),
)
MR_HEAD = (
    ("MR - T2 weighted", 160, "T2"),
    ("MR - T1W - noncontrast", 110, "T1"),
    ("MR - T1W w/Gadolinium", 90, "T1 Gd"),
    ("MR - FLAIR", 60, "FLAIR"),
    ("MR - T1W w/Gd (fat suppressed)", 25, "T1 Gd FS"),
    ("MR - DWI Diffusion Weighted", 24, "DWI"),
    ("MR T2* gradient,GRE,MPGR,SWAN,SWI", 20, "GRE"),
    ("MRA - MR Angiography/Venography", 18, "MRA"),
    ("MR - ADC Map (App Diff Coeff)", 14, "ADC"),
    ("MR - PDW Proton Density", 6, "PD"),
    ("MR - FIESTA", 6, "FIESTA"),
)
MR_BODY = (
    ("MR - T2 weighted", 100, "T2"),
    ("MR - T1W - noncontrast", 90, "T1"),
    ("MR - T1W w/Gadolinium", 25, "T1 Gd"),
    ("MR - T1W w/Gd (fat suppressed)", 35, "T1 Gd FS"),
    ("MR - PDW Proton Density", 12, "PD"),
    ("MR - STIR", 8, "STIR"),
    ("MR T2* gradient,GRE,MPGR,SWAN,SWI", 6, "GRE"),
    ("MR - FIESTA", 8, "FIESTA"),
)

PLANES = {"Axial": 4.0, "Coronal": 1.0, "Sagittal": 1.2}
RARE_VIEWS = {("kidney", "abdomen lower"): 0.15, ("back muscle", "vertebra"): 1.0}
"""Views that show a site but that another category would claim, with their share."""

IMAGES_A_CASE = (201, 130, 96, 59, 38, 30, 14, 8, 6, 4, 3, 13)
"""Share of cases with 1, 2, ... 12 pictures."""

ACR_PART = {"Head": "1", "Spine and Muscles": "4", "Thorax": "6", "Abdomen": "7",
            "Reproductive and Urinary System": "8"}  # fmt: skip
ACR_PART_OF = {"Head and Neck": "2", "Eye and Orbit": "2", "Spine": "3", "Cardiovascular": "5",
               "Vascular": "9", "Breast and Mammography": "0"}  # fmt: skip
ACR_DISEASE = {"Neoplasm": "3", "Infection": "2", "Congenital": "1", "Trauma": "4", "Cyst": "3",
               "Metabolic": "5", "Vascular": "9", "Hemorrhage": "4", "Infarction": "7"}  # fmt: skip
