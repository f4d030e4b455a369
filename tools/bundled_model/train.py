"""Train the bundled model from nothing: ``python -m tools.bundled_model.train --out FOLDER``.

Seeded, and resumable: run the same command again after a stop and it goes on from its last checkpoint. The same
script runs on CPU (bf16 autocast) and CUDA. ``--export FOLDER`` writes what the course loads.

The recipe is this module and those beside it: invented companies, their pages, questions about them, training,
evaluation. None of them knows the course's company (``score.py`` alone does, which examines the finished model);
a test checks the data for that company's names and questions.
"""

import argparse
import json
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from . import rows as R
from . import tokenizer as T

SHAPE = dict(hidden_size=256, num_hidden_layers=6, num_attention_heads=4, num_key_value_heads=4, intermediate_size=768)
TOKENS_A_STEP = 4096
# Muon for the hidden matrices, scaled to AdamW's step size. Its usual rate of 0.02 without that scale blew the
# weights up until every attention head looked at one token only; the loss then stood still.
LEARNING_RATE, WEIGHT_DECAY = 2e-3, 0.1
WARMUP_STEPS, DECAY_SHARE = 100, 0.3


def level_weights(progress: float) -> tuple[float, ...]:
    """The curriculum: how often each level is drawn when ``progress`` (0 to 1) of the tokens is done."""
    if progress < 0.1:
        return (0.85, 0.15, 0, 0)
    if progress < 0.22:
        return (0.2, 0.5, 0.2, 0.1)
    if progress < 0.6:
        return (0.05, 0.3, 0.35, 0.3)
    return (0.05, 0.3, 0.25, 0.4)


def learning_rate(step: int, progress: float) -> float:
    """Factor on the peak rate: warm up, hold, then fall linearly to 2 % over the last ``DECAY_SHARE`` of the tokens."""
    return min(1.0, (step + 1) / WARMUP_STEPS) * max(0.02, min(1.0, (1 - progress) / DECAY_SHARE))


def new_model(vocabulary: int):
    """The untrained model: a plain Llama, embeddings tied.

    Eager attention: compiled, with the block mask, its step is a tenth to a fifth shorter on a CPU than sdpa's.
    """
    from transformers import LlamaConfig, LlamaForCausalLM

    config = LlamaConfig(
        vocab_size=vocabulary, max_position_embeddings=2048, tie_word_embeddings=True, pad_token_id=0,
        bos_token_id=None, eos_token_id=T.SPECIAL.index("<|end|>"), attn_implementation="eager", **SHAPE,
    )  # fmt: skip
    model = LlamaForCausalLM(config)
    _look_back(model)
    return model


