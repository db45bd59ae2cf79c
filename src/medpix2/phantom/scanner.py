"""The scanner: turns a scene into a grey picture (pose, contrast, blur, noise, window, crop)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import gaussian_filter

from medpix2.phantom import anatomy, overlay
from medpix2.phantom.canvas import Canvas, Pose
from medpix2.phantom.scene import Scene
from medpix2.phantom.tissues import CODES, GRAIN, hounsfield, signal

Grey = NDArray[np.float32]

CT_TECHNIQUES = {
    "CT": (False, False),
    "CT IV": (True, False),
    "CT GI": (False, True),
    "CT GI IV": (True, True),
    "CTA": (True, False),
}
"""Whether contrast medium is in the veins, in the bowel."""

_WINDOWS = {
    "brain": (90.0, 38.0),
    "soft": (380.0, 40.0),
    "narrow": (250.0, 55.0),
    "lung": (1500.0, -550.0),
    "bone": (2000.0, 400.0),
    "wide": (900.0, 100.0),
}
_WINDOWS_OF = {
    "head": ("brain", "brain", "brain", "soft", "bone", "bone", "narrow"),
    "chest": ("lung", "lung", "soft", "soft", "soft", "wide"),
    "belly": ("soft", "soft", "soft", "narrow", "wide"),
    "bone": ("bone", "bone", "soft", "wide", "soft"),
}
_SIZES = (
    (512, 512, 30),
    (256, 256, 8),
    (512, 655, 6),
    (512, 585, 6),
    (383, 453, 4),
    (512, 327, 4),
    (512, 440, 6),
    (400, 400, 4),
)


class Shot(NamedTuple):
    """A picture as it leaves the scanner."""

    image: Image.Image
    """Mode L."""
    window: float
    level: float


def picture_size(rng: np.random.Generator) -> tuple[int, int]:
    """Return width and height in pixels; nothing of the scene goes into it."""
    draw = rng.random() * 100
    for width, height, share in _SIZES:
        draw -= share
        if draw < 0:
            return width, height
    if draw < 28:
        return 512, round(512 * float(np.clip(np.exp(rng.normal(0.05, 0.22)), 0.5, 1.9)))
    width = int(rng.integers(200, 512))
    return width, round(width * float(np.clip(np.exp(rng.normal(0, 0.2)), 0.6, 1.6)))


def shoot(scene: Scene, rng: np.random.Generator) -> Shot:
    """Return the picture of a scene, without lettering, its foot free of anatomy."""
    width, height = picture_size(rng)
    free = height - overlay.foot_height(width, height)
    shrink = rng.uniform(0.5, 0.95) * min(1.0, 420 / max(width, free))
    small = (max(48, round(width * shrink)), max(40, round(free * shrink)))
    canvas = Canvas(*small, make_pose(scene, small, rng), rng)
    if scene.type == "CT" and anatomy.VIEWS[scene.view].plane == "Axial" and rng.random() < 0.6:
        _table(canvas, anatomy.VIEWS[scene.view].half_height)
    _draw(canvas, scene, rng)
    if scene.type == "CT":
        grey, window, level = _ct(canvas, scene, rng)
    else:
        grey, window, level = _mr(canvas, scene, rng)
    picture = Image.fromarray((np.clip(grey, 0, 1) * 255).astype(np.uint8))
    picture = picture.resize((width, free), Image.Resampling.BICUBIC)
    whole = np.zeros((height, width), dtype=np.uint8)
    whole[:free] = np.asarray(picture)
    _reading_noise(whole[:free], rng)
    overlay.clear_foot(whole, rng)
    return Shot(Image.fromarray(whole), window, level)


def make_pose(scene: Scene, size: tuple[int, int], rng: np.random.Generator) -> Pose:
    """Return where a body lands on a map of this size: turned, squeezed, zoomed and shifted.

    A close picture is centred between the body's middle and the lesion, so that the lesion shows.
    """
    view = anatomy.VIEWS[scene.view]
    width, height = size
    fit = min(width / (2 * view.half_width), height / (2 * view.half_height))
    fill = max(width / (2 * view.half_width), height / (2 * view.half_height))
    zoom = float(np.exp(np.clip(rng.normal(0.05, 0.24), -0.4, 0.8)))
    scale = (fit**0.75 * fill**0.25) * zoom
    turn = np.radians(float(np.clip(rng.normal(0, 6), -20, 20)))
    squeeze = float(np.exp(rng.normal(0, 0.06)))
    spin = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    matrix = scale * spin @ np.diag([squeeze, 1 / squeeze])
    towards = float(np.clip((zoom - 1) * 1.6, 0, 0.9))
    x, y, _ = spot(scene)
    middle = np.array(view.centre) * (scene.side or 1, 1)
    middle = middle + (np.array([x, y]) - middle) * towards
    centre = np.array([width / 2, height / 2]) - matrix @ middle
    slack = 0.07 * min(width, height)
    warp = np.array(
        [
            [rng.normal(0, 0.015), rng.uniform(1, 3), rng.uniform(0, 2), rng.uniform(0, 6.3)],
            [rng.normal(0, 0.015), rng.uniform(0, 2), rng.uniform(1, 3), rng.uniform(0, 6.3)],
        ]
    )
    return Pose(matrix, centre + np.clip(rng.normal(0, slack, 2), -2 * slack, 2 * slack), warp)


def spot(scene: Scene) -> anatomy.Spot:
    """Return where the scene's lesion lies and how large it is, body units."""
    x, y, radius = anatomy.SITES[scene.site].spots[scene.view]
    # Seen from the side, left and right fall together.
    sagittal = anatomy.VIEWS[scene.view].plane == "Sagittal"
    return x if sagittal or scene.side == 0 else abs(x) * scene.side, y, radius * scene.radius


