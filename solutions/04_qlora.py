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
# when to call a colleague: that is judgement, and judgement is learnt from examples. So now we train. Not on facts, as
# in lesson 01, where that went wrong, but on **behaviour**.
#
# The tool is QLoRA: the base model in four bits a weight, frozen, and beside it a small *adapter* that learns. The
# promise is that this costs as much as a coffee. We will predict the bill before we run it, and compare afterwards.
#
# One call decides where we are. With an NVIDIA GPU (a free Colab T4 is enough) it imports Unsloth, which has to come
# before the libraries it speeds up; without one, the same recipe runs with PEFT and TRL on the CPU. *Nothing else in
# this notebook changes.* You can force a lane with the environment variable `STALE_PRICES_LANE`.
#
# On the CPU this lesson and the next one take **tiny**, whatever the others speak to: a learning curve is many trainings,
# and tiny needs a minute for each where smol would need ten. It is also the harder pupil, since it has never met JSON.
#
# **Your guess, please:** how many example tickets does it take until three tickets of four fit the schema?

# %%
from course_utils import finetuning

my_guess = 500  # examples
here = finetuning.start()
print(here)

# %% [markdown]
# ## 2 · A training set (9 min)
#
# We need examples of what we want: a question, the passages that retrieval would bring, and the right ticket. The
# questions are January's, in the wordings kept for training. The right ticket comes from `gold`, the desk's rules of
# lesson 03. In your company it comes from people, and it is the expensive part.

# Most rows get one passage, some two or three, the right one among its neighbours (a longer prompt costs more to train
# on). And the instruction? Lesson 03 needed 220 tokens to describe a ticket. If the examples do their work, we need
# none of them: "Write the ticket." has to do.

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
# Fifty of these for a start. `training_set` checks every row before anything is trained, because a trainer does not: it
# trains on whatever it can read. What does it say about a row from a careless export?

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
from course_utils.checks import check, hint

check("04.1", contradictions)

# %% [markdown]
# Rules like this find the loud mistakes for nothing. A price filed under `policy` they do not find. We will see in
# section 7 what that costs.
#
# ## 3 · Four bits (9 min)
#
# Now the base model, in four bits. With four bits you can name 16 values, and a weight matrix of ours holds thousands
# of different ones. So each weight is rounded to one of 16 *levels*. Which levels? Trained weights are spread like a
# bell: many small, few large. **NF4** (4-bit NormalFloat; Dettmers and colleagues 2023, arXiv 2305.14314) puts the
# levels where the bell has its weights, close together around zero.

# %%
import bitsandbytes.functional as bnb

model, tokenizer = finetuning.load()
levels = bnb.get_4bit_type("nf4", device="cpu")
print("16 levels:", [round(level, 2) for level in levels.tolist()])
layer = model.model.layers[0].mlp.up_proj
print(type(layer).__name__, layer.in_features, "×", layer.out_features, "in", layer.weight.nbytes, "bytes")

# %% [markdown]
# The levels run from −1 to 1 and weights do not, so they are scaled: every block of 64 weights is divided by its largest
# absolute value, and that number is kept beside the block. A block with an outlier gets coarse steps; small blocks limit
# the damage to 64 weights.
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
# `bitsandbytes` itself gives back for this layer.

# %%
import torch

from course_utils import costs


def in_four_bits(weights, levels, size=64):
    blocks = weights.reshape(-1, size)
    scale = blocks.abs().amax(dim=1, keepdim=True)
    nearest = (blocks / scale).unsqueeze(-1).sub(levels).abs().argmin(dim=-1)
    return (levels[nearest] * scale).reshape(weights.shape)


original = finetuning.load(finetuning.BUNDLED, four_bit=False)[0]
if here.name == "cpu":
    weights = original.model.layers[0].mlp.up_proj.weight.detach()
    ours = in_four_bits(weights, levels)
    theirs = bnb.dequantize_4bit(layer.weight.data, layer.weight.quant_state)
    apart = ((ours - theirs).norm() / weights.norm()).item()
    print(f"ours and the library's differ by {apart:.3%} of the weights' norm")
    assert apart < 0.01

# %% [markdown]
# Nearly the same, and not quite: the library also rounds the *scales*, from four bytes each to one, with a second
# scale for 256 of them. That is the **double quantization** of QLoRA. One scale of 4 bytes for 64 weights would be
# half a bit a weight; so it is 0.127 of a bit.
#
# How much is lost, layer by layer? And does it matter where the levels lie? For comparison we round to 16 levels at
# even distances as well.

