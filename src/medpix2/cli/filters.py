"""The filters of `find` and of all that works on what it finds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from medpix2.cli.options import Command, replaced

if TYPE_CHECKING:
    from medpix2.store.facets import Filters, Value

MISSING = "missing"  # the word for a missing value

# Option -> (facet, help). Each may be given several times: any of the values will do.
FACET_OPTIONS: dict[str, tuple[str, str]] = {
    "modality": ("modality", "CT or MR."),
    "location-category": ("location_category", "Abdomen, Head, Thorax, ..."),
    "location": ("location", "Body part, e.g. 'Brain and Neuro'."),
    "sequence": ("sequence", "MR sequence: T1, T2, FLAIR, DWI, ..."),
    "contrast": ("contrast", "Contrast medium: none, IV, GI, 'GI and IV'."),
    "plane": ("plane", "Axial, Coronal, Sagittal, ..."),
    "sex": ("sex", "male or female."),
    "category": ("category", "Category of the topic, e.g. 'Trauma'."),
    "split": ("split", "train, dev or test."),
    "status": ("status", "accepted, pending, excluded, withdrawn, or any."),
    "source": ("site", "Kind of source: published, phantom, ..."),
}
_SHORT = {"modality": {"mri": "MR"}, "sex": {"m": "male", "f": "female"}}


def with_filters(command: Command) -> Command:
    """Give a command an option for each facet, and `--age`; it gets them all as `filters`."""
    options: dict[str, Any] = {
        name.replace("-", "_"): Annotated[
            list[str] | None, typer.Option(f"--{name}", help=help_text, show_default=False)
        ]
        for name, (_, help_text) in FACET_OPTIONS.items()
    }
    options["age"] = Annotated[
        str | None, typer.Option(help="Years: 30-50, 30-, -50 or 30.", show_default=False)
    ]
    return replaced(command, "filters", options, read_filters)


def read_filters(options: Mapping[str, Any]) -> Filters:
    """Return the filters that the options ask for.

    Raises
    ------
    QueryError
        An age that is no range.
    """
    from medpix2.curate.fields import ages_of
    from medpix2.pipeline.summary import ANY_STATUS
    from medpix2.store.facets import Filters

    wanted: dict[str, list[Value]] = {}
    for name, (facet, _) in FACET_OPTIONS.items():
        given = options.get(name.replace("-", "_"))
        if given:
            wanted[facet] = [_value(facet, value) for value in given]
    if "any" in wanted.get("status", ()):
        wanted["status"] = list(ANY_STATUS)
    return Filters(wanted, ages_of(options["age"]) if options.get("age") else None)


def _value(facet: str, text: str) -> str | None:
    """Return the value that an option asks for; 'missing' is for pictures without one."""
    text = text.strip()
    if text.lower() == MISSING:
        return None
    return _SHORT.get(facet, {}).get(text.lower(), text)
