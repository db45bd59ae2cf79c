"""Defects of the lists that hold a collection together."""

from __future__ import annotations

from medpix2.phantom.collection import uuid
from medpix2.phantom.desk import Desk


def overview_missing(desk: Desk, index: int) -> None:
    """Leave a CT picture's row out of the overview."""
    image = desk.images[index]
    # As in the release: only rows of CT are out of step.
    if image["Type"] == "CT" and desk.take(image["image"], "overview"):
        desk.bundle.hidden.add(image["image"])
        desk.tell("overview_missing", [image["image"]], "images_overview.csv")


def overview_extra(desk: Desk, index: int) -> None:
    """Give the overview a row of a CT picture that is not in the set."""
    if desk.images[index]["Type"] == "CT":
        gone = f"{desk.u_id}_synpic{900_000_000 + 16 * desk.bundle.number + index}"
        desk.bundle.extra_rows.append(("CT", gone, uuid(desk.r)))
        desk.tell("overview_extra", [gone], "images_overview.csv", u_id=desk.u_id)


def undescribed(kind: str, desk: Desk, index: int) -> None:
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


def splits(kind: str, desk: Desk, index: int) -> None:
    """Leave a case out of the split lists, or name it in a second split."""
    if not desk.take(desk.u_id, "splits"):
        return
    before = list(desk.bundle.splits)
    desk.bundle.splits = (
        [] if kind == "missing_from_splits" else [*before, "dev" if before[0] == "test" else "test"]
    )
    desk.tell(kind, [desk.u_id], "uid_list.json", true=before, value=list(desk.bundle.splits))