# %%
from course_utils import plots

grids = {"NF4": levels, "16 even levels": torch.linspace(-1, 1, 16)}
lost = {grid: {kind: [] for kind in costs.ALL_LINEAR} for grid in grids}
for name, module in original.named_modules():
    kind = name.split(".")[-1]
    if kind in costs.ALL_LINEAR:
        w = module.weight.detach().float().cpu()
        for grid in grids:
            lost[grid][kind].append(float(100 * (w - in_four_bits(w, grids[grid])).norm() / w.norm()))
mean = {grid: sum(map(sum, kinds.values())) / sum(map(len, kinds.values())) for grid, kinds in lost.items()}
print("on average", {grid: f"{value:.1f} %" for grid, value in mean.items()})
assert mean["NF4"] < mean["16 even levels"], "NF4 should lose less than even levels."
plots.rounding(lost)

# %% [markdown]
# *Picture:* for each of the seven kinds of weight matrix the rounding error in per cent of the matrix's norm, one mark
# for each block of the model. For every kind the marks of NF4 (dots) lie below those of the even levels (crosses).
#
# The weights are off by nearly a tenth of their norm, each in another direction. Errors of many weights partly average
# out, so what a layer says changes less than its weights did; and the adapter is trained on top of the *rounded*
# weights, so that it can make up for the rest. That is the idea of QLoRA, and its authors found 4-bit training as good
# as 16-bit training on their benchmarks. We do not test it here: everything below has the rounded base.
#
# What do we save? On eight billion parameters it decides whether the model fits your card at all. On ours it is a few
# megabytes; you would not do it for those.
#
# ## 4 · LoRA, inspected (8 min)
#
# The frozen matrix W has, say, 256 inputs and 768 outputs. LoRA (Hu and colleagues 2021, arXiv 2106.09685) puts two
# thin ones beside it: A takes 256 inputs to only *r* numbers, B takes these to 768 outputs, and their product is added
# to what W says. `r` is the **rank**. B starts at zero, so an untrained adapter changes nothing.
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
#
# The cell shows something worth knowing: the bundled model has never seen JSON. Tokens that it never met were pushed
# away from every right answer, all in the same direction, until they were one and the same to it. LoRA on the linear
# layers cannot help there, since nothing is left to tell apart. So the embeddings of these few tokens are trained too
# (PEFT: `trainable_token_indices`). For an instruct model the list is empty, it has met every brace there is; but
# large models have such tokens as well (Land and Bartolo 2024, arXiv 2405.05417). Look before you teach yours a new
# format.

# %%
from course_utils.answering import generate

print("the base answers:", generate(model, tokenizer, [row["prompt"]])[0])
table = torch.nn.functional.normalize(model.get_input_embeddings().weight.detach().float(), dim=1)
for pair in ((" price", " plan"), ('{"', '":'), ("category", "escalate")):
    a, b = (tokenizer(text, add_special_tokens=False)["input_ids"][0] for text in pair)
    print(f"{pair!s:26} cosine {float(table[a] @ table[b]):.2f}")
tokens = finetuning.untrained_tokens(model, tokenizer, rows)
print(len(tokens), "tokens never trained on:", [tokenizer.decode(t) for t in tokens])
student = finetuning.attach(model, rank=4, tokens=tokens)
student.print_trainable_parameters()

# %% [markdown]
# `attach` puts LoRA on *all* linear layers; the article has it on `q_proj` and `v_proj` alone. How much is that of the
# model, and how large will the file be? The formula, for our model and for one of eight billion parameters:

# %% tags=["nbval-check-output"]
shape = costs.ModelShape.from_config(model.config.to_dict(), "this model")
for base, rank in ((shape, 4), (costs.SHAPES["Llama-3.1-8B"], 16)):
    for where, targets in (("q and v", costs.ATTENTION_QV), ("all linear", costs.ALL_LINEAR)):
        n = base.lora_parameters(rank=rank, targets=targets)
        size = costs.adapter_bytes(parameters=n) / 1e6
        print(f"{base.name:13} {where:11} {n:>10,} weights, {n / base.parameters:5.2%}, {size:5.2f} MB")

