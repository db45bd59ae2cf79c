"""Rules over what was seen in pictures: blank ones, photographs, drawings, colour, montages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from medpix2.curate.content import CONTENT
from medpix2.curate.panels import PANELS
from medpix2.curate.rule import Hit, Rule, Subject

LEAST_CONTRAST = 10.0  # grey levels; the faintest scan of the published release has 24
LEAST_CONTENT = 0.02  # share of the body; the emptiest scan of the published release has 0.11
LEAST_PIXELS = 64 * 64  # of a picture; the smallest of the published release has 96 x 112
MOST_ASPECT = 3.0  # longer side to shorter; 2.84 at most in the published release
IN_COLOUR = 0.2  # share of coloured pixels of a picture that is in colour as a whole
VIVID_SHARE = 0.05  # of vivid pixels: tinted films of scans have 0.003 at most
MARK_SHARE = 0.0003  # of clearly coloured pixels: a short line or a few letters
PAPER_LEVEL, PAPER_SHARE = 200, 0.75  # a drawing's ground; of a scan at most 0.66 is as white
LEAST_BAND = 0.03  # height of a band at the foot, as a share of the picture's

_Seen = Mapping[str, Any]


def _looked(subject: Subject, look: str) -> Iterator[tuple[str, Any]]:
    """Yield the id of each image that was looked at, and what was seen."""
    for image in subject.images:
        seen = subject.looked.get(image["_id"], {}).get(look)
        if seen is not None:
            yield image["_id"], seen


def _files(subject: Subject) -> Iterator[tuple[str, _Seen]]:
    for image in subject.images:
        if image.get("file"):
            yield image["_id"], image["file"]


def _is_blank(seen: _Seen) -> bool:
    return bool(seen["contrast"] < LEAST_CONTRAST or seen["content"] < LEAST_CONTENT)


def _is_drawing(seen: _Seen) -> bool:
    level, share = seen["paper"]
    return level >= PAPER_LEVEL and share >= PAPER_SHARE and not _is_blank(seen)


def _is_photograph(seen: _Seen) -> bool:
    return bool(
        seen["coloured"] >= IN_COLOUR
        and seen["vivid"] >= VIVID_SHARE
        and not _is_drawing(seen)
        and not _is_blank(seen)
    )


def _blank(subject: Subject) -> Iterator[Hit]:
    for name, seen in _looked(subject, CONTENT.name):
        if _is_blank(seen):
            evidence = {"contrast": seen["contrast"], "content": seen["content"]}
            yield Hit(name, "nothing is to be seen in the picture", evidence=evidence)


def _tiny(subject: Subject) -> Iterator[Hit]:
    for name, file in _files(subject):
        if file["width"] * file["height"] < LEAST_PIXELS:
            size = {"width": file["width"], "height": file["height"]}
            message = f"the picture has only {file['width']} x {file['height']} pixels"
            yield Hit(name, message, evidence=size)


def _strip(subject: Subject) -> Iterator[Hit]:
    for name, file in _files(subject):
        short, long = sorted((file["width"], file["height"]))
        if long > MOST_ASPECT * short:
            aspect = round(long / short, 2)
            message = f"the picture is a strip: one side is {aspect} times the other"
            yield Hit(name, message, evidence={"aspect": aspect})


def _photograph(subject: Subject) -> Iterator[Hit]:
    for name, seen in _looked(subject, CONTENT.name):
        if _is_photograph(seen):
            evidence = {"coloured": seen["coloured"], "vivid": seen["vivid"]}
            yield Hit(name, "a photograph (of a patient, pathology or endoscopy)", None, evidence)


def _drawing(subject: Subject) -> Iterator[Hit]:
    for name, seen in _looked(subject, CONTENT.name):
        if _is_drawing(seen):
            evidence = {"paper": seen["paper"]}
            yield Hit(name, "a drawing, chart or text on white ground", None, evidence)


def _tinted(subject: Subject) -> Iterator[Hit]:
    for name, seen in _looked(subject, CONTENT.name):
        if seen["coloured"] >= IN_COLOUR and not (_is_photograph(seen) or _is_drawing(seen)):
            yield Hit(name, "the whole scan is tinted", None, {"coloured": seen["coloured"]})


def _overlay(subject: Subject) -> Iterator[Hit]:
    for name, seen in _looked(subject, CONTENT.name):
        if seen["marked"] >= MARK_SHARE and seen["coloured"] < IN_COLOUR and not _is_drawing(seen):
            yield Hit(
                name, "coloured marks are drawn over the scan", None, {"marked": seen["marked"]}
            )


def _montage(subject: Subject) -> Iterator[Hit]:
    for name, seen in _looked(subject, PANELS.name):
        if seen["panels"] > 1:
            message = f"a montage of {seen['panels']} panels, parted by a {seen['by']}"
            yield Hit(name, message, None, {"panels": seen["panels"], "boxes": seen["boxes"]})


def _band(subject: Subject) -> Iterator[Hit]:
    for name, seen in _looked(subject, CONTENT.name):
        if seen["band"] >= LEAST_BAND and not _is_blank(seen):
            message = f"{seen['band']:.0%} of the height is one even band: was the file cut off?"
            yield Hit(name, message, None, {"band": seen["band"]})


def _alpha(subject: Subject) -> Iterator[Hit]:
    for name, file in _files(subject):
        if file["mode"] in ("RGBA", "LA", "PA", "La", "RGBa"):
            message = f"the file's mode is {file['mode']}; its alpha channel is left out"
            yield Hit(name, message, None, {"mode": file["mode"]})


PICTURE_RULES: tuple[Rule, ...] = (
    Rule("blank-picture", 1, "exclude", "look content",
         "There is nothing to learn from an empty picture.", _blank),
    Rule("tiny-picture", 1, "exclude", "file: width, height",
         "An icon shows no finding; models enlarge it several times.", _tiny),
    Rule("extreme-aspect", 1, "review", "file: width, height",
         "A strip loses most of its content when it is cropped or squeezed to a square.", _strip),
    Rule("photograph", 1, "review", "look content",
         "A photograph is no CT or MR picture, and may show a person.", _photograph),
    Rule("drawing", 1, "review", "look content",
         "A drawing, chart or page of text is no CT or MR picture.", _drawing),
    Rule("tinted-scan", 1, "note", "look content",
         "A tint tells the source, not the patient; converting to grey takes it away.", _tinted),
    Rule("colour-overlay", 1, "note", "look content",
         "Coloured arrows, frames and measures were added by people and may give the finding away.",
         _overlay),
    Rule("montage", 1, "review", "look panels",
         "One caption, plane and sequence cannot describe several panels.", _montage),
    Rule("even-band", 1, "review", "look content",
         "A band of one grey is what a decoder leaves of a file that was cut off.", _band),
    Rule("alpha-channel", 1, "note", "file: mode",
         "Models want one or three channels; the alpha of these files says nothing.", _alpha),
)  # fmt: skip
"""Rules over single pictures."""
