"""Scores of the bundled model on held-out invented vendors: held-out names, held-out question wordings.

``probes`` and ``judged`` score written answers as strings (``make scores`` runs them and fills the model card);
``quick_scores`` is the cheap look at it during training.
"""

from dataclasses import dataclass
from random import Random

import numpy as np

from course_utils import answering, evaluation

from . import dialogue
from . import rows as R
from .scenes import scene


@dataclass(frozen=True)
class Probe:
    """One held-out question with its context and what a right answer holds."""

    chat: list[dict[str, str]]
    turn: dialogue.Turn
    cite: bool


def probes(n: int, chunks: int = 3, seed: int = 1, new_wordings: bool = True) -> list[Probe]:
    """``n`` questions, each over its own held-out scene of ``chunks`` chunks (one holds the answer, or none).

    With ``new_wordings`` they are asked in held-out wordings, else in those the model was trained on.
    """
    made: list[Probe] = []
    for i in range(n):
        rng = Random(f"probe:{seed}:{chunks}:{i}")
        cite, brief = rng.random() < 0.5, rng.random() < 0.3
        world = scene(rng, 3, held_out=True, n_chunks=chunks)
        turn = next(dialogue.turns(rng, world, 3, cite, brief, held_out=new_wordings))
        chat = answering.messages(turn.question, [dialogue.shown(c) for c in world.chunks], answering.system_prompt(cite, brief))
        made.append(Probe(chat, turn, cite))
    return made


def judged(made: list[Probe], answers: list[str]) -> dict[str, evaluation.Rate]:
    """Rates over answers: the exact value read, wrongly silent, rightly silent, the right chunk cited."""
    pairs = list(zip(made, answers, strict=True))
    known = [(p, a) for p, a in pairs if p.turn.value]
    unknown = [(p, a) for p, a in pairs if not p.turn.value]
    cited = [(p, a) for p, a in known if p.cite]
    return {
        "value read": evaluation.Rate.of(evaluation.states(a, p.turn.value) for p, a in known),
        "silent though answerable": evaluation.Rate.of(answering.abstained(a) for _, a in known),
        "abstains when unanswerable": evaluation.Rate.of(answering.abstained(a) for _, a in unknown),
        "right chunk cited": evaluation.Rate.of(answering.citations(a) == [p.turn.cited] for p, a in cited),
    }


def quick_scores(trainer, rows: int = 24, seed: int = 99) -> dict[str, float]:
    """Share of answers whose every token is the model's first choice (what greedy decoding would write), by number
    of chunks, over held-out rows: right when answerable, right when not ("abstain"), and wrongly abstained."""
    import torch

    model, encode, scores = trainer.model, trainer.encode, {}
    rng = np.random.default_rng(seed)
    for n in (1, 2, 3):
        exact: dict[bool, list[float]] = {True: [], False: []}
        silent: list[float] = []
        made: list[R.Row] = []
        for i in range(rows):
            local = Random(f"held-out:{seed}:{n}:{i}")
            world = scene(local, 3 if n > 1 else 2, held_out=True, n_chunks=n)
            cite, brief = i % 2 == 0, i % 4 > 1
            pairs = map(dialogue.as_texts, dialogue.turns(local, world, 3, cite, brief, held_out=True))
            prefix = dialogue.prefix(cite, brief, [dialogue.shown(c) for c in world.chunks])
            made.append(R.build(encode, prefix, pairs, 512))
        abstain = encode(dialogue.ABSTENTION)[0]
        for start in range(0, rows, 12):
            part = made[start : start + 12]
            batch = R.collate(part, rng).to(trainer.device)
            with torch.no_grad(), torch.autocast(trainer.device, torch.bfloat16):
                states = model.model(input_ids=batch.ids, attention_mask=batch.mask, position_ids=batch.positions, use_cache=False).last_hidden_state
                guess = model.lm_head(states).argmax(-1).cpu().numpy()
            for row, predicted in zip(part, guess, strict=True):
                for k in range(1, row.segments.max() + 1):
                    spots = np.flatnonzero((row.segments == k) & row.answers)
                    if not len(spots):
                        continue
                    answerable = row.ids[spots[0] + 1] != abstain
                    exact[answerable].append(float((predicted[spots] == row.ids[spots + 1]).all()))
                    if answerable:
                        silent.append(float(predicted[spots[0]] == abstain))
        scores |= {f"right{n}": np.mean(exact[True]), f"abstain{n}": np.mean(exact[False]), f"silent{n}": np.mean(silent)}
    return {k: float(v) for k, v in scores.items()}