def _draw(canvas: Canvas, scene: Scene, rng: np.random.Generator) -> None:
    low, high = anatomy.VIEWS[scene.view].levels
    anatomy.draw(canvas, scene.body, scene.view, float(rng.uniform(low, high)))
    if scene.technique in ("MRA", "CTA"):
        anatomy.draw_arteries(canvas)
    anatomy.draw_lesion(canvas, scene.kind, *spot(scene))


def _table(canvas: Canvas, half_height: float) -> None:
    """Draw the table below a lying body."""
    x = np.linspace(-0.9, 0.9, 15)
    depth = half_height + canvas.between(0.02, 0.1)
    curve = canvas.between(0.05, 0.25)
    for off in (0.0, canvas.between(0.05, 0.12)):
        canvas.line("table", np.stack([x, depth + off - curve * x**2], axis=1), 0.015)


def _ct(canvas: Canvas, scene: Scene, rng: np.random.Generator) -> tuple[Grey, float, float]:
    """Return a windowed CT section, 0 to 1, with the window's width and level."""
    iv, gi = CT_TECHNIQUES[scene.technique]
    table = hounsfield(iv, gi)
    table = table + rng.normal(0, 4, len(table)).astype(np.float32)
    labels = canvas.labels
    window, level = _WINDOWS[str(rng.choice(_WINDOWS_OF[_region(scene.view)]))]
    window *= float(np.exp(rng.normal(0, 0.2)))
    level += float(rng.normal(0, 0.05)) * window
    image = table[labels] + GRAIN[labels] * _texture(labels.shape, rng) * 22
    sharp = window > 1000
    image = blur(image, rng.uniform(0.4, 0.7) if sharp else rng.uniform(0.6, 1.1))
    noise = (
        rng.standard_normal(labels.shape, dtype=np.float32)
        * float(rng.uniform(0.02, 0.09))
        * window
    )
    image += noise if sharp else blur(noise, 0.6) * 1.6
    if rng.random() < 0.3:
        _round_field(image, rng)
    return (image - (level - window / 2)) / window, window, level


