# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 04 · QLoRA

# %% [markdown]
# ## 1 · What was left over (3 min)
#
# In lesson 03 a decoder made every ticket valid, and no decoder made them right. Which of six categories, which plan,
# when to call a colleague: that is judgement, and judgement is learnt from examples. A dozen lines of program (the
# wrapper) got a good part right there, and had no idea of categories. Is training worth more than that? This lesson
# trains, lesson 05 puts the two side by side. We train not on facts, as in lesson 01, where that went wrong, but on
# **behaviour**.
#
# The tool is QLoRA: the base model in four bits a weight, frozen, and beside it a small *adapter* that learns. The
# promise is that this costs as much as a coffee. We will predict memory and time before we run it, and compare; the
# dollars, at the end, are an estimate.
#
# One call decides where we are. With an NVIDIA GPU (a free Colab T4 should do) it imports Unsloth, which has to come
# before the libraries it speeds up; without one, the same steps run with transformers, PEFT and TRL on the CPU. Where
# the two differ, both stand in the cell, one below the other. You can force a lane with the environment variable
# `STALE_PRICES_LANE`.
#
# On the CPU this lesson and the next one take **tiny**, whatever the others speak to: a learning curve is many
# trainings, and tiny needs one to four minutes for each, where smol needs far longer. It is also the harder pupil,
# since it has never met JSON.
#
# **Your guess, please:** how many example tickets does it take until three tickets of four fit the schema?

# %%
from course_utils import finetuning
from course_utils.checks import check, hint, solution, yours_or

my_guess = 500  # examples
here = finetuning.start()
print(here)

# %% [markdown]
# ## 2 · A training set (10 min)
#
# We need examples of what we want: a question, the passages that retrieval would bring, and the right ticket. The
# questions are January's, in the wordings kept for training. The right ticket comes from `gold`, the desk's rules of
# lesson 03. In your company it comes from people, and it is the expensive part.
#
# Most rows get one passage, some two or three, the right one among its neighbours (a longer prompt costs more to train
# on). And the instruction? Lesson 03 needed a page to describe a ticket. If the examples do their work, we need none of
# it: "Write the ticket." has to do.

# %%
from course_utils.support_desk import gold, in_json, read_ticket
from course_utils.training_sets import tickets

question = tickets.asked(500)[3]
chunks = tickets.passages(question)
ticket = gold(question, [chunk.page for chunk in chunks])
row = {
    "prompt": tickets.chat(question.text, [chunk.text for chunk in chunks]),
    "completion": [{"role": "assistant", "content": in_json(ticket)}],
}
for message in row["prompt"] + row["completion"]:
    print(f"{message['role']:9} {message['content']}")

# %% [markdown]
# Before such rows are trained on, somebody has to look at them. Three looks that take a minute each. **The labels:** is
# any category nearly missing? **Duplicates:** how many rows say the same twice? **The split:** is a question of the exam
# among them? The exam is February's, with other wordings; we will come to why.

# %%
from collections import Counter

from course_utils import company

exam = company.questions("2026-02", n=32, seed=11, split="test")
asked = tickets.asked(500)
golds = [gold(q, [chunk.page for chunk in tickets.passages(q)]) for q in asked]
print("labels:", dict(Counter(ticket.category for ticket in golds)))
texts = {q.text.lower() for q in asked}
print("the same question twice:", len(asked) - len(texts), "of", len(asked))
print("questions of the exam in the training set:", sum(q.text.lower() in texts for q in exam))
facts = {q.fact_key for q in asked}
print("facts of the exam in the training set:", sum(q.fact_key in facts for q in exam), "of", len(exam))

# %% [markdown]
# The article calls **synthetic** examples a last resort. Ours *are* synthetic: templates wrote the questions and put
# names in. What such rows lack is variety, and what they risk is an answer in which the price or the limit is
# missing. Both can be counted. Call two questions *near* if at least four in five of all their words (names aside)
# stand in both. How many are near an earlier one? In how many rows does the ticket, or every passage, lack the value?
# (Rows that a *model* rephrased we have not measured; the same two counts would be the first to make.)

# %% tags=["nbval-check-output"]
import re

from course_utils.evaluation import states

products = {fact.product.lower() for fact in company.facts("2026-01").values() if fact.product}
names = products | {"starter", "team", "business", "enterprise"}
words = [set(re.findall(r"[a-z']+", q.text.lower())) - names for q in asked]
near = [any(len(w & e) >= 0.8 * len(w | e) for e in words[:place]) for place, w in enumerate(words)]
told = [(q.value, t.answer, "\n".join(c.text for c in tickets.passages(q)))
        for q, t in zip(asked, golds) if q.answerable]  # fmt: skip
print("nearly the same words as an earlier question:", sum(near), "of", len(near))
lost = [sum(not states(each[place], each[0]) for each in told) for place in (1, 2)]
print(f"value lost in the ticket: {lost[0]}, in every passage: {lost[1]}, of {len(told)}")

# %% [markdown]
# So nothing is lost (a program writes no slips), and a part of the rows repeats others: five hundred rows are fewer
# than five hundred lessons. Real tickets would have slips; how often your customers repeat themselves, the same count
# tells.
#
# Now the last line of the first count above (*facts of the exam in the training set*): more than half of the exam's
# facts occur in the training, in other words and with January's values. Where February changed the value, a memory is
# caught. Where it did not, a memory looks like reading. What we want to be learnt is the form and the judgement.
#
# Fifty rows for a start. `training_set` checks each before anything is trained, because a trainer does not: it trains on
# whatever it can read. What does it say about a row from a careless export?

# %% tags=["nbval-check-output"]
from course_utils.finetuning import FineTuningError

rows = tickets.rows(50)
train_set = finetuning.training_set(rows)
print(len(train_set), "rows")
careless = {"prompt": "how much is tallyport team??", "completion": "Thanks for asking! $49"}
for broken in ([*rows, careless], []):
    try:
        finetuning.training_set(broken)
    except FineTuningError as problem:
        print("✘", problem)

# %% [markdown]
# A shape can be checked by a program. A wrong *label* looks like any other row, and the model will learn it just as
# gladly. But some mistakes contradict themselves.
#
# ### Exercise 04.1: rows that contradict themselves
#
# By the desk's rules a ticket has the category `other` exactly when its answer says "I don't know". Write
# `contradictions(rows)`: the places (from 0) of the rows whose ticket breaks this rule, either way. `read_ticket` gives
# the ticket in `row["completion"][0]["content"]`. `hint("04.1")` helps.

