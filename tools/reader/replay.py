"""Ordinary instructions and what the instruct model itself says to them, so that the reader stays an instruct model.

``python -m tools.reader.replay --base FOLDER`` writes ``data/replay.jsonl`` (greedy answers, so it can be made again);
training mixes these rows in.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from functools import cache
from itertools import islice
from pathlib import Path
from random import Random

DATA = Path(__file__).with_name("data") / "replay.jsonl"
SYSTEM = "You are a helpful AI assistant named SmolLM, trained by Hugging Face"  # its template's own default
N, MAX_NEW_TOKENS = 480, 96

_TOPICS = (
    "rainbows", "bicycles", "the water cycle", "bees", "chess", "bread", "the moon", "libraries", "rivers", "glass",
    "photosynthesis", "sleep", "volcanoes", "trains", "soil", "the printing press", "magnets", "salt", "owls", "maps",
    "gravity", "cheese", "lighthouses", "whales", "clocks", "paper", "earthquakes", "music", "gardens", "tides",
    "compost", "bridges", "wind turbines", "penguins", "chocolate", "the heart", "wool", "stars", "batteries", "tea",
)  # fmt: skip
_TASKS = (
    "Explain {t} to a child in two sentences.", "Write one sentence about {t}.", "List three facts about {t}.",
    "What is interesting about {t}?", "Write a short poem of four lines about {t}.", "Why do people care about {t}?",
    "Suggest a title for an essay about {t}.", "Ask me a question about {t}.", "Write a friendly e-mail that invites a colleague to a talk about {t}.",
    "Give two reasons to learn about {t}.", "Describe {t} in the style of a news report, in three sentences.", "Name five words that go with {t}.",
)  # fmt: skip
_TEXTS = (
    "The museum opens at nine, but the garden behind it is open all night.", "She missed the bus, so she walked home in the rain.",
    "Our cat sleeps all day and runs through the house at night.", "The bakery sold out of rye bread before noon.",
    "He repaired the old radio with a spoon and a piece of wire.", "The committee postponed its decision until the next meeting.",
    "Three boats left the harbour early in the morning.", "My sister learned to juggle while waiting for the train.",
)  # fmt: skip
_EDITS = (
    "Rewrite this sentence in a more formal style: {x}", "Shorten this sentence: {x}", "Translate this sentence into French: {x}",
    "Turn this sentence into a question: {x}", "What happens in this sentence? {x}", "Is this sentence happy, sad or neutral? {x}",
    "Write what could happen next: {x}", "List the nouns in this sentence: {x}",
)  # fmt: skip


def instructions() -> Iterator[str]:
    """Different instructions, endless in practice, in the order of a seed."""
    made = [task.format(t=topic) for task in _TASKS for topic in _TOPICS]
    made += [edit.format(x=text) for edit in _EDITS for text in _TEXTS]
    made += [f"What is {a} plus {b}?" for a in range(2, 30, 3) for b in range(3, 20, 8)]
    Random("replay").shuffle(made)
    yield from made


@cache
def kept() -> list[tuple[str, str]]:
    """(instruction, answer) pairs as they were written."""
    lines = DATA.read_text(encoding="utf-8").splitlines()
    return [(row["instruction"], row["answer"]) for row in map(json.loads, lines)]


def replay(rng: Random, length: int) -> tuple[str, Iterator[tuple[str, str]]]:
    """A row of single-turn chats under the instruct model's own system message."""
    chats = rng.sample(kept(), min(24, len(kept())))
    return f"<|system|>{SYSTEM}<|end|>", (
        (f"<|user|>{i}<|end|><|assistant|>", f"{a}<|end|>") for i, a in chats
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--base", type=Path, required=True, help="folder of the instruct model (safetensors)")
    base = parser.parse_args().base
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    from course_utils.answering import generate

    model, tokenizer = (
        AutoModelForCausalLM.from_pretrained(base, dtype=torch.bfloat16),
        AutoTokenizer.from_pretrained(base),
    )
    asked = list(islice(instructions(), N))
    chats = [[{"role": "system", "content": SYSTEM}, {"role": "user", "content": text}] for text in asked]
    rows = []
    for text, answer in zip(asked, generate(model, tokenizer, chats, MAX_NEW_TOKENS), strict=True):
        # Only answers that came to their end: one that was cut off would teach to stop in mid-sentence.
        if answer and len(tokenizer(answer)["input_ids"]) < MAX_NEW_TOKENS - 4:
            rows.append(json.dumps({"instruction": text, "answer": answer}, ensure_ascii=False))
    DATA.parent.mkdir(exist_ok=True)
    DATA.write_text("\n".join(rows) + "\n", encoding="utf-8")
    print(f"{len(rows)} of {len(asked)} answers kept in {DATA}")


if __name__ == "__main__":
    main()
