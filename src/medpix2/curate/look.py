"""What a look is: something measured in the pixels of one picture, once for each content.

Looks are dear, rules are cheap: what a look saw is kept by the SHA-256 of the picture's file and
the look's version, and rules judge it as often as need be.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PIL.Image import Image


@dataclass(frozen=True)
class Look:
    """Something measured in one picture.

    Attributes
    ----------
    name
        Of lower-case words with hyphens, for ever the same.
    version
        Raised whenever the look may see something else in the same picture.
    why
        One sentence: what it is measured for.
    measure
        Takes the decoded picture as it is (its mode may be L, RGB, RGBA, ...); returns numbers,
        texts, lists and dicts with string keys. It must not change the picture.
    """

    name: str
    version: int
    why: str
    measure: Callable[[Image], Any]
