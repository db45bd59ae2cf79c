"""From a scene to the bytes of a picture file, with the defects planted in the picture."""

from __future__ import annotations

import io
from random import Random
from typing import NamedTuple

import numpy as np
from PIL import Image

from medpix2.phantom import overlay, scanner, spoil
from medpix2.phantom.scene import Scene


class Job(NamedTuple):
    """A picture file to make."""

    image: str
    """Id of the picture; its file is named after it."""
    scene: Scene
    """What it shows; of a duplicate, another picture's scene."""
    defect: str | None = None
    """A name of `spoil.SPOIL` or `spoil.BREAK`, or None."""
    words: tuple[str, ...] = ()
    """Lettering to burn in, for the defects that need it."""


def make_picture(job: Job) -> bytes:
    """Return the PNG file of a picture, the same bytes for the same job."""
    rng = np.random.default_rng(np.random.SeedSequence(job.scene.seed))
    image, scene = _expose(job, rng), job.scene
    own = Random(job.image)
    if job.defect in spoil.SPOIL:
        image = spoil.SPOIL[job.defect](image, job.words, own)
    if job.defect not in spoil.BARE:
        stamp = Random(scene.image)
        overlay.burn_in(image, _uuid(stamp), scene.uploader, scene.origin, scene.date, rng)
    if job.defect in spoil.COPIES:
        image = spoil.COPIES[job.defect](image, own)
    data = encode(image, Random(scene.image).choice((1, 2, 3, 5)))
    if job.defect in spoil.BREAK:
        data = spoil.BREAK[job.defect](data, own)
    return data


def encode(image: Image.Image, level: int) -> bytes:
    """Return an image as PNG; a grey one becomes RGB as most of the real ones are.

    The level of compression varies, so that the size of a file says little of what it shows.
    """
    file = io.BytesIO()
    if image.mode == "L":
        image = Image.merge("RGB", (image, image, image))
    image.save(file, "PNG", compress_level=level)
    return file.getvalue()


def _expose(job: Job, rng: np.random.Generator) -> Image.Image:
    """Return the bare picture; a montage is four shots of the scene."""
    shot = scanner.shoot(job.scene, rng)
    if job.defect == "scan_lettering":
        # What the scanner writes is true of the picture.
        overlay.letter(
            shot.image,
            [f"W {shot.window:.0f} : L {shot.level:.0f}"],
            "sw",
            235,
            max(8, shot.image.width // 36),
        )
        overlay.letter(shot.image, [job.words[0]], "nw", 235, max(8, shot.image.width // 36))
    if job.defect == "montage":
        others = [scanner.shoot(job.scene, rng).image for _ in range(3)]
        return spoil.montage([shot.image, *others])
    return shot.image


def _uuid(r: Random) -> str:
    text = f"{r.getrandbits(128):032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
