from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medpix2.curate.vocabulary import (
    age_in_years,
    case_facts,
    contrast_of,
    image_facts,
    keyword_list,
    plane_of,
    sequence_of,
)
from medpix2.records import meant

# Every string of the real release, with the sequence and the contrast medium that it means.
MODALITIES = {
    " MR - Montage of Images": (None, None),
    "CT": (None, None),
    "CT - GI & IV Contrast": (None, "GI and IV"),
    "CT - GI Contrast": (None, "GI"),
    "CT - Montage": (None, None),
    "CT - noncontrast": (None, "none"),
    "CT w/contrast (IV)": (None, "IV"),
    "CTA - CT Angiography": ("Angiography", "IV"),
    "Drawing": (None, None),
    "MR": (None, None),
    "MR - ADC Map (App Diff Coeff)": ("ADC", None),
    "MR - DWI Diffusion Weighted": ("DWI", None),
    "MR - FIESTA": ("FIESTA", None),
    "MR - FLAIR": ("FLAIR", None),
    "MR - Montage": (None, None),
    "MR - Montage of Images": (None, None),
    "MR - Other Pulse Seq.": ("Other", None),
    "MR - PDW Proton Density": ("PD", None),
    "MR - STIR": ("STIR", None),
    "MR - T1W - noncontrast": ("T1", "none"),
    "MR - T1W w/Gadolinium": ("T1", "IV"),
    "MR - T1W w/Gd (fat suppressed)": ("T1", "IV"),
    "MR - T2 weighted": ("T2", None),
    "MR T2* gradient,GRE,MPGR,SWAN,SWI": ("T2*", None),
    "MRA - MR Angiography/Venography": ("Angiography", None),
    "MRI": (None, None),
    "MRS - Spectroscopy": ("Spectroscopy", None),
    "Virtual Colonoscopy": (None, None),
}
PLANES = {
    "3D Reconstruction": "3D",
    "AP": "Frontal",
    "Axial": "Axial",
    "Coronal": "Coronal",
    "Drawing": "Drawing",
    "Frontal": "Frontal",
    "Gross Pathology": "Gross pathology",
    "Lateral": "Lateral",
    "Multiple or Montage": "Multiple",
    "NOS - Not specified": None,
    "Other View (see caption)": "Other",
    "PA": "Frontal",
    "Photograph": "Photograph",
    "Sagittal": "Sagittal",
    "Transverse": "Axial",
    None: None,
}
SEXES = {"male": "male", "female": "female", "N/A": None}
LOCATIONS = {
    **{
        name: name
        for name in (
            "Abdomen", "Bethesda, MD", "Brain and Neuro", "Breast and Mammography",
            "Cardiovascular", "Chest, Pulmonary", "Dental, Oral, or Tooth", "Endocrine",
            "Eye and Orbit", "Gastrointestinal", "Generalized", "Genitourinary", "Head and Neck",
            "Hematopoietic", "Musculoskeletal", "Nerve, central", "Nerve, peripheral",
            "Ophthalmology", "Pathology", "Spine", "Vascular",
        )
    },
    "Left Blank": None,
}  # fmt: skip


def facts(**said):
    return image_facts({"Description": said})


@pytest.mark.parametrize(("modality", "meaning"), MODALITIES.items())
def test_a_modality_string_means_a_sequence_and_a_contrast_medium(modality, meaning):
    assert (sequence_of(modality), contrast_of(modality)) == meaning
    found = facts(Modality=modality)
    assert (found.sequence, found.contrast) == meaning
    assert (sequence_of(modality.upper()), contrast_of(modality.upper())) == meaning


@pytest.mark.parametrize(("plane", "meaning"), PLANES.items())
def test_a_plane_means(plane, meaning):
    assert facts(Plane=plane).plane == meaning


@pytest.mark.parametrize(("sex", "meaning"), SEXES.items())
def test_a_sex_means(sex, meaning):
    assert facts(Sex=sex).sex == meaning


@pytest.mark.parametrize(("location", "meaning"), LOCATIONS.items())
def test_a_location_means(location, meaning):
    assert image_facts({"Location": location}).location == meaning


@pytest.mark.real
def test_the_tables_here_have_every_string_of_the_real_release(real_copy):
    images = json.loads((real_copy / "Descriptions.json").read_text("utf-8"))
    assert {image["Description"]["Modality"] for image in images} == set(MODALITIES)
    assert {image["Description"]["Plane"] for image in images} == set(PLANES)
    assert {image["Description"]["Sex"] for image in images} == set(SEXES)
    assert {image["Location"] for image in images} == set(LOCATIONS)
    assert all(
        image_facts(image).age == float(image["Description"]["Age"]) for image in images
    )  # years, every one


@pytest.mark.real
def test_no_keyword_of_the_real_release_is_torn_from_its_letters(real_copy):
    for case in json.loads((real_copy / "Case_topic.json").read_text("utf-8")):
        joined = case["Topic"].get("Keywords")
        parts = keyword_list(joined)
        assert not {"Mc", "De", "Di", "Le", "Von"} & set(parts)
        assert all(len(part) > 1 and part in joined for part in parts)


