"""How well burned-in lettering is found, masked, read and judged.

On the real copy against boxes drawn by hand (docs/review/burned_in_boxes.csv), and on the phantom,
which knows where it wrote what.
"""

from __future__ import annotations

import csv
import json
import re
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from benchmarks import phantom
from benchmarks.measure import REAL_COPY, Figure, Options
from medpix2.curate.lettering import LETTERING, lettering, read_lines
from medpix2.curate.lettering_rules import identifiers, scanner
from medpix2.curate.rule import Subject
from medpix2.encode.burned import Box, area_of, find_burned_in, grey_of
from medpix2.encode.footer import find_footer
from medpix2.encode.mask import masked, without_burned_in
from medpix2.phantom import overlay
from medpix2.phantom import scanner as camera
from medpix2.phantom.defects import plant
from medpix2.phantom.layout import make_phantom
from medpix2.phantom.rates import rates

Area = NDArray[np.bool_]
BOXES = Path(__file__).resolve().parents[1] / "docs" / "review" / "burned_in_boxes.csv"
SEEDS = (21, 22, 23)
"""Of the phantoms that are reported on; nothing was tuned on them."""
CASES, DEFECTS = 30, 8.0  # of each of them
BACKGROUND = 25  # grey level up to which a pixel shows nothing
ENLARGED = 3  # times, before it is tried to read what was masked
SHEET = 736  # pixels of the shorter side from which the reader takes a picture as it is
WORD = re.compile("[A-Za-z]{3}")


class Drawn(NamedTuple):
    """A picture with the boxes that a person drew, and those that are found."""

    image: Image.Image
    hand: tuple[Box, ...]
    found: tuple[Box, ...]


def measure(options: Options) -> Iterator[Figure]:
    """Yield figures of the real copy, if it is there, and of the phantom."""
    if REAL_COPY.is_dir():
        pictures = drawn(8 if options.quick else 100)
        yield from agreement(pictures)
        yield from legible(pictures)
        yield from lost(pictures)
        yield from speed(pictures)
        if not options.quick:
            yield from told_by_the_foot(REAL_COPY)
    yield from marks(20 if options.quick else 150)
    yield from judged(SEEDS[:1] if options.quick else SEEDS, 8 if options.quick else CASES)


def drawn(number: int) -> list[Drawn]:
    """Return the pictures of the real copy that have boxes drawn by hand."""
    boxes: dict[str, list[Box]] = {}
    with BOXES.open() as file:
        for row in csv.DictReader(file):
            mine = boxes.setdefault(row["image"], [])
            if row["what"] != "none":
                left, top, right, bottom = (
                    int(row[side]) for side in ("left", "top", "right", "bottom")
                )
                what = "watermark" if row["what"] == "watermark" else "footer"
                mine.append(Box(left, top, right, bottom, what))  # type: ignore[arg-type]
    out = []
    for name in sorted(boxes)[:number]:
        with Image.open(REAL_COPY / "images" / f"{name}.png") as image:
            image.load()
        out.append(Drawn(image, tuple(boxes[name]), find_burned_in(image)))
    return out


def agreement(pictures: Sequence[Drawn]) -> Iterator[Figure]:
    """Yield how well the found boxes cover those drawn by hand."""
    shares = [
        overlap(area_of(p.found, p.image.size), area_of(p.hand, p.image.size)) for p in pictures
    ]
    note = f"{len(pictures)} pictures, {sum(not p.hand for p in pictures)} without lettering"
    yield Figure("burned-in, IoU with boxes by hand, mean", float(np.mean(shares)), "", None, note)
    yield Figure("the same, median", float(np.median(shares)), "")
    yield Figure("the same, least", float(min(shares)), "")
    yield Figure("the same, pictures of 0.8 or more", share(s >= 0.8 for s in shares), "share",
                 (">=", 0.99))  # fmt: skip


def overlap(one: Area, other: Area) -> float:
    """Return intersection over union; 1 where both are empty."""
    union = int((one | other).sum())
    return int((one & other).sum()) / union if union else 1.0


def share(flags: Iterator[bool] | Sequence[bool]) -> float:
    """Return the share of flags that are true."""
    known = list(flags)
    return sum(map(bool, known)) / len(known)


