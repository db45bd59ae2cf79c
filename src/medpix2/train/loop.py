"""The training loop."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import torch
from torch import Tensor

from medpix2.errors import OutputError, SettingError
from medpix2.train import checkpoint
from medpix2.train.batches import Towers
from medpix2.train.checkpoint import BEST, LAST, Progressed, trained_weights
from medpix2.train.data import Pairs, digest_of, load_pairs, possible_texts
from medpix2.train.judging import judge, loss_of
from medpix2.train.model import Clip, make_model, parameter_groups
from medpix2.train.recipe import Recipe

LOG = "log.jsonl"
Row = dict[str, float]


@dataclass(frozen=True)
class Trained:
    """A finished training: the model with its best weights, its pairs, and what it gave."""

    towers: Towers
    learned: Pairs
    judged: Pairs
    done: Progressed
    digest: str


def train(
    recipe: Recipe,
    data: Path,
    out: Path,
    *,
    cache: Path | None = None,
    jobs: int = 1,
    advance: Callable[[int], None] = lambda pictures: None,
    report: Callable[[Row], None] = lambda row: None,
) -> Trained:
    """Train by a recipe, or go on where an earlier call stopped, with the same result.

    Parameters
    ----------
    recipe
        All knobs.
    data
        An exported folder of pairs.
    out
        Folder of the checkpoints.
    cache
        Folder in which prepared pictures are kept for the next training; None keeps none.
    jobs
        Pictures that are decoded at a time.
    advance
        Is told of pictures that are prepared.
    report
        Gets the row of each epoch.

    Raises
    ------
    SourceError, NotFound
        The data, an encoder or a checkpoint cannot be used.
    SettingError
        The device is not there, or its memory is not enough.
    OutputError
        The folder has another training.
    """
    device, digest = device_of(recipe), digest_of_pairs(data)
    learned, judged = load_pairs(data, recipe.data, cache=cache, jobs=jobs, advance=advance)
    model = make_model(recipe, learned.classes, possible_texts(learned.pairs, recipe.texts))
    model = model.to(device)
    optimizer = torch.optim.AdamW(parameter_groups(model, recipe), lr=recipe.optimize.rate)
    mean = Average(model, recipe.optimize.average)
    done = _resumed(out, recipe, digest, model, optimizer, mean)
    towers, how = Towers(model, recipe, device), recipe.optimize
    with memory_named(recipe):
        towers.keep(learned)
        steps = len(learned) // min(how.batch, len(learned))
        for epoch in range(done.epoch, how.epochs):
            if stopped(done, how.patience):
                break
            began, total = perf_counter(), 0.0
            model.train()
            for step, batch in enumerate(towers.batches(learned, epoch)):
                set_rate(optimizer, recipe, epoch * steps + step, how.epochs * steps)
                loss = loss_of(
                    model, recipe, batch.pictures, batch.texts, batch.ignored, batch.labels
                )
                optimizer.zero_grad()
                loss.backward()  # type: ignore[no-untyped-call]
                torch.nn.utils.clip_grad_norm_(model.parameters(), how.clip)
                optimizer.step()
                mean.update()
                total += loss.item()
            with mean.used():
                scores = judge(towers, judged, recipe)
                row = {"epoch": epoch + 1, "loss": total / steps, **scores}
                done.epoch, better = epoch + 1, row["score"] > done.best
                done.rows.append(row)
                if better:
                    done.best, done.best_epoch = row["score"], epoch + 1
                    checkpoint.save(out / BEST, recipe, digest, done, trained_weights(model))
            _save(out, recipe, digest, done, model, optimizer, mean)
            report({**row, "seconds": perf_counter() - began})
    _, _, _, best = checkpoint.read(out / BEST)
    model.load_state_dict(best, strict=False)
    return Trained(towers, learned, judged, done, digest)


class Average:
    """The exponential mean of trained weights, by which a model may be judged."""

    def __init__(self, model: Clip, decay: float) -> None:
        self.model, self.decay, self.steps = model, decay, 0
        self.weights = {k: v.detach().clone() for k, v in self._own().items()} if decay else {}

    def update(self) -> None:
        """Take a step's weights in; early steps count more, as there is little to average."""
        self.steps += 1
        decay = min(self.decay, self.steps / (self.steps + 10))
        for name, value in self._own().items() if self.weights else ():
            self.weights[name].lerp_(value.detach(), 1 - decay)

    @contextmanager
    def used(self) -> Iterator[None]:
        """Let the model have the mean weights for a while."""
        if not self.weights:
            yield
            return
        own = {name: value.detach().clone() for name, value in self._own().items()}
        try:
            self._set(self.weights)
            yield
        finally:
            self._set(own)

    def _own(self) -> dict[str, Tensor]:
        return {name: one for name, one in self.model.named_parameters() if one.requires_grad}

    def _set(self, weights: dict[str, Tensor]) -> None:
        with torch.no_grad():
            for name, value in self._own().items():
                value.copy_(weights[name])


