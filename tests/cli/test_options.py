from __future__ import annotations

from typing import Annotated

import pytest
import typer
from typer.testing import CliRunner

from medpix2.cli.options import replaced, with_settings
from medpix2.cli.program import app as program
from medpix2.errors import SettingError
from medpix2.settings import SETTINGS, Settings


@pytest.fixture
def run(monkeypatch):
    """Return a function that runs a command and gives the settings that it got."""
    for setting in SETTINGS:
        monkeypatch.delenv(setting.variable, raising=False)
    got = []
    app = typer.Typer()

    @app.callback()
    def root(context: typer.Context, home: Annotated[str | None, typer.Option()] = None):
        context.find_root().ensure_object(dict).update({"home": home} if home else {})

    @app.command("one")
    @with_settings
    def one(settings: Settings, word: str = "x"):
        got.append((settings, word))

    def running(*arguments):
        result = CliRunner().invoke(app, ["one", *arguments] if arguments[:1] != ("--home",) else
                                    [*arguments[:2], "one", *arguments[2:]])  # fmt: skip
        if result.exception:
            raise result.exception
        return got.pop()

    return running


def test_a_command_gets_settings_and_its_own_options(run, tmp_path):
    settings, word = run("--word", "y", "--jobs", "3", "--database", "other")
    assert (settings.jobs, settings.database, word) == (3, "other", "y")
    assert settings.mongo_url is None


def test_an_option_of_the_command_wins_over_one_before_it(run, tmp_path):
    assert run("--home", str(tmp_path))[0].home == tmp_path
    assert run("--home", "/before", "--home", str(tmp_path))[0].home == tmp_path


def test_an_option_wins_over_a_variable(run, monkeypatch):
    monkeypatch.setenv("MEDPIX2_JOBS", "7")
    assert run()[0].jobs == 7
    assert run("--jobs", "2")[0].jobs == 2


def test_a_bad_value_is_a_setting_error(run):
    with pytest.raises(SettingError, match="--jobs"):
        run("--jobs", "none")


def test_every_setting_is_an_option_with_its_variable_in_the_help():
    said = {
        command: CliRunner().invoke(program, [command, "--help"], env={"COLUMNS": "200"}).output
        for command in ("build", "find")
    }
    for setting in SETTINGS:
        assert setting.option in said["build"]
        assert setting.variable in said["build"]
        # How web sites are asked is no matter of a command that asks none.
        assert (setting.option in said["find"]) == (setting.part == "")


def test_a_parameter_is_replaced_by_what_its_options_are_read_into():
    seen = []

    def command(point: tuple[int, int], name: str = "a") -> None:
        seen.append((point, name))

    options = {
        "x": Annotated[int | None, typer.Option()],
        "y": Annotated[int | None, typer.Option()],
    }
    wrapped = replaced(command, "point", options, lambda given: (given["x"], given["y"]))
    wrapped(x=1, y=2, name="b")
    assert seen == [((1, 2), "b")]
