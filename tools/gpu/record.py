"""Run the GPU lane for real and keep what came out, on one NVIDIA GPU, with everything needed to doubt it.

    python -m tools.gpu.record                      all of it, into course_utils/gpu_runs/runs
    python -m tools.gpu.record --only lab smol      only what has these words in its name
    python -m tools.gpu.record --session FILE       go on with a session that was cut off
    python -m tools.gpu.record --rehearse …         here, GPU or not, in few steps; nothing is recorded

Three kinds of work. **Lesson 10's notebook** is executed as it is, and what it recorded is kept. **Single
trainings** compare Unsloth with plain PEFT + TRL on the same rows: the bundled model shows that both learn,
models of the real architectures (1B, 3B, 8B) with *random* weights show memory and speed, which do not depend
on what the weights say. And the **recipes** of the course's own models go on for some minutes.

Only "lab hub" downloads anything. Everything runs in a process of its own, because Unsloth patches the
libraries it is compared with, and because only a fresh process has a peak of its own. What fails is recorded
as failed. The file is written after every one.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import importlib.metadata
import json
import os
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

from course_utils import gpu_runs, lane, models, paths, results
from course_utils.costs.shapes import ALL_LINEAR, SHAPES
from course_utils.gpu_runs import Continued, Gpu, Lab, Run, Session
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
FAILED = 3  # the exit status where something was recorded as failed
REHEARSED = 4  # steps of a training in a rehearsal
LAB = ROOT / "solutions" / "10_gpu_lab.ipynb"
LAB_TIMEOUT = 1200  # seconds for one of its cells
HUB = "hub"  # the base of a lab that takes the hub's model for the card
WORK = ROOT / "work" / "gpu"  # what labs and recipes leave: their trainings go on from there
# Tokens in all for a recipe that goes on, where it starts when it has no checkpoint, and minutes of one leg.
RECIPES = {
    "reader": (16e6, ["--start", str(ROOT / "course_utils" / "models" / "reader")]),
    "bundled_model": (120e6, []),
}
MINUTES = 7


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


@dataclass(frozen=True)
class LabPlan:
    """Lesson 10's notebook, executed with one base (what STALE_PRICES_MODEL takes, or HUB) and one engine."""

    base: str
    engine: str

    @property
    def name(self) -> str:
        return f"lab {self.base} {self.engine}"


@dataclass(frozen=True)
class Leg:
    """One of RECIPES, going on."""

    recipe: str

    @property
    def name(self) -> str:
        return f"continue {self.recipe}"


Plan = LabPlan | Experiment | Leg


def plans() -> list[Plan]:
    """All that is recorded, the quick and telling ones first."""
    labs = [LabPlan(models.TINY, "unsloth"), LabPlan(models.SMOL, "unsloth"), LabPlan(models.SMOL, "plain")]
    return [*labs, *experiments(), *map(Leg, RECIPES), LabPlan(HUB, "unsloth")]


def experiments() -> list[Experiment]:
    """The single trainings."""
    adapters = [(engine, method) for method in ("qlora", "lora16") for engine in gpu_runs.ENGINES]
    chosen = [Experiment(model, *pair) for model in (BUNDLED, *HEAD_SIZES) for pair in adapters]
    # The article puts full fine-tuning of a 7B to 8B at 100 to 120 GB. With 32-bit weights, gradients and
    # Adam's two moments that is 16 bytes a parameter, with 16-bit ones 8.
    for model in ("Llama-3.2-1B", "Llama-3.1-8B"):
        chosen += [Experiment(model, engine, "full16") for engine in gpu_runs.ENGINES]
        chosen.append(Experiment(model, "plain", "full32"))
    return chosen


