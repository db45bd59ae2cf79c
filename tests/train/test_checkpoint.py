from __future__ import annotations

import pytest
import torch

from medpix2.errors import OutputError, SourceError
from medpix2.train import checkpoint
from medpix2.train.checkpoint import Progressed, optimizer_tensors, read, restore_optimizer, save


def test_all_of_it_comes_back(tiny_recipe, tmp_path):
    path = tmp_path / "a.safetensors"
    done = Progressed(3, 0.5, 2, [{"epoch": 1, "loss": 0.25}])
    save(path, tiny_recipe, "digest", done, {"x": torch.arange(3)})
    recipe, digest, progress, tensors = read(path)
    assert (recipe, digest, progress) == (tiny_recipe, "digest", done)
    assert tensors["x"].tolist() == [0, 1, 2]
    assert [one.name for one in tmp_path.iterdir()] == ["a.safetensors"]


def test_another_version_or_no_checkpoint(tiny_recipe, tmp_path, monkeypatch):
    path = tmp_path / "a.safetensors"
    with monkeypatch.context() as patch:
        patch.setattr(checkpoint, "VERSION", 99)
        save(path, tiny_recipe, "", Progressed(), {"x": torch.zeros(1)})
    with pytest.raises(SourceError, match="of version 99, not 1"):
        read(path)
    for content in (b"", b"nothing of the kind", path.read_bytes()[:-3]):
        path.write_bytes(content)
        with pytest.raises(SourceError, match="cannot be read"):
            read(path)


def test_a_folder_that_is_not_there(tiny_recipe, tmp_path):
    with pytest.raises(OutputError, match="cannot be written"):
        save(tmp_path / "no" / "a.safetensors", tiny_recipe, "", Progressed(), {})


def test_an_optimizer_goes_on_as_if_it_had_not_stopped():
    def steps(parameter, optimizer, count):
        for _ in range(count):
            optimizer.zero_grad()
            (parameter**2).sum().backward()
            optimizer.step()

    def made(values):
        parameter = torch.nn.Parameter(values.clone())
        return parameter, torch.optim.AdamW([parameter], lr=0.1)

    whole = made(torch.ones(4))
    steps(*whole, 6)
    first = made(torch.ones(4))
    steps(*first, 3)
    second = made(first[0].detach())
    restore_optimizer(second[1], optimizer_tensors(first[1]))
    steps(*second, 3)
    assert torch.equal(second[0], whole[0])