def _region(view: str) -> str:
    word = view.split()[0]
    if word in ("brain", "skull", "mouth"):
        return "head"
    if word in ("chest", "abdomen", "pelvis", "kidneys", "neck"):
        return "chest" if word == "chest" else "belly"
    return "bone"


def _round_field(image: Grey, rng: np.random.Generator) -> None:
    """Cut the picture to the scanner's round field, in place."""
    height, width = image.shape
    y, x = np.ogrid[:height, :width]
    reach = max(height, width) / 2 * rng.uniform(0.98, 1.08)
    image[(x - width / 2) ** 2 + (y - height / 2) ** 2 > reach**2] = -3000


def _mr(canvas: Canvas, scene: Scene, rng: np.random.Generator) -> tuple[Grey, float, float]:
    """Return a windowed MR section, 0 to 1, with the window's width and level."""
    table = signal(scene.technique)
    table = table * (1 + rng.normal(0, 0.06, len(table)).astype(np.float32))
    labels = canvas.labels
    image = table[labels] * (1 + GRAIN[labels] * _texture(labels.shape, rng) * 0.28)
    rough = scene.technique in ("DWI", "ADC")
    image = blur(image, rng.uniform(1.6, 2.4) if rough else rng.uniform(0.5, 1.0))
    image *= _bias(labels.shape, rng)
    sigma = float(rng.uniform(0.015, 0.06)) * (1.5 if rough else 1.0)
    real = image + sigma * rng.standard_normal(labels.shape, dtype=np.float32)
    other = sigma * rng.standard_normal(labels.shape, dtype=np.float32)
    image = np.hypot(real, other)
    if rng.random() < 0.5:
        # Many consoles blacken what is outside the body.
        image[labels == CODES["air"]] = 0
    window = (
        float(np.quantile(image[::4, ::4], rng.uniform(0.95, 0.995))) * rng.uniform(0.85, 1.25)
        + 1e-3
    )
    gamma = float(np.exp(rng.normal(0, 0.18)))
    units = float(rng.uniform(300, 1500))
    shown: Grey = np.clip(image / window, 0, 1).astype(np.float32) ** np.float32(gamma)
    return shown, window * units, window * units / 2


def _texture(shape: tuple[int, ...], rng: np.random.Generator) -> Grey:
    """Return a field of grains of two sizes, mean 0, deviation about 1."""
    height, width = shape
    fine = _cloud(rng, width, height, 2.5)
    return fine * 0.7 + _cloud(rng, width, height, 9.0) * 0.7


def _cloud(rng: np.random.Generator, width: int, height: int, grain: float) -> Grey:
    """Return smooth noise with grains of this many pixels, shape (height, width)."""
    coarse = rng.standard_normal(
        (int(height / grain) + 2, int(width / grain) + 2), dtype=np.float32
    )
    image = Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC)
    return np.asarray(image)


def _bias(shape: tuple[int, ...], rng: np.random.Generator) -> Grey:
    """Return the uneven sensitivity of a coil, about 1, shape (height, width)."""
    height, width = shape
    coarse = 1 + rng.normal(0, rng.uniform(0.05, 0.25), (3, 3)).astype(np.float32)
    image = Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC)
    field: Grey = np.maximum(np.asarray(image), 0.2)
    return field


def blur(image: Grey, sigma: float) -> Grey:
    """Return an image blurred by a small Gaussian, sigma in pixels."""
    out: Grey = gaussian_filter(image, sigma, truncate=2.5)
    return out


def _reading_noise(grey: NDArray[np.uint8], rng: np.random.Generator) -> None:
    """Add the noise of a digitiser, in place; it, not the anatomy, decides the file's size."""
    strength = int(rng.choice([1, 2, 3, 5, 8]))
    noise = rng.integers(-strength, strength + 1, grey.shape, dtype=np.int16)
    grey[:] = np.clip(grey + noise, 0, 255)
