from string import Formatter

import pytest

from medpix2.export.joined import LABELS, WITH_CASE
from medpix2.export.tasks import LABEL_TASKS, REPORT_TASKS, TASKS

BY_NAME = {field.name: field for field in WITH_CASE}


def fields_in(text):
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_tasks_have_different_names_and_several_wordings():
    assert len(set(TASKS)) == len(TASKS) == len(LABEL_TASKS) + len(REPORT_TASKS)
    for task in LABEL_TASKS:
        assert len({question for question, _ in task.wordings}) == len(task.wordings) >= 3
    for task in REPORT_TASKS:
        assert len(set(task.questions)) == len(task.questions) >= 2


@pytest.mark.parametrize("task", LABEL_TASKS, ids=lambda task: task.name)
def test_a_label_is_asked_for_and_only_the_answer_has_it(task):
    assert task.label in LABELS
    for question, answer in task.wordings:
        assert not fields_in(question) and fields_in(answer) <= {"label", "said"} != set()
    assert not task.unasked & set(task.said)


@pytest.mark.parametrize("task", REPORT_TASKS, ids=lambda task: task.name)
def test_a_text_is_asked_for_and_its_source_is_known(task):
    assert len(task.answer) == len(task.source_fields)
    for (name, said), source in zip(task.answer.items(), task.source_fields, strict=True):
        assert BY_NAME[name].at == tuple(source.split(".")) and fields_in(said) == {"text"}
    for question in task.questions:
        assert not fields_in(question)