def settings(experiment: Experiment, rehearsal: bool = False) -> dict[str, Any]:
    """Everything about a training that is not the data. Both engines get the same."""
    from course_utils.finetuning import recipe

    if experiment.model == BUNDLED:
        chosen = replace(recipe.FOR_SMALL, max_steps=60)
    else:
        optimizer = "adamw_8bit" if experiment.method in ("qlora", "lora16") else "adamw_torch"
        chosen = replace(recipe.FOR_LARGE, max_steps=STEPS, max_length=ROW, optimizer=optimizer)
        if experiment.method.startswith("full"):
            chosen = replace(chosen, learning_rate=1e-5)
    if rehearsal:
        chosen = replace(chosen, max_steps=REHEARSED, batch_size=4)
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


def configuration(model: str, rehearsal: bool = False) -> Any:
    """The transformers configuration of an experiment's model; in a rehearsal a single layer of it."""
    from transformers import AutoConfig, LlamaConfig

    from course_utils import bundled_model

    if model == BUNDLED:
        return AutoConfig.from_pretrained(bundled_model.path())
    size, head = SHAPES[model], HEAD_SIZES[model]
    return LlamaConfig(
        vocab_size=size.vocabulary, hidden_size=size.hidden, intermediate_size=size.mlp_width,
        num_hidden_layers=1 if rehearsal else size.layers, num_attention_heads=size.query_width // head,
        num_key_value_heads=size.key_width // head, head_dim=head, tie_word_embeddings=size.tied_embeddings,
        max_position_embeddings=8192, rms_norm_eps=1e-5, pad_token_id=0, bos_token_id=None, eos_token_id=4,
    )  # fmt: skip


def make_random_weights(model: str, folder: Path) -> None:
    """A checkpoint of the architecture ``model`` with random weights, on disk as a hub model would be."""
    import torch
    from transformers import AutoTokenizer, LlamaForCausalLM

    from course_utils import bundled_model

    here = lane.current()
    torch.manual_seed(0)
    torch.set_default_dtype(torch.bfloat16)  # never 32 bits: this process does nothing else
    with torch.device(here.device):
        made = LlamaForCausalLM(configuration(model, rehearsal=here.gpu is None))
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

    counts = torch.cuda if here.gpu else _Rehearsal

    class StepClock(TrainerCallback):
        """The wall clock of each optimizer step, once the GPU has really finished it."""

        def __init__(self) -> None:
            self.seconds: list[float] = []

        def on_step_begin(self, args, state, control, **_):
            counts.synchronize()
            self.started = time.perf_counter()

        def on_step_end(self, args, state, control, **_):
            counts.synchronize()
            self.seconds.append(time.perf_counter() - self.started)

    bundled = experiment.model == BUNDLED
    chosen = settings(experiment, rehearsal=here.gpu is None)
    full = experiment.method.startswith("full")
    four_bit = experiment.method == "qlora"
    counts.reset_peak_memory_stats()
    if experiment.engine == "unsloth":
        model, tokenizer = unsloth_backend.load_base(source, four_bit, chosen["max_length"], full)
    else:
        dtype = torch.float32 if experiment.method == "full32" else models.dtype(here.device)
        model, tokenizer = peft_backend.load_base(source, four_bit, here.device, dtype)
    parameters = model.num_parameters()
    if bundled:
        rows, exam = price_examples()
    else:
        count = chosen["batch_size"] * chosen["accumulation"] * chosen["max_steps"]
        rows, exam = random_rows(count, ROW if here.gpu else ROW // 16), []
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
        peak_allocated_gib=round(counts.max_memory_allocated() / 2**30, 3),
        peak_reserved_gib=round(counts.max_memory_reserved() / 2**30, 3),
        loss=[[entry["step"], round(entry["loss"], 4)] for entry in log],
        answers=[
            {"question": q, "before": b, "after": a} for q, b, a in zip(exam, before, after, strict=True)
        ],
    )  # fmt: skip


class _Rehearsal:
    """In place of torch.cuda where there is no GPU: the memory of the process."""

    synchronize = reset_peak_memory_stats = staticmethod(lambda: None)

    @staticmethod
    def max_memory_allocated() -> int:
        import psutil

        return psutil.Process().memory_info().rss

    max_memory_reserved = max_memory_allocated


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


