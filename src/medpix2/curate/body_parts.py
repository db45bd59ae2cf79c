"""The parts of the body that a text names, and the location category to which each belongs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

# Category -> what belongs to it alone, as regular expressions of whole words. What several
# categories share (neck, cord, pelvis, adrenal, oesophagus, aorta, lymph nodes) stands in none.
PARTS_OF: Mapping[str, str] = {
    "Head": r"""
        brain brainstem cerebral cerebr\w+ cerebell\w+ intracranial\w* pons pontine midbrain
        frontal\slobes? temporal\slobes? parietal\slobes? occipital\slobes? temporal\sbones?
        basal\sganglia thalam\w+ caudate putamen hippocamp\w+ corpus\scallosum callosal insula
        lateral\sventricles? third\sventricle fourth\sventricle sella sellar suprasellar pituitary
        pineal orbits? orbital intraorbital retro-?orbital eyes? globes? optic extraocular lacrimal
        paranasal\ssinuses maxillary\ssinus(?:es)? ethmoid\w* sphenoid\w*
        mandib\w+ maxill\w+ parotid\w* nasopharyn\w+ oropharyn\w+ tongue skull calvari\w+ scalp
        mastoid\w* petrous cochlea\w* clivus cavernous\ssinus frontoparietal temporoparietal
        cerebellopontine meninge\w+ leptomeninge\w+ gyrus gyri head\s(?:ct|mri?) cranial
        thyroid laryn\w+ epiglott\w+ middle\scerebral mca nasal turbinate\w* submandibular
    """,
    "Thorax": r"""
        lungs? pulmonary pleura\w* mediastin\w+ hilar bronch\w+ endobronchial heart cardiac
        myocardi\w+ pericardi\w* epicardi\w* atria atrium atrial trachea\w* breasts? hemithora\w+
        chest\s(?:ct|wall|mri?|cavity) hemidiaphragm pneumothorax upper\slobes? lower\slobes?
        middle\slobes? lingula\w* aortic\sarch thymus thymic alveol\w+ interlobular
    """,
    "Abdomen": r"""
        liver hepatic hepato\w+ spleen splenic pancrea\w+ gallbladder cholecyst\w+ biliary
        bile\sducts? stomach gastric colon colonic cecum cecal appendi\w+ ileum ileal ileocecal
        jejun\w+ duoden\w+ bowel mesenter\w+ omentum omental sigmoid rect(?:um|al) haustra\w*
    """,
    "Reproductive and Urinary System": r"""
        kidneys? renal perinephric nephr\w+ hydroneph\w+ ureters? ureteral
        (?<!gall\s)bladder prostate prostatic uter(?:us|ine) endometri\w+ myometri\w+
        ovar(?:y|ies|ian) adnexa\w* testic\w+ testis testes scrot\w+
        vagina\w* penis penile urethra\w* seminal
    """,
    "Spine and Muscles": r"""
        femurs? femoral\s(?:heads?|necks?|condyles?) tibia\w* fibul\w+ humer\w+ knees? shoulders?
        rotator supraspinatus infraspinatus subscapularis glenoid glenohumeral acromi\w+ clavic\w+
        scapula\w* elbows? radius ulna\w* wrists? scaphoid hands? fingers? thumbs? ankles? foot feet
        calcane\w+ talus talar metatars\w+ metacarp\w+ menisc\w+ cruciate acl pcl patella\w*
        achilles acetabul\w+ thighs? calf gastrocnemius quadriceps tendon\w* paraspin\w+
        ligamentum\sflavum sacrum sacroiliac vertebral\sbod(?:y|ies) lumbar
        intervertebral dis[ck]\s(?:herniation|protrusion|bulge|space|extrusion) facets?
    """,
}
_ANY_OF = re.compile(
    r"\b(?:"
    + "|".join(
        f"(?P<c{number}>{'|'.join(words.split())})"
        for number, words in enumerate(PARTS_OF.values())
    )
    + r")\b",
    re.I,
)
_NAMES = tuple(PARTS_OF)
# Parts that say where something else lies, or how bright it is: "posterior to the uterus".
_BESIDE = re.compile(
    r"(?:"
    r"(?:\b(?:adjacent|next|close|relative|compared|similar|attached|posterior|anterior|superior"
    r"|inferior|lateral|medial|cephalad|caudal|ventral|dorsal)|\w*intense|\w*dense)"
    r"\s(?:to|with|on|of)"
    r"|\b(?:below|above|behind|beneath|near|abutting|displacing|mass effect on|invading|into|from)"
    r"|\b(?:level|aspect|base|top|origins?) of(?: the)?"
    r"|\badjacent"
    r")\s(?:\w+\s){0,2}$",
    re.I,
)


@lru_cache(maxsize=4096)
def categories_in(text: str) -> Mapping[str, str]:
    """Return the location categories of the parts of the body that a text names, with the words.

    >>> dict(categories_in("A cyst in the left kidney."))
    {'Reproductive and Urinary System': 'kidney'}
    """
    found: dict[str, str] = {}
    for matched in _ANY_OF.finditer(text):
        before = text[max(0, matched.start() - 60) : matched.start()]
        if matched.lastgroup and not _BESIDE.search(before):
            found.setdefault(_NAMES[int(matched.lastgroup[1:])], matched[0])
    return found
