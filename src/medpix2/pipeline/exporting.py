"""`export`: what filters or a release choose, written in a format."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import get_args

from medpix2.errors import QueryError
from medpix2.export.content import Content
from medpix2.export.format import BurnedIn, Format, ImageFormat, Wishes
from medpix2.export.formats import format_named
from medpix2.export.naming import one_of
from medpix2.export.rows import checked
from medpix2.export.writing import Exported, write_export
from medpix2.pipeline.content import StoreContent
from medpix2.pipeline.filtered import Filtered
from medpix2.pipeline.progress import Progress, Silent
from medpix2.pipeline.releasing import ReleaseContent
from medpix2.pipeline.selecting import select
from medpix2.pipeline.sourced import Sourced
from medpix2.settings import Settings
from medpix2.store.database import open_store
from medpix2.store.facets import Filters

MIN_SIDE, MAX_SIDE = 16, 8192  # pixels


def export(
    settings: Settings,
    format_name: str,
    out: Path,
    *,
    filters: Filters | None = None,
    text: str = "",
    release: str | None = None,
    wishes: Wishes | None = None,
    burned_in: str | None = None,
    overwrite: bool = False,
    progress: Progress | None = None,
) -> Exported:
    """Export cases and pictures.

    Parameters
    ----------
    settings
        Home and server.
    format_name
        Name of the format.
    out
        Folder, not there yet.
    filters, text
        Which cases and pictures, as `find` takes them; accepted and pending ones by default.
    release
        Name of a release, whose content is exported instead of the database's; it takes filters,
        but no text.
    wishes
        How.
    burned_in
        mask, crop or keep; None for what is usual for the format.
    overwrite
        Replace an export that is there.
    progress
        Is told of pictures that are done.

    Raises
    ------
    QueryError
        A format, field or value that is not known, or a choice that has no case.
    ReleaseError
        There is no such release.
    OutputError, DiskFull
        See `write_export`.
    """
    chosen = format_named(format_name)
    asked = _checked(chosen, wishes or Wishes(), burned_in)
    with ExitStack() as stack:
        if release is None:
            store = stack.enter_context(open_store(settings, create=False))
            total = len(select(store, text, filters).images)
            content: Content = StoreContent(store, filters, text)
            content = Sourced(content, store, as_published=asked.as_published)
        else:
            _refuse_with_release(text, asked)
            frozen = ReleaseContent(settings, release)
            total = frozen.release.manifest["counts"]["images"]  # at most: filters may choose fewer
            content = Filtered(frozen, filters or Filters())
        advance = stack.enter_context((progress or Silent()).step(f"export {chosen.name}", total))
        return write_export(
            chosen, content, asked, out, jobs=settings.jobs, overwrite=overwrite, advance=advance
        )


def _refuse_with_release(text: str, wishes: Wishes) -> None:
    if text:
        raise QueryError("A release is not searched by words", "leave --text or --release out")
    if wishes.as_published:
        raise QueryError(
            "A release has corrected values alone", "leave --as-published or --release out"
        )


def _checked(format_: Format, wishes: Wishes, burned_in: str | None) -> Wishes:
    """Return the wishes as a format can fulfil them, or say what it cannot."""
    if wishes.fields and not format_.fields:
        raise QueryError(
            f"Format {format_.name!r} has all fields", "leave --fields out or take another format"
        )
    if not wishes.pictures and not format_.tables:
        raise QueryError(
            f"Format {format_.name!r} is of pictures", "leave --no-pictures out, or take csv"
        )
    side = wishes.image_size
    if side is not None and not MIN_SIDE <= side <= MAX_SIDE:
        raise QueryError(
            f"No picture is made of {side} pixels", f"use {MIN_SIDE} to {MAX_SIDE}, its longer side"
        )
    if wishes.shard_size < 1 << 20:
        raise QueryError("A shard is too small", "use 1 MB or more")
    if wishes.image_format is not None:
        one_of("picture format", wishes.image_format, get_args(ImageFormat))
    if burned_in is not None:
        one_of("way with burned-in text", burned_in, get_args(BurnedIn))
    how: BurnedIn = format_.burned_in if burned_in is None else burned_in  # type: ignore[assignment]
    return replace(wishes, fields=checked(wishes.fields, format_.fields), burned_in=how)
