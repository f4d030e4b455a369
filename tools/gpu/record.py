"""Run the GPU lane for real and keep what came out: Unsloth beside plain PEFT + TRL, on one NVIDIA GPU.

    python -m tools.gpu.record                      all that fits the GPU, into course_utils/gpu_runs/runs
    python -m tools.gpu.record --only bundled       the bundled model only (correctness, a few minutes)
    python -m tools.gpu.record --session FILE       go on with a session that was cut off

Nothing is downloaded. The bundled model shows that a lane learns; models of the real architectures (1B, 3B,
8B) with *random* weights show memory and speed, which do not depend on what the weights say. Every training
runs in a process of its own, because Unsloth patches the libraries it is compared with, and because only a
fresh process has a peak of its own. A training that fails is recorded as failed. The file is written after
every training.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.metadata
import json
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from course_utils import gpu_runs, lane
from course_utils.costs.shapes import ALL_LINEAR, SHAPES
from course_utils.gpu_runs import Gpu, Run, Session
from tools.notebooks.catalogue import ROOT

# The architectures that are run with random weights, and the size of their attention heads, as the models'
# published config.json has it (read 2026-11). All other sizes are in costs.shapes.
HEAD_SIZES = {"Llama-3.2-1B": 64, "Llama-3.2-3B": 128, "Llama-3.1-8B": 128}
VOCABULARY = SHAPES["Llama-3.1-8B"].vocabulary  # of all three
BUNDLED = "bundled"
PACKAGES = (
    "torch", "transformers", "trl", "peft", "bitsandbytes", "accelerate", "datasets", "triton", "unsloth",
    "unsloth_zoo",
)  # fmt: skip
TIMEOUT = 540  # seconds for one training, its loading included
ROW = 1024  # tokens in a row of the random-weight runs
STEPS = 20


class RecordError(Exception):
    """Recording cannot go on; the message says what to do."""


@dataclass(frozen=True)
class Experiment:
    model: str  # BUNDLED or a key of HEAD_SIZES
    engine: str
    method: str

    @property
    def name(self) -> str:
        return f"{self.model} {self.method} {self.engine}"


def experiments() -> list[Experiment]:
    """All of them, the quick and telling ones first."""
    adapters = [(engine, method) for method in ("qlora", "lora16") for engine in gpu_runs.ENGINES]
    chosen = [Experiment(model, *pair) for model in (BUNDLED, *HEAD_SIZES) for pair in adapters]
    # The article puts full fine-tuning of a 7B to 8B at 100 to 120 GB. With 32-bit weights, gradients and
    # Adam's two moments that is 16 bytes a parameter, with 16-bit ones 8.
    for model in ("Llama-3.2-1B", "Llama-3.1-8B"):
        chosen += [Experiment(model, engine, "full16") for engine in gpu_runs.ENGINES]
        chosen.append(Experiment(model, "plain", "full32"))
    return chosen


def settings(experiment: Experiment) -> dict[str, Any]:
    """Everything about a training that is not the data. Both engines get the same."""
    from course_utils.finetuning import recipe

    if experiment.model == BUNDLED:
        chosen = replace(recipe.FOR_SMALL, max_steps=60)
    else:
        optimizer = "adamw_8bit" if experiment.method in ("qlora", "lora16") else "adamw_torch"
        chosen = replace(recipe.FOR_LARGE, max_steps=STEPS, max_length=ROW, optimizer=optimizer)
        if experiment.method.startswith("full"):
            chosen = replace(chosen, learning_rate=1e-5)
    return asdict(chosen)


# --- the data -----------------------------------------------------------------------------------------


def price_examples() -> tuple[list[dict[str, Any]], list[str]]:
    """(training rows, exam questions in other wordings): January's prices, as in lesson 01."""
    from course_utils import company
    from course_utils.finetuning import example

    given = dict(intents=("price",), answerable=True)
    rows = company.questions("2026-01", n=480, seed=1, split="train", **given)
    exam = company.questions("2026-01", n=8, seed=2, split="test", **given)
    return [example(q.text, q.answer) for q in rows], [q.text for q in exam]


def random_rows(count: int, length: int = ROW, vocabulary: int = VOCABULARY) -> list[dict[str, list[int]]]:
    """Rows of random token ids, every token graded: the most work a row of this length can be."""
    import numpy as np

    ids = np.random.default_rng(0).integers(0, vocabulary, size=(count, length))
    return [{"input_ids": row, "completion_mask": [1] * length} for row in ids.tolist()]