# --- lesson 10 ----------------------------------------------------------------------------------------


def run_lab(plan: LabPlan, here: lane.Lane) -> Lab:
    """Execute lesson 10's notebook. Its trainings stay below WORK: run again, it goes on from them."""
    import nbformat
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    from course_utils.finetuning.training import ENGINE_VARIABLE

    notebook = nbformat.read(LAB, as_version=4)
    code = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    home = WORK / plan.name.replace(" ", "-")
    home.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(FileExistsError):  # smol and what is remembered of answers are this machine's
        (home / "cache").symlink_to(paths.cache_dir(), target_is_directory=True)
    chosen = {models.VARIABLE: "" if plan.base == HUB else plan.base, ENGINE_VARIABLE: plan.engine}
    client = NotebookClient(
        notebook,
        timeout=LAB_TIMEOUT,
        kernel_name="python3",
        resources={"metadata": {"path": str(LAB.parent)}},
    )
    failure, started = None, time.perf_counter()
    try:
        client.execute(env=os.environ | chosen | {paths.HOME_VARIABLE: str(home)})
    except (CellExecutionError, CellTimeoutError, DeadKernelError) as problem:
        failure = reason(re.sub(r"\x1b\[[\d;]*m", "", str(problem)))
    found = home / "work" / "10" / results.FILE
    return Lab(
        base=plan.base, engine=plan.engine,
        precision="bfloat16" if here.gpu and here.gpu.bf16 else "float16",
        notebook_sha256=hashlib.sha256(json.dumps(code).encode()).hexdigest(),
        seconds=round(time.perf_counter() - started, 1),
        results=json.loads(found.read_text(encoding="utf-8")) if found.is_file() else {},
        failure=failure,
    )  # fmt: skip


# --- the recipes --------------------------------------------------------------------------------------


def go_on(leg: Leg, minutes: float) -> Continued:
    """Train on where the recipe's checkpoint below WORK is, for so many minutes."""
    tokens, start = RECIPES[leg.recipe]
    folder = WORK / leg.recipe
    before = _reached(folder / "checkpoint.pt") or _exported(start)
    command = [sys.executable, "-m", f"tools.{leg.recipe}.train", "--out", str(folder), *start]
    command += ["--tokens", str(tokens), "--minutes", str(minutes)]
    began = time.perf_counter()
    done = subprocess.run(command, cwd=ROOT, stdout=sys.stderr, stderr=subprocess.PIPE, text=True)
    after = _reached(folder / "checkpoint.pt") or before
    failure = "its tokens were reached before" if after["tokens"] == before["tokens"] else None
    return Continued(
        recipe=leg.recipe, tokens_before=before["tokens"], tokens_after=after["tokens"],
        seconds=round(time.perf_counter() - began, 1), curve=after["log"][len(before["log"]) :],
        failure=f"{reason(done.stderr)} ({done.returncode})" if done.returncode else failure,
    )  # fmt: skip


def _reached(checkpoint: Path) -> dict[str, Any] | None:
    """How far a recipe's checkpoint is: its tokens, its curve."""
    if not checkpoint.is_file():
        return None
    import torch

    state = torch.load(checkpoint, map_location="cpu", weights_only=True)
    return {"tokens": state["tokens"], "log": state["log"]}


def _exported(start: Sequence[str]) -> dict[str, Any]:
    """The same of the adapter that a recipe starts from; of nothing where it starts from scratch."""
    if not start:
        return {"tokens": 0, "log": []}
    from tools.reader.train import CURVE

    log = json.loads(Path(start[-1], CURVE).read_text(encoding="utf-8"))
    return {"tokens": log[-1]["tokens"], "log": log}


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


def carry_out(plan: Plan, weights: Path, here: lane.Lane) -> Run | Lab | Continued:
    """Do what ``plan`` says; what came out, failed or not. ``weights``: a folder for random ones."""
    if isinstance(plan, LabPlan):
        return run_lab(plan, here)
    if isinstance(plan, Leg):
        return go_on(plan, MINUTES if here.gpu else 0.2)
    source = _source(plan.model, weights)
    if source is None:
        return failed(plan, "out of memory, or of disk, while its weights were made")
    return in_own_process(plan, source)


