"""The collection as documents: plans cases, and writes their reports in the published shape."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import accumulate
from random import Random
from typing import Any

import numpy as np

from medpix2.phantom import places, report, words
from medpix2.phantom.anatomy import SITES, VIEWS
from medpix2.phantom.canvas import Body
from medpix2.phantom.scene import Scene

Document = dict[str, Any]


@dataclass
class Bundle:
    """One case of the collection: its documents, and how its pictures look."""

    number: int
    case: Document
    images: list[Document]
    scenes: list[Scene]
    splits: list[str]
    """The lists of `uid_list.json` that name it: train with train_1 or train_2, dev, or test."""
    uuids: dict[str, str]
    """UUID of each picture's page."""
    category: str
    keywords: list[str]
    hidden: set[str] = field(default_factory=set)
    """Pictures without their row in the overview."""
    extra_rows: list[tuple[str, str, str]] = field(default_factory=list)
    """Overview rows of pictures that are not in the set: type, picture, UUID."""

    def rows(self) -> list[tuple[str, str, str, str]]:
        """Return the case's rows of the overview: type (TAC or MRI), case, picture, UUID."""
        u_id = self.case["U_id"]
        rows = [
            (i["Type"], i["image"], self.uuids[i["image"]])
            for i in self.images
            if i["image"] not in self.hidden
        ]
        names = {"CT": "TAC", "MR": "MRI"}
        return [(names[kind], u_id, image, uuid) for kind, image, uuid in rows + self.extra_rows]


def documents(cases: int, seed: int) -> Iterator[tuple[Document, list[Document]]]:
    """Yield each case with its images in the published shape, without defects or pictures.

    Parameters
    ----------
    cases
        How many cases.
    seed
        Of the collection; the same seed gives the same documents, case by case.
    """
    for number in range(cases):
        bundle = make_case(seed, number)
        yield bundle.case, bundle.images


def generator(seed: int, number: int, stream: int = 0) -> Random:
    """Return the random numbers of one case; streams are independent of each other."""
    state = np.random.SeedSequence([seed, number, stream]).generate_state(4, np.uint32)
    return Random(state.tobytes())


def make_case(seed: int, number: int) -> Bundle:
    """Return one case without defects."""
    r = generator(seed, number)
    category, location, site, kind = _choose_disease(r)
    sex = SITES[site].sex or ("male" if r.random() < 0.54 else "female")
    age = _age(r, kind)
    body = Body(
        sex,
        age,
        0.03 + 0.11 * r.random(),
        min(1.0, max(0.0, (age - 25) / 70 + 0.3 * (r.random() - 0.5))),
    )
    side = (-1 if r.random() < 0.5 else 1) if SITES[site].sided else 0
    u_id = f"MPX9{number:04d}"
    scenes, modalities = _plan_pictures(r, seed, number, category, site, side, kind, body)
    scenes_of = list(zip(scenes, modalities, strict=True))
    scenes_of.sort(key=lambda pair: pair[0].type)
    scenes = [
        scene._replace(image=f"{u_id}_synpic{10_000 + 16 * number + i}")
        for i, (scene, _) in enumerate(scenes_of)
    ]
    told, topic, keys = report.make_report(r, number, category, location, scenes)
    images = [
        report.describe(r, u_id, scene, modality, category, location, topic["ACR Code"])
        for scene, (_, modality) in zip(scenes, scenes_of, strict=True)
    ]
    case = {
        "U_id": u_id,
        "TAC": [s.image for s in scenes if s.type == "CT"],
        "MRI": [s.image for s in scenes if s.type == "MR"],
        "Case": told,
        "Topic": topic,
    }
    uuids = {scene.image: uuid(r) for scene in scenes}
    return Bundle(number, case, images, scenes, split_of(seed, number), uuids, category, keys)


def uuid(r: Random) -> str:
    """Return a UUID of these random numbers."""
    text = f"{r.getrandbits(128):032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


@cache
def _block(seed: int, block: int) -> tuple[str, ...]:
    order = ["train_1"] * 4 + ["train_2"] * 4 + ["dev", "test"]
    generator(seed, block, 9).shuffle(order)
    return tuple(order)