def digest(rows: Sequence[Any]) -> str:
    return hashlib.sha256(json.dumps(rows, sort_keys=True).encode()).hexdigest()


# --- one training, in a process of its own ------------------------------------------------------------


def configuration(model: str) -> Any:
    """The transformers configuration of an experiment's model."""
    from transformers import AutoConfig, LlamaConfig

    from course_utils import bundled_model

    if model == BUNDLED:
        return AutoConfig.from_pretrained(bundled_model.path())
    size, head = SHAPES[model], HEAD_SIZES[model]
    return LlamaConfig(
        vocab_size=size.vocabulary, hidden_size=size.hidden, intermediate_size=size.mlp_width,
        num_hidden_layers=size.layers, num_attention_heads=size.query_width // head,
        num_key_value_heads=size.key_width // head, head_dim=head, tie_word_embeddings=size.tied_embeddings,
        max_position_embeddings=8192, rms_norm_eps=1e-5, pad_token_id=0, bos_token_id=None, eos_token_id=4,
    )  # fmt: skip


def make_random_weights(model: str, folder: Path) -> None:
    """A checkpoint of the architecture ``model`` with random weights, on disk as a hub model would be."""
    import torch
    from transformers import AutoTokenizer, LlamaForCausalLM

    from course_utils import bundled_model

    torch.manual_seed(0)
    torch.set_default_dtype(torch.bfloat16)  # never 32 bits: this process does nothing else
    with torch.device("cuda"):
        made = LlamaForCausalLM(configuration(model))
    made.save_pretrained(folder)
    # The bundled tokenizer serves: its ids are below the vocabulary's size, and rows come as ids anyway.
    AutoTokenizer.from_pretrained(bundled_model.path()).save_pretrained(folder)


def train_one(experiment: Experiment, source: str, here: lane.Lane) -> Run:
    """Run ``experiment`` on the base in ``source`` and measure it."""
    from course_utils import finetuning
    from course_utils.finetuning import peft_backend, unsloth_backend

    if experiment.engine == "unsloth":
        unsloth_backend.start()  # before anything below imports transformers
    import torch
    from datasets import Dataset
    from transformers import TrainerCallback

    class StepClock(TrainerCallback):
        """The wall clock of each optimizer step, once the GPU has really finished it."""

        def __init__(self) -> None:
            self.seconds: list[float] = []

        def on_step_begin(self, args, state, control, **_):
            torch.cuda.synchronize()
            self.started = time.perf_counter()

        def on_step_end(self, args, state, control, **_):
            torch.cuda.synchronize()
            self.seconds.append(time.perf_counter() - self.started)

    bundled = experiment.model == BUNDLED
    chosen = settings(experiment)
    full = experiment.method.startswith("full")
    four_bit = experiment.method == "qlora"
    torch.cuda.reset_peak_memory_stats()
    if experiment.engine == "unsloth":
        model, tokenizer = unsloth_backend.load_base(source, four_bit, chosen["max_length"], full)
    else:
        dtype = torch.float32 if experiment.method == "full32" else torch.bfloat16
        model, tokenizer = peft_backend.load_base(source, four_bit, here.device, dtype)
    parameters = model.num_parameters()
    if bundled:
        rows, exam = price_examples()
    else:
        rows, exam = random_rows(chosen["batch_size"] * chosen["accumulation"] * chosen["max_steps"]), []
    before = _answers(model, tokenizer, exam)
    if not full:
        attach = unsloth_backend.attach if experiment.engine == "unsloth" else peft_backend.attach
        model = attach(model, finetuning.RANK, 2 * finetuning.RANK, ALL_LINEAR, seed=0)
    trainable = sum(p.numel() for p in model.parameters() if p.requires_grad)
    clock = StepClock()
    with tempfile.TemporaryDirectory() as folder:
        train_set = Dataset.from_list(rows)
        trainer = finetuning.trainer(model, tokenizer, train_set, Path(folder), here=here, **chosen)
        trainer.args.save_strategy = "no"
        trainer.add_callback(clock)
        started = time.perf_counter()
        trainer.train()
        seconds = time.perf_counter() - started
    after = _answers(trainer.model, tokenizer, exam)
    longest = max(len(row["input_ids"]) for row in trainer.train_dataset)
    log = [entry for entry in trainer.state.log_history if "loss" in entry]
    return Run(
        engine=experiment.engine, method=experiment.method, model=experiment.model,
        weights="bundled" if bundled else "random", parameters=parameters, trainable=trainable,
        dataset="January's prices, as in lesson 01" if bundled else f"random tokens, {ROW} a row",
        dataset_sha256=digest(rows), tokens_per_row=longest, settings=_public(chosen),
        seconds=round(seconds, 3), step_seconds=[round(s, 4) for s in clock.seconds],
        peak_allocated_gib=round(torch.cuda.max_memory_allocated() / 2**30, 3),
        peak_reserved_gib=round(torch.cuda.max_memory_reserved() / 2**30, 3),
        loss=[[entry["step"], round(entry["loss"], 4)] for entry in log],
        answers=[
            {"question": q, "before": b, "after": a} for q, b, a in zip(exam, before, after, strict=True)
        ],
    )  # fmt: skip


