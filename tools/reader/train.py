"""Train the reader adapter: ``python -m tools.reader.train --out FOLDER``.

Seeded and resumable: the same command goes on from the last checkpoint. It runs on CUDA, in bfloat16,
and on a CPU, in whichever of bfloat16 and float32 is the faster there.
``--export FOLDER`` writes the adapter that the course loads.
"""

from __future__ import annotations

import argparse
import json
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random

import numpy as np

from course_utils import models
from course_utils.finetuning.adapters import WEIGHTS
from course_utils.models import prepared
from course_utils.paths import write_whole
from tools.bundled_model.dialogue import ABSTENTION

from . import rows as R
from .mixture import make_batch
from .vendors import vendors

RANK = 16  # on all linear layers: 4.9 M parameters
LEARNING_RATE = 8e-4
WARMUP_STEPS, DECAY_SHARE = 30, 0.35
CURVE = "curve.json"  # scores on the way, by tokens trained on


def learning_rate(step: int, progress: float) -> float:
    """Factor on the peak rate: warm up, hold, then fall to 2 % over the last ``DECAY_SHARE`` of tokens.

    ``step`` counts from the optimizer's first one, ``progress`` from 0 to 1.
    """
    return min(1.0, (step + 1) / WARMUP_STEPS) * max(0.02, min(1.0, (1 - progress) / DECAY_SHARE))


