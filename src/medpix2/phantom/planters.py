"""One function a kind of defect: changes the case on the desk and enters it into the truth."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from medpix2.phantom import places, words
from medpix2.phantom.anatomy import VIEWS
from medpix2.phantom.collection import make_case, site_of, split_of, uuid
from medpix2.phantom.desk import Desk

PLACEHOLDER = "Replace this - DESCRIPTION OF THE IMAGE OR FINDINGS."


def _picture(kind: str, desk: Desk, index: int) -> None:
    """Spoil a picture file; what it is called after stays as it was."""
    job = desk.jobs[index]
    if desk.take(job.image, "picture"):
        desk.jobs[index] = job._replace(defect=kind)
        desk.tell(kind, [job.image], "picture")


def _lettering(kind: str, desk: Desk, index: int) -> None:
    """Burn in what identifies a patient, or what a scanner writes of itself."""
    job = desk.jobs[index]
    if not desk.take(job.image, "picture"):
        return
    r = desk.r
    lines: tuple[str, ...] = (str(r.randint(1, 60)),)
    if kind == "identifier_lettering":
        first, last = words.person(r).upper().split(" ", 1)
        born = f"{r.randint(1, 12):02d}/{r.randint(1, 28):02d}/{r.randint(1921, 1999)}"
        lines = (
            f"{last}, {first}",
            f"DOB {born}",
            f"ID {r.randint(1000, 9999)}-{r.randint(10, 99)}",
        )
    desk.jobs[index] = job._replace(defect=kind, words=lines)
    desk.tell(kind, [job.image], "picture", words=list(lines))


def _montage(desk: Desk, index: int) -> None:
    image, job = desk.images[index], desk.jobs[index]
    if not desk.take(job.image, "picture", "Modality", "Plane"):
        return
    desk.jobs[index] = job._replace(defect="montage")
    said = desk.r.random() < 0.7
    if said:
        suffix = desk.r.choice(["Montage", "Montage", "Montage of Images"])
        image["Description"] |= {
            "Modality": f"{image['Type']} - {suffix}",
            "Plane": "Multiple or Montage",
        }
    desk.tell("montage", [job.image], "picture", said=said)


def _non_scan(kind: str, desk: Desk, index: int) -> None:
    """Put a photograph or drawing in the place of the scan; half of them are called so."""
    image, job = desk.images[index], desk.jobs[index]
    if not desk.take(job.image, "picture", "Plane", "Modality"):
        return
    desk.jobs[index] = job._replace(defect=kind)
    said = desk.r.random() < 0.5
    if said:
        image["Description"]["Plane"] = {"photograph": "Photograph", "drawing": "Drawing"}[kind]
    desk.tell(kind, [job.image], "picture", said=said)


def _duplicate(kind: str, desk: Desk, index: int) -> None:
    """Show another picture of the case again, described as that one is."""
    image = desk.images[index]
    others = [
        i for i, other in enumerate(desk.images) if i != index and other["Type"] == image["Type"]
    ]
    desk.r.shuffle(others)
    fields = ("picture", "Caption", "Modality", "Plane", "Type", "Location")
    for other in others:
        source = desk.jobs[other]
        if (
            source.defect is None
            and source.image == source.scene.image
            and desk.can_take(image["image"], *fields)
            and desk.take(source.image, *fields)
        ):
            desk.take(image["image"], *fields)
            _copy_description(image, desk.images[other])
            desk.jobs[index] = desk.jobs[index]._replace(scene=source.scene, defect=kind)
            desk.tell(kind, [image["image"], source.image], "picture")
            return


def _copy_description(image: dict, source: dict) -> None:  # type: ignore[type-arg]
    for key in ("Caption", "Modality", "Plane"):
        image["Description"][key] = source["Description"][key]


def _cross_case_duplicate(desk: Desk, index: int) -> None:
    """Show a sound picture of an earlier case with the same site of disease again."""
    image = desk.images[index]
    mine = site_of(desk.seed, desk.bundle.number)
    other = desk.partner(lambda number: site_of(desk.seed, number) == mine)
    fields = ("picture", "Caption", "Modality", "Plane", "Type", "Location")
    if other is None or not desk.can_take(image["image"], *fields):
        return
    sources = [theirs for theirs in other.bundle.images
               if theirs["Type"] == image["Type"] and other.spoiled(theirs["image"]) <= _OF_ROWS]  # fmt: skip
    if not sources:
        return
    desk.take(image["image"], *fields)
    source = desk.r.choice(sources)
    _copy_description(image, source)
    exact = desk.r.random() < 0.5
    scene = next(scene for scene in other.bundle.scenes if scene.image == source["image"])
    defect = "exact_duplicate" if exact else "near_duplicate"
    desk.jobs[index] = desk.jobs[index]._replace(scene=scene, defect=defect)
    desk.tell("cross_case_duplicate", [image["image"], source["image"]], "picture", exact=exact)


_OF_ROWS = frozenset({"overview_missing"})


def _same_patient(desk: Desk, index: int) -> None:
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
    desk.tell("same_patient", [desk.u_id, theirs], "Case.History",
              splits=[*desk.bundle.splits[:1], *other.bundle.splits[:1]])  # fmt: skip


_OF_PATIENTS = frozenset(
    {"same_patient", "adult_age_zero", "age_contradicts_history", "sex_contradicts_history"}
)


def _shared_topic(desk: Desk, index: int) -> None:
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
    desk.tell("topic_in_several_splits", [desk.u_id, other.bundle.case["U_id"]], "Topic",
              splits=[*split, *theirs])  # fmt: skip


def _describe(
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


def _other_side(desk: Desk, index: int) -> str | None:
    scene, caption = desk.jobs[index].scene, desk.images[index]["Description"]["Caption"]
    if scene.side == 0 or VIEWS[scene.view].plane == "Sagittal":
        return None
    here, there = ("left", "right") if scene.side > 0 else ("right", "left")
    return str(caption).replace(f"the {here} ", f"the {there} ")


def _spelling(desk: Desk, index: int) -> str:
    return desk.r.choice(["MR", "MR", "MRI"]) if desk.images[index]["Type"] == "MR" else "CT"


def _type_wrong(desk: Desk, index: int) -> None:
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


def _location_wrong(desk: Desk, index: int) -> None:
    image = desk.images[index]
    if not desk.take(image["image"], "Location"):
        return
    true = [image["Location"], image["Location Category"]]
    category = desk.r.choice([name for name in places.CATEGORIES if name != true[1]])
    image["Location"], image["Location Category"] = places.LOCATIONS[category][0][0], category
    desk.tell("location_wrong", [image["image"]], "Location Category", value=category, true=true)


def _no_location(desk: Desk, index: int) -> None:
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


def _whole_case(kind: str, key: str, desk: Desk, index: int) -> None:
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


def _joined_keywords(desk: Desk, index: int) -> None:
    keys = desk.bundle.keywords
    if len(keys) > 1 and desk.take(desk.u_id, "Topic.Keywords"):
        desk.bundle.case["Topic"]["Keywords"] = "".join(keys)
        desk.tell("joined_keywords", [desk.u_id], "Topic.Keywords", true=keys)


_LOSABLE = ("Case.Exam", "Case.Exam", "Case.Diagnosis By", "Case.Diagnosis By",
            "Case.Treatment & Follow Up", "Case.Treatment & Follow Up", "Case.Discussion",
            "Case.Discussion", "Case.Discussion", "Case.Findings", "Case.Differential Diagnosis",
            "Case.History", "Topic.Keywords", "Topic.Reference")  # fmt: skip


def _absent_key(desk: Desk, index: int) -> None:
    for name in sorted(set(desk.r.sample(_LOSABLE, desk.r.randint(1, 4)))):
        part, key = name.split(".")
        if key in desk.bundle.case[part] and desk.take(desk.u_id, name):
            del desk.bundle.case[part][key]
            desk.tell("absent_key", [desk.u_id], name)


def _report(
    kind: str, keys: tuple[str, ...], values: tuple[str, ...], desk: Desk, index: int
) -> None:
    """Put a value that says nothing into one field of the report."""
    key = desk.r.choice(keys)
    if key in desk.bundle.case["Case"] and desk.take(desk.u_id, f"Case.{key}"):
        value = desk.r.choice(values)
        desk.bundle.case["Case"][key] = value
        desk.tell(kind, [desk.u_id], f"Case.{key}", value=value)


def _personal_text(desk: Desk, index: int) -> None:
    r, report = desk.r, desk.bundle.case["Case"]
    key = r.choice(["Treatment & Follow Up", "Findings", "Discussion"])
    if key not in report or not desk.take(desk.u_id, f"Case.{key}"):
        return
    who = words.person(r)
    sort, text = r.choice([
        ("email", f"{who.lower().replace(' ', '.')}@example.org"),
        ("name", f"Mr. {who}" if r.random() < 0.5 else f"Dr. {who}"),
        ("date", f"{r.randint(1, 12):02d}/{r.randint(1, 28):02d}/{r.randint(1999, 2012)}"),
    ])  # fmt: skip
    frame = {
        "email": "Questions go to {}.",
        "name": "{} was seen again.",
        "date": "The study of {} was compared.",
    }
    report[key] += " " + frame[sort].format(text)
    desk.tell("personal_text", [desk.u_id], f"Case.{key}", sort=sort, text=text)


def _overview_missing(desk: Desk, index: int) -> None:
    image = desk.images[index]
    # As in the release: only rows of CT are out of step.
    if image["Type"] == "CT" and desk.take(image["image"], "overview"):
        desk.bundle.hidden.add(image["image"])
        desk.tell("overview_missing", [image["image"]], "images_overview.csv")


def _overview_extra(desk: Desk, index: int) -> None:
    if desk.images[index]["Type"] == "CT":
        gone = f"{desk.u_id}_synpic{900_000_000 + 16 * desk.bundle.number + index}"
        desk.bundle.extra_rows.append(("CT", gone, uuid(desk.r)))
        desk.tell("overview_extra", [gone], "images_overview.csv", u_id=desk.u_id)


def _undescribed(kind: str, desk: Desk, index: int) -> None:
    """Take away a picture's description, its place in the case's list, or both."""
    image, case = desk.images[index], desk.bundle.case
    if not desk.take(image["image"], "*"):
        return
    if kind != "described_not_listed":
        desk.bundle.images = [other for other in desk.bundle.images if other is not image]
    if kind != "listed_without_description":
        for key in ("TAC", "MRI"):
            case[key] = [i for i in case[key] if i != image["image"]]
    desk.tell(kind, [image["image"]], None, u_id=desk.u_id)


def _splits(kind: str, desk: Desk, index: int) -> None:
    """Leave a case out of the split lists, or name it in a second split."""
    if not desk.take(desk.u_id, "splits"):
        return
    before = list(desk.bundle.splits)
    desk.bundle.splits = (
        [] if kind == "missing_from_splits" else [*before, "dev" if before[0] == "test" else "test"]
    )
    desk.tell(kind, [desk.u_id], "uid_list.json", true=before, value=list(desk.bundle.splits))


def _fixed(*values: str) -> Callable[[Desk, int], str]:
    return lambda desk, index: desk.r.choice(values)


PLANTERS: dict[str, Callable[[Desk, int], None]] = {
    **{kind: partial(_picture, kind) for kind in (
        "rgba", "blank_picture", "tiny_picture", "extreme_aspect", "truncated_file",
        "zero_byte_file", "missing_picture")},
    **{kind: partial(_lettering, kind) for kind in ("identifier_lettering", "scan_lettering")},
    **{kind: partial(_non_scan, kind) for kind in ("photograph", "drawing")},
    **{kind: partial(_duplicate, kind) for kind in ("exact_duplicate", "near_duplicate")},
    **{kind: partial(_undescribed, kind) for kind in (
        "picture_without_description", "listed_without_description", "described_not_listed")},
    **{kind: partial(_splits, kind) for kind in ("missing_from_splits", "repeated_in_splits")},
    "montage": _montage,
    "cross_case_duplicate": _cross_case_duplicate,
    "same_patient": _same_patient,
    "topic_in_several_splits": _shared_topic,
    "placeholder_caption": partial(_describe, "placeholder_caption", "Caption", _fixed(PLACEHOLDER)),
    "caption_not_available": partial(
        _describe, "caption_not_available", "Caption", _fixed("Not Available.", "N/A", "Not available")),
    "laterality": partial(_describe, "laterality", "Caption", _other_side),
    "non_scan_modality": partial(
        _describe, "non_scan_modality", "Modality", _fixed("Drawing", "Virtual Colonoscopy")),
    "non_scan_plane": partial(
        _describe, "non_scan_plane", "Plane", _fixed("Photograph", "Gross Pathology", "Drawing")),
    "modality_spelling": partial(_describe, "modality_spelling", "Modality", _spelling),
    "sex_missing": partial(_describe, "sex_missing", "Sex", _fixed("N/A")),
    "type_wrong": _type_wrong,
    "location_wrong": _location_wrong,
    "no_location": _no_location,
    "adult_age_zero": partial(_whole_case, "adult_age_zero", "Age"),
    "sex_contradicts_history": partial(_whole_case, "sex_contradicts_history", "Sex"),
    "age_contradicts_history": partial(_whole_case, "age_contradicts_history", "Age"),
    "joined_keywords": _joined_keywords,
    "absent_key": _absent_key,
    "not_available_text": partial(
        _report, "not_available_text", ("Exam", "Diagnosis By", "Treatment & Follow Up"),
        ("N/A", "Not available", "n/a", "None")),
    "tiny_text": partial(_report, "tiny_text", ("Findings", "Discussion", "Exam"), (".", "-", "ok", "see above")),
    "personal_text": _personal_text,
    "overview_missing": _overview_missing,
    "overview_extra": _overview_extra,
}  # fmt: skip
"""By kind: called with the desk and the index of the image (0 for a case)."""