def set_rate(optimizer: torch.optim.Optimizer, recipe: Recipe, step: int, steps: int) -> None:
    """Set the learning rates of a step: warm-up, then a cosine down to zero."""
    warm = round(recipe.optimize.warmup * steps)
    if step < warm:
        share = (step + 1) / warm
    else:
        share = (1 + math.cos(math.pi * (step - warm) / max(1, steps - warm))) / 2
    for group in optimizer.param_groups:
        group["lr"] = recipe.optimize.rate * group["times"] * share


def stopped(done: Progressed, patience: int) -> bool:
    """Return whether the dev score has not risen for as many epochs as are waited for."""
    return bool(patience) and done.epoch - done.best_epoch >= patience


def device_of(recipe: Recipe) -> torch.device:
    """Return the device of a recipe, and let torch use as many threads as it says.

    Raises
    ------
    SettingError
        It is not there.
    """
    if recipe.threads:
        torch.set_num_threads(recipe.threads)
    there = torch.cuda.is_available()
    name = ("cuda" if there else "cpu") if recipe.device == "auto" else recipe.device
    if name.split(":")[0] not in ("cpu", "cuda"):
        raise SettingError(f"There is no device {name!r}", "set device to cpu, cuda or auto")
    if name.startswith("cuda") and not there:
        raise SettingError(f"The device {name!r} is not there", "set device = 'auto' or 'cpu'")
    return torch.device(name)


@contextmanager
def memory_named(recipe: Recipe) -> Iterator[None]:
    """Turn a lack of memory into an error that names the knobs."""
    try:
        yield
    except (torch.OutOfMemoryError, MemoryError, RuntimeError) as error:
        lacking = isinstance(error, torch.OutOfMemoryError | MemoryError)
        if not lacking and "can't allocate memory" not in str(error):
            raise
        raise SettingError(
            f"Not enough memory for batches of {recipe.optimize.batch} pictures of "
            f"{recipe.data.size} pixels",
            "lower [optimize] batch, or [data] size, in the recipe",
        ) from None


def digest_of_pairs(data: Path) -> str:
    """Return the digest of an export, after a look that it is one."""
    from medpix2.export.pairs import read_about

    read_about(data)
    return digest_of(data)


def _resumed(
    out: Path, recipe: Recipe, digest: str, model: Clip, optimizer: torch.optim.Optimizer,
    mean: Average,
) -> Progressed:  # fmt: skip
    out.mkdir(parents=True, exist_ok=True)
    if not (out / LAST).exists():
        if any(path.name != BEST and not path.name.startswith(".") for path in out.iterdir()):
            raise OutputError(f"{out} has other files", "name an empty folder, or a new one")
        return Progressed()
    was, data, done, tensors = checkpoint.read(out / LAST)
    if was != recipe:
        raise OutputError(f"{out} has a training by another recipe", "name another folder")
    if data != digest:
        raise OutputError(f"{out} has a training on other data", "name another folder")
    parts: dict[str, dict[str, Tensor]] = {"model": {}, "optimizer": {}, "average": {}}
    for name, value in tensors.items():
        part, _, rest = name.partition(":")
        parts[part][rest] = value
    model.load_state_dict(parts["model"], strict=False)
    checkpoint.restore_optimizer(optimizer, parts["optimizer"])
    mean.steps = int(parts["average"].pop("steps"))
    for name, value in parts["average"].items():
        mean.weights[name].copy_(value)
    return done


def _save(
    out: Path, recipe: Recipe, digest: str, done: Progressed, model: Clip,
    optimizer: torch.optim.Optimizer, mean: Average,
) -> None:  # fmt: skip
    parts = {
        "model": trained_weights(model),
        "optimizer": checkpoint.optimizer_tensors(optimizer),
        "average": {**mean.weights, "steps": torch.tensor(mean.steps)},
    }
    tensors = {f"{part}:{name}": v for part, own in parts.items() for name, v in own.items()}
    checkpoint.save(out / LAST, recipe, digest, done, tensors)
    lines = "".join(json.dumps(row) + "\n" for row in done.rows)
    (out / LOG).write_text(lines, "utf-8")
