from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medpix2.curate.spellings import AMBIGUOUS, SPELLINGS, SYNONYMS, american, terms_of, widen

PAIRS = [
    ("tumour", "tumor"), ("pseudotumours", "pseudotumors"), ("peritumoural", "peritumoral"),
    ("haemorrhagic", "hemorrhagic"), ("haematoma", "hematoma"), ("haemangioma", "hemangioma"),
    ("haemothorax", "hemothorax"), ("haemoptysis", "hemoptysis"), ("haematuria", "hematuria"),
    ("lipohaemarthrosis", "lipohemarthrosis"), ("microhaemorrhages", "microhemorrhages"),
    ("methaemoglobin", "methemoglobin"), ("ischaemia", "ischemia"), ("ischaemic", "ischemic"),
    ("anaemia", "anemia"), ("leukaemia", "leukemia"), ("hyperglycaemic", "hyperglycemic"),
    ("hypercalcaemia", "hypercalcemia"), ("septicaemia", "septicemia"), ("uraemia", "uremia"),
    ("oedema", "edema"), ("lymphoedema", "lymphedema"), ("papilloedema", "papilledema"),
    ("oesophagus", "esophagus"), ("gastrooesophageal", "gastroesophageal"),
    ("diarrhoea", "diarrhea"), ("rhinorrhoea", "rhinorrhea"), ("dyspnoea", "dyspnea"),
    ("foetal", "fetal"), ("foetus", "fetus"), ("paediatric", "pediatric"),
    ("orthopaedic", "orthopedic"), ("caecum", "cecum"), ("ileocaecal", "ileocecal"),
    ("leucocyte", "leukocyte"), ("leucodystrophy", "leukodystrophy"),
    ("anaesthesia", "anesthesia"), ("paraesthesias", "paresthesias"),
    ("gynaecology", "gynecology"), ("aetiology", "etiology"), ("faecal", "fecal"),
    ("faecolith", "fecolith"), ("grey", "gray"), ("centre", "center"), ("centred", "centered"),
    ("multicentre", "multicenter"), ("fibre", "fiber"), ("fibreoptic", "fiberoptic"),
    ("litre", "liter"), ("millilitres", "milliliters"), ("colour", "color"),
    ("coloured", "colored"), ("sulphur", "sulfur"), ("coeliac", "celiac"),
    ("manoeuvres", "maneuvers"), ("amoebic", "amebic"), ("naevus", "nevus"),
]  # fmt: skip


@pytest.mark.parametrize(("british", "american"), PAIRS)
def test_a_word_is_widened_to_its_other_spelling_and_back(british, american):
    assert widen(british).also == (american,)
    assert widen(american).also == (british,)
    assert widen(british.upper()).also == (american,)


@pytest.mark.parametrize(
    "word",
    """hemisphere hemispheres hemiparesis hemithorax hemivertebrae hemidiaphragm interhemispheric
    chemotherapy chemical biochemical immunohistochemistry ischial schematic mathematics thematic
    erythema erythematous erythematosus anathema blastema bohemia academia academic epidemic
    endemic systemic polemic epidemiology hemianopia
    left perfect perfection infection infectious defect effect disinfected feculent
    pedicle pedicles pedunculated pedal peduncle stopped developed
    obliterans obliteration literature literal obliterated crescenteric enthesophyte
    colorectal colorado coloration wiedemann redemand gastroenteritis esophogus
    interleukin isoleucine graybill centrifugal fibroma central
    measurement procurement anemone pneumonia pneumothorax fetish
    phosphorus demographics remission lemierre""".split(),
)
def test_a_word_that_has_one_spelling_is_left_alone(word):
    assert widen(word).also == ()


@pytest.mark.real
def test_of_the_words_of_the_real_texts_those_with_one_spelling_are_left_alone(real_copy):
    text = (real_copy / "Case_topic.json").read_text("utf-8").lower()
    # As whole words: many words of the release were joined without a blank.
    innocent = re.compile(
        r"hemi(?!an[ae]*esth)[a-z]*|chem(?!ang)[a-z]*|erythema[a-z]*|(acad|epid|end|syst)emi[a-z]*"
        r"|(?!faec|fec)[a-z]+fec[a-z]*|ped(?!iat)[a-z]*|ob?liter[a-z]*|literat?[a-z]*|colorec[a-z]*"
        r"|cent(?!er|re)[a-z]*|crescent[a-z]*|[a-z]*eucin[a-z]*|[a-z]*leukin|[a-z]*enthesop[a-z]*"
        r"|wiede[a-z]*|gastr(?!ic|o*o?esoph)[a-z]*|[a-z]*iology|[a-z]*fibr[io][a-z]*"
    )
    words = {word for word in re.findall(r"[a-z]+", text) if innocent.fullmatch(word)}
    words -= {"etiology", "aetiology", "liter", "liters"}
    assert len(words) > 150
    assert {word: widen(word).also for word in words if widen(word).also} == {}
    widened = {word for word in re.findall(r"[a-z]+", text) if widen(word).also}
    assert len(widened) > 200


