"""Defects of reports, descriptions and labels."""

from __future__ import annotations

from collections.abc import Callable

from medpix2.phantom import places, words
from medpix2.phantom.anatomy import VIEWS
from medpix2.phantom.collection import make_case, site_of, split_of
from medpix2.phantom.desk import Desk

PLACEHOLDER = "Replace this - DESCRIPTION OF THE IMAGE OR FINDINGS."


def same_patient(desk: Desk, index: int) -> None:
    """Make the case another visit of an earlier case's patient."""
    sex = desk.bundle.scenes[0].body.sex
    other = desk.partner(lambda number: make_case(desk.seed, number).scenes[0].body.sex == sex)
    if other is None or "History" not in other.bundle.case["Case"]:
        return
    theirs = other.bundle.case["U_id"]
    if other.spoiled(theirs) & _OF_PATIENTS or not desk.can_take(desk.u_id, "Case.History"):
        return
    if not desk.take_all("Age"):
        return
    desk.take(desk.u_id, "Case.History")
    desk.bundle.case["Case"]["History"] = other.bundle.case["Case"]["History"]
    for image in desk.images:
        image["Description"]["Age"] = str(other.bundle.scenes[0].body.age)
    desk.tell(
        "same_patient",
        [desk.u_id, theirs],
        "Case.History",
        splits=[*desk.bundle.splits[:1], *other.bundle.splits[:1]],
    )


_OF_PATIENTS = frozenset(
    {"same_patient", "adult_age_zero", "age_contradicts_history", "sex_contradicts_history"}
)


def shared_topic(desk: Desk, index: int) -> None:
    """Give the case the topic of an earlier case in another split."""
    mine, split = site_of(desk.seed, desk.bundle.number), desk.bundle.splits[:1]
    other = desk.partner(
        lambda number: (
            split_of(desk.seed, number)[:1] != split and site_of(desk.seed, number) == mine
        )
    )
    if other is None or "topic_in_several_splits" in other.spoiled(other.bundle.case["U_id"]):
        return
    theirs = other.bundle.splits[:1]
    fields = ("Topic.Keywords", "Topic.Reference", "Topic")
    if not split or not theirs or split == theirs or not desk.take(desk.u_id, *fields):
        return
    desk.bundle.case["Topic"] = dict(other.bundle.case["Topic"])
    desk.tell(
        "topic_in_several_splits",
        [desk.u_id, other.bundle.case["U_id"]],
        "Topic",
        splits=[*split, *theirs],
    )


def describe(
    kind: str, key: str, choose: Callable[[Desk, int], str | None], desk: Desk, index: int
) -> None:
    """Change one field of an image's description to what `choose` returns (None: leave it)."""
    image = desk.images[index]
    value = choose(desk, index)
    if value is None or not desk.take(image["image"], key):
        return
    true = image["Description"][key]
    image["Description"][key] = value
    desk.tell(kind, [image["image"]], f"Description.{key}", value=value, true=true)


def other_side(desk: Desk, index: int) -> str | None:
    """Return the caption with left and right changed, or None where no side shows."""
    scene, caption = desk.jobs[index].scene, desk.images[index]["Description"]["Caption"]
    if scene.side == 0 or VIEWS[scene.view].plane == "Sagittal":
        return None
    here, there = ("left", "right") if scene.side > 0 else ("right", "left")
    return str(caption).replace(f"the {here} ", f"the {there} ")


def spelling(desk: Desk, index: int) -> str:
    """Return a modality that says no more than the type."""
    return desk.r.choice(["MR", "MR", "MRI"]) if desk.images[index]["Type"] == "MR" else "CT"


def type_wrong(desk: Desk, index: int) -> None:
    """Call a CT picture MR or the reverse, at times in its modality too."""
    image, case = desk.images[index], desk.bundle.case
    if not desk.take(image["image"], "Type", "Modality"):
        return
    true = image["Type"]
    image["Type"] = "MR" if true == "CT" else "CT"
    too = desk.r.random() < 0.5
    if too:
        image["Description"]["Modality"] = (
            "MR - T2 weighted" if true == "CT" else "CT - noncontrast"
        )
    source, goal = ("TAC", "MRI") if true == "CT" else ("MRI", "TAC")
    if image["image"] in case[source]:
        case[source].remove(image["image"])
        case[goal].append(image["image"])
    desk.tell(
        "type_wrong", [image["image"]], "Type", value=image["Type"], true=true, modality_too=too
    )


