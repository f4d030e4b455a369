"""Train the reranker that comes with the course: ``python -m tools.reranker.train``."""

from __future__ import annotations

import argparse
import tempfile
import time

from course_utils.retrieval.reranking import TRAINED, fresh_cross_encoder, load_reranker, save_trained

from .rows import pairs


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--questions", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--go-on", action="store_true", help="from the weights that are there, not anew")
    options = parser.parse_args()
    from datasets import Dataset
    from sentence_transformers.cross_encoder import CrossEncoderTrainer, CrossEncoderTrainingArguments
    from sentence_transformers.cross_encoder.losses import BinaryCrossEntropyLoss

    started = time.perf_counter()
    rows = list(pairs(options.questions, options.seed))
    print(f"{len(rows)} pairs in {time.perf_counter() - started:.0f} s", flush=True)
    names = ("question", "passage", "label")
    data = Dataset.from_dict(
        {name: list(column) for name, column in zip(names, zip(*rows, strict=True), strict=True)}
    )
    rate = 5e-4 if options.go_on else 1e-3
    model = load_reranker().model if options.go_on else fresh_cross_encoder()
    with tempfile.TemporaryDirectory() as folder:
        settings = CrossEncoderTrainingArguments(
            output_dir=folder, num_train_epochs=1, per_device_train_batch_size=16, learning_rate=rate,
            warmup_steps=10, seed=0, save_strategy="no", report_to="none", logging_steps=20, use_cpu=True,
        )  # fmt: skip
        CrossEncoderTrainer(model, settings, data, loss=BinaryCrossEntropyLoss(model)).train()
    save_trained(model)
    print(
        f"{TRAINED.name}: {TRAINED.stat().st_size / 1e6:.1f} MB, {time.perf_counter() - started:.0f} s in all"
    )


if __name__ == "__main__":
    main()
