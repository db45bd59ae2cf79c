"""Options that commands share: those of the settings, made from their table, and wrapping."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any

import typer

from medpix2.settings import SETTINGS, load_settings

Command = Callable[..., None]


def given(context: typer.Context) -> dict[str, object]:
    """Return the settings that were given before the command's name."""
    values: dict[str, object] = context.find_root().ensure_object(dict)
    return values


def with_settings(command: Command) -> Command:
    """Give a command an option for each setting; it gets them all as `settings`."""
    return _with_settings(command, ("",))


def with_crawl_settings(command: Command) -> Command:
    """Give a command also the options that say how web sites are asked."""
    return _with_settings(command, ("", "crawl"))


def _with_settings(command: Command, parts: Sequence[str]) -> Command:
    shown = [setting for setting in SETTINGS if setting.part in parts]
    options: dict[str, Any] = {
        setting.name: Annotated[
            str | None,
            typer.Option(
                setting.option,
                help=f"{setting.help} [{setting.variable}; default: {setting.default_text}]",
                show_default=False,
            ),
        ]
        for setting in shown
    }

    def read(values: Mapping[str, Any]) -> object:
        before = given(values["context"])
        names = [setting.name for setting in shown]
        return load_settings({n: before.get(n) if values[n] is None else values[n] for n in names})

    return replaced(command, "settings", {**options, "context": typer.Context}, read)


def replaced(
    command: Command,
    parameter: str,
    options: Mapping[str, Any],
    read: Callable[[Mapping[str, Any]], object],
) -> Command:
    """Return the command with one parameter replaced by options that are read into it.

    Parameters
    ----------
    command
        A function that typer makes a command of.
    parameter
        Name of its parameter.
    options
        Name of each option in its place to its annotation; they are None where not given.
    read
        Makes the parameter's value of the options' values.
    """
    signature = inspect.signature(command, eval_str=True)
    keyword = inspect.Parameter.KEYWORD_ONLY
    own = [p.replace(kind=keyword) for n, p in signature.parameters.items() if n != parameter]
    new = [
        inspect.Parameter(
            name,
            keyword,
            annotation=annotation,
            default=inspect.Parameter.empty if annotation is typer.Context else None,
        )
        for name, annotation in options.items()
    ]

    @functools.wraps(command)
    def wrapped(**values: Any) -> None:
        value = read({name: values.pop(name) for name in options})
        command(**values, **{parameter: value})

    parameters = [*own, *new]
    wrapped.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
    wrapped.__annotations__ = {p.name: p.annotation for p in parameters}
    return wrapped
