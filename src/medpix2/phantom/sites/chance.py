"""Chance that is the same in every run: numbers drawn from what they are about."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from typing import TypeVar

T = TypeVar("T")


def share(*about: object) -> float:
    """Return a number from 0 to 1 (not included) that depends on the arguments alone."""
    text = "\0".join(map(str, about)).encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(text, digest_size=6).digest(), "big") / (1 << 48)


def pick(options: Sequence[T], *about: object) -> T:
    """Return one of the options, which depends on the other arguments alone."""
    return options[int(share(*about) * len(options))]