def _answers(model: Any, tokenizer: Any, questions: Sequence[str]) -> list[str]:
    from course_utils.answering import generate
    from course_utils.answering.prompts import messages

    return (
        generate(model, tokenizer, [messages(q) for q in questions], max_new_tokens=40) if questions else []
    )


def _public(chosen: dict[str, Any]) -> dict[str, Any]:
    from course_utils import finetuning

    kept = {name: value for name, value in chosen.items() if name not in ("max_steps", "epochs")}
    return {"rank": finetuning.RANK, "alpha": 2 * finetuning.RANK, **kept, "steps": chosen["max_steps"]}


def failed(experiment: Experiment, why: str) -> Run:
    """A run that did not come to an end. What it would have trained is computed, nothing is measured."""
    chosen = settings(experiment)
    rows = price_examples()[0] if experiment.model == BUNDLED else random_rows(1)
    return Run(
        engine=experiment.engine, method=experiment.method, model=experiment.model,
        weights="bundled" if experiment.model == BUNDLED else "random",
        parameters=parameter_count(experiment.model), trainable=trainable_count(experiment),
        dataset="as in the runs that succeeded", dataset_sha256=digest(rows),
        tokens_per_row=chosen["max_length"], settings=_public(chosen), failure=why,
    )  # fmt: skip


def parameter_count(model: str) -> int:
    """The parameters of an architecture, counted on a model without memory."""
    return _without_memory(model).num_parameters()


def trainable_count(experiment: Experiment) -> int:
    """The parameters that ``experiment`` trains: rank × (inputs + outputs) a layer, or all."""
    from course_utils import finetuning

    model = _without_memory(experiment.model)
    if experiment.method.startswith("full"):
        return model.num_parameters()
    layers = [m for name, m in model.named_modules() if name.split(".")[-1] in ALL_LINEAR]
    return sum(finetuning.RANK * (layer.in_features + layer.out_features) for layer in layers)


def _without_memory(model: str) -> Any:
    import torch
    from transformers import LlamaForCausalLM

    with torch.device("meta"):
        return LlamaForCausalLM(configuration(model))


# --- the session --------------------------------------------------------------------------------------


def provenance(commit: str | None) -> dict[str, Any]:
    """The machine, the versions and the commit. Raises RecordError without a GPU, Unsloth or a commit."""
    import torch

    here = lane.current()
    if here.gpu is None:
        raise RecordError(f"No run without an NVIDIA GPU: {here.why}.")
    versions = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            versions[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            if package == "unsloth":
                raise RecordError("Unsloth is not installed: run `make gpu`.") from None
    driver = _output(["nvidia-smi", "--query-gpu=driver_version", "--format=csv,noheader"]).splitlines()
    capability = ".".join(map(str, torch.cuda.get_device_capability()))
    gpu = Gpu(here.gpu.name, round(here.gpu.memory, 2), driver[0], str(torch.version.cuda), capability)
    found = commit or _output(["git", "rev-parse", "HEAD"])
    clean = commit is None and not _output(["git", "status", "--porcelain", "--untracked-files=no"])
    if not re.fullmatch(r"[0-9a-f]{40}", found):
        raise RecordError("This is no git checkout: say which commit the code is with --commit.")
    return dict(commit=found, clean=clean, gpu=gpu, versions=versions)


def _output(command: list[str]) -> str:
    try:
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=30).stdout.strip()
    except (OSError, subprocess.TimeoutExpired):
        return ""