# %%
def contradictions(rows):
    ### BEGIN SOLUTION
    tickets = [read_ticket(row["completion"][0]["content"]) for row in rows]
    return [
        place for place, ticket in enumerate(tickets)
        if ("I don't know" in ticket.answer) != (ticket.category == "other")
    ]
    ### END SOLUTION


# %%
check("04.1", contradictions)
found = yours_or("04.1", contradictions)
print("among our rows:", found(rows))
print("among 500, every fifth label wrong:", len(found(tickets.noisy_rows(500))))

# %% [markdown]
# Rules like this find the loud mistakes for nothing: of the hundred wrong labels that we put into the second set they
# find the ones above. A price filed under `policy` they do not find. Section 7 has a first look at what that costs.
#
# ## 3 · Four bits (9 min)
#
# Now the base model, in four bits. With four bits you can name 16 values, and a weight matrix of ours holds thousands
# of different ones. So each weight is rounded to one of 16 *levels*. This is how you ask for it:

# %%
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, BitsAndBytesConfig

FOUR_BITS = BitsAndBytesConfig(
    load_in_4bit=True,  # round the linear layers while loading, all but the output layer
    bnb_4bit_quant_type="nf4",  # which 16 levels
    bnb_4bit_use_double_quant=True,  # round the scales as well (below)
    bnb_4bit_compute_dtype=torch.float32,  # unpacked to this before it computes; on a GPU 16 bits
)


def load_with_transformers(source):
    model = AutoModelForCausalLM.from_pretrained(
        source, quantization_config=FOUR_BITS, dtype=torch.float32, device_map={"": "cpu"}
    )
    finetuning.keep_trainable_layout(model)  # on some CPUs bitsandbytes repacks weights for answering only
    return model.eval(), AutoTokenizer.from_pretrained(source)


# %% [markdown]
# And the same with Unsloth, which reads a file that was rounded beforehand where there is one, so that a T4 never has to
# hold the 16-bit weights. (On a T4 it computes in float16: that card has no bfloat16.)

# %%
def load_with_unsloth(source):
    from unsloth import FastLanguageModel

    return FastLanguageModel.from_pretrained(
        model_name=source,
        max_seq_length=2048,  # the longest row that we will train on, in tokens
        dtype=None,  # bfloat16 where the card has it, else float16
        load_in_4bit=True,  # the four lines of BitsAndBytesConfig
    )


source = finetuning.base_for(here)
load = load_with_unsloth if here.name == "cuda" else load_with_transformers
model, tokenizer = load(source)
layer = model.model.layers[0].mlp.up_proj
print(type(layer).__name__, layer.in_features, "×", layer.out_features, "in", layer.weight.nbytes, "bytes")

# %% [markdown]
# Which levels? Trained weights are spread like a bell: many small, few large. **NF4** (4-bit NormalFloat; Dettmers and
# colleagues 2023, arXiv 2305.14314) puts the levels where the bell has its weights, close together around zero. The levels
# run from −1 to 1 and weights do not, so they are scaled: every block of 64 weights is divided by its largest absolute
# value, and that number is kept beside the block. A block with an outlier gets coarse steps; small blocks limit the
# damage to 64 weights.

# %%
import bitsandbytes.functional as bnb

from course_utils import costs, models, plots

tiny = models.source(models.TINY)
original = AutoModelForCausalLM.from_pretrained(tiny, dtype=torch.float32).eval()
levels = bnb.get_4bit_type("nf4", device="cpu")
matrices = {n: m.weight.detach() for n, m in original.named_modules() if n.split(".")[-1] in costs.ALL_LINEAR}
blocks = torch.cat([w.reshape(-1, 64) for w in matrices.values()])
plots.levels((blocks / blocks.abs().amax(dim=1, keepdim=True)).flatten(), levels)

# %% [markdown]
# *Picture:* a histogram of all scaled weights of the bundled model, a bell between −1 and 1 with a narrow spike at either
# end (every block's largest weight). Below it 16 ticks: the NF4 levels, dense around zero and sparse outside, and 16
# levels at even distances for comparison.
#
# ### Exercise 04.2: a block by hand
#
# Write `rounded(block, levels)`: scale the block by its largest absolute value, replace every number by the nearest
# level, scale back. Both are lists of numbers. `hint("04.2")` helps.

# %%
def rounded(block, levels):
    ### BEGIN SOLUTION
    scale = max(abs(number) for number in block) or 1
    return [scale * min(levels, key=lambda level: abs(level - number / scale)) for number in block]
    ### END SOLUTION


# %%
check("04.2", rounded)

# %% [markdown]
# The same for a whole matrix, with tensors. Did we understand the library? We compare our rounding with what
# `bitsandbytes` itself gives back for a layer.

# %%
def in_four_bits(weights, levels, size=64):
    blocks = weights.reshape(-1, size)
    scale = blocks.abs().amax(dim=1, keepdim=True)
    nearest = (blocks / scale).unsqueeze(-1).sub(levels).abs().argmin(dim=-1)
    return (levels[nearest] * scale).reshape(weights.shape)


name, weights = next(iter(matrices.items()))
packed, state = bnb.quantize_4bit(weights, quant_type="nf4", compress_statistics=True)
theirs = bnb.dequantize_4bit(packed, state)
apart = ((in_four_bits(weights, levels) - theirs).norm() / weights.norm()).item()
print(f"{name}: ours and the library's differ by {apart:.3%} of the weights' norm")
assert apart < 0.01

# %% [markdown]
# Nearly the same, and not quite: the library also rounds the *scales*, from four bytes each to one, with a second
# scale for 256 of them. That is the **double quantization** of QLoRA. Kept in 4 bytes, one scale for 64 weights
# costs half a bit a weight; rounded, it costs 0.127 of a bit. (The *norm* is a length: the root of the sum of all squares.)
#
# How much is lost? There are two ways to ask. How far is a *weight matrix* from what it was? And how far is *what the
# layer says*, given inputs that it really gets? One would hope that the errors of hundreds of weights partly cancel in
# a sum. Your guess: is the second number much smaller than the first? (A *hook* is a function that torch calls whenever a
# layer computes; ours keeps the layer's input.)

# %%
inputs = {}