def _look_back(model) -> None:
    """Start the first layer's heads as pointers to the 1, 2 and 3 tokens before, and later ones as matchers of like with like.

    Finding a value again by its name takes both, and from a random start neither had formed after seven million
    tokens. All of it stays free to change. One embedding dimension begins with the same number for every token; tied,
    it shifts all logits alike, so it costs nothing, and it gives queries and keys something that does not depend on the token.
    """
    import torch

    c = model.config
    dim, pairs = c.hidden_size // c.num_attention_heads, 8  # of each head, the ``pairs`` fastest rotary pairs
    turn = 10_000.0 ** (-torch.arange(pairs) * 2 / dim)  # radians a token
    with torch.no_grad():
        model.model.embed_tokens.weight[:, 0] = 8 * c.initializer_range
        first = model.model.layers[0].self_attn
        for head, back in zip(range(c.num_attention_heads - 1), (1, 2, 3), strict=False):
            at = head * dim
            for projection in (first.q_proj, first.k_proj):
                projection.weight[at : at + dim] *= 0.5
            first.q_proj.weight[at : at + pairs, 0] = 0.75
            first.k_proj.weight[at : at + pairs, 0] = 0.75 * torch.cos(turn * back)
            first.k_proj.weight[at + dim // 2 : at + dim // 2 + pairs, 0] = 0.75 * torch.sin(turn * back)
        for layer in model.model.layers[1:3]:
            layer.self_attn.q_proj.weight[: 2 * dim] *= 2
            layer.self_attn.k_proj.weight[: 2 * dim] = layer.self_attn.q_proj.weight[: 2 * dim]


_tokenizer = None


def _encode(text: str) -> list[int]:
    return _tokenizer.encode(text, add_special_tokens=False).ids


def _load_tokenizer(path: str) -> None:
    global _tokenizer
    from tokenizers import Tokenizer

    _tokenizer = Tokenizer.from_file(path)


def make_batch(seed: int, step: int, level: int) -> R.Batch:
    """The batch of a step; a function of its arguments alone."""
    n = max(1, TOKENS_A_STEP // R.LENGTHS[level])
    made = [R.training_row(_encode, level, f"{seed}:{step}:{i}") for i in range(n)]
    return R.collate(made, np.random.default_rng((seed, step)))


class Trainer:
    """Model, optimizers and the place reached; everything a checkpoint holds."""

    def __init__(self, folder: Path, seed: int, total_tokens: int, compiled: bool = True):
        import torch

        self.torch, self.folder, self.seed, self.total = torch, folder, seed, total_tokens
        self.device = "cuda" if torch.cuda.is_available() else "cpu"
        torch.manual_seed(seed)
        self.model = new_model(_tokenizer.get_vocab_size()).to(self.device)
        hidden = [p for p in self.model.model.layers.parameters() if p.ndim == 2]
        rest = [p for p in self.model.parameters() if not any(p is h for h in hidden)]
        self.optimizers = (
            torch.optim.Muon(hidden, lr=LEARNING_RATE, weight_decay=WEIGHT_DECAY, adjust_lr_fn="match_rms_adamw"),
            torch.optim.AdamW(rest, lr=LEARNING_RATE, betas=(0.9, 0.95), weight_decay=0.0, fused=True),
        )
        self.encode = _encode
        self.step = self.tokens = 0
        self.seconds = 0.0
        self.log: list[dict] = []
        self.forward = torch.compile(self.model.model, dynamic=False) if compiled else self.model.model

    @property
    def checkpoint(self) -> Path:
        return self.folder / "checkpoint.pt"

    def save(self) -> None:
        """Write the checkpoint beside the old one, then put it in its place: a kill leaves one that can be read."""
        state = dict(model=self.model.state_dict(), optimizers=[o.state_dict() for o in self.optimizers],
                     step=self.step, tokens=self.tokens, seconds=self.seconds, log=self.log, seed=self.seed)  # fmt: skip
        part = self.checkpoint.with_suffix(".part")
        self.torch.save(state, part)
        part.replace(self.checkpoint)

    def resume(self) -> bool:
        if not self.checkpoint.exists():
            return False
        state = self.torch.load(self.checkpoint, map_location=self.device, weights_only=True)
        self.model.load_state_dict(state["model"])
        for optimizer, saved in zip(self.optimizers, state["optimizers"], strict=True):
            optimizer.load_state_dict(saved)
        self.step, self.tokens, self.seconds, self.log, self.seed = (state[k] for k in ("step", "tokens", "seconds", "log", "seed"))
        return True

    def level(self, ahead: int = 0) -> int:
        """The curriculum level of the step that is ``ahead`` tokens away (0: the next one)."""
        weights = level_weights(min(1.0, (self.tokens + ahead) / self.total))
        return int(np.random.default_rng((self.seed, self.step + (ahead > 0), 1)).choice(len(weights), p=weights))

    def loss(self, batch: R.Batch):
        """The loss in nats at each position of ``batch.where``, shape (batch, k)."""
        torch = self.torch
        with torch.autocast(self.device, torch.bfloat16):
            states = self.forward(input_ids=batch.ids, attention_mask=batch.mask, position_ids=batch.positions, use_cache=False).last_hidden_state
            picked = states.gather(1, batch.where[..., None].expand(-1, -1, states.shape[-1]))
            logits = self.model.lm_head(picked)
        losses = torch.nn.functional.cross_entropy(logits.float().flatten(0, 1), batch.targets.flatten(), reduction="none")
        return losses.view_as(batch.weights)

    def train_step(self, batch: R.Batch) -> float:
        """One optimizer step; returns the mean loss per answer token in nats."""
        torch = self.torch
        factor = learning_rate(self.step, self.tokens / self.total)
        for optimizer in self.optimizers:
            for group in optimizer.param_groups:
                group["lr"] = LEARNING_RATE * factor
        losses = self.loss(batch)
        ((losses * batch.weights).sum() / batch.weights.sum()).backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        for optimizer in self.optimizers:
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        self.step += 1
        self.tokens += batch.ids.numel()
        answers = batch.weights == 1
        return float(losses.detach()[answers].mean())


def export(trainer: Trainer, folder: Path) -> None:
    """Write weights (bfloat16 safetensors, halving the file) and configuration in the transformers-4 form."""
    import torch
    from safetensors.torch import save_file

    folder.mkdir(parents=True, exist_ok=True)
    weights = {n: p.detach().to("cpu", torch.bfloat16).contiguous() for n, p in trainer.model.state_dict().items() if n != "lm_head.weight"}
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    config = dict(
        architectures=["LlamaForCausalLM"], model_type="llama", vocab_size=trainer.model.config.vocab_size, hidden_act="silu",
        max_position_embeddings=2048, rms_norm_eps=trainer.model.config.rms_norm_eps, rope_theta=10000.0, rope_scaling=None, tie_word_embeddings=True,
        attention_bias=False, mlp_bias=False, initializer_range=0.02, use_cache=True, torch_dtype="bfloat16",
        pad_token_id=0, bos_token_id=None, eos_token_id=T.SPECIAL.index("<|end|>"), head_dim=SHAPE["hidden_size"] // SHAPE["num_attention_heads"], **SHAPE,
    )  # fmt: skip
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    generation = dict(do_sample=False, pad_token_id=0, eos_token_id=config["eos_token_id"], max_new_tokens=96)
    (folder / "generation_config.json").write_text(json.dumps(generation, indent=2) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--out", type=Path, required=True, help="folder for the checkpoint and the tokenizer")
    parser.add_argument("--tokens", type=float, default=60e6, help="tokens to train on in all (default 60e6)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=1e9, help="stop (with a checkpoint) after this many minutes")
    parser.add_argument("--export", type=Path, help="write the model for transformers here and stop")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    if not (arguments.out / "tokenizer.json").exists():
        T.save(T.train(), arguments.out)
    _load_tokenizer(str(arguments.out / "tokenizer.json"))
    trainer = Trainer(arguments.out, arguments.seed, int(arguments.tokens))
    resumed = trainer.resume()
    if arguments.export:
        export(trainer, arguments.export)
        T.save(_tokenizer, arguments.export)
        print(f"exported step {trainer.step} to {arguments.export}")
        return
    print(f"{'resumed at' if resumed else 'starting at'} step {trainer.step}, {trainer.tokens / 1e6:.1f} M tokens, on {trainer.device}", flush=True)
    from .evaluate import quick_scores

    began = last_save = last_line = time.time()
    window: list[tuple[int, float]] = []  # (level, loss) of each step
    level = trainer.level()
    with ThreadPoolExecutor(1) as pool:
        pending = pool.submit(make_batch, trainer.seed, trainer.step, level)
        while trainer.tokens < trainer.total:
            batch = pending.result().to(trainer.device)
            here, level = level, trainer.level(ahead=batch.ids.numel())
            pending = pool.submit(make_batch, trainer.seed, trainer.step + 1, level)
            began_step = time.time()
            window.append((here, trainer.train_step(batch)))
            trainer.seconds += time.time() - began_step
            if trainer.step % 20 == 0:
                rate, last_line = 20 * TOKENS_A_STEP / (time.time() - last_line), time.time()
                recent = {k: np.mean(losses) for k in range(4) if (losses := [loss for at, loss in window[-20:] if at == k])}
                by_level = "  ".join(f"{k}: {loss:.3f}" for k, loss in recent.items())
                print(f"step {trainer.step:5d}  {trainer.tokens / 1e6:6.2f} M tokens  {rate:,.0f} tokens/s  answer loss by level  {by_level}", flush=True)
            if trainer.step % 200 == 0:
                scores = quick_scores(trainer)
                trainer.log.append(dict(step=trainer.step, tokens=trainer.tokens, seconds=round(trainer.seconds), loss=float(np.mean([loss for _, loss in window[-100:]])), scores=scores))
                print("  held out: " + "  ".join(f"{k} {v:.2f}" for k, v in scores.items()), flush=True)
            if time.time() - last_save > 180:
                trainer.save()
                last_save = time.time()
            if time.time() - began > arguments.minutes * 60:
                break
    trainer.save()
    (arguments.out / "log.json").write_text(json.dumps(trainer.log, indent=1) + "\n")


if __name__ == "__main__":
    main()
