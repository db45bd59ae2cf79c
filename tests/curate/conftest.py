from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image, ImageDraw

Draw = Callable[..., Image.Image]


@pytest.fixture
def slice_of() -> Draw:
    """Return a function that draws a slice of a made-up head: bright ring, textured inside."""

    def draw(seed: int = 0, size: tuple[int, int] = (256, 256), noise: float = 4.0) -> Image.Image:
        random = np.random.default_rng(seed)
        width, height = size
        picture = Image.new("L", size, 0)
        pen = ImageDraw.Draw(picture)
        pen.ellipse((0.1 * width, 0.08 * height, 0.9 * width, 0.92 * height), 90, 230, 8)
        for _ in range(60):
            x, y = 0.2 + 0.55 * random.random(2)
            r = 0.01 + 0.06 * random.random()
            grey = int(random.integers(40, 200))
            pen.ellipse((x * width, y * height, (x + r) * width, (y + r) * height), grey)
        grain = np.random.default_rng(7).normal(0, noise, (height, width))
        return Image.fromarray(np.clip(np.asarray(picture) + grain, 0, 255).astype(np.uint8))

    return draw