def in_own_process(experiment: Experiment, source: str) -> Run:
    """Run ``experiment`` in a fresh interpreter; a failed one becomes a Run that says why."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder, "run.json")
        command = [sys.executable, "-m", "tools.gpu.record", "--one", json.dumps(asdict(experiment))]
        try:
            done = subprocess.run(
                [*command, "--source", source, "--out", str(out)], cwd=ROOT, timeout=TIMEOUT,
                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            return failed(experiment, f"not finished within {TIMEOUT} s")
        if done.returncode == 0:
            return Run(**json.loads(out.read_text(encoding="utf-8")))
        return failed(experiment, reason(done.stderr))


def reason(stderr: str) -> str:
    """The last line of a traceback, cut to one line; "out of memory" when that is what it was."""
    if "OutOfMemoryError" in stderr or "dispatched on the CPU or the disk" in stderr:
        return "out of memory"
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    return (lines[-1] if lines else "ended without a word")[:200]


def record(file: Path, chosen: Sequence[Experiment], commit: str | None) -> Session:
    """Run the ``chosen`` experiments that ``file`` does not hold yet, writing it after each."""
    made = provenance(commit)
    session = gpu_runs.load(file) if file.is_file() else None
    if session is not None and (session.gpu, session.versions) != (made["gpu"], made["versions"]):
        raise RecordError(
            f"{file.name} was recorded on another machine or with other versions: take a new file."
        )
    runs = list(session.runs) if session else []
    done = {(run.model, run.engine, run.method) for run in runs if run.failure is None}
    when = session.recorded if session else datetime.now(UTC).isoformat(timespec="seconds")
    with tempfile.TemporaryDirectory(prefix="stale-prices-") as weights:
        for experiment in chosen:
            if (experiment.model, experiment.engine, experiment.method) in done:
                continue
            source = _source(experiment.model, Path(weights))
            if source is None:
                run = failed(experiment, "out of memory, or of disk, while its weights were made")
            else:
                run = in_own_process(experiment, source)
            runs = [r for r in runs if (r.model, r.engine, r.method) != (run.model, run.engine, run.method)]
            runs.append(run)
            session = Session(recorded=when, runs=tuple(runs), **made)
            gpu_runs.dump(session, file)
            peak = run.failure or f"{run.seconds_per_step:.3f} s a step, peak {run.peak_reserved_gib:.1f} GiB"
            print(f"{experiment.name}: {peak}", flush=True)
    if session is None:
        raise RecordError("No experiment was chosen; --only takes part of a name, such as 8B or qlora.")
    return session


def _source(model: str, weights: Path) -> str | None:
    """The folder of a base model, None when it cannot be made; a process of its own makes random weights."""
    from course_utils import bundled_model

    if model == BUNDLED:
        return str(bundled_model.path())
    folder = weights / model
    if not folder.is_dir():
        for other in weights.iterdir():  # one at a time: the largest takes 16 GB of disk
            shutil.rmtree(other)
        command = [sys.executable, "-m", "tools.gpu.record", "--make", model, "--out", str(folder)]
        if subprocess.run(command, cwd=ROOT).returncode:
            return None
    return str(folder)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.gpu.record", description=__doc__.splitlines()[0])
    parser.add_argument(
        "--only", nargs="+", metavar="WORD", help="experiments whose name has all these words"
    )
    parser.add_argument("--session", type=Path, help="the file to write or to go on with")
    parser.add_argument("--commit", help="the commit of the code, where there is no git checkout")
    parser.add_argument("--one", help=argparse.SUPPRESS)  # an experiment as JSON, to run in this process
    parser.add_argument("--make", help=argparse.SUPPRESS)  # an architecture, to make random weights of
    parser.add_argument("--source", help=argparse.SUPPRESS)
    parser.add_argument("--out", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.make:
        make_random_weights(options.make, options.out)
        return 0
    if options.one:
        run = train_one(Experiment(**json.loads(options.one)), options.source, lane.current())
        options.out.write_text(json.dumps(asdict(run)), encoding="utf-8")
        return 0
    chosen = [e for e in experiments() if all(word in e.name for word in options.only or ())]
    file = options.session or gpu_runs.RUNS / f"{datetime.now(UTC):%Y-%m-%d-%H%M}.json"
    try:
        session = record(file, chosen, options.commit)
    except (RecordError, gpu_runs.RecordedRunError) as problem:
        print(problem, file=sys.stderr)
        return 1
    print(f"{gpu_runs.heading(session)}\nwrote {file}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
