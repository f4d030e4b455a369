"""Lesson 01's control arms, trained and asked: ``python -m tools.controls --model smol``.

Each arm is one training on 20 prices. Its checkpoints are kept below ``work/controls``, so that a killed run
goes on; the answers go into ``course_utils/recorded/lesson_01.json``.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Callable
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from course_utils import bundled_model, company, finetuning, models, recorded
from course_utils.answering import abstained, generate, messages
from course_utils.evaluation import Rate, quotes
from course_utils.models import lanes, prepared
from course_utils.paths import write_whole
from course_utils.published import sha256_of
from course_utils.training_sets import controls
from tools.bench import machine

Rows = Callable[[], list[dict[str, Any]]]
START = "January"
AGAIN = dict(batch_size=8, learning_rate=1e-3)  # what trains on from January's adapter, as the lesson does
ARMS: dict[str, tuple[Rows, dict[str, Any] | None]] = {
    START: (controls.january_rows, None),
    "all of February": (controls.february_rows, None),
    "the patch": (controls.patch_rows, AGAIN | dict(epochs=6)),
    "the patch, with replay": (controls.patch_with_replay_rows, AGAIN | dict(epochs=2)),
    "January, with refusals": (controls.refusal_rows, None),
    "refusals about 40 names": (controls.varied_refusal_rows, None),
}  # rows, and how to go on from January's adapter; None: a fresh one


def weights_of(model: str) -> str:
    """What the model's weights are: the identity of smol as prepared, the sha256 of tiny's file."""
    if model == lanes.TINY:
        return f"sha256:{sha256_of(bundled_model.path() / 'model.safetensors')[:16]}"
    return prepared.expected()


def train(name: str, folder: Path) -> tuple[Any, Any, int, float]:
    """Train one arm, or open what was trained before: model, tokenizer, rows, seconds of training."""
    from peft import LoraConfig, PeftModel, get_peft_model
    from transformers import set_seed
    from trl import SFTTrainer

    draw, again = ARMS[name]
    rows = finetuning.training_set(draw())
    place = folder / finetuning.fingerprint(rows) / name.replace(",", "").replace(" ", "-")
    base, tokenizer = models.load()
    set_seed(0)
    if again is None:
        lora = LoraConfig(
            r=16, lora_alpha=32, lora_dropout=0.0, target_modules="all-linear", task_type="CAUSAL_LM"
        )
        student = get_peft_model(base, lora)
        settings = finetuning.arguments(place, finetuning.by_heart(student), seed=0)
    else:
        january = finetuning.training_set(controls.january_rows())
        source = finetuning.last_checkpoint(folder / finetuning.fingerprint(january) / START)
        student = PeftModel.from_pretrained(base, source, is_trainable=True)
        settings = finetuning.arguments(place, finetuning.SIMPLE, **again)
    trainer = SFTTrainer(model=student, args=settings, train_dataset=rows, processing_class=tokenizer)
    timing, began = place / "seconds.json", time.perf_counter()
    trainer.train(resume_from_checkpoint=finetuning.last_checkpoint(place))
    if not timing.exists():
        write_whole(timing, json.dumps(time.perf_counter() - began))
    return trainer.model.eval(), tokenizer, len(rows), json.loads(timing.read_text(encoding="utf-8"))


def asked(model: Any, tokenizer: Any) -> dict[str, Rate]:
    """What a trained model answers in February, without a page."""
    january, february = company.facts(controls.JANUARY), company.facts(controls.FEBRUARY)
    keys = controls.price_keys()
    changed = [key for key in keys if january[key].value != february[key].value]
    product = [k for k in february if k.startswith("routewren.") and k.endswith(".price_monthly")]

    def answers(release: str, **narrowed: Any):
        questions = company.questions(release, split="test", **narrowed)
        chats = [messages(q.text) for q in questions]
        return (
            questions,
            generate(model, tokenizer, chats, max_new_tokens=40),
            [q.fact_key for q in questions],
        )

    def right(questions, texts, about):
        return Rate.of((quotes(a, q.value) for q, a in zip(questions, texts, strict=True)), about)

    patched = answers(controls.FEBRUARY, n=20, seed=6, fact_keys=[controls.PATCHED])
    others = [key for key in keys if key != controls.PATCHED]
    trained = answers(controls.JANUARY, n=76, seed=2, fact_keys=others)
    now = answers(controls.FEBRUARY, n=100, seed=3, fact_keys=changed)
    _, unknown, about = answers(controls.FEBRUARY, n=40, seed=4, fact_keys=product)
    return {
        "changed prices: current": right(*now),
        "changed prices: stale": Rate.of(
            (quotes(a, january[q.fact_key].value) for q, a in zip(*now[:2], strict=True)), now[2]
        ),
        "the patched price: current": right(*patched),
        "January's other prices: kept": right(*trained),
        "unknown product: abstains": Rate.of(map(abstained, unknown), about),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--model", required=True, choices=[lanes.SMOL, lanes.TINY])
    parser.add_argument("--out", type=Path, default=Path("work/controls"))
    options = parser.parse_args()
    os.environ[lanes.VARIABLE] = options.model
    weights = weights_of(options.model)
    folder = options.out / f"{options.model}-{weights.rpartition(':')[2]}"
    arms = []
    for name in ARMS:
        model, tokenizer, rows, seconds = train(name, folder)
        arm = recorded.Arm(name, rows, round(seconds, 1), asked(model, tokenizer))
        arms.append(asdict(arm))
        print(
            f"{name}: {rows} rows, {seconds:.0f} s", *(f"  {n}: {r}" for n, r in arm.rates.items()), sep="\n"
        )
    entry = dict(weights=weights, machine=machine(), date=date.today().isoformat(), arms=arms)
    kept = json.loads(recorded.CONTROLS.read_text(encoding="utf-8")) if recorded.CONTROLS.exists() else {}
    write_whole(recorded.CONTROLS, json.dumps(kept | {options.model: entry}, indent=1) + "\n")


if __name__ == "__main__":
    main()