def remember(name):
    def hook(layer, given, said):
        inputs[name] = given[0].detach()

    return hook


hooks = [m.register_forward_hook(remember(n)) for n, m in original.named_modules() if n in matrices]
text = "\n".join(message["content"] for message in row["prompt"])
with torch.inference_mode():
    original(**AutoTokenizer.from_pretrained(tiny)(text, return_tensors="pt"))
for hook in hooks:
    hook.remove()

# %% [markdown]
# The inputs are kept; now both questions, for NF4 and for 16 levels at even distances.

# %%
lost = {"NF4": {"a weight matrix": [], "what it says": []}}
lost["16 even levels"] = {kind: [] for kind in lost["NF4"]}
for kinds, grid in zip(lost.values(), (levels, torch.linspace(-1, 1, 16))):
    for n, w in matrices.items():
        error, given = in_four_bits(w, grid) - w, inputs[n]
        kinds["a weight matrix"].append(float(100 * error.norm() / w.norm()))
        kinds["what it says"].append(float(100 * (given @ error.T).norm() / (given @ w.T).norm()))
mean = {grid: {kind: sum(v) / len(v) for kind, v in kinds.items()} for grid, kinds in lost.items()}
for grid, kinds in mean.items():
    print(f"{grid:15}", {kind: f"{value:.1f} %" for kind, value in kinds.items()})
assert mean["NF4"]["a weight matrix"] < mean["16 even levels"]["a weight matrix"]
plots.rounding(lost)

# %% [markdown]
# *Picture:* the rounding error in per cent of the norm, one mark for each weight matrix: in the left half of the matrix
# itself, in the right half of what it says about one prompt. Dots are NF4; crosses, beside them, are the even levels.
# In the left half the dots lie close together, the crosses higher and further apart; in the right half both scatter
# widely.
#
# First the levels: NF4 loses less than even levels do, by not quite a tenth of the error. Now look at the two numbers
# of NF4. The hope was that errors cancel in the sum; but the *signal* is a sum of the same kind, and cancels as well.
# So what a layer says is a little better off than its weights, and no more: each layer is wrong by several per cent,
# and the next one builds on it. What saves QLoRA? The authors' reason: the adapter is trained **on top of the rounded
# weights**, so it can learn with their errors in place. We do not test this reason, only the result: the authors
# found 4-bit training as good as 16-bit training on their benchmarks. Section 7 tries it here.
#
# What do we save? On eight billion parameters it decides whether the model fits your card at all. On ours it is a few
# megabytes; you would not do it for those.
#
# ## 4 · LoRA, inspected (9 min)
#
# The frozen matrix W has, say, 256 inputs and 768 outputs. LoRA (Hu and colleagues 2021, arXiv 2106.09685) puts two
# thin ones beside it: A takes 256 inputs to only *r* numbers, B takes these to 768 outputs, and their product is added
# to what W says (lesson 01 has the drawing). `r` is the **rank**. B starts at zero, so an untrained adapter changes nothing.
#
# ### Exercise 04.3: how many parameters?
#
# Write `lora_parameters(matrices, rank)`: the number of parameters in A and B together, summed over `matrices`, a list
# of pairs (inputs, outputs). `hint("04.3")` helps.

# %%
def lora_parameters(matrices, rank):
    ### BEGIN SOLUTION
    return sum(rank * (inputs + outputs) for inputs, outputs in matrices)
    ### END SOLUTION


# %%
check("04.3", lora_parameters)

# %% [markdown]
# Before we attach an adapter, one look at the base. What does it answer when asked for a ticket? And how alike are two
# tokens to it? A cosine of 1 between two embeddings means that the model cannot tell them apart.

# %%
from course_utils.answering import generate

print("the base answers:", generate(model, tokenizer, [row["prompt"]])[0])
table = torch.nn.functional.normalize(model.get_input_embeddings().weight.detach().float(), dim=1)
for pair in ((" price", " plan"), ('{"', '":'), ("category", "escalate")):
    a, b = (tokenizer(text, add_special_tokens=False)["input_ids"][0] for text in pair)
    print(f"{pair!s:26} cosine {float(table[a] @ table[b]):.2f}")
tokens = finetuning.untrained_tokens(model, tokenizer, rows)
print(len(tokens), "tokens never trained on:", [tokenizer.decode(t) for t in tokens])

# %% [markdown]
# The bundled model has never seen JSON. Tokens that it never met were pushed away from every right answer, all in the
# same direction, until they were one and the same to it. LoRA on the linear layers cannot help there, since nothing is
# left to tell apart. So the embeddings of these few tokens are trained too. For an instruct model the list is empty, it
# has met every brace there is; but large models have such tokens as well (Land and Bartolo 2024, arXiv 2405.05417). Look
# before you teach yours a new format.
#
# Now the adapter. First with PEFT:

# %%
from peft import LoraConfig, get_peft_model, prepare_model_for_kbit_training
from transformers import set_seed

ALL_LINEAR = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]


def attach_with_peft(model, rank, tokens):
    config = LoraConfig(
        r=rank,  # the numbers between A and B: more can learn more, and costs more
        lora_alpha=2 * rank,  # what B says is multiplied by lora_alpha / r, here 2
        lora_dropout=0.0,
        target_modules=ALL_LINEAR,  # beside which matrices; the article has q_proj and v_proj alone
        bias="none",
        task_type="CAUSAL_LM",
        trainable_token_indices=tokens or None,  # embeddings that are trained as well
    )
    set_seed(0)  # A starts at random
    # Freezes the base, and puts what is not in four bits (norms, embeddings) into 32.
    model = prepare_model_for_kbit_training(model, use_gradient_checkpointing=False)
    return get_peft_model(model, config)


# %% [markdown]
# With Unsloth it is one call. It freezes by itself, and it *recomputes* activations in the backward pass instead of keeping
# them (checkpointing): slower by a fraction, and most of their memory is saved. Single tokens it does not train.

# %%
def attach_with_unsloth(model, rank, tokens):
    from unsloth import FastLanguageModel

    assert not tokens, "This base has not met these tokens; take an instruct model."
    return FastLanguageModel.get_peft_model(
        model, r=rank, lora_alpha=2 * rank, lora_dropout=0.0, target_modules=ALL_LINEAR, bias="none",
        use_gradient_checkpointing="unsloth", random_state=0,
    )  # fmt: skip


