"""The mean of two reader adapters (``tools.reader.average``)."""

import json

import pytest
import torch
from safetensors.torch import load_file, save_file

from tools.reader import average

LAYER = "base_model.model.layer.lora_{}.weight"


def adapter(folder, a, b):
    folder.mkdir()
    save_file({LAYER.format("A"): a, LAYER.format("B"): b}, folder / average.WEIGHTS)
    (folder / average.CONFIG).write_text(json.dumps({"r": len(a)}))
    (folder / average.CURVE).write_text(json.dumps([{"tokens": 1}]))
    return folder


@pytest.fixture
def first(tmp_path):
    torch.manual_seed(0)
    return adapter(tmp_path / "first", torch.randn(4, 8), torch.randn(6, 4))


def moved(first, folder, by):
    torch.manual_seed(1)
    kept = load_file(first / average.WEIGHTS)
    a, b = (kept[LAYER.format(factor)] for factor in "AB")
    return adapter(folder, a + by * torch.randn_like(a), b + by * torch.randn_like(b))


def test_the_mean_of_two_adapters_of_one_training(first, tmp_path):
    second = moved(first, tmp_path / "second", by=0.05)
    assert 0 < average.average([first, second], tmp_path / "mean") < 0.01
    one, two, mean = (load_file(tmp_path / name / average.WEIGHTS) for name in ("first", "second", "mean"))
    for name in one:
        assert torch.allclose(mean[name], (one[name] + two[name]) / 2)
    product = mean[LAYER.format("B")] @ mean[LAYER.format("A")]
    wanted = sum(each[LAYER.format("B")] @ each[LAYER.format("A")] for each in (one, two)) / 2
    assert (product - wanted).norm() < 0.01 * wanted.norm()
    assert (tmp_path / "mean" / average.CONFIG).exists() and (tmp_path / "mean" / average.CURVE).exists()


def test_adapters_of_two_trainings_are_refused_and_nothing_is_written(first, tmp_path):
    torch.manual_seed(2)
    other = adapter(tmp_path / "other", torch.randn(4, 8), torch.randn(6, 4))
    with pytest.raises(ValueError, match="not of one training"):
        average.average([first, other], tmp_path / "mean")
    assert not (tmp_path / "mean").exists()


def test_adapters_of_two_ranks_are_refused(first, tmp_path):
    wide = adapter(tmp_path / "wide", torch.randn(8, 8), torch.randn(6, 8))
    with pytest.raises(ValueError, match="differ in rank or layers"):
        average.average([first, wide], tmp_path / "mean")