class Trainer:
    """Model, optimizer and the place reached; everything a checkpoint holds."""

    def __init__(self, base: Path, folder: Path, seed: int, total_tokens: int, compiled: bool = True):
        import torch
        from peft import LoraConfig, get_peft_model
        from transformers import AutoModelForCausalLM, AutoTokenizer

        self.torch, self.folder, self.seed, self.total = torch, folder, seed, total_tokens
        self.device = "cuda" if torch.cuda.is_available() else "cpu"
        torch.manual_seed(seed)
        tokenizer = AutoTokenizer.from_pretrained(base).backend_tokenizer
        self.encode: R.Encode = lambda text: tokenizer.encode(text, add_special_tokens=False).ids
        # Not float16, on any GPU: nothing here scales its loss.
        self.dtype = torch.bfloat16 if self.device == "cuda" else models.dtype(self.device)
        model = AutoModelForCausalLM.from_pretrained(base, dtype=self.dtype).to(self.device)
        lora = LoraConfig(r=RANK, lora_alpha=2 * RANK, target_modules="all-linear", task_type="CAUSAL_LM")
        # The adapter computes in its base's type; what the optimizer moves are float32 copies: a step
        # is often smaller than bfloat16's last digit.
        self.model = get_peft_model(model, lora, autocast_adapter_dtype=False)
        self.trained = {n: p for n, p in self.model.named_parameters() if p.requires_grad}
        self.copies = {n: p.detach().float().requires_grad_() for n, p in self.trained.items()}
        self.optimizer = torch.optim.AdamW(
            self.copies.values(), lr=LEARNING_RATE, betas=(0.9, 0.99), weight_decay=0.0
        )
        self.head = self.model.base_model.model.lm_head
        self.forward = self.model.base_model.model.model
        if compiled:  # layer by layer: all thirty share what is compiled once for each length of row
            for layer in self.forward.layers:
                layer.compile(dynamic=False)
        self.step = self.tokens = self.first_step = 0
        self.log: list[dict] = []

    @property
    def checkpoint(self) -> Path:
        return self.folder / "checkpoint.pt"

    def save(self) -> None:
        """Write the checkpoint beside the old one, then in its place: a kill leaves one to go on from."""
        part = self.checkpoint.with_suffix(".part")
        state = dict(adapter=self.copies, optimizer=self.optimizer.state_dict(), step=self.step,
                     tokens=self.tokens, log=self.log, seed=self.seed)  # fmt: skip
        self.torch.save(state, part)
        part.replace(self.checkpoint)

    def resume(self) -> bool:
        if not self.checkpoint.exists():
            return False
        state = self.torch.load(self.checkpoint, map_location=self.device, weights_only=True)
        self.optimizer.load_state_dict(state["optimizer"])
        self.step, self.tokens, self.log, self.seed = (state[k] for k in ("step", "tokens", "log", "seed"))
        with self.torch.no_grad():
            for name, copy in self.copies.items():
                copy.copy_(state["adapter"][name])
        self._carry_over()
        return True

    def start_from(self, folder: Path) -> None:
        """Take an exported adapter as the beginning: its weights and its curve, but no optimizer's memory."""
        from safetensors.torch import load_file

        exported = load_file(folder / WEIGHTS)
        with self.torch.no_grad():
            for name, copy in self.copies.items():
                copy.copy_(exported[name.replace(".default", "")])
        self._carry_over()
        self.log = json.loads((folder / CURVE).read_text(encoding="utf-8"))
        self.step, self.tokens = (self.log[-1][name] for name in ("step", "tokens"))
        self.first_step = self.step

    def export(self, folder: Path) -> None:
        """Write the adapter in bfloat16 as PEFT reads it, and the curve of its training for the card.

        The model is rounded with it, so this is the last thing to ask of a trainer.
        """
        self.model.to(self.torch.bfloat16)
        self.model.peft_config["default"].base_model_name_or_path = "SmolLM2-135M-Instruct"
        self.model.save_pretrained(folder)
        (folder / "README.md").unlink()  # PEFT's empty card; ours stands beside it
        write_whole(folder / CURVE, json.dumps(self.log, indent=1) + "\n")

    def _carry_over(self) -> None:
        with self.torch.no_grad():
            for name, parameter in self.trained.items():
                parameter.copy_(self.copies[name])

    def logits(self, batch: R.Batch):
        """The scores of the token after each position in ``batch.where``, shape (k, vocabulary)."""
        states = self.forward(
            input_ids=batch.ids,
            attention_mask=batch.mask.to(self.dtype),
            position_ids=batch.positions,
            use_cache=False,
        ).last_hidden_state
        return self.head(states.flatten(0, 1)[batch.where]).float()

    def train_step(self, batch: R.Batch) -> float:
        """One optimizer step; returns the mean loss per answer token in nats."""
        factor = learning_rate(self.step - self.first_step, self.tokens / self.total)
        self.optimizer.param_groups[0]["lr"] = LEARNING_RATE * factor
        loss = self.torch.nn.functional.cross_entropy(self.logits(batch), batch.targets)
        loss.backward()
        for name, parameter in self.trained.items():
            self.copies[name].grad, parameter.grad = parameter.grad.float(), None
        self.torch.nn.utils.clip_grad_norm_(self.copies.values(), 1.0)
        self.optimizer.step()
        self._carry_over()
        self.step += 1
        self.tokens += batch.ids.numel()
        return float(loss.detach())

    def scores(self, n_rows: int = 12) -> dict[str, float]:
        """Answers that greedy decoding would give to the letter, on held-out vendors in held-out wordings."""
        hits: dict[bool, list[bool]] = {True: [], False: []}
        silent: list[bool] = []
        abstain = self.encode(ABSTENTION)[0]
        made = [
            row for i in range(n_rows)
            if (row := R.tokens(self.encode, vendors(Random(f"held out {i}"), 768, held_out=True), 768))
        ]  # fmt: skip
        for start in range(0, len(made) - 2, 3):
            part = made[start : start + 3]
            batch = R.collate(part).to(self.device)
            with self.torch.no_grad():
                guess = self.logits(batch).argmax(-1).cpu().numpy()
            right = guess == batch.targets.cpu().numpy()
            segments = np.stack([row.segments + 1000 * i for i, row in enumerate(part)])
            of_turn = segments.reshape(-1)[batch.where.cpu()]
            for turn in np.unique(of_turn):
                spots = np.flatnonzero(of_turn == turn)
                answerable = int(batch.targets[spots[0]]) != abstain
                hits[answerable].append(bool(right[spots].all()))
                if answerable:
                    silent.append(guess[spots[0]] == abstain)
        return {"right": float(np.mean(hits[True])), "abstains": float(np.mean(hits[False])),
                "silent": float(np.mean(silent)), "n": len(silent)}  # fmt: skip

    def note(self, losses: list[float]) -> None:
        """Score the adapter as it is now and put a point on its curve."""
        scores = self.scores()
        point = dict(step=self.step, tokens=self.tokens, loss=float(np.mean(losses[-100:])))
        self.log.append(point | scores)
        print("  held out: " + "  ".join(f"{k} {v:.2f}" for k, v in scores.items()), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--base", type=Path, help="folder of the instruct model (default: the course's)")
    parser.add_argument("--out", type=Path, required=True, help="folder for the checkpoint")
    parser.add_argument("--tokens", type=float, default=10e6, help="tokens to train on in all (default 10e6)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=1e9, help="stop after so many minutes")
    parser.add_argument("--start", type=Path, help="an exported adapter to go on from, without a checkpoint")
    parser.add_argument("--export", type=Path, help="write the adapter here and stop")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    base = arguments.base or prepared.folder(reader=False)
    trainer = Trainer(base, arguments.out, arguments.seed, int(arguments.tokens))
    resumed = trainer.resume()
    if arguments.start and not resumed:
        trainer.start_from(arguments.start)
    if arguments.export:
        trainer.export(arguments.export)
        print(f"exported step {trainer.step} to {arguments.export}")
        return
    place = f"step {trainer.step}, {trainer.tokens / 1e6:.2f} M tokens"
    print(f"{'resumed' if resumed else 'starting'} at {place}", flush=True)

    began = saved = line = time.time()
    losses: list[float] = []
    done = trainer.tokens
    with ThreadPoolExecutor(1) as pool:
        pending = pool.submit(make_batch, trainer.encode, trainer.seed, trainer.step)
        while trainer.tokens < trainer.total and time.time() - began < arguments.minutes * 60:
            batch = pending.result().to(trainer.device)
            pending = pool.submit(make_batch, trainer.encode, trainer.seed, trainer.step + 1)
            losses.append(trainer.train_step(batch))
            if trainer.step % 10 == 0:
                rate, line, done = (trainer.tokens - done) / (time.time() - line), time.time(), trainer.tokens
                print(f"step {trainer.step:5d}  {trainer.tokens / 1e6:6.2f} M tokens  {rate:5.0f} tokens/s  "
                      f"answer loss {np.mean(losses[-40:]):.3f}", flush=True)  # fmt: skip
            if trainer.step % 150 == 0:
                trainer.note(losses)
            if time.time() - saved > 180:
                trainer.save()
                saved = time.time()
    if losses:
        trainer.note(losses)
    trainer.save()


if __name__ == "__main__":
    main()