attach = attach_with_unsloth if here.name == "cuda" else attach_with_peft
student = attach(model, 4, tokens)
student.print_trainable_parameters()

# %% [markdown]
# How much is an adapter of the model, and how large will the file be? The formula, for our model and for one of eight
# billion parameters, beside all linear layers and beside the article's two. (PEFT's count for ours was larger than the
# formula's: it has the embeddings of the new tokens in it. The last line says how many numbers those are.)

# %% tags=["nbval-check-output"]
shape = costs.ModelShape.from_config(model.config.to_dict(), "this model")
for base, rank in ((shape, 4), (costs.SHAPES["Llama-3.1-8B"], 16)):
    for where, targets in (("q and v", costs.ATTENTION_QV), ("all linear", costs.ALL_LINEAR)):
        n = base.lora_parameters(rank=rank, targets=targets)
        size = costs.adapter_bytes(parameters=n) / 1e6
        print(f"{base.name:13} {where:11} {n:>10,} weights, {n / base.parameters:5.2%}, {size:5.2f} MB")
print(f"and {len(tokens)} embeddings of {shape.hidden} numbers: {len(tokens) * shape.hidden:,}")

# %% [markdown]
# ## 5 · Predict, then train (9 min)
#
# What does a row look like to the trainer? As lesson 01 had it, the loss counts on the **answer** alone; everything
# before it is masked. One look, since this goes wrong silently:

# %%
ids, mask = finetuning.rows.graded(row, tokenizer)
print(len(ids), "tokens, of which", sum(mask), "are graded:")
print(tokenizer.decode([token for token, counts in zip(ids, mask) if counts]))

# %% [markdown]
# *Before* the run, the bill. Memory during training has four parts: the weights (linear layers in four bits, the rest
# as it is), the adapter (its weights, their gradients, two running means of the optimizer Adam: four numbers for each
# parameter), the **activations** that the backward pass needs again, and the scores over the vocabulary. A block
# keeps about 34 bytes a token and hidden unit in 16 bits, twice that in 32 (Korthikanti and colleagues 2022, arXiv
# 2205.05198, equation 1). We leave out its second term, the attention matrix: a fused attention does not keep it.
# Kept, it would nearly double tiny's activations. A step learns from eight rows, but computes four at a time and adds
# up, which is called `accumulation`: half the activations. We expect such an estimate to be right within a factor of
# three, and the measured memory to lie above it: the formula counts one copy of everything, and libraries keep more.

# %%
BATCH, ACCUMULATION, EPOCHS, LONGEST = 4, 2, 6, 512
in_batch = BATCH * finetuning.rows.check_lengths(rows, tokenizer, LONGEST)  # tokens at once
trained = sum(p.numel() for p in student.parameters() if p.requires_grad)
kept = shape.layers if here.name == "cpu" else 1  # blocks whose activations are kept; the others recomputed
mib = {
    "adapter": 16 * trained / 2**20,  # four numbers of 4 bytes
    "activations": 2 * costs.memory.BLOCK_BYTES * in_batch * shape.hidden * kept / 2**20,
    "scores": 3 * 4 * in_batch * shape.vocabulary / 2**20,  # scores, probabilities, gradient
}
print("memory:", {part: f"{size:.0f} MiB" for part, size in mib.items()}, "on top of the model")

# %% [markdown]
# For the time we let the machine speak: one forward pass over four typical rows. Where all weights learn, the backward
# pass costs about twice as much (Kaplan and colleagues 2020, arXiv 2001.08361): one half of it finds the gradients of
# what the layers said, the other those of the weights. Frozen weights need none, so with LoRA it costs about *one*
# forward pass. (Where activations are recomputed, one more.) That for both batches of a step. Padding and the optimizer
# are left out, so expect the measured time to lie above this one.

# %%
import math
import statistics
import time

length = round(statistics.mean(len(finetuning.rows.graded(row, tokenizer)[0]) for row in rows))
typical = torch.full((BATCH, length), 5, device=model.device)
forward = []
for _ in range(2):  # the first call is slower
    started = time.perf_counter()
    with torch.inference_mode():
        student(typical).logits[0, 0, 0].item()  # a GPU answers before it has computed: ask for a number
    forward.append(time.perf_counter() - started)
steps = math.ceil(len(rows) / (BATCH * ACCUMULATION)) * EPOCHS
passes = 2 if here.name == "cpu" else 3  # forward and backward; the GPU lane recomputes: forward again
seconds = passes * forward[-1] * ACCUMULATION * steps
print(f"time: {steps} steps of {ACCUMULATION} × {passes} × {forward[-1]:.2f} s, {seconds:.0f} s")

# %% [markdown]
# Now the settings of the training. TRL's `SFTConfig` has over a hundred; these are the ones to know. What depends on the
# machine alone (`for_machine`: which arithmetic, whether to recompute) is put in at the end.

# %%
from trl import SFTConfig, SFTTrainer

from course_utils import paths

rate = 1e-2 if here.name == "cpu" else 2e-4  # small models take large steps
key = finetuning.fingerprint(train_set, base=str(source), rate=rate, epochs=EPOCHS)
folder = paths.work_dir("04") / f"desk-{key}"  # named after everything that decides about the result
settings = SFTConfig(
    output_dir=str(folder),
    per_device_train_batch_size=BATCH,  # rows computed at once
    gradient_accumulation_steps=ACCUMULATION,  # batches that make one step
    num_train_epochs=EPOCHS,  # how often every row is seen
    learning_rate=rate,  # how far a step goes
    lr_scheduler_type="cosine",  # ... less and less far towards the end
    warmup_steps=0.1,  # ... after a tenth of the steps, in which it grows
    completion_only_loss=True,  # the mask above
    max_length=LONGEST,  # longer rows would be cut
    loss_type="nll" if tokens else None,  # the libraries' thriftier ones cannot train single tokens
    optim="adamw_torch" if here.name == "cpu" else "adamw_8bit",  # in 8 bits: Adam's two means
    train_sampling_strategy="group_by_length",  # rows of like length together: less padding
    weight_decay=0.0,
    logging_steps=10,
    save_strategy="epoch",  # a killed training goes on from the last epoch
    save_total_limit=1,
    seed=0,
    **finetuning.for_machine(here),
)

# %% [markdown]
# This cell trains, and it is the same in both lanes. (It trains once; run again, it finds the finished adapter in its
# folder and loads it.) One trap: TRL casts the adapter of a 4-bit base to bfloat16, which keeps two to three digits.
# Small updates would be rounded away, and a T4 could not scale its loss. The `for` loop puts it back into 32 bits.

