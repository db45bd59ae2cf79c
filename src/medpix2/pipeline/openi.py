"""`build openi`: from the web sites to the database, by way of the home's snapshot."""

from __future__ import annotations

from medpix2.extract.crawl.process import State
from medpix2.pipeline.build import Build, build
from medpix2.pipeline.extracting import Asked, extract, home_snapshot, no_listing
from medpix2.pipeline.progress import Progress
from medpix2.settings import Settings


def build_openi(
    settings: Settings,
    asked: Asked | None = None,
    *,
    strict: bool = False,
    link: bool | None = None,
    recheck: bool = False,
    progress: Progress | None = None,
) -> tuple[State, Build]:
    """Crawl Open-i and MedPix into the home's snapshot, and build what it then holds.

    Parameters
    ----------
    settings
        Home, server, addresses and manners.
    asked
        What to crawl.
    strict, link, recheck, progress
        As in `build`.

    Returns
    -------
    (State, Build)
        How the crawl ended (`left` is what has no answer yet) and what the build did.

    Raises
    ------
    SourceError
        No case could be got, or the sites refuse.
    """
    folder = home_snapshot(settings)
    state = extract(settings, folder, asked, progress=progress)
    if not state.done.get("page"):
        raise no_listing(settings, state)
    done = build(
        settings, str(folder), strict=strict, link=link, recheck=recheck, progress=progress
    )
    return state, done