# %% [markdown]
# ## 5 · Predict, then train (9 min)
#
# *Before* the run, the bill. Memory during training has four parts: the weights (linear layers in four bits, the rest as
# it is), the adapter (its weights, their gradients, two running means of Adam), the **activations** that the backward
# pass needs again, and the scores over the vocabulary. Here all of it is computed in 32 bits and nothing is recomputed.
# (On a GPU the recipe recomputes activations in the backward pass: there the figure is an upper bound.) A step learns
# from eight rows, but computes four at a time and adds up, which is called `accumulation`: half the activations.
#
# For the time we let the machine speak: one forward pass over four typical rows. The backward pass costs about twice as
# much (Kaplan and colleagues 2020, arXiv 2001.08361), so a step costs three of these, times two.

# %%
settings = dict(epochs=6, batch_size=4, accumulation=2)
settings |= {"learning_rate": 1e-2} if here.name == "cpu" else {}  # small models take large steps
in_batch = settings["batch_size"] * finetuning.rows.check_lengths(rows, tokenizer, 512)  # tokens at once
trained = sum(p.numel() for p in student.parameters() if p.requires_grad)
mib = {
    "adapter": 16 * trained / 2**20,  # weight, gradient, two means: four numbers of 4 bytes
    "activations": 2 * costs.memory.BLOCK_BYTES * in_batch * shape.hidden * shape.layers / 2**20,
    "scores": 3 * 4 * in_batch * shape.vocabulary / 2**20,  # scores, probabilities, gradient
}
print("memory:", {part: f"{size:.0f} MiB" for part, size in mib.items()}, "on top of the model")

# %%
import math
import statistics
import time

length = round(statistics.mean(len(finetuning.rows.graded(row, tokenizer)[0]) for row in rows))
typical = torch.full((settings["batch_size"], length), 5, device=model.device)
with torch.inference_mode():
    student(typical)  # the first call is slower
    started = time.perf_counter()
    student(typical)
forward = time.perf_counter() - started
steps = math.ceil(len(rows) / (settings["batch_size"] * settings["accumulation"])) * settings["epochs"]
seconds = 3 * forward * settings["accumulation"] * steps
print(f"time: {steps} steps of 2 × 3 × {forward:.2f} s, {seconds:.0f} s")

# %% [markdown]
# Now the training. This cell is the same in both lanes: on a GPU it trains a hub model with Unsloth, here the bundled
# one. (It trains once; run again, it finds the finished adapter in its folder and loads it.)

# %%
from course_utils import paths
from course_utils.finetuning.memory_meter import MemoryMeter

folder = paths.work_dir("04") / f"desk-{here.name}-{finetuning.fingerprint(train_set, **settings)}"
trainer = finetuning.trainer(student, tokenizer, train_set, folder, **settings)
already = finetuning.last_checkpoint(folder)
with MemoryMeter() as taken:
    tuned = finetuning.finished(trainer)
file = finetuning.save_adapter(tuned, folder / "adapter", half=True) / "adapter_model.safetensors"
print(f"the file has {file.stat().st_size:,} bytes; two for each parameter are {2 * trained:,}")
log = [entry for entry in trainer.state.log_history if "loss" in entry]
plots.loss_curve([e["step"] for e in log], [e["loss"] for e in log], "50 tickets, four bits, live")

# %% [markdown]
# *Picture:* the loss over the optimizer steps, live. It starts high (to the base, the right next token of a ticket was
# one among thousands) and falls below one nat a token.

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
# right the time, predicted and measured. Activations are by far the largest part of the prediction, the adapter a
# sliver.
#
# Expect such an estimate to be right within a factor of two or three, and memory to come out above it: the formula
# counts one copy of everything, libraries keep more, and what the process was given it does not give back at once.
# Even so it decides what matters: whether it fits, and which knob to turn. The knobs here are the batch and the length
# of a row; rank or four bits would not help, because our base is tiny. For one of eight billion parameters it is the
# reverse.
#
# ## 6 · The same tickets as in lesson 03 (5 min)
#
# The exam is February's: new prices, other wordings. Why not January's? Because a behaviour has no date. If the adapter
# has learnt *how to fill in a ticket*, it reads February's prices from February's passages; if it has learnt facts, it
# says January's (lesson 05 counts those). Every question comes with one to three passages, chosen as for training.

# %%
from course_utils import company
from course_utils.support_desk import mark, rates

