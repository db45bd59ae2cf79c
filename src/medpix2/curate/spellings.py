"""A little medicine for the search: spellings, abbreviations and synonyms that widen a query."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, islice, product

# Each row is a set of terms that a searcher means alike. A term of several words is a phrase.
SYNONYMS: tuple[tuple[str, ...], ...] = (
    ("mri", "mr", "magnetic resonance"),
    ("ct", "cat scan", "computed tomography"),
    ("cta", "ct angiography"),
    ("mra", "mr angiography"),
    ("dwi", "diffusion weighted"),
    ("adc", "apparent diffusion coefficient"),
    ("flair", "fluid attenuated inversion recovery"),
    ("swi", "susceptibility weighted"),
    ("mrcp", "magnetic resonance cholangiopancreatography"),
    ("hrct", "high resolution ct"),
    ("avm", "arteriovenous malformation"),
    ("dva", "developmental venous anomaly"),
    ("dvt", "deep venous thrombosis", "deep vein thrombosis"),
    ("sah", "subarachnoid hemorrhage", "subarachnoid haemorrhage"),
    ("sdh", "subdural hematoma", "subdural haematoma"),
    ("edh", "epidural hematoma", "extradural haematoma"),
    ("tbi", "traumatic brain injury"),
    ("nf1", "neurofibromatosis type 1", "von recklinghausen"),
    ("gbm", "glioblastoma"),
    ("rcc", "renal cell carcinoma"),
    ("hcc", "hepatocellular carcinoma", "hepatoma"),
    ("gist", "gastrointestinal stromal tumor"),
    ("aaa", "abdominal aortic aneurysm"),
    ("sbo", "small bowel obstruction"),
    ("tb", "tuberculosis"),
    ("copd", "chronic obstructive pulmonary disease", "emphysema"),
    ("acl", "anterior cruciate ligament"),
    ("pcl", "posterior cruciate ligament"),
    ("avn", "avascular necrosis", "osteonecrosis"),
    ("kidney", "renal"),
    ("liver", "hepatic"),
    ("lung", "pulmonary"),
    ("heart", "cardiac"),
    ("brain", "cerebral"),
    ("stomach", "gastric"),
    ("gallstone", "gallstones", "cholelithiasis"),
    ("disc", "disk"),
    ("kidney stone", "nephrolithiasis", "renal calculus"),
    ("cancer", "carcinoma"),
    ("metastasis", "metastases", "metastatic", "mets"),
    ("diverticulum", "diverticula"),
    ("vertebra", "vertebrae"),
    ("sign", "radiologic sign"),
    ("hemorrhage", "bleed", "bleeding"),
    ("stroke", "cerebral infarction", "cerebrovascular accident"),
    ("pulmonary embolism", "pulmonary embolus"),
    ("myocardial infarction", "heart attack"),
    ("nph", "normal pressure hydrocephalus"),
    ("pres", "posterior reversible encephalopathy syndrome"),
    ("adem", "acute disseminated encephalomyelitis"),
    ("pml", "progressive multifocal leukoencephalopathy"),
    ("dnet", "dysembryoplastic neuroepithelial tumor"),
    ("nf2", "neurofibromatosis type 2"),
    ("vhl", "von hippel-lindau", "von hippel lindau"),
    ("hht", "hereditary hemorrhagic telangiectasia", "osler-weber-rendu"),
    ("ild", "interstitial lung disease"),
    ("ipf", "idiopathic pulmonary fibrosis"),
    ("uip", "usual interstitial pneumonia"),
    ("ards", "acute respiratory distress syndrome"),
    (
        "ccam",
        "congenital cystic adenomatoid malformation",
        "cpam",
        "congenital pulmonary airway malformation",
    ),
    ("vsd", "ventricular septal defect"),
    ("chf", "congestive heart failure"),
    ("svc", "superior vena cava"),
    ("ivc", "inferior vena cava"),
    ("ibd", "inflammatory bowel disease"),
    ("gerd", "gastroesophageal reflux disease"),
    ("fnh", "focal nodular hyperplasia"),
    ("ipmn", "intraductal papillary mucinous neoplasm"),
    ("ercp", "endoscopic retrograde cholangiopancreatography"),
    ("adpkd", "autosomal dominant polycystic kidney disease"),
    ("tcc", "transitional cell carcinoma", "urothelial carcinoma"),
    ("uti", "urinary tract infection"),
    ("vur", "vesicoureteral reflux"),
    ("upj", "ureteropelvic junction"),
    ("bph", "benign prostatic hyperplasia"),
    ("dcis", "ductal carcinoma in situ"),
    ("ddh", "developmental dysplasia of the hip"),
    ("scfe", "slipped capital femoral epiphysis"),
    ("tfcc", "triangular fibrocartilage complex"),
    ("lcl", "lateral collateral ligament"),
    ("fx", "fracture"),
    ("mva", "mvc", "motor vehicle accident", "motor vehicle collision"),
    ("cxr", "chest radiograph", "chest x-ray"),
)

# Abbreviations that stand for more than one thing in radiology, or are words too. They widen one
# way only: who types "ms" may mean multiple sclerosis, but who types that does not want the
# milliseconds of a protocol. What else the abbreviation stands for follows as a comment, or as a
# further term where it is looked for as often.
AMBIGUOUS: Mapping[str, tuple[str, ...]] = {
    "ms": ("multiple sclerosis",),  # milliseconds, mitral stenosis
    "pe": ("pulmonary embolism",),  # pleural effusion, physical examination
    "mi": ("myocardial infarction",),  # mitral insufficiency
    "cva": ("stroke",),  # costovertebral angle
    "ich": ("intracranial hemorrhage", "intracerebral hemorrhage"),
    "aml": ("angiomyolipoma", "acute myeloid leukemia"),
    "gre": ("gradient echo",),  # glycopeptide-resistant enterococci
    "tof": ("time of flight", "tetralogy of fallot"),
    "asd": ("atrial septal defect",),  # autism spectrum disorder
    "pda": ("patent ductus arteriosus", "posterior descending artery"),
    "nec": ("necrotizing enterocolitis",),  # neuroendocrine carcinoma
    "pcp": ("pneumocystis pneumonia",),  # primary care provider
    "mcl": ("medial collateral ligament",),  # midclavicular line, mantle cell lymphoma
    "gct": ("giant cell tumor", "germ cell tumor"),
    "abc": ("aneurysmal bone cyst",),  # airway, breathing, circulation
    "dish": ("diffuse idiopathic skeletal hyperostosis",),  # a word
    "oa": ("osteoarthritis",),  # occipital artery
    "ra": ("rheumatoid arthritis",),  # right atrium
}

# British and American part of a word. A ^ binds the part to the beginning of a word and a $ to its
# end: "color$" is in "multicolor" and not in "colorectal". Each row is as long as it must be to hit
# no other word: "emia" would hit "academia", "hem" hemispheres, "ped" pedicles, "fec" perfection.
SPELLINGS: tuple[tuple[str, str], ...] = (
    ("tumour$", "tumor$"), ("tumours$", "tumors$"), ("tumoural$", "tumoral$"),
    ("^haemat", "^hemat"), ("^haemang", "^hemang"), ("^haemo", "^hemo"),
    ("^haemor", "^hemor"), ("^haemarthr", "^hemarthr"),
    ("haemorrhag", "hemorrhag"), ("haemangio", "hemangio"), ("haemarthr", "hemarthr"),
    ("haematom", "hematom"), ("^nonhaemat", "^nonhemat"), ("haematuri", "hematuri"),
    ("haemoglob", "hemoglob"),
    ("haemothora", "hemothora"), ("haemodynam", "hemodynam"), ("haemoly", "hemoly"),
    ("ischaemi", "ischemi"), ("^anaemi", "^anemi"), ("leukaemi", "leukemi"),
    ("glycaemi", "glycemi"), ("^uraemi", "^uremi"), ("bacteraemi", "bacteremi"),
    ("septicaemi", "septicemi"), ("^viraemi", "^viremi"), ("toxaemi", "toxemi"),
    ("^hypoxaemi", "^hypoxemi"), ("thalassaemi", "thalassemi"), ("cythaemi", "cythemi"),
    ("^hyperaemi", "^hyperemi"), ("oligaemi", "oligemi"), ("volaemi", "volemi"),
    ("natraemi", "natremi"), ("kalaemi", "kalemi"), ("calcaemi", "calcemi"),
    ("lipidaemi", "lipidemi"), ("glyceridaemi", "glyceridemi"), ("uricaemi", "uricemi"),
    ("bilirubinaemi", "bilirubinemi"), ("proteinaemi", "proteinemi"),
    ("albuminaemi", "albuminemi"), ("globulinaemi", "globulinemi"),
    ("prolactinaemi", "prolactinemi"), ("cysteinaemi", "cysteinemi"),
    ("phosphataemi", "phosphatemi"), ("tularaemi", "tularemi"), ("^acidaemi", "^acidemi"),
    ("oedema$", "edema$"), ("oedemas$", "edemas$"), ("oedematous$", "edematous$"),
    ("^oesophag", "^esophag"), ("gastrooesophag", "gastroesophag"),
    ("transoesophag", "transesophag"), ("paraoesophag", "paraesophag"),
    ("rrhoea", "rrhea"), ("pnoea$", "pnea$"), ("pnoeic$", "pneic$"),
    ("^foetal$", "^fetal$"), ("^foetus", "^fetus"), ("^foeto", "^feto"),
    ("paediatr", "pediatr"), ("orthopaed", "orthoped"), ("encyclopaed", "encycloped"),
    ("caecum", "cecum"), ("caecal$", "cecal$"), ("leucocyt", "leukocyt"),
    ("^leucopeni", "^leukopeni"), ("^leucodystroph", "^leukodystroph"),
    ("^leucoenceph", "^leukoenceph"), ("^leucomalac", "^leukomalac"),
    ("leucoplak", "leukoplak"), ("^leucoarai", "^leukoarai"), ("leucotom", "leukotom"),
    ("anaesth", "anesth"), ("paraesthes", "paresthes"), ("gynaeco", "gyneco"),
    ("^aetiolog", "^etiolog"), ("^faeces$", "^feces$"), ("^faecal", "^fecal"),
    ("^faecolith", "^fecolith"), ("^grey$", "^gray$"), ("^greyish$", "^grayish$"),
    ("^greyscale$", "^grayscale$"), ("centre$", "center$"), ("centres$", "centers$"),
    ("centred$", "centered$"), ("^fibre", "^fiber"), ("litre$", "liter$"), ("litres$", "liters$"),
    ("colour$", "color$"), ("colours$", "colors$"), ("coloured$", "colored$"),
    ("colourless$", "colorless$"), ("discolouration", "discoloration"),
    ("^sulph", "^sulf"), ("coeliac", "celiac"), ("manoeuvre$", "maneuver$"),
    ("manoeuvres$", "maneuvers$"), ("^amoeb", "^ameb"), ("^oestrogen", "^estrogen"),
    ("^naevus$", "^nevus$"), ("^naevi$", "^nevi$"), ("^caesarean", "^cesarean"),
    ("^praevia$", "^previa$"), ("behaviour", "behavior"),
)  # fmt: skip

_MOST = 16  # spellings of a phrase that are searched for


@dataclass(frozen=True)
class Widened:
    """A term of a query and the terms that stand beside it."""

    term: str
    also: tuple[str, ...]

    @property
    def all(self) -> tuple[str, ...]:
        """The term and its companions."""
        return (self.term, *self.also)

    def __str__(self) -> str:
        return f"{self.term} = {', '.join(self.also)}" if self.also else self.term


@lru_cache(maxsize=1)
def _table() -> dict[str, tuple[str, ...]]:
    """Return each term in its American spelling, with the terms that mean alike."""
    table: dict[str, tuple[str, ...]] = {}
    for row in SYNONYMS:
        terms = tuple(american(term) for term in row)
        for term in terms:
            table[term] = tuple(dict.fromkeys((*table.get(term, ()), *terms)))
    for short, full in AMBIGUOUS.items():
        alike = (table.setdefault(term, (term,)) for term in full)
        table[short] = (short, *dict.fromkeys(chain.from_iterable(alike)))
    return table


def widen(term: str) -> Widened:
    """Return a term with its other spellings, abbreviations and synonyms.

    >>> widen("tumour").also
    ('tumor',)
    """
    lowered = " ".join(term.lower().split())
    alike = [lowered, *_table().get(american(lowered), ())]
    also = [other for known in alike for other in (known, *_respelled(known))]
    return Widened(term, tuple(dict.fromkeys(other for other in also if other != lowered)))


def terms_of(words: Sequence[str]) -> list[str]:
    """Join neighbouring words that stand in the table as one term ('renal cell carcinoma')."""
    longest = max(len(term.split()) for term in _table())
    terms, at = [], 0
    while at < len(words):
        for size in range(min(longest, len(words) - at), 0, -1):
            term = " ".join(words[at : at + size])
            if size == 1 or american(term.lower()) in _table():
                terms.append(term)
                at += size
                break
    return terms


def american(text: str) -> str:
    """Return a lower-case text in American spelling."""
    return " ".join(_spelled(word, _rows(0)) for word in text.split())


def _respelled(term: str) -> list[str]:
    """Return a term in all its spellings, its words each British or American."""
    words = []
    for word in term.split():
        plain = american(word)
        words.append(tuple(dict.fromkeys((word, plain, _spelled(plain, _rows(1))))))
    return [" ".join(spelled) for spelled in islice(product(*words), _MOST)]


def _spelled(word: str, rows: tuple[tuple[re.Pattern[str], str], ...]) -> str:
    for pattern, other in rows:
        word = pattern.sub(other, word)
    return word


@lru_cache(maxsize=2)
def _rows(side: int) -> tuple[tuple[re.Pattern[str], str], ...]:
    """Return what turns words from British (0) or American (1) into the other spelling."""
    return tuple((_pattern(row[side]), row[1 - side].strip("^$")) for row in SPELLINGS)


def _pattern(part: str) -> re.Pattern[str]:
    begin, end = r"(?<!\w)" * part.startswith("^"), r"(?!\w)" * part.endswith("$")
    return re.compile(f"{begin}{re.escape(part.strip('^$'))}{end}")