@pytest.mark.parametrize("row", SPELLINGS, ids=str)
def test_every_row_of_spellings_turns_both_ways(row):
    british, plain = (part.strip("^$") for part in row)
    assert british != plain
    marks = [(part.startswith("^"), part.endswith("$")) for part in row]
    assert marks[0] == marks[1]
    assert american(british) == plain
    assert british in widen(plain).also


@pytest.mark.parametrize("row", SYNONYMS, ids=lambda row: row[0])
def test_every_term_of_a_row_of_synonyms_finds_the_others(row):
    for term in row:
        assert set(row) <= {term, *widen(term).also}


def test_widening_is_the_same_from_both_sides():
    terms = {term for row in SYNONYMS for term in row}
    terms |= {part.strip("^$") for row in SPELLINGS for part in row}
    terms |= {word for pair in PAIRS for word in pair}
    for term in list(terms):
        terms |= set(widen(term).also)
    for term in terms:
        for other in widen(term).also:
            assert term in widen(other).also or term in AMBIGUOUS, (term, other)


@pytest.mark.parametrize("short", AMBIGUOUS)
def test_an_ambiguous_abbreviation_is_widened_one_way_only(short):
    family = widen(short).also
    assert set(AMBIGUOUS[short]) <= set(family)
    for term in family:
        assert short not in widen(term).also
        assert terms_of(term.split()) == [term]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("bleed", "haemorrhage"), ("haemorrhage", "bleed"), ("CVA", "cerebral infarction"),
        ("stroke", "cerebrovascular accident"), ("AVM", "arteriovenous malformation"),
        ("MS", "multiple sclerosis"), ("PE", "pulmonary embolus"),
        ("AAA", "abdominal aortic aneurysm"),
        ("SAH", "subarachnoid haemorrhage"), ("SDH", "subdural hematoma"),
        ("EDH", "epidural hematoma"), ("NPH", "normal pressure hydrocephalus"),
        ("glioblastoma", "gbm"), ("RCC", "renal cell carcinoma"),
        ("HCC", "hepatocellular carcinoma"), ("interstitial lung disease", "ild"),
        ("TB", "tuberculosis"), ("ADPKD", "autosomal dominant polycystic kidney disease"),
        ("ACL", "anterior cruciate ligament"), ("DVT", "deep vein thrombosis"),
        ("NF1", "neurofibromatosis type 1"), ("ICH", "intracranial haemorrhage"),
    ],
)  # fmt: skip
def test_what_a_radiologist_types_is_understood(typed, meant):
    assert meant in widen(typed).also


@given(st.lists(st.sampled_from([word for pair in PAIRS for word in pair]), min_size=1, max_size=3))
def test_a_phrase_is_widened_to_all_its_spellings_from_any_of_them(words):
    phrase = " ".join(words)
    family = {phrase, *widen(phrase).also}
    assert len(family) == 2 ** len(words)
    for other in family:
        assert {other, *widen(other).also} == family


@given(st.text())
def test_any_text_can_be_widened_and_is_never_its_own_companion(text):
    widened = widen(text)
    assert widened.term == text
    assert widened.all == (text, *widened.also)
    assert " ".join(text.lower().split()) not in widened.also
    assert len(set(widened.also)) == len(widened.also)


def test_an_abbreviation_is_widened_to_what_it_stands_for_in_both_spellings():
    assert set(widen("SDH").also) == {"subdural hematoma", "subdural haematoma"}
    assert "gist" in widen("gastrointestinal stromal tumour").also
    assert "gastrointestinal stromal tumour" in widen("GIST").also
    assert widen("renal").also == ("kidney",)
    assert widen("  Heart   ATTACK ").also == ("myocardial infarction",)


@pytest.mark.parametrize(
    ("words", "terms"),
    [
        ("renal cell carcinoma", ["renal cell carcinoma"]),
        ("Renal Cell Carcinoma left kidney", ["Renal Cell Carcinoma", "left", "kidney"]),
        ("kidney stone kidney", ["kidney stone", "kidney"]),
        ("subdural haematoma", ["subdural haematoma"]),
        ("gastrointestinal stromal tumour", ["gastrointestinal stromal tumour"]),
        ("computed brain tomography", ["computed", "brain", "tomography"]),
        ("", []),
    ],
)
def test_neighbouring_words_that_stand_in_the_table_are_one_term(words, terms):
    assert terms_of(words.split()) == terms


@given(st.lists(st.sampled_from("renal cell carcinoma kidney stone heart attack of the".split())))
def test_joining_words_to_terms_loses_none(words):
    assert " ".join(terms_of(words)).split() == words


def test_a_widened_term_says_how():
    assert str(widen("tumour")) == "tumour = tumor"
    assert str(widen("spleen")) == "spleen"


def test_the_tables_are_clean():
    assert len(set(SPELLINGS)) == len(SPELLINGS)
    for row in SYNONYMS:
        assert len(set(row)) == len(row) > 1
        assert all(term == " ".join(term.lower().split()) for term in row)
    assert json.dumps([SYNONYMS, AMBIGUOUS]).isascii()
    assert not {term for row in SYNONYMS for term in row} & set(AMBIGUOUS)