exam = company.questions("2026-02", n=48, seed=11, split="test")
found = [tickets.passages(question) for question in exam]
pages = [[chunk.page for chunk in chunks] for chunks in found]
chats = [tickets.chat(q.text, [c.text for c in chunks]) for q, chunks in zip(exam, found)]


def examine(model):
    texts = generate(model, tokenizer, chats, max_new_tokens=80)
    return texts, rates(mark(text, q, p) for text, q, p in zip(texts, exam, pages))


texts, live = examine(tuned)
assert live["fits"].value >= 0.3, f"Fifty examples should teach the shape of a ticket: {live['fits']}"
for question, text in list(zip(exam, texts))[:4]:
    print(question.text, "\n  ", text)
for name, rate in live.items():
    print(f"{name:9} {rate}")

# %% [markdown]
# Remember where this started: with a model that could not tell a brace from a colon. After fifty examples and a minute
# or so most of what it writes is a ticket. And look at *right*, the tickets with all five fields right: a minority. It
# has learnt the form sooner than the content. (Not to be compared with lesson 03's rates: most of these questions are
# the same, but there perhaps smol answered, and a retriever chose the passages. Here one of them states the answer
# wherever there is one.)
#
# ## 7 · How many examples? (6 min)
#
# The article says that you need at least 500. OpenAI's guide to fine-tuning asks for ten and sees improvements from 50
# to 100 on (read 2026-11). We do not need to believe either: a **learning curve** answers it for *our* task. That
# takes many trainings, so the adapters of this section were **trained beforehand** by `make adapters`, with the recipe
# of section 5, and ship with the course. What you see below is precomputed training and live answering. How each was
# made stands beside it:

# %%
from course_utils import adapters, gpu_runs

fleet, tokenizer = finetuning.load(finetuning.BUNDLED)  # whose adapters these are, in both lanes
names = {10: "behaviour_10", 50: "behaviour_50", 200: "behaviour_200", 500: "behaviour_500_seed0"}
scores = {}
for name in (*names.values(), "behaviour_500_noisy", "behaviour_200_qv"):
    made = adapters.made(name)
    fleet = finetuning.load_adapter(fleet, adapters.folder(name), name)
    scores[name] = examine(fleet)[1]
    how = f"(precomputed {made['made']}, {made['cpu_seconds']:.0f} s of processor time)"
    print(f"{name:19} right {scores[name]['right']} {how}")
fields = ("fits", "category", "answer", "right")
assert scores[names[500]]["right"].value > scores[names[50]]["right"].value, "More examples should help."
plots.learning_curve({field: {n: scores[name][field] for n, name in names.items()} for field in fields})

# %% [markdown]
# *Picture:* four curves over the number of training examples, 10, 50, 200 and 500 (precomputed adapters, answered live),
# with 95 % intervals: the ticket fits the schema, category right, answer right, all fields right.
#
# Read the curves from left to right. The *shape* of a ticket comes first and cheaply: fifty examples do most of it, and
# ten times as many add less than they did. *Right* starts low and is still climbing at 500, because the content takes
# cases: six categories, four plans, passages that do not tell. So both sayings are true, of different things.
#
# Two cautions. With 48 questions a point is known to within some 14 per cent either way, and another training would move
# it again; do not read a bend into it. And ten rows are over after one step, so small sets were gone through more often:
# the four trainings made 40, 42, 65 and 96 steps. A part of the climb is the longer training.
#
# Is it enough for the desk? Compare `answer` with `category` at 500. Most of what is wrong there is no wrong judgement
# but an answer read wrongly out of the passages: `answer` is the ceiling of `right`. It has climbed with the rest,
# since five hundred tickets are also five hundred exercises in reading (lesson 05 comes back to that). But this base
# reads four values in five from a single passage (its card tells) and fewer from three, and an adapter does not make
# it a large one.
#
# ### Wrong labels, and where the adapter stands
#
# Two more comparisons. In `behaviour_500_noisy` every fifth row was filed under a **wrong category**: a tired
# colleague on a Friday. What does it do to the category? And the article's configuration has LoRA on **`q_proj` and
# `v_proj`** only. To compare fairly, `behaviour_200_qv` has rank 20 there, which makes exactly as many LoRA parameters
# as rank 4 on all linear layers (check it with your function). Only the place differs.

