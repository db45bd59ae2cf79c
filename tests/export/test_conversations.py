import json

import pytest

from medpix2.export.conversations import MAX_PICTURES, conversations_of, history_of
from medpix2.export.joined import pictures_with_case
from medpix2.export.tasks import REPORT_TASKS, TASKS

SECRETS = (
    "Hamartoma Aspergilloma Biopsia Lobectomia Discussum Chondroma Morbus 6.31 Neoplasma Verbum "
    "Liber nexus.example"
).split()  # what stands in the fields that give the diagnosis away


@pytest.fixture
def asked(told):
    """Return what asks about a case of the content."""

    def ask(at=1, **more):
        case = told.held[at]
        rows = pictures_with_case(case, [None] * len(case.pictures))
        files = [f"images/{row['image_id']}.png" for row in rows]
        return list(conversations_of(rows, files, **more))

    return ask


def by_task(found):
    return {one.task: one for one in found}


def test_every_answer_is_a_field_of_the_record(asked):
    found = by_task(asked())
    assert set(found) == set(TASKS) - {"contrast"}  # which the source does not tell
    diagnosis = found["diagnosis"]
    assert diagnosis.answer == (
        "Diagnosis: Hamartoma, chondroid\nDifferential diagnosis: Aspergilloma"
    )
    assert diagnosis.source_field == ("Case.Case Diagnosis", "Case.Differential Diagnosis")
    assert found["findings"].answer == "A mass in the lung."
    assert found["treatment"].answer == "Lobectomia"
    assert (found["sequence"].label, found["sequence"].images) == (
        "FLAIR", ("images/MPX1001_mr0.png",),
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(6))
def test_no_question_tells_what_gives_the_diagnosis_away(asked, seed):
    for one in asked(seed=seed):
        assert not [word for word in SECRETS if word.lower() in one.question.lower()], one


@pytest.mark.parametrize("task", [task.name for task in REPORT_TASKS if task.context])
def test_what_is_known_before_the_pictures_is_told(asked, task):
    question = by_task(asked())[task].question
    assert question.startswith("Patient: 40-year-old man.\nHistory: A cough.\nExamination: Pale.\n")


def test_a_history_that_names_the_diagnosis_leaves_the_case_out(told, asked, exported):
    told.held[1].document["Case"] = {
        **told.held[1].document["Case"], "History": "Known hamartomas.",
    }  # fmt: skip
    assert set(by_task(asked())) == {
        "modality", "plane", "sequence", "location_category", "location", "caption", "findings",
    }  # fmt: skip
    card = (exported("conversations") / "README.md").read_text("utf-8")
    assert "whose history names the diagnosis (by a word of its own, not by a synonym): 1." in card


def test_an_examination_that_names_the_diagnosis_is_not_told(told, asked):
    told.held[1].document["Case"] = {
        **told.held[1].document["Case"], "Exam": "A chondroma can be felt.",
    }  # fmt: skip
    question = by_task(asked())["diagnosis"].question
    assert "History: A cough." in question and "Examination" not in question


def test_no_history_no_question_for_the_diagnosis():
    row = {"history": None, "exam": "Pale.", "case_diagnosis": "A", "title": "B", "topic": "C"}
    assert history_of({**row, "age": None, "sex": None}) is None


def test_wordings_differ_and_are_drawn_from_seed_and_id(asked):
    assert asked(seed=3) == asked(seed=3)
    questions = {by_task(asked(seed=seed))["modality"].question for seed in range(12)}
    assert len(questions) > 1
    # Other tasks and other cases change nothing.
    assert asked(seed=3, tasks=["plane"]) == [one for one in asked(seed=3) if one.task == "plane"]


def test_a_plane_that_is_none_is_not_asked_for(told, asked):
    for picture in told.held[1].pictures:
        picture.document["meta"]["normalized"]["plane"] = "Multiple"
    assert "plane" not in by_task(asked())


def test_many_pictures_are_cut(told, asked):
    told.add("MPX3000", ct=MAX_PICTURES + 2)
    told.held[-1].document["Case"] = told.held[1].document["Case"]
    assert len(by_task(asked(-1))["findings"].images) == MAX_PICTURES


def test_the_two_forms_say_the_same(exported):
    folder = exported("conversations", seed=5)
    for split in ("train", "dev", "all"):
        llava = json.loads((folder / f"llava_{split}.json").read_text("utf-8"))
        lines = (folder / f"messages_{split}.jsonl").read_text("utf-8").splitlines()
        assert len(llava) == len(lines) > 5
        for one, line in zip(llava, map(json.loads, lines), strict=True):
            human, gpt = one["conversations"]
            images = one["image"] if isinstance(one["image"], list) else [one["image"]]
            asked, answered = line["messages"]
            assert human["value"] == "<image>\n" * len(images) + asked["content"][-1]["text"]
            assert [part["type"] for part in asked["content"]] == ["image"] * len(images) + ["text"]
            assert gpt["value"] == answered["content"][0]["text"] and line["images"] == images
            assert one["id"] == line["id"] and all((folder / name).is_file() for name in images)
            assert one["split"] == (None if split == "all" else split)


def test_tasks_can_be_chosen(exported):
    folder = exported("conversations", fields=("plane",))
    found = json.loads((folder / "llava_train.json").read_text("utf-8"))
    assert {one["task"] for one in found} == {"plane"}


def test_messages_fit_a_chat_template(exported):
    transformers = pytest.importorskip("transformers")
    assert transformers
    from transformers.utils.chat_template_utils import render_jinja_template

    lines = (exported("conversations") / "messages_dev.jsonl").read_text("utf-8").splitlines()
    template = (
        "{% for m in messages %}[{{ m.role }}]{% for c in m.content %}"
        "{% if c.type == 'image' %}<img>{% else %}{{ c.text }}{% endif %}{% endfor %}{% endfor %}"
    )
    talks = [json.loads(line)["messages"] for line in lines]
    rendered, _ = render_jinja_template(conversations=talks, chat_template=template)
    assert all(text.startswith("[user]<img>") and "[assistant]" in text for text in rendered)


def test_the_page_s_example_runs(exported, run_example):
    row = run_example("conversations", exported("conversations"))["data"][0]
    assert row["images"][0].size == (24, 16) and row["messages"][0]["role"] == "user"