# %%
from course_utils.finetuning.memory_meter import MemoryMeter

trainer = SFTTrainer(model=student, args=settings, train_dataset=train_set, processing_class=tokenizer)
for p in student.parameters():
    if p.requires_grad:
        p.data = p.data.float()  # the adapter stays in 32 bits
already = finetuning.last_checkpoint(folder)
with MemoryMeter() as taken:
    trainer.train(resume_from_checkpoint=already)
tuned = trainer.model.eval()
file = finetuning.save_adapter(tuned, folder / "adapter", half=True) / "adapter_model.safetensors"
print(f"the file has {file.stat().st_size:,} bytes; two for each parameter are {2 * trained:,}")
log = [entry for entry in trainer.state.log_history if "loss" in entry]
plots.loss_curve([e["step"] for e in log], [e["loss"] for e in log], "50 tickets, four bits, live")

# %% [markdown]
# *Picture:* the loss over the optimizer steps, live. It starts high and falls far below one nat a token.
#
# A *nat* is the unit of a loss in natural logarithms: at a loss of 5 the right next token had one chance in about
# 150, at a loss of 1 one in three. (Each point is the mean of ten steps; before the first step the loss was higher
# still.)
#
# This is the loss on the rows that are being learnt, and fifty rows can be learnt by heart: a low loss promises
# nothing for the exam. At work keep a tenth of the rows out, watch *their* loss (`val_set_size` in section 9's file),
# and choose your settings by it. An exam by which you choose is no exam any more.

# %%
from course_utils import results

if not already:  # a training that was only loaded took no time
    measured = {"mib": taken.peak_mib, "seconds": taken.seconds}
    results.record("04", predicted={"mib": mib, "seconds": seconds}, measured=measured)
run = results.recorded("04")
predicted, measured = run["predicted"], run["measured"]
print(f"memory: predicted {sum(predicted['mib'].values()):.0f} MiB, measured {measured['mib']:.0f} MiB")
print(f"time:   predicted {predicted['seconds']:.0f} s, measured {measured['seconds']:.0f} s")
plots.prediction(predicted["mib"], measured["mib"], predicted["seconds"], measured["seconds"])

# %% [markdown]
# *Picture:* on the left the predicted memory, stacked from adapter, activations and scores, above the measured; on the
# right the time, predicted and measured; what was measured is hatched. Activations are by far the largest part of the
# prediction, the adapter a sliver.
#
# Was the factor three enough? (What the process was once given it does not give back at once, either.) An estimate as
# rough as this does not tell whether a model *just* fits a card: leave room for the factor, or look for somebody's
# measurement (section 9). It does tell which knob to turn. The knobs here are the batch and the length
# of a row; rank or four bits would not help, because our base is tiny. For one of eight billion parameters the four
# bits are the largest knob (section 9); the rank is a small one there, too.
#
# ## 6 · The same tickets as in lesson 03 (5 min)
#
# The exam is February's: some new values, other wordings. Why not January's? Because a behaviour has no date. If the
# adapter has learnt *how to fill in a ticket*, it reads February's prices from February's passages; if it has learnt
# facts, it says January's where the two differ (lesson 05 counts those). Every question comes with one to three
# passages, chosen as for training.
#
# First, asking. The article prints a snippet for it, which does about this:
#
# ```python
# tokenizer = AutoTokenizer.from_pretrained("meta-llama/Llama-3.1-8B-Instruct")
# base = AutoModelForCausalLM.from_pretrained("meta-llama/Llama-3.1-8B-Instruct", load_in_4bit=True)
# model = PeftModel.from_pretrained(base, "outputs/our-adapter")
# inputs = tokenizer("How do I reset my password?", return_tensors="pt")
# print(tokenizer.decode(model.generate(**inputs, max_new_tokens=200)[0], skip_special_tokens=True))
# ```
#
# **Debug it before you read on:** besides the missing imports and passages it has four faults. One stops it, one
# stops it on a GPU, one makes the answers bad and one makes them long.

# %%
try:
    AutoModelForCausalLM.from_pretrained(tiny, load_in_4bit=True)
except TypeError as problem:
    print("1 ✘", problem)
text = tokenizer.apply_chat_template(row["prompt"], tokenize=False, add_generation_prompt=True)
for number, given in ((3, row["prompt"][-1]["content"]), ("✔", text)):
    inputs = tokenizer(given, return_tensors="pt", add_special_tokens=False).to(tuned.device)  # 2
    with torch.inference_mode():
        output = tuned.generate(**inputs, max_new_tokens=80, do_sample=False)
    answer = output[0, inputs["input_ids"].shape[1] :]  # 4: without the prompt
    print(number, repr(tokenizer.decode(answer, skip_special_tokens=True)))
    print(f"   4: {len(output[0])} tokens come back, {len(answer)} of them new")

# %% [markdown]
# 1. `load_in_4bit` is no argument any more: it goes into the `BitsAndBytesConfig` of section 3.
# 2. On a GPU the model is there and the tokens are not: `.to(model.device)`.
# 3. An instruct model was trained on *conversations*, ours on the desk's. Without `apply_chat_template` it gets a text of
#    another kind than any it learnt from (line 3 above): ours then says nothing at all, or nothing of use.
# 4. `generate` returns the prompt too. Cut it off.
#
# `generate` of this course does it rightly for many prompts at once. So, the exam:

# %%
from course_utils.support_desk import gold, majority, mark, rates

found = [tickets.passages(question) for question in exam]
pages = [[chunk.page for chunk in chunks] for chunks in found]
chats = [tickets.chat(q.text, [c.text for c in chunks]) for q, chunks in zip(exam, found)]


def examine(model, tokenizer):
    texts = generate(model, tokenizer, chats, max_new_tokens=80)
    return texts, [mark(text, q, p) for text, q, p in zip(texts, exam, pages)]


texts, marks = examine(tuned, tokenizer)
live = rates(marks)
assert live["fits"].value >= 0.3, f"Fifty examples should teach the shape of a ticket: {live['fits']}"
for question, text in list(zip(exam, texts))[:4]:
    print(question.text, "\n  ", text)