# %%
enough = [n for n, name in names.items() if scores[name]["fits"].value >= 0.75]
print(f"three of four fit, here: with {enough[0] if enough else 'more than 500'}; you guessed {my_guess}")
bars = [("category", "behaviour_500_seed0"), ("category", "behaviour_500_noisy")]
bars += [("right", "behaviour_200"), ("right", "behaviour_200_qv")]
plots.rates({f"{field}, {name[10:]}": scores[name][field] for field, name in bars}, "share of tickets (%)")

# %% [markdown]
# *Picture:* four bars with 95 % intervals. The first two are the right categories after 500 examples, with right
# labels and with every fifth wrong; they are close together. The other two are the tickets with all fields right after
# 200 examples, with an adapter on all linear layers and with one on q and v only; they are about equally long.
#
# **The labels.** Less harm than you feared? These mistakes point in all directions, so for each kind of question the
# right category is still the most common one, and that is what is learnt. A colleague who files *every* limit under
# `features` is another matter: that is no noise, it is a rule, and the model would learn it. (And a loss of ten per
# cent could hide in intervals as wide as these.)
#
# **The place.** With equally many parameters, all linear layers did no better in this run than q and v alone. Larger
# studies found that they do (Biderman and colleagues 2024, arXiv 2405.09673; Schulman and colleagues 2025, "LoRA Without
# Regret"). One run on 48 questions contradicts nobody: a difference of ten per cent would hide in these intervals. So we
# go on with all linear layers, for the studies' sake and not for ours.
#
# ### And the decoder?
#
# Some tickets still do not parse: a sentence that repeats itself until the tokens run out, a lost quotation mark. That
# is what lesson 03's decoder can rule out, and content is what it could not give. Together, on the first half of the
# exam (the decoder is slow):

# %%
from course_utils.answering import constrained
from course_utils.support_desk import MAX_NEW_TOKENS, Ticket

fleet.set_adapter("behaviour_500_seed0")
texts = generate(constrained(fleet, tokenizer, Ticket), tokenizer, chats[:24], MAX_NEW_TOKENS, batch_size=12)
both = rates(mark(text, q, p) for text, q, p in zip(texts, exam, pages))
print({field: str(both[field]) for field in ("fits", "category", "right")})
assert both["fits"].value == 1, "What the decoder writes must fit."

# %% [markdown]
# What the decoder cannot do is make the others right. That is left to more examples, and to a base that reads better.
# We keep the curve for lesson 07's worksheet.

# %%
headline = {
    f"{n} tickets, {field}": scores[name][field]
    for n, name in names.items()
    for field in ("fits", "right")
}
results.record("04", headline=headline)

# %% [markdown]
# ## 8 · Many adapters, one base (5 min)
#
# An adapter is a file of a quarter of a megabyte, so one base can carry many. Say Larkmoor has a second desk, for its
# finance products, whose customers expect "Dear customer,". It has an adapter of its own, `formal_100`, on the same
# base. Which one answers is decided **per request**, here by the product in the question. Switching copies nothing: it
# tells each layer which pair of thin matrices to use. How long does it take?

# %%
fleet = finetuning.load_adapter(fleet, adapters.folder("formal_100"), "formal_100")


def adapter_for(question):
    finance = any(product.lower() in question.lower() for product in tickets.FINANCE)
    return "formal_100" if finance else "behaviour_200"


for desk in ("formal_100", "behaviour_200"):
    place = next(i for i, q in enumerate(exam) if q.intent == "price" and adapter_for(q.text) == desk)
    started = time.perf_counter()
    fleet.set_adapter(desk)
    took = 1000 * (time.perf_counter() - started)
    answer = generate(fleet, tokenizer, [chats[place]], 80)
    print(f"{desk} ({took:.1f} ms to switch)", exam[place].text, *answer, sep="\n   ")

# %% [markdown]
# A few thousandths of a second, and another desk answers. Do not look for quality here: a hundred tickets have taught
# `formal_100` its greeting, and reading a price takes more of them, as the curve has shown.
#
# A server does not even wait for a switch: it answers requests for different adapters **in one batch**. PEFT takes one
# name a row; `__base__` is the model without any. We check that the batch says the same as one request after the other.

# %%
asked = [chat for q, chat in zip(exam, chats) if q.intent == "price"][:2]
asked = [chat for chat in asked for _ in range(3)]  # each of the two to three
who = ["formal_100", "behaviour_200", "__base__"] * 2
prompts = [tokenizer.apply_chat_template(chat, tokenize=False, add_generation_prompt=True) for chat in asked]
batch = tokenizer(prompts, return_tensors="pt", padding=True, padding_side="left").to(fleet.device)
with torch.inference_mode():
    output = fleet.generate(**batch, adapter_names=who, max_new_tokens=80, do_sample=False)
