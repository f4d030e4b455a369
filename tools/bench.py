"""Measure the course's budgets on this machine: ``make bench``. Nothing here passes or fails.

Ratios are taken within one run: Chroma beside NumPy brute force on the same vectors, TRL's trainer beside a
loop written by hand on the same batches, smol beside tiny and beside a loop over its own forward passes, the
calculators' own charts beside matplotlib's.
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
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

from course_utils.answering import memo
from course_utils.models.speed import processor

QUERIES = 200
ANSWERS = 64


def main() -> None:
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    os.environ[memo.VARIABLE] = "0"
    print(f"{machine()}\n")
    rows = [("what", "measured", "budget")]
    with tempfile.TemporaryDirectory() as home:
        os.environ["STALE_PRICES_HOME"] = home
        for part in (imports, bundled_model, retrieval, readers, fine_tuning, calculators):
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

    memory = psutil.virtual_memory().total / 2**30
    gpu = torch.cuda.get_device_name(0) if torch.cuda.is_available() else "no GPU"
    python = platform.python_version()
    size = f"{psutil.cpu_count(logical=True)} cores, {memory:.0f} GiB, {gpu}"
    return f"{platform.system()}, {processor()}, {size}; Python {python}, torch {torch.__version__}"


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


def readers(home: Path) -> list[tuple[str, str, str]]:
    """smol and tiny over the same three chunks; the index is the one that ``retrieval`` built."""
    from course_utils import company, models
    from course_utils.answering import generate, messages
    from course_utils.retrieval import PageIndex, load_embedder

    try:
        models.load(models.SMOL)  # made ready on first use
    except models.ModelError as problem:
        return [("smol", str(problem), "-")]
    questions = company.questions("2026-01", n=ANSWERS, seed=12, split="test")
    with PageIndex(home / "index", load_embedder()) as index:
        chats = [messages(q.text, [hit.chunk.text for hit in index.search(q.text, k=3)]) for q in questions]
    load = seconds_of(lambda: models.load(models.SMOL))
    seconds = {}
    for name in (models.SMOL, models.TINY):
        answer = partial(generate, *models.load(name))
        answer(chats[:16])
        seconds[name] = seconds_of(lambda answer=answer: answer(chats)) / len(chats)
    model, tokenizer = models.load(models.SMOL)
    own = seconds_of(lambda: answers_by_hand(model, tokenizer, chats)) / len(chats)
    smol, tiny = seconds[models.SMOL], seconds[models.TINY]
    return [
        ("smol: load from the cache", f"{load:.2f} s", "2 s"),
        ("smol: one answer over three chunks, in batches", f"{smol:.2f} s", "0.45 s"),
        ("one answer: smol / tiny", f"{smol:.3f} / {tiny:.3f} s = {smol / tiny:.1f}×", "-"),
        (
            "one answer of smol: generate / a loop by hand",
            f"{smol:.3f} / {own:.3f} s = {smol / own:.2f}×",
            "-",
        ),
        ("smol: peak memory, loading and 32 answers", f"{peak_of_smol():.2f} GiB", "1.6 GB"),
    ]


def answers_by_hand(model, tokenizer, chats: list, new_tokens: int = 64, batch_size: int = 16) -> list[str]:
    """Greedy answers by a loop over the model's forward passes, as short as it can be."""
    import torch

    texts = [tokenizer.apply_chat_template(c, tokenize=False, add_generation_prompt=True) for c in chats]
    texts.sort(key=len)
    answers = []
    for start in range(0, len(texts), batch_size):
        part = texts[start : start + batch_size]
        batch = tokenizer(
            part, return_tensors="pt", padding=True, padding_side="left", add_special_tokens=False
        )
        mask, ids, past, given = batch["attention_mask"], batch["input_ids"], None, []
        done = torch.zeros(len(part), dtype=torch.bool)
        with torch.inference_mode():
            while len(given) < new_tokens and not done.all():
                positions = (mask.cumsum(-1) - 1).clamp(min=0)[:, -ids.shape[1] :]
                step = model(
                    input_ids=ids, attention_mask=mask, position_ids=positions, past_key_values=past,
                    use_cache=True, logits_to_keep=1,
                )  # fmt: skip
                past, ids = step.past_key_values, step.logits[:, -1].argmax(-1, keepdim=True)
                mask = torch.cat([mask, mask.new_ones(len(part), 1)], dim=1)
                given.append(ids[:, 0])
                done |= ids[:, 0] == tokenizer.eos_token_id
        answers += tokenizer.batch_decode(torch.stack(given, dim=1), skip_special_tokens=True)
    return answers


def peak_of_smol() -> float:
    """The most memory a process held that loads smol and answers 32 questions, in GiB."""
    import psutil

    code = (
        "from course_utils import models; from course_utils.answering import generate, messages\n"
        "page = ['Zarnik Gold > Price\\nZarnik Gold costs $9 per user per month.'] * 12\n"
        "chats = [messages(f'What does Zarnik Gold cost for team {i}?', page) for i in range(32)]\n"
        "generate(*models.load('smol'), chats)"
    )
    process = psutil.Popen([sys.executable, "-c", code], stdout=subprocess.DEVNULL)
    peak = 0
    while process.poll() is None:
        with suppress(psutil.Error):
            peak = max(peak, process.memory_info().rss)
        time.sleep(0.02)
    return peak / 2**30


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


if __name__ == "__main__":
    main()
