"""A scene: everything that decides how one picture of the phantom looks."""

from __future__ import annotations

from typing import NamedTuple

from medpix2.phantom.canvas import Body


class Scene(NamedTuple):
    """One picture before it is drawn; the same scene gives the same bytes."""

    image: str
    """Id of the picture."""
    seed: tuple[int, int, int]
    """Entropy of the picture's random numbers: collection, case, picture."""
    type: str
    """CT or MR."""
    technique: str
    """A name of `tissues.SEQUENCES`, or of `scanner.CT_TECHNIQUES`."""
    view: str
    site: str
    side: int
    """-1 patient's right (left of the picture), 1 patient's left, 0 neither."""
    kind: str
    radius: float
    """Of the lesion, as a share of what the site allows."""
    body: Body
    uploader: str
    origin: str
    """Name of a person or an institution, for the footer."""
    date: str