def split_of(seed: int, number: int) -> list[str]:
    """Return the lists of a case: of ten in a row eight are train, one is dev, one test."""
    name = _block(seed, number // 10)[number % 10]
    return ["train", name] if name.startswith("train") else [name]


@cache
def _steps(shares: tuple[float, ...]) -> tuple[float, ...]:
    return tuple(accumulate(shares))


def weighted(r: Random, options: Sequence[Any], shares: tuple[float, ...]) -> Any:
    """Return one of the options; the share of each decides how often."""
    steps = _steps(shares)
    return options[min(bisect(steps, r.random() * steps[-1]), len(options) - 1)]


def site_of(seed: int, number: int) -> tuple[str, str]:
    """Return location category and site of a case, without making it."""
    category, _, site, _ = _choose_disease(generator(seed, number))
    return category, site


def _choose_disease(r: Random) -> tuple[str, str, str, str]:
    """Return location category, location, site and kind of disease."""
    names = tuple(places.CATEGORIES)
    category = weighted(r, names, tuple(share for share, _ in places.CATEGORIES.values()))
    options = places.LOCATIONS[category]
    location, _, sites = weighted(r, options, tuple(share for _, share, _ in options))
    site = sites[int(r.random() * len(sites))]
    kinds = SITES[site].kinds
    return category, location, site, kinds[int(r.random() * len(kinds))]


def _age(r: Random, kind: str) -> int:
    """Return an age in years: most adults, some children, hardly any infarct in the young."""
    if kind not in ("infarct", "metastases", "aneurysm") and r.random() < 0.16:
        return 1 + int(r.random() * 16)
    return min(92, max(17, round(r.gauss(45, 19))))


def _plan_pictures(
    r: Random, seed: int, number: int, category: str, site: str, side: int, kind: str, body: Body
) -> tuple[list[Scene], list[str]]:
    """Return the scenes of a case (ids still empty) and the modality of each."""
    count = weighted(r, range(1, 13), places.IMAGES_A_CASE)
    share = places.CATEGORIES[category][1]
    ct_only = site in places.CT_ONLY_SITES or kind == "calcification"
    both = not ct_only and r.random() < 0.13
    main = "MR" if not ct_only and r.random() < share else "CT"
    spots = tuple(SITES[site].spots)
    shares = tuple(_view_share(site, view) for view in spots)
    uploader = words.person(r)
    origin = (
        uploader
        if r.random() < 0.6
        else words.INSTITUTIONS[int(r.random() * len(words.INSTITUTIONS))]
    )
    month, day, year = 1 + int(r.random() * 12), 1 + int(r.random() * 28), r.random() * 14
    date = f"{month:02d}-{day:02d}-{1999 + int(year)}"
    scenes, modalities = [], []
    for i in range(count):
        kind_of_scan = ("CT", "MR")[i % 2] if both and count > 1 else main
        modality, technique = _technique(r, kind_of_scan, category)
        view = weighted(r, spots, shares)
        scenes.append(
            Scene(
                "",
                (seed, number, i),
                kind_of_scan,
                technique,
                view,
                site,
                side,
                kind,
                0.75 + 0.35 * r.random(),
                body,
                uploader,
                origin,
                date,
            )
        )
        modalities.append(modality)
    return scenes, modalities


@cache
def _view_share(site: str, view: str) -> float:
    return places.PLANES[VIEWS[view].plane] * places.RARE_VIEWS.get((site, view), 1.0)


def _technique(r: Random, scan: str, category: str) -> tuple[str, str]:
    """Return a modality as the source writes it, and the technique it stands for."""
    if scan == "CT":
        belly = category in ("Abdomen", "Reproductive and Urinary System")
        options: places.Shares = places.CT_BELLY if belly else places.CT
    else:
        options = places.MR_HEAD if category == "Head" else places.MR_BODY
    modality, _, technique = weighted(r, options, _shares(options))
    return modality, technique


@cache
def _shares(options: tuple[tuple[str, int, str], ...]) -> tuple[float, ...]:
    return tuple(share for _, share, _ in options)