golds = [gold(q, p) for q, p in zip(exam, pages)]
lazy = {field: majority(golds, field)[1] for field in ("category", "plan", "page", "escalate")}
for name, rate in live.items():
    print(f"{name:9} {rate}", f"  always the same: {lazy[name].value:.1%}" if name in lazy else "")

# %% [markdown]
# After fifty examples most of what it writes is a ticket, on the CPU by a model that could not tell a brace from a colon.
# Where one is not, look at its end: is it a loop until the tokens are used up? And look at
# *right*, the tickets with all five fields right: a minority. It has learnt the form sooner than the content.
#
# The last column is lesson 03's lazy program, which writes the most common value whatever the question. Which fields
# beat it? Where its rate lies inside the interval, the exam cannot tell. In the run that this course shows only *plan*
# is safely above it; *page* and *escalate* are even lower (a text that is no ticket has every field wrong, too).
# (Not to be compared with lesson 03's rates: there perhaps smol answered, and a retriever chose the passages. Here one of
# them states the answer wherever there is one.)
#
# ## 7 · How many examples? (14 min)
#
# The article says that you need at least 500. OpenAI's guide to fine-tuning asks for ten and sees improvements from 50
# to 100 on (read 2026-11). We do not need to believe either: a **learning curve** answers it for *our* task. One training
# is an anecdote, so every point is **three** trainings, with three seeds and three samples of tickets. These adapters
# were **trained beforehand** by `make adapters`, with the recipe of section 5 but for epochs and batch (`made.json` beside
# each names them; the larger sets learn in steps of sixteen rows), and ship with the course. What you see
# below is precomputed training and live answering; it takes a minute or two.

# %%
from course_utils import adapters, gpu_runs

fleet, its_tokenizer = load_with_transformers(tiny)  # whose adapters these are, in both lanes
fleet = fleet.dequantize()  # the rounded weights, unpacked once: the same answers, sooner
about = 3 * [q.id for q in exam]  # three answers to a question are not three questions
exams = {}


def of_three(name, model):
    for place in (f"{name}_seed{seed}" for seed in range(3)):
        model = finetuning.load_adapter(model, adapters.folder(place), place)
        exams[name] = exams.get(name, []) + examine(model, its_tokenizer)[1]
    return model


for n in (10, 50, 200, 500):
    fleet = of_three(f"behaviour_{n}", fleet)
    made = adapters.made(f"behaviour_{n}_seed0")
    score = rates(exams[f"behaviour_{n}"], about)["right"]
    print(f"{n:3} tickets: right {score}  (trained {made['made']}, {made['cpu_seconds']:.0f} s each)")

# %% [markdown]
# And the whole tickets' fields, with the number of steps that each training made:

# %%
def steps_of(name):
    made = adapters.made(f"behaviour_{name}_seed0")
    return math.ceil(made["rows"] / made["settings"]["batch_size"]) * made["settings"]["epochs"]


STEPS = {n: steps_of(n) for n in (10, 50, 200, 500)}
scores = {n: rates(exams[f"behaviour_{n}"], about) for n in STEPS}
assert scores[500]["right"].value > scores[50]["right"].value, "More examples should help."
enough = [n for n in STEPS if scores[n]["fits"].value >= 0.75]
print(f"three of four fit, here: with {enough[0] if enough else 'more than 500'}; you guessed {my_guess}")
print(f"with fifty: your training {live['fits'].value:.0%}, mean of three {scores[50]['fits'].value:.0%}")
fields = ("fits", "category", "answer", "right")
plots.learning_curve({field: {n: scores[n][field] for n in STEPS} for field in fields}, steps=STEPS)

# %% [markdown]
# *Picture:* four curves over the number of training examples, 10, 50, 200 and 500, with the optimizer steps of each
# training below (three precomputed trainings a point, answered live), and 95 % intervals: the ticket fits the schema,
# category right, answer right, all fields right.
#
# The live training and the mean of three need not agree about fifty: that is why a point is three trainings. (On a
# GPU *your training* was that of a larger model: there the two are not to be compared.) If they lie on both sides of
# three in four, the honest answer to the guess is *somewhere between fifty and two hundred*.
#
# Read the curves from left to right. The *shape* of a ticket comes first and cheaply: fifty examples do most of it, and
# ten times as many add less than they did. *Right* starts low and makes its leap between 50 and 200. So OpenAI's
# numbers fit the *form*. For *right* fifty are too few, as the article has it; but nothing here singles out its five
# hundred: from 200 on the intervals overlap.
#
# But look at the steps below the axis: the larger sets were also trained longer. **Is it the examples, or the steps?**
# And three more questions that one training could not answer, each with a control that differs in one thing (the first
# also in the rows it saw: see there). Three answers to one question are not three tosses of a coin, so we add the three
# up, count the questions at which one of the two has more hits, and ask with the sign test of lesson 02 whether chance
# would do as much:
#
# * **50, longer**: fifty tickets, seen fourteen times, in as many steps as five hundred. (But in steps of eight rows, where
#   five hundred had sixteen: it *saw* half as many rows. A part of what we call "examples" here may be that);
# * **exact**: 200 tickets on a base that was *not* rounded to four bits;
# * **q and v**: LoRA on the article's two matrices, with rank 20, which makes as many parameters (check it with your
#   function);
# * **noisy**: in 500 tickets every fifth is filed under a wrong category, by a tired colleague on a Friday.

# %%
from course_utils.evaluation import sign_test

fleet = of_three("behaviour_50_long", fleet)
fleet = of_three("behaviour_200_qv", fleet)
of_three("behaviour_200_exact", original)
fleet = finetuning.load_adapter(fleet, adapters.folder("behaviour_500_noisy"), "behaviour_500_noisy")
exams["behaviour_500_noisy"] = examine(fleet, its_tokenizer)[1]


def by_question(name, trainings):
    every = [m.right for m in exams[f"behaviour_{name}"]][: trainings * len(exam)]
    return [sum(every[place :: len(exam)]) for place in range(len(exam))]


PAIRS = [("50_long", "50", 3), ("500", "50_long", 3), ("200", "200_exact", 3), ("200", "200_qv", 3),
         ("500", "500_noisy", 1)]  # the noisy one was trained once  # fmt: skip