@pytest.mark.parametrize("unknown", ["Elastography", "", "N/A", "Not available"])
def test_what_the_tables_do_not_know_means_nothing_of_a_modality(unknown):
    found = facts(Modality=unknown)
    assert (found.sequence, found.contrast) == (None, None)


def test_a_plane_that_the_table_does_not_know_is_another():
    assert plane_of("Curved multiplanar") == "Other"
    assert plane_of(" axial ") == "Axial"


@pytest.mark.parametrize(
    ("age", "years"),
    [
        ("42", 42), ("0", 0), ("1", 1), ("120", 120), (" 7 ", 7), ("1.5", 1.5),
        ("42 years", 42), ("42y", 42), ("42 yrs.", 42), ("42 Y", 42),
        ("18 months", 1.5), ("6 mo", 0.5), ("3m", 0.25), ("26 weeks", 0.498), ("10 days", 0.027),
        ("121", None), ("999", None), ("-5", None), ("4 fold", None), ("forty", None),
        ("20-30", None), ("", None), ("N/A", None), ("1e2", None), ("nan", None), ("٤٢x", None),
        (None, None), (42, None), (["42"], None),
    ],
)  # fmt: skip
def test_an_age_is_in_years(age, years):
    assert age_in_years(age) == years


@given(st.text() | st.integers(0, 10**6).map(str))
def test_an_age_is_never_beyond_a_human_life(text):
    years = age_in_years(text)
    assert years is None or 0 <= years <= 120


@pytest.mark.parametrize(
    "word",
    ["", " ", "N/A", "n/a", "NA", "n.a.", "Not available", "NOT AVAILABLE.", "Not applicable",
     "null", "None", "Unknown", "unsure", "Left Blank", "nil", " N/A \n"],
)  # fmt: skip
def test_a_word_for_what_is_missing_means_nothing(word):
    assert meant(word) is None


@pytest.mark.parametrize("value", [None, 0, 1.5, True, [], {}])
def test_what_is_no_text_means_nothing(value):
    assert meant(value) is None


@pytest.mark.parametrize("word", ["None of these", "nasal", "unknown primary", "Spine"])
def test_a_word_that_merely_looks_like_it_is_kept(word):
    assert meant(f" {word}\n") == word


@pytest.mark.parametrize(
    ("joined", "parts"),
    [
        ("HamartomaPopcorn Calcification", ["Hamartoma", "Popcorn Calcification"]),
        ("SarcoidHRCT", ["Sarcoid", "HRCT"]),
        ("InfectionFungal", ["Infection", "Fungal"]),
        ("pancreascyst", ["pancreascyst"]),
        ("bone; tumor;  lipo|myxo", ["bone", "tumor", "lipo", "myxo"]),
        ("Cyst, Renal", ["Cyst", "Renal"]),
        ("neoplasm, benign", ["neoplasm, benign"]),
        ("CoA", ["CoA"]),
        ("IVC", ["IVC"]),
        ("McCune-Albright", ["McCune-Albright"]),
        ("DissectionDeBakey", ["Dissection", "DeBakey"]),
        ("DiGeorge syndromeLeFort fracture", ["DiGeorge syndrome", "LeFort fracture"]),
        ("KneeKnee", ["Knee"]),
        ("Cancer (lung)Metastasis", ["Cancer (lung)", "Metastasis"]),
        (" ; ", []), ("N/A", []), ("", []), (None, []), (5, []),
    ],
)  # fmt: skip
def test_joined_keywords_are_parted_where_a_seam_can_be_seen(joined, parts):
    assert list(keyword_list(joined)) == parts


@given(st.text(st.sampled_from("abcXYZ ;,|.)'")))
def test_parting_keywords_loses_no_letter_but_those_of_repeated_words(joined):
    parts = keyword_list(joined)
    assert len(set(parts)) == len(parts)
    letters = [c for c in joined if c.isalpha()]
    assert set("".join(parts)) - set(" ;,|.)'") == set(letters) or meant(joined) is None
    assert keyword_list(joined) == parts


def test_a_document_without_its_parts_has_no_facts():
    assert set(image_facts({}).model_dump().values()) == {None}
    assert set(image_facts({"Description": None}).model_dump().values()) == {None}
    assert case_facts({}).model_dump() == {"keywords": (), "category": None}
    assert case_facts({"Topic": None}).model_dump() == {"keywords": (), "category": None}


def test_a_case_has_keywords_and_a_category():
    found = case_facts({"Topic": {"Keywords": "CystRenal", "Category": "Neoplasm, glial"}})
    assert found.model_dump() == {"keywords": ("Cyst", "Renal"), "category": "Neoplasm, glial"}
    assert case_facts({"Topic": {"Category": "Unknown"}}).category is None
