"""Options that every command shares, made from the table of settings."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Annotated, Any

import typer

from medpix2.settings import SETTINGS, Settings, load_settings


def given(context: typer.Context) -> dict[str, object]:
    """Return the settings that were given before the command's name."""
    values: dict[str, object] = context.find_root().ensure_object(dict)
    return values


def with_settings(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command an option for each setting; it gets them all as `settings`."""
    signature = inspect.signature(command, eval_str=True)
    own = [p for name, p in signature.parameters.items() if name != "settings"]
    shared = [
        inspect.Parameter(
            setting.name,
            inspect.Parameter.KEYWORD_ONLY,
            default=None,
            annotation=Annotated[
                str | None,
                typer.Option(
                    setting.option,
                    help=f"{setting.help} [{setting.variable}; default: {setting.default_text}]",
                    show_default=False,
                    rich_help_panel="Settings",
                ),
            ],
        )
        for setting in SETTINGS
    ]
    context = inspect.Parameter("context", inspect.Parameter.KEYWORD_ONLY, annotation=typer.Context)

    @functools.wraps(command)
    def wrapped(**values: Any) -> None:
        before = given(values.pop("context"))
        options = {s.name: values.pop(s.name) for s in SETTINGS}
        options = {n: before.get(n) if value is None else value for n, value in options.items()}
        settings: Settings = load_settings(options)
        command(settings=settings, **values)

    keyword_only = [p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in own]
    wrapped.__signature__ = signature.replace(  # type: ignore[attr-defined]
        parameters=[*keyword_only, *shared, context]
    )
    wrapped.__annotations__ = {
        **{p.name: p.annotation for p in (*keyword_only, *shared)},
        "context": typer.Context,
    }
    return wrapped