together = tokenizer.batch_decode(output[:, batch["input_ids"].shape[1] :], skip_special_tokens=True)
for name, text in zip(who, together):
    print(f"{name:14} {text[:90]}")

# %%
def alone(name, chat):
    fleet.set_adapter(name)
    return generate(fleet, tokenizer, [chat], 80)[0]


same = [alone(n, chat) == text.strip() for n, chat, text in zip(who, asked, together) if n != "__base__"]
print(sum(same), "of", len(same), "say in the mixed batch what they say alone")
assert sum(same) >= len(same) - 1, "A mixed batch should say what single requests say."

# %% [markdown]
# An adapter is code of a kind: it changes what your system says. It fits only the base it was trained on, and it comes
# as `safetensors`, never as a pickle, since opening a pickle can run a program of whoever wrote it. Both are checked
# before anything is loaded:

# %%
stranger = paths.work_dir("04-from-the-internet")
(stranger / "adapter_model.bin").write_bytes(b"\x80\x04.")
try:
    finetuning.load_adapter(fleet, stranger, "stranger")
except FineTuningError as problem:
    print("✘", problem)

# %% [markdown]
# ## 9 · The same on a GPU (5 min)
#
# On Colab choose *Runtime → Change runtime type → T4 GPU* and run this notebook from the top. What changes? The lane,
# and with it the base (a hub model of three billion parameters), the loader (Unsloth) and the numbers. No cell. A T4
# computes in float16, not bfloat16; the recipe sees to that. Sections 7 and 8 keep the bundled model, whose adapters
# they show.
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

# %% [markdown]
# Cheaper than the coffee. What is not in the sum is you: five hundred *right* tickets, the exam, the runs that failed.
# Lesson 06 puts those in.
#
# ### The article's configuration
#
# Axolotl trains from a file instead of a notebook. The article's file is in `lessons/axolotl/qlora.yml`, put right for
# today's Axolotl, each change explained above its line. The part that matters most:

# %%
config = (paths.repo_dir() / "lessons" / "axolotl" / "qlora.yml").read_text(encoding="utf-8")
print(config[config.index("# Changed from `lora`") : config.index("datasets:")])

# %% [markdown]
# | the article | today | why |
# |---|---|---|
# | `adapter: lora` with `load_in_4bit: true` | `adapter: qlora` | with `lora` the base is loaded in 16 bits all the same, and nothing tells you |
# | `q_proj`, `v_proj` | all seven linear layers | published studies; ours saw no difference (section 7) |
# | `accelerate launch -m axolotl.cli.train …` | `axolotl train …` | the old way still works |
# | nothing about precision or attention | `bf16: auto`, `attn_implementation: sdpa` | so that it runs on a T4 too |
# | batches of 2 | 4 of them to a step | a step on two rows is mostly noise |
#
# A misspelled key is no error: Axolotl ignores what it does not know. A test of this course compares every key with the
# list that Axolotl publishes.

# %% [markdown]
# ## 10 · Recap (1 min)
#
# * QLoRA is a frozen base in four bits and a small trained adapter. Rounding moves the weights by nearly a tenth of
#   their norm; the adapter is trained on top of that.
# * An adapter has rank × (inputs + outputs) parameters a matrix. Count before you train; predict memory and time, too.
# * A learning curve on *your* task answers "how many examples?". Check the rows, and the labels above all.
# * Before you teach a new format, look whether the base has ever met its tokens.
# * Adapters are small and can be swapped per request: behaviour by the customer, on one base.
#
# The behaviour is in the weights now, and that is where it belongs: it has no date. The facts stayed in the handbook.
# Do the two add up? That is lesson 05.

# %% [markdown]
# ## What could go stale here
#
# * Unsloth, TRL, PEFT, bitsandbytes and Axolotl change every few weeks. The versions are pinned in `pyproject.toml`, and
#   `make drift` compares our calls with the newest releases.
# * The table of hub models: read in 2026, as its sources say. New models come out monthly.
# * The rates and the number of examples belong to this base and this ticket; the way to find out does not.
# * The shipped adapters fit one set of weights of the bundled model. After a change `make adapters` trains them again.