p_of = {}
for first, second, trainings in PAIRS:
    a, b = by_question(first, trainings), by_question(second, trainings)
    more, fewer = sum(x > y for x, y in zip(a, b)), sum(x < y for x, y in zip(a, b))
    p_of[first, second] = p = sign_test(more, fewer)
    print(f"right: {first:>7} {sum(a):2} : {sum(b):2} {second:9} of {trainings * len(exam)}   "
          f"more at {more:2} questions, fewer at {fewer:2}, "
          f"p = {p:.2g}, times five {min(1, len(PAIRS) * p):.2g}")  # fmt: skip
assert p_of["500", "50_long"] < 0.05 < p_of["200", "200_exact"]

# %% [markdown]
# One row is one comparison: how many tickets each got right, the questions at which one got more right than the other,
# and the probability of a split at least as uneven if they were equally good. (Five tests: a cautious reader multiplies
# each p by five, as the last number does and as lesson 05 will.)
#
# **Examples or steps?** Examples, or rows seen: five hundred made many more tickets right than fifty in as many
# steps, and the p of that row stays below 0.05 even times five. The same fifty tickets seen more often look better
# than the short training, too; but five times that p is above 0.05, so it is a hint. Had we only looked at the curve,
# we could not have told the two apart. (More tickets also hold more of the exam's facts; how much of the gain is
# memory, this control does not tell.)
#
# **Four bits?** No difference that thirty-two questions could tell, in either direction. That does not prove that there is
# none; it agrees with what the authors of QLoRA found on far larger models.
#
# **Where LoRA stands?** More right with all linear layers than with q and v, in this run; but a p above 0.05 says that
# chance does as much too often. Larger studies found a difference (Biderman and colleagues 2024, arXiv 2405.09673;
# Schulman and colleagues 2025, "LoRA Without Regret"). We go on with all linear layers, for the studies' sake more than
# for ours.
#
# **Wrong labels?** Compare the two counts: fewer right with them, and a p that cannot tell it from chance. One training
# on thirty-two questions cannot tell a loss of this size from luck, so this is a look, no measurement; that would take
# three trainings. And it is a look at one kind of mistake: ours point in all directions, so for each kind of question the
# right category is still the most common one. A colleague who files *every* limit under `features` is another matter:
# that is no noise, it is a rule, and a training teaches rules.
#
# Is five hundred enough for the desk? Half of the tickets are not right yet. Which fault do you expect most often: no
# ticket at all, a wrong category, a wrong answer? The cell counts them, and keeps the curve for lesson 07's worksheet.

# %%
def fault(m, question):
    if not m.fits:
        return "no ticket"
    if m.answer:
        return "another field only"
    return "answer wrong" if question.answerable else "should have said that it does not know"


faults = Counter(fault(m, q) for m, q in zip(exams["behaviour_500"], 3 * list(exam)) if not m.right)
print("not right with 500:", dict(faults.most_common()))
headline = {f"{n} tickets, {field}": scores[n][field] for n in STEPS for field in ("fits", "right")}
results.record("04", headline=headline)

# %% [markdown]
# Mostly it is the answer, where the passages have one: more often than the form, and far more often than another
# field alone. So the answer is the ceiling of `right`. Is that the base's reading? Its card says: fewer than six in
# ten of the values of this handbook, with the right passage among three; four in five from a single passage, but of
# invented vendors. We have not put this exam to the bare base. So what the base lacks and what the training cost it,
# we cannot tell apart.
#
# ### Exercise 04.4: change a knob
#
# Your turn to predict. The live training had rank 4 (on a GPU with another model: there compare with *mean of three*,
# at fifty). Take **rank 1** for tiny: how many LoRA parameters will it have, and how many of the exam's tickets, in
# per cent, will still fit the schema? Put both into the *last* `guess` of the cell (the first line only shows its
# form; `linear` is there for the pairs (inputs, outputs) of all `matrices`), and only then run the next cell: it
# trains for about a minute, with the recipe that you have seen, now in one call. `hint("04.4")` helps.

# %%
guess = ...  # {"parameters": a number, "fits": per cent}
### BEGIN SOLUTION
linear = [(w.shape[1], w.shape[0]) for w in matrices.values()]
guess = {"parameters": lora_parameters(linear, 1), "fits": 60}
### END SOLUTION

# %%
outcome = {}
if guess is not ...:
    settings = dict(rank=1, epochs=EPOCHS, batch_size=BATCH, accumulation=ACCUMULATION, learning_rate=1e-2)
    place = paths.work_dir("04") / f"rank-1-{finetuning.fingerprint(train_set, **settings)}"
    base = load_with_transformers(tiny)[0]
    narrow = finetuning.fine_tune(base, its_tokenizer, train_set, place, **settings)
    outcome["parameters"] = sum(p.numel() for n, p in narrow.named_parameters() if "lora_" in n)
    outcome["fits"] = rates(examine(narrow, its_tokenizer)[1])["fits"].value
    print(outcome, "with rank 4:", live["fits"])
check("04.4", {"predicted": guess, "measured": outcome})

# %% [markdown]
# The parameters could be known, the effect could not. If your *fits* is far below that of rank 4: to write a form that a
# base has never met may take more directions than one. But it is one training of each rank on thirty-two questions. Does
# rank 8 help? Try it; the cell has one number to change. (The check goes on speaking of rank 1; look at the printed
# line.)
#
# ## 8 · Many adapters, one base (3 min)
#
# An adapter is a file of a quarter of a megabyte, so one base can carry many. Say Larkmoor has a second desk, for its
# finance products, whose customers expect "Dear customer,". It has an adapter of its own, `formal_100`, on the same
# base. Which one answers is decided **per request**, here by the product in the question. Switching copies nothing: it
# tells each layer which pair of thin matrices to use. How long does it take?

# %%
fleet = finetuning.load_adapter(fleet, adapters.folder("formal_100"), "formal_100")


def adapter_for(question):
    finance = any(product.lower() in question.lower() for product in tickets.FINANCE)
    return "formal_100" if finance else "behaviour_200_seed0"


for desk in ("formal_100", "behaviour_200_seed0"):
    place = next(i for i, q in enumerate(exam) if q.intent == "price" and adapter_for(q.text) == desk)
    started = time.perf_counter()
    fleet.set_adapter(desk)
    took = 1000 * (time.perf_counter() - started)
    answer = generate(fleet, its_tokenizer, [chats[place]], 80)
    print(f"{desk} ({took:.1f} ms to switch)", exam[place].text, *answer, sep="\n   ")
    print("   right:", exam[place].value, "|", states(answer[0], exam[place].value))

