"""`medpix2 curate split`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from medpix2.cli.options import with_settings
from medpix2.settings import Settings

if TYPE_CHECKING:
    from medpix2.pipeline.splitting import Splitting


def register(app: typer.Typer) -> None:
    """Add the command to the program `curate`."""
    app.command("split")(_split)


@with_settings
def _split(
    settings: Settings,
    sizes: Annotated[
        str, typer.Option(help="Sizes of train, dev and test, in parts of their sum.")
    ] = "80/10/10",
    seed: Annotated[
        int | None,
        typer.Option(help="Decides between groups of one size.", show_default="2026"),
    ] = None,
    keep: Annotated[
        bool,
        typer.Option(
            "--keep-published/--anew",
            help="Leave cases in the split that their source gave them, or an earlier run of this "
            "command; or part all of them anew.",
        ),
    ] = True,
    halves: Annotated[
        bool, typer.Option("--halves/--no-halves", help="Also halve train: train_1, train_2.")
    ] = True,
    topics: Annotated[
        bool,
        typer.Option("--topics/--no-topics", help="Keep the cases of one topic on one side."),
    ] = True,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be, and change no split.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Put cases into train, dev and test: by patient, balanced, and so that nothing leaks."""
    from medpix2.cli.terminal import Bars, print_json
    from medpix2.curate.splits import SEED, sizes_from
    from medpix2.curate.ties import TIE_KINDS
    from medpix2.pipeline.splitting import OF_TOPICS, Asked, curate_split

    ties = [kind for kind in TIE_KINDS if topics or kind not in OF_TOPICS]
    asked = Asked(sizes_from(sizes), halves, SEED if seed is None else seed, keep, ties)
    done = curate_split(settings, asked, dry=dry_run, progress=Bars())
    if as_json:
        more = {"changed": done.changed, "dry_run": done.dry}
        print_json({**done.report.as_json(), **more})
    else:
        _print(done)


def _print(done: Splitting) -> None:
    from medpix2.cli.terminal import print_table, say

    report = done.report
    types = sorted({name for part in report.parts for name in part.types})
    categories = sorted({name for part in report.parts for name in part.categories})
    columns = ["split", "cases", "wanted %", "images", *types]
    columns += [name or "no category" for name in categories]
    rows = [
        [
            part.name, part.cases, None if part.wanted is None else round(100 * part.wanted, 1),
            part.images, *(part.types.get(name, 0) for name in types),
            *(part.categories.get(name, 0) for name in categories),
        ]
        for part in report.parts
    ]  # fmt: skip
    columns.append("off by (points)")
    for row, part in zip(rows, report.parts, strict=True):
        row.append(round(part.deviation, 1))
    print_table(
        "Balance (images by Type and Location Category)", columns, rows, spare=columns[-2:3:-1]
    )
    pairs = zip(report.before, report.after, strict=True)
    leaks = [
        [before.what, before.groups, before.leaking, before.cases, after.leaking, after.cases]
        for before, after in pairs
    ]
    shown = ["shared", "groups", "leaking before", "cases", "leaking after", "cases now"]
    print_table("Leakage (groups of tied cases on several sides)", shown, leaks)
    for note in report.notes:
        say(f"{note}.")
    verb = "would change" if done.dry else "changed"
    say(
        f"Kept {report.kept} cases where they were, parted {report.given}, left out "
        f"{report.left_out}; the split of {done.changed} {verb}."
    )
