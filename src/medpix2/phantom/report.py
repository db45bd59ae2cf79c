"""Report and descriptions of a case, true to its pictures."""

from __future__ import annotations

from functools import cache
from random import Random
from typing import Any

from medpix2.phantom import places, texts, words
from medpix2.phantom.anatomy import KINDS, SITES, VIEWS
from medpix2.phantom.scanner import CT_TECHNIQUES
from medpix2.phantom.scene import Scene
from medpix2.phantom.tissues import CODES, hounsfield, signal

Document = dict[str, Any]


@cache
def appearance(kind: str, site: str, technique: str) -> str:
    """Return how bright a disease is against its surroundings, in a report's word."""
    inner, outer = CODES[KINDS[kind].tissue], CODES[SITES[site].tissue]
    if technique in CT_TECHNIQUES:
        table = hounsfield(*CT_TECHNIQUES[technique])
        gap, limit, word = float(table[inner] - table[outer]), 12.0, "dense"
    else:
        table = signal(technique)
        gap, limit, word = float(table[inner] - table[outer]), 0.08, "intense"
    return ("iso" if abs(gap) < limit else "hyper" if gap > 0 else "hypo") + word


def site_words(site: str, side: int) -> str:
    """Return what a report calls a site, with its side."""
    return {-1: "right ", 0: "", 1: "left "}[side] + SITES[site].words


def make_report(
    r: Random, number: int, category: str, location: str, scenes: list[Scene]
) -> tuple[Document, Document, list[str]]:
    """Return the case's report, its topic and the topic's key words."""
    first = scenes[0]
    lesion = KINDS[first.kind].words[0]
    disease = f"{words.eponym(number)} {lesion}"
    where = site_words(first.site, first.side)
    child, male = first.body.age < 17, first.body.sex == "male"
    voice = texts.Voice(
        r,
        {
            "d": disease,
            "s": SITES[first.site].words,
            "k": lesion,
            "a": str(first.body.age),
            "w": ("boy" if male else "girl") if child else ("man" if male else "woman"),
            "h": "he" if male else "she",
        },
        category,
    )
    seen = dict.fromkeys((s.view, s.technique) for s in scenes)
    findings = [_sight(s) for s in {(s.view, s.technique): s for s in scenes}.values()][: len(seen)]
    history = voice.one(texts.HISTORY)
    report = {
        "Title": f"{disease} of the {SITES[first.site].words}",
        "History": f"{history} {voice.some(texts.HISTORY_MORE, 1 + int(r.random() * 3))}",
        "Exam": voice.some(texts.EXAM, 1 + int(r.random() * 3)),
        "Findings": f"There is a {lesion} of the {where}.\n" + "\n".join(findings[:5]),
        "Differential Diagnosis": "\n".join(
            [disease, voice.some(texts.DIFFERENTIAL[1:], 1 + int(r.random() * 4), "\n")]
        ),
        "Case Diagnosis": f"{disease} of the {SITES[first.site].words}",
        "Diagnosis By": voice.one(texts.BY),
        "Treatment & Follow Up": voice.some(texts.TREATMENT, 1 + int(r.random() * 2)),
        "Discussion": voice.some(texts.DISCUSSION, 2 + int(r.random() * 8)),
    }
    families = KINDS[first.kind].families
    family = families[int(r.random() * len(families))]
    keys = texts.keywords(voice, [disease, SITES[first.site].words])
    topic = {
        "Title": disease,
        "Disease Discussion": voice.some(texts.DISCUSSION, 10 + int(r.random() * 16)),
        "ACR Code": _acr(category, location, family),
        "Category": family,
        "Keywords": "; ".join(keys),
        "Reference": voice.some(texts.REFERENCE, 1 + int(r.random() * 3), "\n"),
    }
    if r.random() < 0.15:
        topic["External Links"] = f"www.example.org/{words.eponym(number).lower()}"
    return report, topic, keys


def _acr(category: str, location: str, family: str) -> str:
    part = places.ACR_PART_OF.get(location, places.ACR_PART[category])
    return f"{part}.{places.ACR_DISEASE.get(family.partition(',')[0].partition(' ')[0], '9')}"


@cache
def technique_words(technique: str) -> str:
    """Return what a caption calls a technique."""
    return {
        "CT": "non-contrast CT",
        "CT IV": "contrast enhanced CT",
        "CT GI": "CT with oral contrast",
        "CT GI IV": "CT with oral and IV contrast",
        "CTA": "CT angiogram",
        "T1 Gd": "T1 weighted image after gadolinium",
        "T1 Gd FS": "fat suppressed T1 weighted image after gadolinium",
        "T1": "T1 weighted image",
        "T2": "T2 weighted image",
        "MRA": "MR angiogram",
        "ADC": "ADC map",
        "DWI": "diffusion weighted image",
        "FLAIR": "FLAIR image",
        "PD": "proton density image",
    }.get(technique, f"{technique} image")


def _sight(scene: Scene) -> str:
    """Return what one picture shows, as a sentence."""
    view = VIEWS[scene.view]
    size = 2 * SITES[scene.site].spots[scene.view][2] * scene.radius * view.cm
    kind = KINDS[scene.kind].words[0]
    return (
        f"{view.plane} {technique_words(scene.technique)} shows a {size:.1f} cm "
        f"{appearance(scene.kind, scene.site, scene.technique)} {kind} in the "
        f"{site_words(scene.site, scene.side)}."
    )


def describe(
    r: Random, u_id: str, scene: Scene, modality: str, category: str, location: str, acr: str
) -> Document:
    """Return one picture's document."""
    return {
        "Type": scene.type,
        "U_id": u_id,
        "image": scene.image,
        "Description": {
            "ACR Codes": acr if r.random() < 0.9 else "-1.-1",
            "Age": str(scene.body.age),
            "Caption": _sight(scene),
            "Figure Part": f"{1 + int(r.random() * 4)}{'abc'[int(r.random() * 3)]}"
            if r.random() < 0.19
            else None,
            "Modality": modality,
            "Plane": VIEWS[scene.view].plane,
            "Sex": scene.body.sex,
        },
        "Location": location,
        "Location Category": category,
    }
