from __future__ import annotations

import pytest
import torch
from torch import nn

from medpix2.encode.onnx import ready_tokenizer, tokens_of
from medpix2.errors import SettingError, SourceError
from medpix2.train.encoders import EfficientNetLite0, load_encoders
from medpix2.train.model import Clip, parameter_groups
from medpix2.train.recipe import recipe_of

TEXTS = ("Axial CT image, Brain (Head).", "Coronal MR image, Lung.")
SIDE = 32


@pytest.fixture(scope="module")
def clip_folder(hub_folder):
    return str(hub_folder("clip"))


def tokens(encoder, texts=TEXTS):
    ids, mask = tokens_of(ready_tokenizer(encoder.tokenizer, 24), texts)
    return torch.from_numpy(ids), torch.from_numpy(mask)


@torch.no_grad()
@pytest.mark.parametrize("kind", ["clip", "siglip"])
def test_a_hub_model_gives_its_own_embeddings(kind, hub_folder):
    from transformers import AutoModel

    folder = str(hub_folder(kind))
    encoders = load_encoders(folder, folder, TEXTS, SIDE)
    recipe = recipe_of({"loss": {"kind": "sigmoid" if kind == "siglip" else "softmax"}}, "test")
    model, whole = Clip(recipe, encoders, {}).eval(), AutoModel.from_pretrained(folder).eval()
    pictures, (ids, mask) = torch.rand(3, 3, SIDE, SIDE) * 255, tokens(encoders.text)
    if kind == "siglip":
        assert ids.shape[1] == 24  # it was trained on texts of one length
    out = whole(
        input_ids=ids, attention_mask=mask if kind == "clip" else None,
        pixel_values=(pictures / 255 - 0.4) / 0.3,
    )  # fmt: skip
    features, last = model.picture(pictures)
    embedded = model.project(features, model.of_picture)
    said = model.project(model.text(ids, mask), model.of_text)
    torch.testing.assert_close(embedded, out.image_embeds)
    torch.testing.assert_close(said, out.text_embeds)
    torch.testing.assert_close(model.scores(embedded, said), out.logits_per_image)
    assert last.shape == (3, 16, 4, 4)


def test_any_pair_of_a_vision_and_a_text_model(clip_folder):
    encoders = load_encoders("tiny", clip_folder, TEXTS, 48)
    assert encoders.projections is None
    assert encoders.text(*tokens(encoders.text)).shape == (2, 16)
    other = load_encoders(clip_folder, "tiny", TEXTS, SIDE)
    assert other.picture(torch.rand(2, 3, SIDE, SIDE))[0].shape == (2, 16)


def test_last_blocks_alone_are_trained(clip_folder):
    encoders = load_encoders(clip_folder, clip_folder, TEXTS, SIDE)
    part = {"encoder": clip_folder, "train": "last", "last": 1, "rate": 0.5}
    recipe = recipe_of({"picture": part, "text": {**part, "train": "frozen"}}, "test")
    model = Clip(recipe, encoders, {})
    trained = {name for name, one in model.picture.named_parameters() if one.requires_grad}
    assert any("layers.2." in name for name in trained)
    assert any("post_layernorm" in name for name in trained)
    assert not any("layers.0." in name or "embed" in name for name in trained)
    assert not any(one.requires_grad for one in model.text.parameters())
    groups = parameter_groups(model, recipe)
    assert {group["times"] for group in groups} == {0.5, 1.0}
    ids = [id(one) for group in groups for one in group["params"]]
    assert sorted(ids) == sorted(id(one) for one in model.parameters() if one.requires_grad)
    with pytest.raises(SettingError, match="has 4 blocks"):
        Clip(recipe_of({"picture": {**part, "last": 5}}, "test"), encoders, {})


def test_a_picture_size_that_the_model_cannot_take(clip_folder):
    with pytest.raises(SourceError, match="set size = 32"):
        load_encoders(clip_folder, "tiny", TEXTS, 48)


def test_a_model_that_cannot_be_reached(tmp_path):
    with pytest.raises(SourceError, match="'efficientnet-lite0' and 'minilm'"):
        load_encoders(str(tmp_path / "nowhere"), "tiny", TEXTS, 48)


@torch.no_grad()
def test_efficientnet_takes_any_size_and_pads_as_tensorflow():
    encoder = EfficientNetLite0().eval()
    features, last = encoder(torch.rand(1, 3, 224, 224) * 255)
    assert features.shape == (1, 1280) and last.shape == (1, 1280, 7, 7)
    assert encoder(torch.rand(1, 3, 75, 75) * 255)[1].shape == (1, 1280, 3, 3)
    assert len(encoder.blocks()) == 17
    own = {id(one) for block in encoder.blocks() for one in block.parameters()}
    assert own == {id(one) for one in encoder.parameters()}
    norms = [one for one in encoder.modules() if isinstance(one, nn.BatchNorm2d)]
    assert norms and {one.eps for one in norms} == {1e-3}
    # SAME at stride 2 and an even side pads one pixel below and to the right, and none before.
    stem = encoder.net._conv_stem
    pictures = torch.rand(1, 3, 8, 8)
    padded = nn.functional.pad(pictures, (0, 1, 0, 1))
    torch.testing.assert_close(stem(pictures), nn.functional.conv2d(padded, stem.weight, stride=2))
