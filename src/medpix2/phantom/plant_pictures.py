"""Defects of pictures: what the file shows instead, and what is said of it."""

from __future__ import annotations

from medpix2.phantom import words
from medpix2.phantom.collection import site_of
from medpix2.phantom.desk import Desk


def picture(kind: str, desk: Desk, index: int) -> None:
    """Spoil a picture file; what it is called after stays as it was."""
    job = desk.jobs[index]
    if desk.take(job.image, "picture"):
        desk.jobs[index] = job._replace(defect=kind)
        desk.tell(kind, [job.image], "picture")


def lettering(kind: str, desk: Desk, index: int) -> None:
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


def montage(desk: Desk, index: int) -> None:
    """Show four sections in one picture; most are called a montage."""
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


def non_scan(kind: str, desk: Desk, index: int) -> None:
    """Put a photograph or drawing in the place of the scan; half of them are called so."""
    image, job = desk.images[index], desk.jobs[index]
    if not desk.take(job.image, "picture", "Plane", "Modality"):
        return
    desk.jobs[index] = job._replace(defect=kind)
    said = desk.r.random() < 0.5
    if said:
        image["Description"]["Plane"] = {"photograph": "Photograph", "drawing": "Drawing"}[kind]
    desk.tell(kind, [job.image], "picture", said=said)


def duplicate(kind: str, desk: Desk, index: int) -> None:
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


def cross_case_duplicate(desk: Desk, index: int) -> None:
    """Show a sound picture of an earlier case with the same site of disease again."""
    image = desk.images[index]
    mine = site_of(desk.seed, desk.bundle.number)
    other = desk.partner(lambda number: site_of(desk.seed, number) == mine)
    fields = ("picture", "Caption", "Modality", "Plane", "Type", "Location")
    if other is None or not desk.can_take(image["image"], *fields):
        return
    sources = [
        theirs
        for theirs in other.bundle.images
        if theirs["Type"] == image["Type"] and other.spoiled(theirs["image"]) <= _OF_ROWS
    ]
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
