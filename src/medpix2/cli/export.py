"""`medpix2 export` and `medpix2 check`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from medpix2.cli.filters import with_filters
from medpix2.cli.options import with_settings
from medpix2.settings import Settings

if TYPE_CHECKING:
    from medpix2.export.writing import Exported

SHOWN = 20  # problems that `check` prints; --json has all


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    app.command("export")(_export)
    app.command("check")(_check)


@with_settings
@with_filters
def _export(
    settings: Settings,
    filters: Any,  # a Filters; its module is imported with the command alone
    format_name: Annotated[
        str, typer.Argument(metavar="FORMAT", help="medpix2, csv, parquet, ... (docs/export.md).")
    ],
    out: Annotated[Path, typer.Argument(help="Folder to make; it must not be there.")],
    release: Annotated[
        str | None,
        typer.Option(help="Name of a release to export, not the database.", show_default=False),
    ] = None,
    text: Annotated[
        str, typer.Option(help="Only cases with these words, as `find` takes them.")
    ] = "",
    fields: Annotated[
        str | None,
        typer.Option(help="Fields, with commas between them; all by default.", show_default=False),
    ] = None,
    image_size: Annotated[
        int | None,
        typer.Option(help="Pixels of a picture's longer side, at most.", show_default=False),
    ] = None,
    image_format: Annotated[
        str | None,
        typer.Option(help="png, jpeg or webp; as they are by default.", show_default=False),
    ] = None,
    rgb: Annotated[bool, typer.Option("--rgb", help="Pictures of three channels.")] = False,
    burned_in: Annotated[
        str | None,
        typer.Option(
            help="Text burned into pictures: mask, crop or keep; masked by default, but kept in"
            " the format medpix2.",
            show_default=False,
        ),
    ] = None,
    as_published: Annotated[
        bool, typer.Option("--as-published", help="The source's values, not corrected ones.")
    ] = False,
    pictures: Annotated[
        bool,
        typer.Option("--pictures/--no-pictures", help="Picture files beside tables."),
    ] = True,
    shard_size: Annotated[int, typer.Option(help="MB of pictures in a shard.")] = 256,
    seed: Annotated[int, typer.Option(help="Where a format draws by chance: of what.")] = 0,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace an export that is there.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
) -> None:
    """Write cases and pictures in a format that people train on."""
    from medpix2.cli.terminal import Bars
    from medpix2.export.format import MIB, Wishes
    from medpix2.pipeline.exporting import export

    wishes = Wishes(
        fields=tuple(name.strip() for name in (fields or "").split(",") if name.strip()),
        image_size=image_size,
        image_format=image_format,  # type: ignore[arg-type]  # export checks it
        rgb=rgb,
        as_published=as_published,
        shard_size=shard_size * MIB,
        seed=seed,
        pictures=pictures,
    )
    done = export(
        settings, format_name, out, filters=filters, text=text, release=release, wishes=wishes,
        burned_in=burned_in, overwrite=overwrite, progress=Bars(),
    )  # fmt: skip
    _print_exported(done, as_json)


def _print_exported(done: Exported, as_json: bool) -> None:
    from medpix2.cli.terminal import print_json, say

    if as_json:
        print_json(
            {
                "folder": str(done.folder), "cases": done.counts["cases"],
                "images": done.counts["images"], "files": done.files, "bytes": done.bytes,
                "kept_parts": done.kept, "counts": dict(sorted(done.counts.items())),
            }
        )  # fmt: skip
        return
    size = f"{done.bytes / 1e6:.1f} MB"
    say(
        f"Exported {done.counts['cases']} cases with {done.counts['images']} pictures to"
        f" {done.folder}: {done.files} files, {size}"
    )
    if done.kept:
        say(f"Went on where it had stopped: {done.kept} parts were there already.")


@with_settings
def _check(
    settings: Settings,
    out: Annotated[Path, typer.Argument(help="Folder of an export.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print all problems as JSON.")] = False,
) -> None:
    """Check an export: files and their hashes, ids, splits, labels, pictures."""
    from medpix2.cli.terminal import Bars, print_json, say
    from medpix2.pipeline.checking import check

    found = check(out, jobs=settings.jobs, progress=Bars())
    if as_json:
        print_json(
            {
                "folder": str(out), "files": found.files, "cases": found.cases,
                "images": found.images, "problems": found.problems,
            }
        )  # fmt: skip
    else:
        for problem in found.problems[:SHOWN]:
            say(problem)
        if len(found.problems) > SHOWN:
            say(f"... and {len(found.problems) - SHOWN} more: --json has all")
        said = f"{found.files} files, {found.cases} cases, {found.images} pictures"
        say(f"{out}: {said}: {len(found.problems) or 'no'} problems")
    if found.problems:
        raise typer.Exit(1)
