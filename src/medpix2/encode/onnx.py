"""A trained model, run by ONNX Runtime alone: a folder of both towers and what they need.

- `picture.onnx`: pictures to embeddings, features, and scores of each task's classes, from the
  class prompts (embedded in it) and from heads; the scores at each place of the last feature map.
- `text.onnx` and `tokenizer.json`: texts to embeddings.
- `model.json`: see `About`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from medpix2.encode import prepare
from medpix2.encode.prepare import Pixels, Preparation, batch_of
from medpix2.errors import MissingPackage, SourceError

VERSION = 1
ABOUT, PICTURE, TEXT, TOKENIZER = "model.json", "picture.onnx", "text.onnx", "tokenizer.json"

# Not "embedding": operators in a graph may have that name.
EMBEDDING, FEATURES, TEXT_OUTPUT = "picture_embedding", "picture_features", "text_embedding"

Plane = NDArray[np.float32]
Way = Literal["prompts", "heads"]


class Task(BaseModel):
    """A label that a model tells: its classes, their prompts, and how sure its scores are."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    classes: tuple[str, ...] = Field(description="In the order of the scores.")
    prompts: dict[str, tuple[str, ...]] = Field(description="Class to the texts embedded for it.")
    ways: tuple[Way, ...] = Field(description="Where scores come from; the best on dev first.")
    temperatures: dict[Way, float] = Field(
        default={}, description="By which scores are divided; fitted on dev."
    )


class About(BaseModel):
    """What `model.json` says."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: int = Field(description="Of this form.")
    name: str = Field(description="Name of the recipe.")
    prepare_version: int = Field(description="`encode.prepare.VERSION` of its training.")
    size: int = Field(description="Width and height of its pictures.")
    mask: bool = Field(description="Whether burned-in lettering was masked.")
    length: int = Field(description="Tokens of a text at most.")
    tasks: dict[str, Task] = Field(description="Name of a label to its task.")
    recipe: dict[str, Any] = Field(description="The whole recipe.")
    data: dict[str, Any] = Field(description="What it was trained on: counts, hash of the lines.")


class Model:
    """A model of a folder, opened; `close` is not needed.

    Parameters
    ----------
    folder
        Where it lies.
    threads
        That one picture may use; 0 lets ONNX Runtime choose.

    Raises
    ------
    SourceError
        It is no model, is broken, or of another version.
    """

    def __init__(self, folder: Path, threads: int = 0) -> None:
        self.folder = folder
        self.about = read_about(folder)
        self.preparation = Preparation(self.about.size, self.about.mask)
        self._threads = threads
        self._picture = self._session(PICTURE)
        self.outputs: tuple[str, ...] = tuple(out.name for out in self._picture.get_outputs())
        self._text: Any = None
        self._tokenizer: Any = None

    def pictures(self, squares: Sequence[Pixels], names: Sequence[str]) -> dict[str, Plane]:
        """Return some of the outputs for prepared pictures, the first axis being the picture.

        They are `EMBEDDING` (of length 1), `FEATURES`, and for each task `prompts.TASK` and
        `heads.TASK` (scores of its classes) and `heat.TASK` (classes, rows, columns).
        """
        found = self._picture.run(list(names), {"pictures": batch_of(squares)})
        return dict(zip(names, found, strict=True))

    def texts(self, texts: Sequence[str]) -> Plane:
        """Return the embeddings of texts, each of length 1."""
        if self._text is None:
            self._text = self._session(TEXT)
            self._tokenizer = open_tokenizer(self.folder / TOKENIZER, self.about.length)
        found = []
        for at in range(0, len(texts), 32):
            ids, mask = tokens_of(self._tokenizer, texts[at : at + 32])
            found.append(self._text.run([TEXT_OUTPUT], {"ids": ids, "mask": mask})[0])
        return np.concatenate(found)

    def probabilities(self, outputs: Mapping[str, Plane], task: str, way: Way) -> Plane:
        """Return calibrated probabilities of a task's classes, shape (pictures, classes)."""
        temperature = self.about.tasks[task].temperatures.get(way, 1.0)
        return softmax(outputs[f"{way}.{task}"] / temperature)

    def _session(self, name: str) -> Any:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = self._threads
        try:
            return onnxruntime.InferenceSession(
                self.folder / name, options, providers=["CPUExecutionProvider"]
            )
        # Its errors are not exported as classes of their own.
        except Exception as error:  # noqa: BLE001
            raise SourceError(
                f"{self.folder / name} cannot be opened ({error})", "export the model again"
            ) from None


def read_about(folder: Path) -> About:
    """Return what the `model.json` of a folder says; `SourceError` if it is no model."""
    path = folder / ABOUT
    try:
        about = About.model_validate_json(path.read_text("utf-8"))
    except FileNotFoundError:
        raise SourceError(
            f"{folder} is no model: it has no {ABOUT}", "train one: medpix2 train RECIPE DATA OUT"
        ) from None
    except (OSError, ValidationError, UnicodeDecodeError) as error:
        raise SourceError(f"{path} cannot be read ({error})", "export the model again") from None
    if about.version != VERSION:
        raise SourceError(
            f"{folder} is a model of version {about.version}, not {VERSION}", "train it again"
        )
    if about.prepare_version != prepare.VERSION:
        raise SourceError(
            f"The model {folder} knows pictures of preparation {about.prepare_version}, this "
            f"medpix2 makes {prepare.VERSION}",
            "train it again, or use the medpix2 that made it",
        )
    return about


def open_tokenizer(path: Path, length: int) -> Any:
    """Return the tokenizer of a file, which pads, and truncates to a number of tokens."""
    try:
        from tokenizers import Tokenizer
    except ImportError:
        raise MissingPackage(
            "Texts need the package tokenizers, which is not installed",
            "install medpix2 with its extra: pip install 'medpix2[learn]'",
        ) from None
    return ready_tokenizer(Tokenizer.from_file(str(path)), length)


def ready_tokenizer(tokenizer: Any, length: int) -> Any:
    """Return a tokenizer set to truncate to a number of tokens, and to pad a batch."""
    tokenizer.enable_truncation(length)
    if tokenizer.padding is None:
        tokenizer.enable_padding()
    return tokenizer


def tokens_of(tokenizer: Any, texts: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the tokens of texts and their mask, each of shape (texts, tokens)."""
    coded = tokenizer.encode_batch(list(texts))
    ids = np.array([one.ids for one in coded], dtype=np.int64)
    return ids, np.array([one.attention_mask for one in coded], dtype=np.int64)


def softmax(scores: NDArray[np.floating]) -> Plane:
    """Return the softmax over the last axis."""
    shifted = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=-1, keepdims=True), dtype=np.float32)


def write_about(folder: Path, about: About) -> None:
    """Write the `model.json` of a folder."""
    text = json.dumps(about.model_dump(mode="json"), ensure_ascii=False, indent=1)
    (folder / ABOUT).write_text(text + "\n", "utf-8")
