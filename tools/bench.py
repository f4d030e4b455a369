"""Measure the course's budgets on this machine: ``make bench``. Nothing here passes or fails.

Ratios are taken within one run: Chroma beside NumPy brute force on the same vectors, TRL's trainer beside a
loop written by hand on the same batches, the calculators' own charts beside matplotlib's.
"""

from __future__ import annotations

import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from course_utils.answering import memo

QUERIES = 200


def main() -> None:
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    os.environ[memo.VARIABLE] = "0"
    print(f"{machine()}\n")
    rows = [("what", "measured", "budget")]
    with tempfile.TemporaryDirectory() as home:
        os.environ["STALE_PRICES_HOME"] = home
        for part in (imports, bundled_model, retrieval, fine_tuning, calculators):
            rows += part(Path(home))
    widths = [max(len(row[i]) for row in rows) for i in range(3)]
    for i, row in enumerate(rows):
        print("| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |")
        if i == 0:
            print("|" + "|".join("-" * (width + 2) for width in widths) + "|")


def machine() -> str:
    """One line that names what was measured on."""
    import psutil
    import torch

    cpu = next(
        (line.split(":")[1].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")),
        platform.processor(),
    )
    memory = psutil.virtual_memory().total / 2**30
    gpu = torch.cuda.get_device_name(0) if torch.cuda.is_available() else "no GPU"
    python = platform.python_version()
    size = f"{psutil.cpu_count(logical=True)} cores, {memory:.0f} GiB, {gpu}"
    return f"{platform.system()}, {cpu}, {size}; Python {python}, torch {torch.__version__}"


def imports(home: Path) -> list[tuple[str, str, str]]:
    code = "import time; start = time.perf_counter(); import course_utils; print(time.perf_counter() - start)"
    seconds = [float(subprocess.check_output([sys.executable, "-c", code])) for _ in range(5)]
    return [("import course_utils", f"{statistics.median(seconds):.3f} s", "0.3 s")]


def bundled_model(home: Path) -> list[tuple[str, str, str]]:
    import torch

    from course_utils import bundled_model
    from course_utils.answering import prompts

    bundled_model.load()  # the libraries' imports are not the model's
    load = seconds_of(bundled_model.load)
    model, tokenizer = bundled_model.load()
    chat = prompts.messages(
        "How much is Zarnik Gold?", ["Zarnik Gold > Price\nZarnik Gold costs $9 per user per month."]
    )
    text = tokenizer.apply_chat_template(chat, tokenize=False, add_generation_prompt=True)
    batch = tokenizer(text, return_tensors="pt")

    def decode() -> None:
        with torch.inference_mode():
            model.generate(**batch, min_new_tokens=128, max_new_tokens=128, do_sample=False)

    decode()
    return [
        ("bundled model: load", f"{load:.2f} s", "1.5 s"),
        ("bundled model: decode, one chat", f"{128 / seconds_of(decode):.0f} tokens/s", "150 tokens/s"),
    ]


def retrieval(home: Path) -> list[tuple[str, str, str]]:
    import chromadb
    import numpy as np

    from course_utils import company
    from course_utils.retrieval import PageIndex, chunk_page, load_embedder

    pages = company.pages("2026-01")
    embedder = load_embedder()
    questions = [q.text for q in company.questions("2026-01", n=QUERIES, seed=11, split="test")]
    with PageIndex(home / "index", embedder) as index:
        cold = seconds_of(lambda: index.sync(pages))
        path = "products/tallyport/plans/team.md"
        edited = pages | {path: pages[path].replace("per user", "for every user")}

        def update() -> None:
            index.sync(edited)
            index.search("How much is Tallyport Team?")

        one = seconds_of(update)
        whole = times_of(lambda text: index.search(text), questions)
        chunks = index.count()
    vectors = embedder.encode(questions)
    stored = embedder.encode([chunk.text for path, text in pages.items() for chunk in chunk_page(path, text)])
    client = chromadb.PersistentClient(str(home / "plain"))
    cosine = {"hnsw": {"space": "cosine"}}
    collection = client.create_collection("plain", embedding_function=None, configuration=cosine)
    for start in range(0, len(stored), 1000):
        part = stored[start : start + 1000]
        collection.add(ids=[str(start + i) for i in range(len(part))], embeddings=part)
    chroma = times_of(lambda v: collection.query(query_embeddings=v[None], n_results=3), vectors)
    brute = times_of(lambda v: np.argpartition(stored @ v, -3)[-3:], vectors)
    ratio = statistics.median(chroma) / statistics.median(brute)
    return [
        (f"cold index of {len(pages)} pages ({chunks} chunks)", f"{cold:.1f} s", "60 s"),
        ("one edited page searchable", f"{one:.2f} s", "1 s"),
        (
            "retrieval, query embedding included: p50 / p95",
            f"{1e3 * statistics.median(whole):.1f} / {1e3 * quantile(whole, 0.95):.1f} ms",
            "p95 20 ms",
        ),
        (
            "search alone: Chroma / NumPy brute force, p50",
            f"{1e3 * statistics.median(chroma):.2f} / {1e3 * statistics.median(brute):.2f} ms = {ratio:.1f}×",
            "-",
        ),
    ]


def fine_tuning(home: Path) -> list[tuple[str, str, str]]:
    import torch
    from peft import get_peft_model
    from trl import SFTTrainer

    from course_utils import bundled_model, company, finetuning

    questions = company.questions(
        "2026-01", n=480, seed=1, intents=("price",), answerable=True, split="train"
    )
    train_set = finetuning.training_set(finetuning.example(q.text, q.answer) for q in questions)
    model, tokenizer = bundled_model.load()
    settings = finetuning.arguments(home / "bench", finetuning.SIMPLE, epochs=2)
    settings.disable_tqdm, settings.save_strategy = True, "no"
    with silence():
        trainer = SFTTrainer(
            model=model,
            args=settings,
            train_dataset=train_set,
            processing_class=tokenizer,
            peft_config=finetuning.lora(),
        )
        batches = [dict(batch) for batch in trainer.get_train_dataloader()] * 2
        tokens = sum(int(batch["attention_mask"].sum()) for batch in batches)
        theirs = seconds_of(trainer.train)
    own = get_peft_model(bundled_model.load()[0], finetuning.lora()).train()
    optimizer = torch.optim.AdamW([p for p in own.parameters() if p.requires_grad], lr=settings.learning_rate)

    def loop() -> None:
        for batch in batches:
            own(**batch).loss.backward()
            torch.nn.utils.clip_grad_norm_(own.parameters(), 1.0)
            optimizer.step()
            optimizer.zero_grad()

    ours = seconds_of(loop)
    return [
        (
            "LoRA training: SFTTrainer / a loop by hand",
            f"{tokens / theirs:,.0f} / {tokens / ours:,.0f} tokens/s = {ours / theirs:.2f}×",
            "-",
        )
    ]


def calculators(home: Path) -> list[tuple[str, str, str]]:
    """One movement of a slider, and the same chart by matplotlib: no pyplot, no minor ticks, to SVG text."""
    import io

    from matplotlib.figure import Figure
    from matplotlib.ticker import NullLocator

    from course_utils import widgets
    from course_utils.costs import Comparison, yearly_cost

    volumes = [10 ** (1 + i / 8) for i in range(41)]

    def by_matplotlib() -> str:
        axes = Figure(figsize=(7.6, 3.6)).add_subplot(xscale="log", yscale="log")
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_minor_locator(NullLocator())
        for system in Comparison().systems():
            usd = [yearly_cost(system, queries_per_day=v).total_usd for v in volumes]
            axes.plot(volumes, usd)
            axes.annotate(system.name, (volumes[-1], usd[-1]))
        axes.axvline(Comparison().queries_per_day, linestyle=":")
        axes.set(xlabel="questions a day", ylabel="USD in the first year")
        axes.figure.savefig(file := io.StringIO(), format="svg")
        return file.getvalue()

    panel = widgets.total_cost()
    slider = panel.sliders["tuning_usd_per_update"]
    move = times_of(lambda step: setattr(slider, "value", step), range(1, 40), clock=time.process_time)
    ours = times_of(lambda _: panel.view.render(panel.inputs), range(40), clock=time.process_time)
    theirs = times_of(lambda _: by_matplotlib(), range(20), clock=time.process_time)
    ratio = statistics.median(theirs) / statistics.median(ours)
    return [
        ("a slider moves: all of it, p95", f"{1e3 * quantile(move, 0.95):.1f} ms", "100 ms"),
        (
            "the same chart: matplotlib / ours, p50",
            f"{1e3 * statistics.median(theirs):.0f} / {1e3 * statistics.median(ours):.1f} ms = {ratio:.0f}×",
            "-",
        ),
    ]


def seconds_of(action: Callable[[], object], clock: Callable[[], float] = time.perf_counter) -> float:
    start = clock()
    action()
    return clock() - start


def times_of(action: Callable, inputs, clock: Callable[[], float] = time.perf_counter) -> list[float]:
    """Seconds of the action on each input, after two rounds to warm up."""
    for one in inputs[:2]:
        action(one)
    return [seconds_of(lambda one=one: action(one), clock) for one in inputs]


def quantile(values: list[float], q: float) -> float:
    return sorted(values)[min(len(values) - 1, int(q * len(values)))]


@contextmanager
def silence() -> Iterator[None]:
    """The trainer's progress lines would tear the table apart."""
    from contextlib import redirect_stdout

    with open(os.devnull, "w") as nowhere, redirect_stdout(nowhere):
        yield


def _lines(path: str) -> list[str]:
    try:
        return Path(path).read_text().splitlines()
    except OSError:
        return []


if __name__ == "__main__":
    main()