def with_result(session: Session, found: Run | Lab | Continued) -> Session:
    """``session`` with ``found`` in it, in place of an earlier one of that name."""
    kind = {Run: "runs", Lab: "labs", Continued: "continued"}[type(found)]
    kept = tuple(other for other in getattr(session, kind) if other.name != found.name)
    return replace(session, **{kind: (*kept, found)})


def everything(session: Session) -> tuple[Run | Lab | Continued, ...]:
    return (*session.runs, *session.labs, *session.continued)


def said(found: Run | Lab | Continued) -> str:
    """One line on a result."""
    if found.failure:
        return f"{found.name}: failed, {found.failure}"
    if isinstance(found, Run):
        speed = "" if found.seconds_per_step is None else f"{found.seconds_per_step:.3f} s a step, "
        return (
            f"{found.name}: {speed}peak {found.peak_reserved_gib:.1f} GiB, first loss {found.loss[0][1]:.3f}"
        )
    if isinstance(found, Continued):
        return (
            f"{found.name}: {found.tokens_before:,} → {found.tokens_after:,} tokens in {found.seconds:.0f} s"
        )
    return f"{found.name}: {found.seconds:.0f} s, {found.results['base']}"


def rehearse(chosen: Sequence[Plan]) -> int:
    """Do the ``chosen`` plans here, in few steps, and record nothing; the number of those that failed."""
    failures = 0
    with tempfile.TemporaryDirectory(prefix="stale-prices-") as weights:
        for plan in chosen:
            found = carry_out(plan, Path(weights), lane.current())
            failures += found.failure is not None
            print(said(found), flush=True)
    return failures


def record(file: Path, chosen: Sequence[Plan], commit: str | None) -> Session:
    """Carry out the ``chosen`` plans that ``file`` does not hold yet, writing it after each."""
    made = provenance(commit)
    session = gpu_runs.load(file) if file.is_file() else None
    if session is not None and (session.gpu, session.versions) != (made["gpu"], made["versions"]):
        raise RecordError(
            f"{file.name} was recorded on another machine or with other versions: take a new file."
        )
    if session is None:
        session = Session(recorded=datetime.now(UTC).isoformat(timespec="seconds"), **made)
    done = {found.name for found in everything(session) if found.failure is None}
    if not chosen:
        raise RecordError("Nothing was chosen; --only takes parts of a name, such as 8B, qlora or lab.")
    with tempfile.TemporaryDirectory(prefix="stale-prices-") as weights:
        for plan in chosen:
            if plan.name in done:
                continue
            found = carry_out(plan, Path(weights), lane.current())
            session = with_result(replace(session, **made), found)
            gpu_runs.dump(session, file)
            print(said(found), flush=True)
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
    parser.add_argument("--only", nargs="+", metavar="WORD", help="what has all these words in its name")
    parser.add_argument("--session", type=Path, help="the file to write or to go on with")
    parser.add_argument("--commit", help="the commit of the code, where there is no git checkout")
    parser.add_argument("--rehearse", action="store_true", help="here, in few steps; nothing is recorded")
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
    chosen = [plan for plan in plans() if all(word in plan.name for word in options.only or ())]
    if options.rehearse:
        return 1 if not chosen or rehearse(chosen) else 0
    file = options.session or gpu_runs.RUNS / f"{datetime.now(UTC):%Y-%m-%d-%H%M}.json"
    try:
        session = record(file, chosen, options.commit)
    except (RecordError, gpu_runs.RecordedRunError) as problem:
        print(problem, file=sys.stderr)
        return 1
    print(f"{gpu_runs.heading(session)}\nwrote {file}")
    wanted = {plan.name for plan in chosen}
    return FAILED if any(f.failure for f in everything(session) if f.name in wanted) else 0


if __name__ == "__main__":
    sys.exit(main())
