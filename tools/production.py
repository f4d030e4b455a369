"""The year of lesson 09, trained and asked: ``python -m tools.production --model tiny``.

Twelve adapters learn the prices of one month each, and are asked in that month and in all later ones; four
systems that read are asked with this month's pages and with last month's. Checkpoints and passages are kept
below ``work/production``, answers in the course's memo, so that a killed run goes on. What came out goes into
``course_utils/recorded/lesson_09.json``, system after system.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

from course_utils import adapters, company, finetuning, models, recorded
from course_utils.answering import generate, messages, without_citations
from course_utils.company import RELEASES, Question
from course_utils.models import lanes
from course_utils.paths import write_whole
from course_utils.production import exam
from course_utils.support_desk import read_ticket
from course_utils.support_desk.ticket import body
from course_utils.training_sets import monthly, tickets
from tools.bench import machine
from tools.controls import weights_of

# Twice as many prices as lesson 01 has make twice as many steps an epoch.
EPOCHS = {"epochs": 4}
SYSTEMS = ("adapter", "RAG", "prompt", "long context", "hybrid")
READING = tuple(pairwise(RELEASES)) + tuple((month, month) for month in RELEASES)  # pages of, asked in
LEFT_FOR_THE_QUESTION = 250  # tokens of a window that a long context leaves free
LONGEST = 2048  # tokens that a long context fills at most: on a CPU more takes hours

Chat = list[dict[str, str]]


# --- the adapters -------------------------------------------------------------------------------------


def train(release: str, folder: Path) -> tuple[Any, Any, dict[str, Any]]:
    """An adapter for a month's prices, trained from the base or opened: model, tokenizer, its record."""
    from peft import LoraConfig, get_peft_model
    from transformers import set_seed
    from trl import SFTTrainer

    rows = finetuning.training_set(monthly.by_heart_rows(release))
    place = folder / f"{release}-{finetuning.fingerprint(rows, **EPOCHS)}"
    base, tokenizer = models.load()
    set_seed(0)
    lora = LoraConfig(
        r=16, lora_alpha=32, lora_dropout=0.0, target_modules="all-linear", task_type="CAUSAL_LM"
    )
    student = get_peft_model(base, lora)
    settings = finetuning.arguments(place, finetuning.by_heart(student), **EPOCHS, seed=0)
    trainer = SFTTrainer(model=student, args=settings, train_dataset=rows, processing_class=tokenizer)
    timing, began = place / "seconds.json", time.process_time()
    trainer.train(resume_from_checkpoint=finetuning.last_checkpoint(place))
    if not timing.exists():
        write_whole(timing, json.dumps(time.process_time() - began))
    seconds = json.loads(timing.read_text(encoding="utf-8"))
    return trainer.model.eval(), tokenizer, {"rows": len(rows), "cpu_seconds": round(seconds, 1)}


# --- the pages ----------------------------------------------------------------------------------------


def passages(folder: Path) -> tuple[dict[str, list[list[str]]], dict[str, dict[str, Any]]]:
    """What an index of each month finds for the questions of that month and of the next, and its updates.

    Keys are "pages of > asked in".
    """
    from course_utils.retrieval import PageIndex, load_embedder

    kept = folder / f"passages-{exam_hash()[:12]}.json"
    if kept.exists():
        return tuple(json.loads(kept.read_text(encoding="utf-8")))
    found, updates = {}, {}
    with PageIndex(folder / "index", load_embedder(), reset=True) as index:
        for release in RELEASES:
            report = index.sync(company.pages(release))
            updates[release] = {
                "pages": len(report.added) + len(report.updated) + len(report.deleted),
                "chunks": report.chunks_written,
                "seconds": round(report.seconds, 1),
            }
            for known, asked in READING:
                if known == release:
                    hits = [index.search(q.text) for q in exam.questions(asked)]
                    found[f"{known}>{asked}"] = [[hit.chunk.text for hit in some] for some in hits]
            print("indexed", release, updates[release], flush=True)
    write_whole(kept, json.dumps([found, updates], ensure_ascii=False))
    return found, updates


def product_of(question: str, release: str) -> str | None:
    """The product that a question names; None where a slip of the finger hides it."""
    names = {fact.product for fact in company.facts(release).values() if fact.product}
    return next((name for name in sorted(names) if name.lower() in question.lower()), None)


def whole_page(question: Question, release: str) -> list[str]:
    """The price table of the product that the question names, as it stands."""
    product = product_of(question.text, release)
    return [company.pages(release)[_price_table(product)]] if product else []


def many_pages(question: Question, release: str, tokenizer: Any, window: int) -> list[str]:
    """The product's price table, and as many of its pages about plans as the window has room for."""
    product, pages = product_of(question.text, release), company.pages(release)
    if product is None:
        return []
    names = [_price_table(product), *(f"products/{product.lower()}/plans/{p}.md" for p in company.PLANS)]
    room, found = min(window, LONGEST) - LEFT_FOR_THE_QUESTION, []
    for name in names:
        room -= len(tokenizer(pages[name])["input_ids"])
        if room < 0:
            break
        found.append(pages[name])
    return found


def _price_table(product: str) -> str:
    return f"products/{product.lower()}/prices/price-table.md"


# --- asking -------------------------------------------------------------------------------------------


def answers(model: Any, tokenizer: Any, chats: Sequence[Chat], length: int = 64) -> list[str]:
    """The answers in order. Chats that begin with the same page are asked together: it is read once."""
    together: dict[str, list[int]] = {}
    for place, chat in enumerate(chats):
        together.setdefault(chat[-1]["content"].partition("Question:")[0], []).append(place)
    groups = together.values() if max(map(len, together)) > 1000 else [range(len(chats))]
    found = [""] * len(chats)
    for places in groups:
        texts = generate(model, tokenizer, [chats[i] for i in places], max_new_tokens=length)
        for place, text in zip(places, texts, strict=True):
            found[place] = text
    return found


