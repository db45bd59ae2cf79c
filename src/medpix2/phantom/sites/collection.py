"""Opens what the sites serve: a copy in the published layout, or a file of Open-i records."""

from __future__ import annotations

from pathlib import Path

from medpix2.extract.published import PublishedCopy
from medpix2.phantom.sites.answers import Sites
from medpix2.phantom.sites.catalog import Catalog
from medpix2.phantom.sites.from_published import published_cases
from medpix2.phantom.sites.from_records import recorded_cases
from medpix2.phantom.sites.generations import later
from medpix2.phantom.sites.pictures import Pictures


def sites_of_copy(
    copy: PublishedCopy, *, seed: int = 1, generation: int = 1, changed: float = 0.0
) -> Sites:
    """Return the sites from which a client would make a published copy.

    Parameters
    ----------
    copy
        The copy; its documents are read now, its pictures when they are asked for.
    seed
        Of the order of the cases, and of what changes.
    generation, changed
        See `generations.later`.

    Raises
    ------
    SourceError
        The copy cannot be read.
    """
    cases = later(published_cases(copy), generation, changed, seed)
    return Sites(Catalog(cases, seed), Pictures(copy.pictures), seed)


def sites_of_records(path: Path, *, seed: int = 1) -> Sites:
    """Return the sites that give the records of a file; the pictures are placeholders.

    Raises
    ------
    SourceError
        The file cannot be read, or has something else.
    """
    return Sites(Catalog(recorded_cases(path)), Pictures({}), seed)
