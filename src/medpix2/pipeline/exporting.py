"""`export`: what filters or a release choose, written in a format."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import get_args

from medpix2.errors import MissingPackage, QueryError
from medpix2.export.content import Content
from medpix2.export.format import BurnedIn, Format, ImageFormat, Wishes
from medpix2.export.formats import format_named
from medpix2.export.rows import checked
from medpix2.export.writing import Exported, write_export
from medpix2.pipeline.content import StoreContent
from medpix2.pipeline.progress import Progress, Silent
from medpix2.pipeline.sourced import Sourced
from medpix2.store.database import Store
from medpix2.store.facets import Filters

MIN_SIDE, MAX_SIDE = 16, 8192  # pixels


def export(
    store: Store,
    format_name: str,
    out: Path,
    *,
    filters: Filters | None = None,
    text: str = "",
    content: Content | None = None,
    wishes: Wishes | None = None,
    burned_in: str | None = None,
    overwrite: bool = False,
    progress: Progress | None = None,
) -> Exported:
    """Export cases and pictures.

    Parameters
    ----------
    store
        The database.
    format_name
        Name of the format.
    out
        Folder, not there yet.
    filters, text
        Which cases and pictures, as `find` takes them; accepted and pending ones by default.
    content
        What to export instead: a release.
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
    OutputError, DiskFull
        See `write_export`.
    """
    chosen = format_named(format_name)
    asked = _checked(chosen, wishes or Wishes(), burned_in)
    content = content or StoreContent(store, filters, text)
    sourced = Sourced(content, store, as_published=asked.as_published)
    with (progress or Silent()).step(f"export {chosen.name}", None) as advance:
        return write_export(
            chosen, sourced, asked, out,
            jobs=store.settings.jobs, overwrite=overwrite, advance=advance,
        )  # fmt: skip


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
    for package in format_.needs:
        if find_spec(package) is None:
            raise MissingPackage(
                f"Format {format_.name!r} needs the package {package}, which is not installed",
                "install medpix2 with its extra: pip install 'medpix2[export]'",
            )
    side = wishes.image_size
    if side is not None and not MIN_SIDE <= side <= MAX_SIDE:
        raise QueryError(
            f"No picture is made of {side} pixels", f"use {MIN_SIDE} to {MAX_SIDE}, its longer side"
        )
    if wishes.shard_size < 1 << 20:
        raise QueryError("A shard is too small", "use 1 MB or more")
    if wishes.image_format is not None:
        _one_of("picture format", wishes.image_format, get_args(ImageFormat))
    if burned_in is not None:
        _one_of("way with burned-in text", burned_in, get_args(BurnedIn))
    how: BurnedIn = format_.burned_in if burned_in is None else burned_in  # type: ignore[assignment]
    return replace(wishes, fields=checked(wishes.fields, format_.fields), burned_in=how)


def _one_of(what: str, value: str, known: Iterable[str]) -> None:
    known = list(known)
    if value not in known:
        near = difflib.get_close_matches(value.lower(), known, n=1, cutoff=0.5)
        hint = f"did you mean {near[0]!r}? " if near else ""
        raise QueryError(f"There is no {what} {value!r}", f"{hint}there are {', '.join(known)}")