def location_wrong(desk: Desk, index: int) -> None:
    """Put one picture of a case into another location category."""
    image = desk.images[index]
    if not desk.take(image["image"], "Location"):
        return
    true = [image["Location"], image["Location Category"]]
    category = desk.r.choice([name for name in places.CATEGORIES if name != true[1]])
    image["Location"], image["Location Category"] = places.LOCATIONS[category][0][0], category
    desk.tell("location_wrong", [image["image"]], "Location Category", value=category, true=true)


def no_location(desk: Desk, index: int) -> None:
    """Give the pictures of a case a location that is none."""
    if not desk.take_all("Location"):
        return
    value, true = desk.r.choice(["Bethesda, MD", "Left Blank"]), desk.images[0]["Location"]
    for image in desk.images:
        image["Location"] = value
    desk.tell(
        "no_location",
        [desk.u_id, *(i["image"] for i in desk.images)],
        "Location",
        value=value,
        true=true,
    )


def whole_case(kind: str, key: str, desk: Desk, index: int) -> None:
    """Give all pictures of a case an age or sex that its history contradicts."""
    body = desk.bundle.scenes[0].body
    if key == "Sex":
        value = "male" if body.sex == "female" else "female"
    elif kind == "adult_age_zero":
        value = "0"
    else:
        value = str(body.age + 25 if body.age < 50 else body.age - 30)
    if kind == "adult_age_zero" and body.age < 18:
        return
    if not desk.can_take(desk.u_id, "Case.History") or not desk.take_all(key):
        return
    desk.take(desk.u_id, "Case.History")
    true = desk.images[0]["Description"][key]
    for image in desk.images:
        image["Description"][key] = value
    desk.tell(
        kind,
        [desk.u_id, *(i["image"] for i in desk.images)],
        f"Description.{key}",
        value=value,
        true=true,
    )


def joined_keywords(desk: Desk, index: int) -> None:
    """Join the key words without a separator."""
    keys = desk.bundle.keywords
    if len(keys) > 1 and desk.take(desk.u_id, "Topic.Keywords"):
        desk.bundle.case["Topic"]["Keywords"] = "".join(keys)
        desk.tell("joined_keywords", [desk.u_id], "Topic.Keywords", true=keys)


_LOSABLE = (
    "Case.Exam",
    "Case.Exam",
    "Case.Diagnosis By",
    "Case.Diagnosis By",
    "Case.Treatment & Follow Up",
    "Case.Treatment & Follow Up",
    "Case.Discussion",
    "Case.Discussion",
    "Case.Discussion",
    "Case.Findings",
    "Case.Differential Diagnosis",
    "Case.History",
    "Topic.Keywords",
    "Topic.Reference",
)


def absent_key(desk: Desk, index: int) -> None:
    """Leave out one to four keys of report and topic."""
    for name in sorted(set(desk.r.sample(_LOSABLE, desk.r.randint(1, 4)))):
        part, key = name.split(".")
        if key in desk.bundle.case[part] and desk.take(desk.u_id, name):
            del desk.bundle.case[part][key]
            desk.tell("absent_key", [desk.u_id], name)


def report(
    kind: str, keys: tuple[str, ...], values: tuple[str, ...], desk: Desk, index: int
) -> None:
    """Put a value that says nothing into one field of the report."""
    key = desk.r.choice(keys)
    if key in desk.bundle.case["Case"] and desk.take(desk.u_id, f"Case.{key}"):
        value = desk.r.choice(values)
        desk.bundle.case["Case"][key] = value
        desk.tell(kind, [desk.u_id], f"Case.{key}", value=value)


def personal_text(desk: Desk, index: int) -> None:
    """Add an e-mail address, a name or a date to a text."""
    r, report = desk.r, desk.bundle.case["Case"]
    key = r.choice(["Treatment & Follow Up", "Findings", "Discussion"])
    if key not in report or not desk.take(desk.u_id, f"Case.{key}"):
        return
    who = words.person(r)
    sort, text = r.choice(
        [
            ("email", f"{who.lower().replace(' ', '.')}@example.org"),
            ("name", f"Mr. {who}" if r.random() < 0.5 else f"Dr. {who}"),
            ("date", f"{r.randint(1, 12):02d}/{r.randint(1, 28):02d}/{r.randint(1999, 2012)}"),
        ]
    )
    frame = {
        "email": "Questions go to {}.",
        "name": "{} was seen again.",
        "date": "The study of {} was compared.",
    }
    report[key] += " " + frame[sort].format(text)
    desk.tell("personal_text", [desk.u_id], f"Case.{key}", sort=sort, text=text)


def fixed(*values: str) -> Callable[[Desk, int], str]:
    """Return a function that chooses one of these values."""
    return lambda desk, index: desk.r.choice(values)
