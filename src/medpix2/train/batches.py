"""Batches, each drawn from the seed, the epoch and the step alone: so a resumed training is equal.

What a frozen tower gives is computed once, before the first step, in a fixed order.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from medpix2.encode.onnx import ready_tokenizer, tokens_of
from medpix2.encode.prepare import Pixels, batch_of
from medpix2.train.augment import augmented
from medpix2.train.data import Pairs, drawn_texts, possible_texts
from medpix2.train.losses import no_negatives
from medpix2.train.model import Clip
from medpix2.train.recipe import Augment, Recipe

AT_ONCE = 64
"""Pictures or texts that go through a tower at once where nothing is learned."""


@dataclass(frozen=True)
class Batch:
    """What a step learns from: features of both towers, which pairs are no negatives, labels."""

    pictures: Tensor
    texts: Tensor
    ignored: Tensor
    labels: Tensor


class Towers:
    """Runs both towers on pictures and texts of a set of pairs, as the recipe says.

    Parameters
    ----------
    model, recipe
        Whose towers.
    device
        On which the model lies.
    """

    def __init__(self, model: Clip, recipe: Recipe, device: torch.device) -> None:
        self.model, self.recipe, self.device = model, recipe, device
        self._tokenizer = ready_tokenizer(model.text.tokenizer, recipe.texts.length)
        self._texts: dict[str, Tensor] = {}
        self._pictures: Tensor | None = None

    def keep(self, pairs: Pairs) -> None:
        """Compute once what frozen towers give for all pairs."""
        if self.recipe.text.train == "frozen":
            texts = possible_texts(pairs.pairs, self.recipe.texts)
            self.still_texts(sorted(texts, key=lambda text: (len(text), text)))
        if self.recipe.picture.train == "frozen" and self.recipe.augment == Augment():
            self._pictures = self.still_pictures(pairs)[0]

    def batches(self, pairs: Pairs, epoch: int) -> Iterator[Batch]:
        """Yield the batches of an epoch; a last one that is not full is left out."""
        recipe, size = self.recipe, min(self.recipe.optimize.batch, len(pairs))
        chance = np.random.default_rng((recipe.seed, epoch))
        order = chance.permutation(len(pairs))
        texts = drawn_texts(pairs.pairs, recipe.texts, chance)
        labels = np.stack(
            [pairs.labels(task) for task in recipe.heads.tasks]
            or [np.zeros(len(pairs), dtype=np.int64)],
            axis=1,
        )
        for step in range(len(pairs) // size):
            chosen = order[step * size : (step + 1) * size].tolist()
            seed = int(np.random.SeedSequence((recipe.seed, epoch, step)).generate_state(1)[0])
            torch.manual_seed(seed)  # of dropout
            said = [texts[at] for at in chosen]
            yield Batch(
                self._of_pictures(pairs, chosen, torch.Generator().manual_seed(seed)),
                self._of_texts(said),
                no_negatives([pairs.pairs[at].case for at in chosen], said).to(self.device),
                torch.from_numpy(labels[chosen]).to(self.device),
            )

    @torch.no_grad()
    def still_pictures(self, pairs: Pairs) -> tuple[Tensor, Tensor]:
        """Return features and embeddings of all pictures, as they are, in eval mode."""
        was, _ = self.model.training, self.model.eval()
        found = [
            self._run(self._pixels(pairs.squares[at : at + AT_ONCE]))
            for at in range(0, len(pairs), AT_ONCE)
        ]
        self.model.train(was)
        features = torch.cat(found)
        return features, self.model.project(features, self.model.of_picture)

    @torch.no_grad()
    def still_texts(self, texts: Sequence[str]) -> Tensor:
        """Return features of texts, in eval mode; a frozen tower reads each text once."""
        new = list(dict.fromkeys(text for text in texts if text not in self._texts))
        was, _ = self.model.training, self.model.eval()
        found = dict(self._texts)
        for at in range(0, len(new), AT_ONCE):
            some = new[at : at + AT_ONCE]
            found |= dict(zip(some, self._read(some), strict=True))
        self.model.train(was)
        if self.recipe.text.train == "frozen":
            self._texts = found
        return torch.stack([found[text] for text in texts])

    def _of_pictures(self, pairs: Pairs, chosen: Sequence[int], chance: torch.Generator) -> Tensor:
        if self._pictures is not None:
            return self._pictures[torch.tensor(chosen, device=self.device)]
        pixels = self._pixels([pairs.squares[at] for at in chosen])
        return self._run(augmented(pixels, self.recipe.augment, chance))

    def _of_texts(self, texts: Sequence[str]) -> Tensor:
        if self._texts:
            return torch.stack([self._texts[text] for text in texts])
        return self._read(texts)

    def _pixels(self, squares: Sequence[Pixels]) -> Tensor:
        pixels = torch.from_numpy(batch_of(squares)).to(self.device).float()
        if self.recipe.optimize.channels_last:
            return pixels.contiguous(memory_format=torch.channels_last)
        return pixels

    def _run(self, pixels: Tensor) -> Tensor:
        with self._precision():
            features, _ = self.model.picture(pixels)
        return features.float()  # type: ignore[no-any-return]

    def _read(self, texts: Sequence[str]) -> Tensor:
        ids, mask = (torch.from_numpy(a).to(self.device) for a in tokens_of(self._tokenizer, texts))
        with self._precision():
            features = self.model.text(ids, mask)
        return features.float()  # type: ignore[no-any-return]

    def _precision(self) -> torch.autocast:
        low = self.recipe.optimize.precision == "bfloat16"
        return torch.autocast(self.device.type, torch.bfloat16, enabled=low)