def legible(pictures: Sequence[Drawn]) -> Iterator[Figure]:
    """Yield how often three letters in a row are read where a person saw the source's lettering."""
    lettered = [p for p in pictures if p.hand]
    before = share([zones_read(p.image, p.hand) for p in lettered[::4]])
    clean = [(p.image.size, masked(p.image, p.found), p.hand) for p in lettered]
    whole = share([not words_in(picture, hand) for _, picture, hand in clean])
    near = share([not zones_read(picture, hand) for _, picture, hand in clean])
    note = f"{len(lettered)} pictures with lettering"
    yield Figure(
        "burned-in, 3 letters read before masking, enlarged",
        before,
        "share of pictures",
        None,
        "every fourth of them",
    )
    yield Figure("no 3 letters in its place after masking, whole picture read", whole,
                 "share of pictures", (">=", 0.99), note)  # fmt: skip
    yield Figure(f"the same, its place read enlarged {ENLARGED} times", near,
                 "share of pictures", (">=", 0.99), note)  # fmt: skip


def words_in(image: Image.Image, zones: Sequence[Box]) -> bool:
    """Tell whether a line with three letters in a row is read whose middle lies in a zone."""
    for line in read_lines(image):
        left, top, right, bottom = line["box"]
        x, y = (left + right) / 2, (top + bottom) / 2
        inside = any(z.left <= x < z.right and z.top <= y < z.bottom for z in zones)
        if inside and WORD.search(line["text"]):
            return True
    return False


def zones_read(image: Image.Image, zones: Sequence[Box]) -> bool:
    """Tell the same of the surroundings of the watermark and of the footer, enlarged."""
    parts, moved, y = [], [], 0
    for what in ("watermark", "footer"):
        mine = [zone for zone in zones if zone.what == what]
        if not mine:
            continue
        left, top = max(0, min(z.left for z in mine) - 12), max(0, min(z.top for z in mine) - 12)
        right = min(image.width, max(z.right for z in mine) + 12)
        bottom = min(image.height, max(z.bottom for z in mine) + 12)
        part = image.convert("L").crop((left, top, right, bottom))
        size = (part.width * ENLARGED, part.height * ENLARGED)
        parts.append((part.resize(size, Image.Resampling.BICUBIC), y))
        for zone in mine:
            x0, x1 = ((x - left) * ENLARGED for x in (zone.left, zone.right))
            y0, y1 = ((row - top) * ENLARGED + y for row in (zone.top, zone.bottom))
            moved.append(Box(x0, y0, x1, y1, zone.what))
        y += size[1] + 20
    # One picture, large enough for the reader not to enlarge it further.
    sheet = Image.new("L", (max(part.width for part, _ in parts), max(SHEET, y)))
    for part, top in parts:
        sheet.paste(part, (0, top))
    return words_in(sheet, moved)