def said(text: str) -> str:
    """The sentence for the customer: that of a ticket, or the text without its citations."""
    ticket = read_ticket(text)
    return body(ticket.answer) if ticket else without_citations(text)


def judged(texts: Iterable[str], release: str) -> str:
    """One letter an answer, the first of its verdict: c, s, o or a."""
    verdicts = exam.judged([said(text) for text in texts], exam.questions(release))
    return "".join(verdict[0] for verdict in verdicts)


class Measured:
    """Verdicts, tokens and samples of one system, as they are recorded."""

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer
        self.verdicts: dict[str, str] = {}
        self.tickets: dict[str, int] = {}
        self._prompt, self._answer, self._n = 0, 0, 0
        self.sample: list[str] = []

    def add(self, known: str, asked: str, chats: Sequence[Chat], texts: Sequence[str]) -> None:
        key = f"{known}>{asked}"
        self.verdicts[key] = judged(texts, asked)
        self.tickets[key] = sum(read_ticket(text) is not None for text in texts)
        prompts = [
            self._tokenizer.apply_chat_template(chat, tokenize=False, add_generation_prompt=True)
            for chat in chats
        ]
        self._prompt += sum(len(self._tokenizer(p, add_special_tokens=False)["input_ids"]) for p in prompts)
        self._answer += sum(len(self._tokenizer(t, add_special_tokens=False)["input_ids"]) for t in texts)
        self._n += len(texts)
        if known != asked and len(self.sample) < 4:
            self.sample += texts[:1]

    def record(self) -> dict[str, Any]:
        tokens = {"prompt": round(self._prompt / self._n, 1), "answer": round(self._answer / self._n, 1)}
        return {
            "verdicts": self.verdicts, "tickets": self.tickets, "tokens": tokens, "sample": self.sample
        }  # fmt: skip


def ask_adapters(folder: Path, months: Sequence[str]) -> dict[str, Any]:
    measured, trainings = None, {}
    for known in months:
        model, tokenizer, trainings[known] = train(known, folder)
        measured = measured or Measured(tokenizer)
        for asked in RELEASES[RELEASES.index(known) :]:
            chats = [messages(q.text) for q in exam.questions(asked)]
            measured.add(known, asked, chats, answers(model, tokenizer, chats, 40))
        print(known, trainings[known], measured.verdicts[f"{known}>{known}"], flush=True)
    return measured.record() | {"trainings": trainings}


def ask_readers(system: str, folder: Path) -> dict[str, Any]:
    model, tokenizer = models.load()
    if system == "hybrid":
        model = finetuning.load_adapter(model, adapters.folder("behaviour_500_seed0")).merge_and_unload()
    found, updates = passages(folder.parent) if system in ("RAG", "hybrid") else ({}, {})
    measured, window = Measured(tokenizer), model.config.max_position_embeddings
    for known, asked in sorted(READING, key=lambda pair: (pair[1], pair[0])):
        questions = exam.questions(asked)
        if found:
            texts = found[f"{known}>{asked}"]
        elif system == "prompt":
            texts = [whole_page(q, known) for q in questions]
        else:
            texts = [many_pages(q, known, tokenizer, window) for q in questions]
        chat = tickets.chat if system == "hybrid" else messages
        chats = [chat(q.text, some) for q, some in zip(questions, texts, strict=True)]
        measured.add(known, asked, chats, answers(model, tokenizer, chats))
        print(system, known, asked, measured.verdicts[f"{known}>{asked}"], flush=True)
    return measured.record() | ({"updates": updates} if updates else {})


def keep(model: str, system: str, found: Mapping[str, Any]) -> None:
    """Write one system's record; those of others stay if they are of the same weights and questions."""
    file, weights, questions = recorded.YEAR, weights_of(model), exam_hash()
    kept = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    entry = kept.get(model, {})
    if (entry.get("weights"), entry.get("questions")) != (weights, questions):
        entry = {"weights": weights, "questions": questions, "systems": {}}
    entry["machine"] = machine()
    entry["date"] = date.today().isoformat()
    entry["handbook_tokens"] = handbook_tokens()
    entry["systems"] = entry["systems"] | {system: found}
    write_whole(file, json.dumps(kept | {model: entry}, indent=1, ensure_ascii=False) + "\n")


def handbook_tokens() -> int:
    """The tokens of January's 500 pages, counted with the model's tokenizer."""
    _, tokenizer = models.load()
    return sum(len(tokenizer(text)["input_ids"]) for text in company.pages(RELEASES[0]).values())


def exam_hash() -> str:
    """A hash of all questions of the year and their right answers."""
    lines = [f"{q.text} {q.value}" for month in RELEASES for q in exam.questions(month)]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--model", required=True, choices=[lanes.SMOL, lanes.TINY])
    parser.add_argument("--systems", nargs="+", choices=SYSTEMS, default=SYSTEMS)
    parser.add_argument("--months", nargs="+", choices=RELEASES, default=RELEASES, help="trained; all")
    parser.add_argument("--out", type=Path, default=Path("work/production"))
    options = parser.parse_args()
    os.environ[lanes.VARIABLE] = options.model
    folder = options.out / f"{options.model}-{weights_of(options.model).rpartition(':')[2]}"
    for system in options.systems:
        if system == "hybrid" and options.model != lanes.TINY:
            continue  # the tickets' adapters are tiny's
        trained = system == "adapter"
        found = ask_adapters(folder, options.months) if trained else ask_readers(system, folder)
        keep(options.model, system, found)


if __name__ == "__main__":
    main()
