"""Train the adapters that ship with the course and write them to ``course_utils/adapters/tiny``.

    python -m tools.adapters.train                     train those that are missing or out of date
    python -m tools.adapters.train behaviour_200       only these
    python -m tools.adapters.train --list              say what is there and what is not
    python -m tools.adapters.train --check             train nothing; exit 1 and name what is out of date
    python -m tools.adapters.train --force NAME        train again all the same

An adapter is out of date when its training set, a setting or the bundled model's weights have changed. A
training that was cut off goes on where it was (`work/adapters/`). Runs in the CPU lane everywhere, because
the adapters belong to the bundled model, tiny.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import os
import platform
import shutil
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from course_utils import adapters, finetuning, lane, models, paths
from course_utils.finetuning.adapters import CONFIG, WEIGHTS, base_fingerprint
from tools.adapters.plans import PLANS, Plan

COMMAND = "python -m tools.adapters.train"
HERE = adapters.ALL / models.TINY
VERSIONS = ("torch", "transformers", "trl", "peft", "bitsandbytes")


def fingerprint(plan: Plan) -> str:
    """The hash of a plan's training set and settings."""
    return finetuning.fingerprint(finetuning.training_set(plan.rows()), **plan.settings())


def state(name: str, plan: Plan, folder: Path = HERE) -> str:
    """``"up to date"``, or why the adapter has to be trained."""
    target = folder / name
    if not all((target / file).is_file() for file in (CONFIG, WEIGHTS, adapters.MADE)):
        return "missing"
    try:
        made = json.loads((target / adapters.MADE).read_text(encoding="utf-8"))
    except ValueError:
        return "its record cannot be read"
    if made.get("base") != base_fingerprint(models.source(models.TINY)):
        return "the bundled model has other weights now"
    if made.get("dataset") != fingerprint(plan):
        return "its training set or settings have changed"
    return "up to date"


def train(name: str, plan: Plan, folder: Path = HERE) -> Path:
    """Train the adapter and write it, whole or not at all; its folder."""
    train_set = finetuning.training_set(plan.rows())
    mark = finetuning.fingerprint(train_set, **plan.settings())
    base = base_fingerprint(models.source(models.TINY))
    work = paths.work_dir("adapters") / f"{name}-{mark}-{base[-8:]}"
    resumed = finetuning.last_checkpoint(work) is not None
    started, cpu = time.perf_counter(), time.process_time()
    bundled, tokenizer = finetuning.load(models.TINY, plan.four_bit)
    student = finetuning.fine_tune(
        bundled, tokenizer, train_set, work, rank=plan.rank, targets=plan.targets, epochs=plan.epochs,
        learning_rate=plan.learning_rate, batch_size=plan.batch_size, seed=plan.seed,
    )  # fmt: skip
    record = {
        "what": plan.what,
        "command": f"{COMMAND} {name}",
        "made": datetime.now(UTC).date().isoformat(),
        "seconds": round(time.perf_counter() - started, 1),
        "cpu_seconds": round(time.process_time() - cpu, 1),
        "resumed": resumed,  # then the seconds are those of the last part
        "rows": len(train_set),
        "tokens": sum(len(finetuning.rows.graded(row, tokenizer)[0]) for row in train_set),
        "dataset": mark,
        "settings": plan.settings(),
        "base": base,
        "versions": _versions(),
    }
    part = folder / f".{name}.part"
    shutil.rmtree(part, ignore_errors=True)
    finetuning.save_adapter(student, part, half=True)
    text = json.dumps(record, indent=1, ensure_ascii=False) + "\n"
    (part / adapters.MADE).write_text(text, encoding="utf-8")
    shutil.rmtree(folder / name, ignore_errors=True)
    part.rename(folder / name)
    return folder / name


def _versions() -> dict[str, str]:
    installed = {name: importlib.metadata.version(name) for name in VERSIONS}
    return {"python": platform.python_version()} | installed


def chosen(names: list[str]) -> dict[str, Plan]:
    """The plans of these names, all when there are none. SystemExit for an unknown name."""
    if unknown := sorted(set(names) - PLANS.keys()):
        sys.exit(f"There is no plan {unknown[0]!r}; there are: {', '.join(PLANS)}.")
    return {name: PLANS[name] for name in names or PLANS}


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog=COMMAND, description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help="default: all")
    parser.add_argument("--list", action="store_true", help="say what is there and what is not")
    parser.add_argument("--check", action="store_true", help="train nothing; exit 1 if out of date")
    parser.add_argument("--force", action="store_true", help="train even what is up to date")
    options = parser.parse_args(arguments)
    os.environ[lane.LANE_VARIABLE] = "cpu"
    behind: list[str] = []
    for name, plan in chosen(options.names).items():
        found = state(name, plan)
        if options.list or found != "up to date":
            print(f"{name}: {found} ({plan.what})", flush=True)
        if found != "up to date":
            behind.append(name)
        if not (options.list or options.check) and (options.force or found != "up to date"):
            folder = train(name, plan)
            record: dict[str, Any] = adapters.made(name, models.TINY)
            size = sum(file.stat().st_size for file in folder.iterdir())
            print(f"{name}: made in {record['seconds']:.0f} s, {size / 1000:.0f} kB", flush=True)
    return 1 if options.check and behind else 0


if __name__ == "__main__":
    sys.exit(main())