def lost(pictures: Sequence[Drawn]) -> Iterator[Figure]:
    """Yield how much of the pictures the mask covers, and what of that showed something.

    Neither background, nor a stroke of a letter (brighter than the opening by a square of 7 pixels
    by more than 8 levels, and its neighbours), nor the strip of the footer, which is the source's.
    """
    covered, shown, changed = [], [], []
    for image, hand, found in pictures:
        grey = grey_of(image)
        inside = area_of(found, image.size)
        strip = area_of(tuple(box for box in hand if box.what == "footer"), image.size)
        hat = cv2.morphologyEx(grey, cv2.MORPH_TOPHAT, np.ones((7, 7), np.uint8)) > 8
        stroke = cv2.dilate(hat.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
        something = inside & ~strip & (grey > BACKGROUND) & ~stroke
        after = grey_of(masked(image, found)).astype(int)
        covered.append(inside.mean())
        shown.append(something.mean())
        changed.append((something & (np.abs(after - grey) > 8)).mean())
    yield Figure("burned-in, area of the boxes", 100 * float(np.mean(covered)), "% of a picture")
    yield Figure("of it neither background nor lettering", 100 * float(np.mean(shown)),
                 "% of a picture", None, f"at most {100 * max(shown):.2f} %")  # fmt: skip
    yield Figure("of that changed by more than 8 levels", 100 * float(np.mean(changed)),
                 "% of a picture", None, f"at most {100 * max(changed):.2f} %")  # fmt: skip


def speed(pictures: Sequence[Drawn]) -> Iterator[Figure]:
    """Yield pictures a second of one core."""
    some = [p.image for p in pictures[:40]]
    lettering(some[0])
    for name, way in (
        ("boxes found", find_burned_in), ("found and masked", without_burned_in),
        ("masked and read", lettering),
    ):  # fmt: skip
        begun = time.process_time()
        for image in some:
            way(image)
        rate = len(some) / (time.process_time() - begun)
        yield Figure(f"burned-in, {name}", rate, "pictures/s of one core")


def told_by_the_foot(folder: Path) -> Iterator[Figure]:
    """Yield how well the lowest 8 % alone predict labels on dev, as they are and masked."""
    pictures = phantom.read(folder)
    with tempfile.TemporaryDirectory() as place:
        clean = []
        for path in pictures.files:
            clean.append(Path(place) / path.name)
            with Image.open(path) as image:
                # The watermark is not in the foot.
                lines = tuple(Box(*line, "footer") for line in find_footer(grey_of(image)))
                masked(image, lines).save(clean[-1], compress_level=1)
        both = {"as it is": pictures.files, "masked": clean}
        ways = {"pixels": phantom.feet, "histogram": histograms}
        seen = {(way, name): ways[way](files) for way in ways for name, files in both.items()}
    for field in ("Type", "Location Category"):
        labels, held_back = pictures.labels[field], pictures.held_back
        note = f"the most frequent alone: {phantom.majority(labels, held_back):.3f}"
        for (way, name), features in seen.items():
            told = phantom.accuracy(features, labels, held_back)
            yield Figure(f"the foot's {way}, {name}, {field}", told, "accuracy on dev", None, note)


def histograms(files: Sequence[Path]) -> phantom.Features:
    """Return shares of 32 grey levels in the lowest 8 % of the padded square."""
    out = []
    for path in files:
        whole = np.asarray(phantom.padded(path))
        foot = whole[round(len(whole) * (1 - phantom.FOOT)) :]
        out.append(np.histogram(foot, 32, (0, 256))[0] / foot.size)
    return np.array(out, dtype=np.float32)


def marks(number: int) -> Iterator[Figure]:
    """Yield how well watermark and footer of sound phantom pictures are found."""
    tops, feet = [], []
    for case in range(number):
        job = plant(SEEDS[case % len(SEEDS)], case, rates(0, 0)).jobs[0]
        scene, rng = job.scene, np.random.default_rng(case)
        image = camera.shoot(scene, rng).image
        before = grey_of(image).astype(int)
        uuid = f"{case:08x}-0000-1111-2222-{case * 7919:012x}"
        overlay.burn_in(image, uuid, scene.uploader, scene.origin, scene.date, rng)
        ink = np.abs(grey_of(image) - before) > 10
        inside = area_of(find_burned_in(image), image.size)
        third = image.height // 3
        rows, columns = np.nonzero(ink[:third])
        mark = np.zeros_like(ink[:third])
        mark[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1] = True
        tops.append(overlap(inside[:third], mark))
        feet.append(float((inside & ink)[third:].sum() / ink[third:].sum()))
    note = f"{number} pictures"
    yield Figure("phantom, watermark, IoU of 0.5 or more", share(t >= 0.5 for t in tops),
                 "share of pictures", None, f"{note}, mean {np.mean(tops):.2f}")  # fmt: skip
    yield Figure("phantom, footer, 0.95 of its ink covered", share(f >= 0.95 for f in feet),
                 "share of pictures", None, f"{note}, mean {np.mean(feet):.3f}")  # fmt: skip


def judged(seeds: Sequence[int], cases: int) -> Iterator[Figure]:
    """Yield precision and recall of the rules over lettering on phantoms with many defects."""
    found: dict[str, set[tuple[int, str]]] = {}
    planted: dict[str, set[tuple[int, str]]] = {}
    total = 0
    for seed in seeds:
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place) / "phantom"
            make_phantom(folder, cases=cases, seed=seed, defects=DEFECTS)
            truth = json.loads((folder / "ground_truth.json").read_text())["planted"]
            for row in truth:
                there = planted.setdefault(row["kind"], set())
                there |= {(seed, target) for target in row["targets"]}
            for path in sorted((folder / "images").glob("*.png")):
                case = looked_at(path)
                if case is None:
                    continue
                total += 1
                for rule, check in (("identifier", identifiers), ("scan", scanner)):
                    hits = found.setdefault(rule, set())
                    hits |= {(seed, hit.target) for hit in check(case)}
    for rule in ("identifier", "scan"):
        mine, true = found.get(rule, set()), planted.get(f"{rule}_lettering", set())
        right = len(mine & true)
        name = f"rule {rule}-lettering"
        note = f"{total} pictures, {len(true)} planted, {len(mine)} found, {right} of them right"
        yield Figure(f"{name}, recall", right / max(1, len(true)), "", (">=", 0.95), note)
        yield Figure(f"{name}, precision", right / max(1, len(mine)), "", (">=", 0.9), note)


def looked_at(path: Path) -> Subject | None:
    """Return a case of one picture that was read; None if it does not decode."""
    try:
        with Image.open(path) as image:
            image.load()
            seen = lettering(image)
    except (OSError, UnidentifiedImageError):
        return None
    return Subject(path.stem, None, [{"_id": path.stem}], {path.stem: {LETTERING.name: seen}})
