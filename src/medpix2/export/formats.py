"""All formats, by name."""

from __future__ import annotations

from collections.abc import Mapping

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
from medpix2.export.naming import one_of

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
    one_of("format", name, FORMATS)
    return FORMATS[name]
