"""Random tiny CLIP and SigLIP models, saved as a hub would give them."""

from __future__ import annotations

import pytest

TEXTS = ("Axial CT image, Brain (Head).", "Coronal MR image, Lung.", "A caption of many words.")
SIDE = 32


@pytest.fixture(scope="session")
def hub_folder(tmp_path_factory):
    """Return what makes a random tiny model of a kind, with tokenizer and processor."""

    def make(kind: str):
        import torch
        from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers
        from transformers import (
            CLIPConfig,
            CLIPImageProcessor,
            CLIPModel,
            PreTrainedTokenizerFast,
            SiglipConfig,
            SiglipModel,
        )

        folder = tmp_path_factory.mktemp(kind)
        words = Tokenizer(models.WordLevel(unk_token="[UNK]"))
        words.normalizer, words.pre_tokenizer = normalizers.Lowercase(), pre_tokenizers.Whitespace()
        special = ["[PAD]", "[UNK]"]
        words.train_from_iterator(TEXTS, trainers.WordLevelTrainer(special_tokens=special))
        PreTrainedTokenizerFast(
            tokenizer_object=words, pad_token="[PAD]", unk_token="[UNK]"
        ).save_pretrained(folder)
        common = {
            "hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 3,
            "num_attention_heads": 2,
        }  # fmt: skip
        vision = {**common, "image_size": SIDE, "patch_size": 8}
        text = {**common, "vocab_size": 60, "max_position_embeddings": 24}
        torch.manual_seed(0)
        model = (
            CLIPModel(CLIPConfig(vision_config=vision, text_config=text, projection_dim=12))
            if kind == "clip"
            else SiglipModel(SiglipConfig(vision_config=vision, text_config=text))
        )
        model.save_pretrained(folder)
        CLIPImageProcessor(image_mean=[0.4] * 3, image_std=[0.3] * 3).save_pretrained(folder)
        return folder

    return make