# %% [markdown]
# Milliseconds, and another desk answers. The form is each desk's own. Hold the prices against the right ones: a ticket in
# perfect form can quote the same plan's *monthly* price where the yearly one was asked. What one or two hundred tickets
# teach of reading, the curve has shown.
#
# A server does not even wait for a switch: it answers requests for different adapters **in one batch**. PEFT takes one
# name a row; `__base__` is the model without any.

# %%
asked = [chat for q, chat in zip(exam, chats) if q.intent == "price"][:2]
asked = [chat for chat in asked for _ in range(3)]  # each of the two to three
who = ["formal_100", "behaviour_200_seed0", "__base__"] * 2
written = dict(tokenize=False, add_generation_prompt=True)
prompts = [its_tokenizer.apply_chat_template(chat, **written) for chat in asked]
batch = its_tokenizer(prompts, return_tensors="pt", padding=True, padding_side="left")
with torch.inference_mode():
    output = fleet.generate(**batch, adapter_names=who, max_new_tokens=80, do_sample=False)
together = its_tokenizer.batch_decode(output[:, batch["input_ids"].shape[1] :], skip_special_tokens=True)
for name, text in zip(who, together):
    print(f"{name:20} {text[:84]}")

# %% [markdown]
# What each row says is what its adapter says alone (a test of the course compares them).
#
# One warning. An adapter is code of a kind: it changes what your system says. It fits only the base it was trained on,
# and it should come as `safetensors`, never as a pickle (`.bin`), since opening a pickle can run a program of whoever
# wrote it. `load_adapter` refuses both before anything is loaded.
#
# ## 9 · The same on a GPU (4 min)
#
# On Colab choose *Runtime → Change runtime type → T4 GPU* and run this notebook from the top. What changes? The lane,
# and with it the base (a hub model of three billion parameters), the functions that load and attach (Unsloth's) and the
# numbers. Sections 7 and 8 keep the bundled model, whose adapters they show, and transformers.
#
# Which model fits which card? These figures are not ours, each carries its source. What of *our* numbers? A
# measurement on a GPU is shown only if it was recorded with card, versions and commit; where there is no run there is
# no number.

# %%
for line in finetuning.hub_models.table():
    print(f"{line['card']:24} {line['largest that fits']}: {line['its peak (GB)']} GB ({line['source']})")
sessions = gpu_runs.sessions()
print("\n" + (gpu_runs.heading(sessions[0]) if sessions else gpu_runs.NO_RUN))
for line in gpu_runs.table(sessions[0].runs) if sessions else []:
    print(line)

# %% [markdown]
# So for a model of eight billion parameters we *predict*, with the arithmetic of section 5 (computing in 16 bits now,
# with recomputed activations), and say that it is a prediction. 500 tickets of 200 tokens, three times:

# %% tags=["nbval-check-output"]
plan = costs.TrainingPlan(examples=500, tokens_per_example=200, epochs=3)
for method in ("full", "lora", "qlora"):
    print(f"{method:6} {plan.memory_with(method).total_gib:6.1f} GiB predicted")
rent = plan.card.rent
print(f"QLoRA on one {plan.card.name}: {60 * plan.hours:.0f} minutes, {plan.compute_usd:.2f} USD of rent")
print(f"   at {rent.value:.2f} USD an hour ({rent.kind}, {rent.date})")
coffee = 4.0  # USD; our assumption
print(f"   that is {plan.compute_usd / coffee:.0%} of a coffee at {coffee:.2f} USD (assumption)")

# %% [markdown]
# Hold the prediction for QLoRA against the figure that Unsloth's notebook reports for an eight billion model (the
# table above; whether it means GB or GiB, which are 7 % more, it does not say). Close, but no proof: we do not know
# how long their rows are, and for two rows of 2,048 tokens our arithmetic says 1.7 times as much, most of the
# difference for the scores. With section 5's factor it would not fit a T4. The minutes assume 35 % of the card's peak
# and leave out loading. As for the dollars, cheaper than the coffee, by this estimate. What is not in the sum is you:
# five hundred *right* tickets, the exam, the runs that failed. Lesson 06 puts those in.
#
# ### The article's configuration
#
# Axolotl trains from a file instead of a notebook. The article's file is in `lessons/axolotl/qlora.yml`, put right for
# today's Axolotl, each change explained above its line:
#
# | the article | today | why |
# |---|---|---|
# | `adapter: lora` with `load_in_4bit: true` | `adapter: qlora` | with `lora` the base is loaded in 16 bits all the same, and nothing tells you |
# | `q_proj`, `v_proj` | all seven linear layers | published studies; ours could not tell (section 7) |
# | `accelerate launch -m axolotl.cli.train …` | `axolotl train …` | the old way still works |
# | nothing about precision or attention | `bf16: auto`, `attn_implementation: sdpa` | so that it runs on a T4 too |
# | batches of 2 | 4 of them to a step | as Unsloth's notebooks have it: eight rows a step |
#
# A misspelled key is no error: Axolotl ignores what it does not know. A test of this course compares every key with the
# list that Axolotl publishes.

# %% [markdown]
# ## 10 · Recap (1 min)
#
# * QLoRA is a frozen base in four bits and a small trained adapter. Rounding moves the weights by nearly a tenth of their
#   norm, and what layers say by not much less; the adapter is trained on top of that, and lost nothing that we could see.
# * An adapter has rank × (inputs + outputs) parameters a matrix. Count before you train; predict memory and time, too.
# * A learning curve on *your* task answers "how many examples?", if every point is several trainings and the steps are
#   controlled. Check the rows, and the labels above all.
# * Before you teach a new format, look whether the base has ever met its tokens.
# * Adapters are small and can be swapped per request: behaviour by the customer, on one base.
#
# The behaviour is in the weights now, and that is where it belongs: it has no date. We want the facts to stay in the
# handbook; whether some were learnt as well, this lesson did not measure. Do the two add up? That is lesson 05.
#
# ## What could go stale here
#
# * Unsloth, TRL, PEFT, bitsandbytes and Axolotl change every few weeks. The versions are pinned in `pyproject.toml`, and
#   `make drift` compares our calls with the newest releases.
# * The table of hub models: read in 2026, as its sources say. New models come out monthly.
# * The rates and the number of examples belong to this base and this ticket; the way to find out does not.
# * The shipped adapters fit one set of weights of the bundled model. After a change `make adapters` trains them again.
