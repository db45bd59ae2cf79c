"""`medpix2 classify`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from medpix2.pipeline.classifying import Classified


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("classify")(_classify)


def _classify(
    model: Annotated[Path, typer.Argument(help="Folder of a trained model.")],
    files: Annotated[list[Path], typer.Argument(help="PNG, JPEG or DICOM files, or folders.")],
    threshold: Annotated[
        float, typer.Option(min=0, max=1, help="Probability below which it is unsure.")
    ] = 0.5,
    explain: Annotated[
        Path | None,
        typer.Option(help="Folder for heat maps of where it was seen.", show_default=False),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print a line of JSON a file.")] = False,
) -> None:
    """Tell modality, location and more of pictures. Not for diagnosis."""
    import json

    from medpix2.cli.terminal import note, print_table, say
    from medpix2.pipeline.classifying import classify

    rows, failed = [], 0
    for one in classify(model, files, threshold=threshold, explain=explain):
        failed += one.error is not None
        if as_json:
            say(json.dumps(_as_json(one), ensure_ascii=False))
        elif one.error is not None:
            note(f"medpix2: {one.error}")
        else:
            told = one.tasks.items()
            rows += [
                [str(one.file), name, task.label or "unsure", f"{task.probability:.2f}"]
                for name, task in told
            ]
    if rows:
        print_table("", ("file", "task", "told", "probability"), rows)
    if failed:
        raise typer.Exit(1)


def _as_json(one: Classified) -> dict[str, Any]:
    if one.error is not None:
        return {"file": str(one.file), "error": str(one.error)}
    tasks = {
        name: {"label": task.label, "probability": task.probability,
               "probabilities": task.probabilities}
        for name, task in one.tasks.items()
    }  # fmt: skip
    return {"file": str(one.file), "tasks": tasks, "heat": [str(path) for path in one.heat]}
