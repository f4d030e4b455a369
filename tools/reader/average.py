"""Average adapters of one training: ``python -m tools.reader.average FOLDER FOLDER --out FOLDER``.

Weight by weight: a uniform "model soup" (Wortsman et al. 2022, arXiv 2203.05482). A LoRA is a product B·A;
the mean of the factors is close to the mean of the products only where one adapter went on from the other;
others are refused.
"""

from __future__ import annotations

import argparse
import json
import shutil
from pathlib import Path

from course_utils.finetuning.adapters import CONFIG, WEIGHTS

from .train import CURVE

FAR = 0.05  # relative error of the mean of the factors; adapters of two trainings stand near 1


def error(adapters: list[dict], mean: dict) -> float:
    """How far the products of the mean factors are from the mean of the products, relative to the latter."""
    wrong = whole = 0.0
    for a in (name for name in mean if "lora_A" in name):
        b = a.replace("lora_A", "lora_B")
        wanted = sum(each[b].float() @ each[a].float() for each in adapters) / len(adapters)
        wrong += float((mean[b].float() @ mean[a].float() - wanted).square().sum())
        whole += float(wanted.square().sum())
    return (wrong / whole) ** 0.5


def average(folders: list[Path], out: Path) -> float:
    """Write the mean of the adapters in ``folders`` to ``out``, with configuration and curve of the last.

    Returns the relative error of averaging the factors. Raises ValueError where the adapters are of different
    shapes, or not of one training; nothing is written then.
    """
    from safetensors.torch import load_file, save_file

    adapters = [load_file(folder / WEIGHTS) for folder in folders]
    shapes = [{name: value.shape for name, value in adapter.items()} for adapter in adapters]
    if any(each != shapes[0] for each in shapes):
        raise ValueError("These adapters differ in rank or layers: only those of one training have a mean.")
    mean = {
        name: (sum(each[name].float() for each in adapters) / len(adapters)).to(value.dtype).contiguous()
        for name, value in adapters[0].items()
    }
    if (off := error(adapters, mean)) > FAR:
        raise ValueError(
            f"The mean of the factors is {off:.0%} off that of the adapters: they are not of one training."
        )
    out.mkdir(parents=True, exist_ok=True)
    save_file(mean, out / WEIGHTS, metadata={"format": "pt"})
    for name in (CONFIG, CURVE):
        if (source := folders[-1] / name).exists() and source != out / name:
            shutil.copyfile(source, out / name)
    return off


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folders", type=Path, nargs="+", help="adapters as PEFT saves them, the latest last")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    off = average(options.folders, options.out)
    print(json.dumps({"averaged": len(options.folders), "relative_error": round(off, 4)}))


if __name__ == "__main__":
    main()
