"""All formats, by name."""

from __future__ import annotations

import difflib
from collections.abc import Mapping

from medpix2.errors import QueryError
from medpix2.export import (
    conversations,
    croissant,
    csv_tables,
    dicom,
    hf,
    medpix2_layout,
    pairs,
    parquet_tables,
    webdataset,
)
from medpix2.export.format import Format

FORMATS: Mapping[str, Format] = {
    module.FORMAT.name: module.FORMAT
    for module in (
        medpix2_layout, hf, webdataset, conversations, pairs, csv_tables, parquet_tables,
        croissant, dicom,
    )
}  # fmt: skip


def format_named(name: str) -> Format:
    """Return a format by its name.

    Raises
    ------
    QueryError
        There is none; a near one is named.
    """
    if name in FORMATS:
        return FORMATS[name]
    near = difflib.get_close_matches(name.lower(), FORMATS, n=1, cutoff=0.5)
    hint = f"did you mean {near[0]!r}? " if near else ""
    raise QueryError(f"There is no format {name!r}", f"{hint}there are {', '.join(FORMATS)}")
