"""A trained model as ONNX: both towers, class prompts embedded, heads, heat maps."""

from __future__ import annotations

import contextlib
import io
import logging
import warnings
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from medpix2.encode import prepare
from medpix2.encode.onnx import (
    EMBEDDING,
    FEATURES,
    PICTURE,
    TEXT,
    TEXT_OUTPUT,
    TOKENIZER,
    VERSION,
    About,
    Task,
    Way,
    tokens_of,
    write_about,
)
from medpix2.errors import MissingPackage
from medpix2.train.judging import class_embeddings, prompts_of
from medpix2.train.loop import Trained
from medpix2.train.model import HIGHEST_SCALE, Clip

EXAMPLE = "An example, of some words."


class PictureGraph(nn.Module):
    """The picture tower as it is exported; gives its outputs in the order of `names`."""

    def __init__(self, model: Clip, classes: Mapping[str, Tensor]) -> None:
        super().__init__()
        self.tower, self.projection, self.heads = model.picture, model.of_picture, model.heads
        self.scale = float(model.scale.detach().clamp(max=HIGHEST_SCALE).exp())
        self.tasks = tuple(dict.fromkeys((*classes, *model.heads)))
        self.prompted = tuple(classes)
        for task, embeddings in classes.items():
            self.register_buffer(f"classes_{task}", embeddings)
        self.names = [EMBEDDING, FEATURES]
        for task in self.tasks:
            self.names += [f"prompts.{task}"] * (task in classes)
            self.names += [f"heads.{task}"] * (task in model.heads)
            self.names.append(f"heat.{task}")

    def forward(self, pictures: Tensor) -> tuple[Tensor, ...]:
        """Return what `names` names, of pictures from 0 to 255, uint8 (batch, 3, size, size)."""
        features, last = self.tower(pictures.float())
        projected = self.projection(features)
        length = projected.norm(dim=-1, keepdim=True).clamp(min=1e-12)
        embedding = projected / length
        places = last.flatten(2).transpose(1, 2)
        found = [embedding, features]
        for task in self.tasks:
            if task in self.prompted:
                classes = getattr(self, f"classes_{task}") * self.scale
                found.append(embedding @ classes.T)
                heat = self.projection(places) @ classes.T / length.unsqueeze(-1)
            if task in self.heads:
                found.append(self.heads[task](features))
                heat = self.heads[task](places)
            found.append(heat.transpose(1, 2).unflatten(2, (last.shape[2], last.shape[3])))
        return tuple(found)


class TextGraph(nn.Module):
    """The text tower as it is exported."""

    def __init__(self, model: Clip) -> None:
        super().__init__()
        self.tower, self.projection = model.text, model.of_text

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Return embeddings of length 1 of tokens (batch, tokens)."""
        projected = self.projection(self.tower(ids, mask))
        return projected / projected.norm(dim=-1, keepdim=True).clamp(min=1e-12)  # type: ignore[no-any-return]


def export_model(trained: Trained, folder: Path) -> About:
    """Write a trained model as `encode.onnx` opens it.

    Raises
    ------
    MissingPackage
        onnx or onnxscript is not installed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    towers, recipe, classes = trained.towers, trained.towers.recipe, trained.learned.classes
    model = towers.model.eval()
    tasks = [task for task in recipe.prompts.tasks if classes[task]]
    prompts = {task: prompts_of(recipe, classes, task) for task in tasks}
    embedded = {task: class_embeddings(towers, prompts[task]).cpu() for task in tasks}
    model.cpu()
    graph = PictureGraph(model, embedded).eval()
    size = recipe.data.size
    batch = torch.export.Dim("batch", min=1)
    pictures = torch.zeros((2, 3, size, size), dtype=torch.uint8)
    _write(graph, (pictures,), folder / PICTURE, ["pictures"], graph.names,
           {"pictures": {0: batch}})  # fmt: skip
    tokenizer = model.text.tokenizer
    ids, mask = tokens_of(tokenizer, [EXAMPLE, f"{EXAMPLE} {EXAMPLE}", EXAMPLE])
    axes = {0: batch}
    if not (tokenizer.padding or {}).get("length"):
        axes[1] = torch.export.Dim("tokens", min=2, max=recipe.texts.length)
    _write(TextGraph(model).eval(), (torch.from_numpy(ids), torch.from_numpy(mask)), folder / TEXT,
           ["ids", "mask"], [TEXT_OUTPUT], {"ids": axes, "mask": axes})  # fmt: skip
    tokenizer.save(str(folder / TOKENIZER))
    about = About(
        version=VERSION, name=recipe.name, prepare_version=prepare.VERSION, size=size,
        mask=recipe.data.mask, length=recipe.texts.length,
        tasks={task: _task(trained, task, prompts.get(task)) for task in graph.tasks},
        recipe=recipe.model_dump(mode="json"),
        data={
            "sha256": trained.digest, "train": len(trained.learned), "dev": len(trained.judged),
            "train_cases": len({pair.case for pair in trained.learned.pairs}),
        },
    )  # fmt: skip
    write_about(folder, about)
    return about


def _task(trained: Trained, task: str, prompts: list[list[str]] | None) -> Task:
    classes = trained.learned.classes[task]
    ways: list[Way] = ["heads"] if task in trained.towers.model.heads else []
    ways += ["prompts"] if prompts is not None else []
    said = {} if prompts is None else dict(zip(classes, map(tuple, prompts), strict=True))
    return Task(classes=tuple(classes), prompts=said, ways=tuple(ways))


def _write(
    graph: nn.Module, example: tuple[Tensor, ...], path: Path, takes: list[str], gives: list[str],
    axes: Mapping[str, Mapping[int, object]],
) -> None:  # fmt: skip
    exporter = logging.getLogger("torch.onnx")
    level = exporter.level
    exporter.setLevel(logging.ERROR)
    try:
        # It says much, of opsets and of torchvision, that is no concern of the user.
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            torch.onnx.export(
                graph, example, path, input_names=takes, output_names=gives,
                dynamic_shapes=dict(axes), dynamo=True, external_data=False, verbose=False,
            )  # fmt: skip
    except ImportError as error:
        raise MissingPackage(
            f"ONNX files need onnx and onnxscript, not all installed ({error})",
            "install medpix2 with its extra: pip install 'medpix2[learn]'",
        ) from None
    finally:
        exporter.setLevel(level)


def largest_difference(trained: Trained, folder: Path, pictures: int = 8) -> float:
    """Return by how much ONNX Runtime and torch differ, over all outputs of some dev pictures."""
    from medpix2.encode.onnx import Model

    opened = Model(folder)
    squares = list(trained.judged.squares[:pictures])
    found = opened.pictures(squares, opened.outputs)
    model = trained.towers.model.eval()
    classes = {
        task: class_embeddings(trained.towers, prompts_of(trained.towers.recipe,
                                                          trained.learned.classes, task))
        for task, one in opened.about.tasks.items() if one.prompts
    }  # fmt: skip
    graph = PictureGraph(model, classes).eval()
    with torch.no_grad():
        expected = graph(torch.from_numpy(prepare.batch_of(squares)))
    return max(
        float(np.abs(found[name] - value.numpy()).max())
        for name, value in zip(graph.names, expected, strict=True)
    )
