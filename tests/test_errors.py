from __future__ import annotations

import pickle

import pytest

from medpix2 import errors
from medpix2.errors import Medpix2Error, OutputError, ProblemsFound

ALL = [
    error
    for error in vars(errors).values()
    if isinstance(error, type) and issubclass(error, Medpix2Error)
]


@pytest.mark.parametrize("error", ALL, ids=lambda error: error.__name__)
def test_every_error_says_what_failed_and_what_to_do(error):
    raised = error("Case 'MPX9' is not here", "list the cases")
    assert str(raised) == "Case 'MPX9' is not here: list the cases"
    assert (raised.failed, raised.todo) == ("Case 'MPX9' is not here", "list the cases")
    assert error.__doc__


@pytest.mark.parametrize("error", ALL, ids=lambda error: error.__name__)
def test_an_error_of_a_worker_process_reaches_its_parent(error):
    back = pickle.loads(pickle.dumps(error("a failed", "do b")))
    assert type(back) is error
    assert str(back) == "a failed: do b"


def test_problems_come_along_to_the_parent():
    back = pickle.loads(pickle.dumps(ProblemsFound("a failed", "do b", ["one", "two"])))
    assert back.problems == ["one", "two"]


@pytest.mark.parametrize("error", ALL, ids=lambda error: error.__name__)
def test_the_tree_at_the_top_of_the_module_has_every_error(error):
    line = next(
        line
        for line in errors.__doc__.splitlines()
        if line.split("-- ")[-1].startswith(error.__name__)
    )
    # Its place in the drawing is its place in the tree: four columns a level.
    assert line.index(error.__name__) == 4 * (error.__mro__.index(Medpix2Error))


def test_python_code_can_catch_them_as_the_usual_errors():
    assert issubclass(errors.SettingError, ValueError)
    assert issubclass(errors.QueryError, ValueError)
    assert issubclass(errors.NotFound, LookupError)
    with pytest.raises(OSError, match="disk"):
        raise OutputError("disk is full", "make room")
