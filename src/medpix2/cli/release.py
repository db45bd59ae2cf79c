"""`medpix2 release`: what was accepted at a time, frozen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from medpix2.cli.options import with_settings
from medpix2.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping

SHOWN = 20  # ids of a kind that are printed; --json has all

app = typer.Typer(
    help="Releases: freeze what is accepted, and compare what was frozen.", no_args_is_help=True
)
_Name = Annotated[str, typer.Argument(help="Name of the release, e.g. 2026.1.")]
_Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command("make")
@with_settings
def _make(
    settings: Settings,
    name: _Name,
    pending: Annotated[
        bool, typer.Option("--pending", help="Take also what nobody has decided yet.")
    ] = False,
) -> None:
    """Freeze the accepted cases and pictures under a name."""
    from medpix2.cli.terminal import Bars, say
    from medpix2.pipeline.releasing import make_release

    made = make_release(settings, name, pending=pending, progress=Bars())
    counts = made.manifest["counts"]
    say(f"Froze {counts['cases']} cases with {counts['images']} images as release {name}.")
    say(f"It lies in {made.folder}; its manifest has the SHA-256 {made.sha256}")


@app.command("list")
@with_settings
def _list(settings: Settings, as_json: _Json = False) -> None:
    """List all releases, also those that other homes of the same database have made."""
    from medpix2.cli.terminal import note, print_json, print_table
    from medpix2.pipeline.releasing import list_releases

    rows = list_releases(settings)
    if as_json:
        print_json(rows)
    elif not rows:
        note("No releases: make one with `medpix2 release make NAME`.")
    else:
        columns = ("release", "cases", "images", "made", "here", "manifest")
        print_table(
            "",
            columns,
            [
                (
                    row["name"], row["cases"], row["images"], row["made"],
                    "yes" if row["here"] else "no", row["manifest"][:12],
                )
                for row in rows
            ],
        )  # fmt: skip


@app.command("show")
@with_settings
def _show(settings: Settings, name: _Name, as_json: _Json = False) -> None:
    """Show what a release is made of; with --json its whole manifest."""
    from medpix2.cli.terminal import print_json, print_table, say
    from medpix2.pipeline.releasing import open_release

    release = open_release(settings, name)
    said = release.manifest
    if as_json:
        print_json({**said, "sha256": release.sha256, "withdrawn": sorted(release.withdrawn)})
        return
    counts, decisions = said["counts"], said["decisions"]
    say(f"Release {name}: {counts['cases']} cases, {counts['images']} images")
    say(f"Made by medpix2 {said['medpix2']} of what was {' or '.join(said['statuses'])}")
    say(f"Decisions {decisions['count']}, SHA-256 {decisions['sha256']}")
    say(f"Manifest SHA-256 {release.sha256}")
    if release.withdrawn:
        say(f"Withdrawn since: {', '.join(sorted(release.withdrawn))}")
    for part in ("splits", "statuses"):
        names = sorted({*counts[part]["cases"], *counts[part]["images"]})
        rows = [tuple(counts[part][kind].get(each, 0) for kind in _KINDS) for each in names]
        table = [(each, *row) for each, row in zip(names, rows, strict=True)]
        print_table(part, ("", *_KINDS), table)
    print_table("modalities", ("", "images"), list(counts["modalities"].items()))
    for part in ("rules", "looks"):
        if said[part]:
            print_table(part, ("name", "version"), list(said[part].items()))


@app.command("check")
@with_settings
def _check(settings: Settings, name: _Name, as_json: _Json = False) -> None:
    """Check that every document and picture of a release is as it was frozen."""
    from medpix2.cli.terminal import Bars, print_json, say
    from medpix2.pipeline.release_checks import check_release

    verdict = check_release(settings, name, progress=Bars())
    if as_json:
        print_json(verdict.as_json())
    else:
        for line in verdict.problems[:SHOWN]:
            say(line)
        if (more := len(verdict.problems) - SHOWN) > 0:
            say(f"... and {more} more; --json has all.")
        if verdict.withdrawn:
            say(f"Withdrawn since: {', '.join(verdict.withdrawn)}")
        how = f"is not whole: {len(verdict.problems)} problems" if verdict.problems else "is whole"
        say(f"Release {name} {how}.")
    if verdict.problems:
        raise typer.Exit(1)


@app.command("diff")
@with_settings
def _diff(
    settings: Settings,
    before: Annotated[str, typer.Argument(help="Name of the earlier release.")],
    after: Annotated[str, typer.Argument(help="Name of the later release.")],
    as_json: _Json = False,
) -> None:
    """Say what came, went and changed from one release to another."""
    from medpix2.cli.terminal import print_json
    from medpix2.pipeline.release_checks import compare_releases

    found = compare_releases(settings, before, after)
    if as_json:
        print_json(found)
    else:
        _print_difference(found)


_KINDS = ("cases", "images")


def _print_difference(found: Mapping[str, Any]) -> None:
    from medpix2.cli.terminal import print_table, say

    rows = [
        (kind, *(len(found[kind][part]) for part in ("came", "went", "changed"))) for kind in _KINDS
    ]
    print_table(
        f"From {found['before']} to {found['after']}", ("", "came", "went", "changed"), rows
    )
    for kind in _KINDS:
        for part in ("came", "went"):
            if ids := found[kind][part]:
                more = f" and {len(ids) - SHOWN} more" if len(ids) > SHOWN else ""
                say(f"{kind} that {part}: {', '.join(ids[:SHOWN])}{more}")
        if changed := list(found[kind]["changed"].items()):
            table = [(name, ", ".join(fields)) for name, fields in changed[:SHOWN]]
            title = f"Changed {kind}"
            if len(changed) > SHOWN:
                title += f", the first {SHOWN} of {len(changed)}"
            print_table(title, (kind.removesuffix("s"), "fields"), table)
            print_table(
                f"Fields of {kind}", ("field", "changed"), list(found[kind]["fields"].items())
            )
        for part in ("splits", "statuses"):
            if moved := found[kind][part]:
                print_table(f"{part} of {kind}", ("", "moved"), list(moved.items()))
    for table_name in ("rules", "looks"):
        if versions := found[table_name]:
            table = [(name, *pair) for name, pair in versions.items()]
            print_table(table_name, ("name", "before", "after"), table)
    if found["decisions"][0] != found["decisions"][1]:
        say(f"Decisions: {found['decisions'][0]} before, {found['decisions'][1]} after")
