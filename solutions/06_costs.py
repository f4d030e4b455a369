# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 06 · Costs

# %% [markdown]
# ## 1 · A sentence with two numbers (2 min)
#
# The article that this course tests (Krunal Kanojiya, *RAG vs Fine-Tuning: When to Use Each*, May 2026) has an answer
# to the question of money: below some ten thousand questions a day RAG is the cheaper system, and around a hundred
# thousand fine-tuning begins to win. It also prints the prices that this should follow from. Here they are, as claims.

# %% tags=["nbval-check-output"]
from course_utils.checks import check, hint, solution
from course_utils.costs import price_table

table = price_table()
for claim in table.article.values():
    amount = f"{claim.low:,}" if claim.low == claim.high else f"{claim.low:,} to {claim.high:,}"
    print(f"{claim.row:42} {amount:>13} {claim.unit}")

# %% [markdown]
# (*Hybrid search* mixes two searches, *reranking* sorts their hits once more, *agentic* means that a model searches in
# several steps: lesson 08. It is not the hybrid of lesson 05.)
#
# The article's example is a support desk with **3,000 questions a day** and a handbook that changes **every month**.
# Before you calculate anything, write your guess on a piece of paper: which of the two is cheaper there, on these
# prices?
#
# ## 2 · Where two costs meet (8 min)
#
# In the article's way of counting, RAG pays for every question and nothing for an update. Fine-tuning pays for every
# update – retrain, because the prices changed – and nothing for a question. Over a year they cost the same when
#
# $$\text{questions a day} \times 365 \times \text{USD per question} = \text{updates a year} \times \text{USD per update}.$$
#
# Solved for the questions, that is the **break-even volume**.

# %% tags=["nbval-check-output"]
def break_even(usd_per_update, updates_per_year=12, usd_per_query=0.001):
    return updates_per_year * usd_per_update / (365 * usd_per_query)


for retraining in (500, 5000):
    print(f"${retraining:,} a retraining: break-even at {break_even(retraining):,.0f} questions a day")

# %% [markdown]
# So the sentence may come from here: between 16 and 164 thousand. At 3,000 questions a day RAG wins. Is the
# matter settled?
#
# Not quite. A few paragraphs earlier the same article says what a LoRA run on 1,000 examples costs: 5 to 15 dollars.
# Two prices for one operation. **What happens to the break-even if the other one is true?** The calculator below
# starts at 500 dollars. Move the slider *fine-tuning, an update* (click on it, then use the arrow keys; or type a
# number) and watch on which side of your 3,000 questions the line passes.

# %%
from course_utils import widgets

widgets.break_even()

# %% [markdown]
# *Picture:* the break-even volume over the price of one retraining, a straight rising line on logarithmic axes. The
# article's four prices are marked on it, between 164 and 164,384 questions a day; the filled point is where the
# slider stands, at the start 500 dollars. A dotted line marks 3,000 questions a day; two of the four points lie below
# it, two above. Two more dotted lines mark the article's ten and hundred thousand; each of the upper points stands a
# little above one of them.
#
# (On GitHub the [solution](../solutions/06_costs.ipynb) shows the state that the lesson starts with. The table has all
# four of the article's prices.)
#
# **The conclusion flips on the article's own figures.** With its price for a run, fine-tuning is cheaper from a few
# hundred questions a day; with its price for an update, from many thousands. Which of the two is the price of a whole
# update? Section 3 looks inside.
#
# ### Exercise 06.1: the price that decides
#
# How much may one retraining cost for the two systems to be equally expensive at 3,000 questions a day? Find it with
# the slider and the box beside it, or with the formula; two dollars more or less do not matter. `hint("06.1")` helps.

# %%
### BEGIN SOLUTION
flip_usd = 3000 * 365 * 0.001 / 12
### END SOLUTION

# %%
check("06.1", flip_usd)

# %% [markdown]
# A threshold in questions a day is only as good as the prices it was computed from. (The app, `make app`, shows the
# same comparison from the other side: dollars over questions.)
#
# ## 3 · What is in a retraining? (8 min)
#
# Five dollars or five thousand? Both cannot be the price of computing. The article has a third figure: fully
# fine-tuning a 7B model takes 100 to 120 GB of GPU memory, and therefore 50,000 dollars' worth of H100 cards for one
# run. Half of that is right. Which half?

# %% tags=["nbval-check-output"]
bytes_per_parameter = {"weights": 2, "gradients": 2, "fp32 copy of the weights": 4, "two Adam moments": 8}
print(f"memory: {7e9 * sum(bytes_per_parameter.values()) / 1e9:.0f} GB for 7 billion parameters")
lean = {"weights": 2, "gradients": 2, "two 8-bit moments": 2}
print(f"with 8-bit moments and no copy: {7e9 * sum(lean.values()) / 1e9:.0f} GB")
h100 = table.gpus["h100_80gb"]
print(f"to buy two cards: ${2 * h100.purchase.value:,} – {h100.purchase.origin}")
print(f"to rent one for an hour: ${h100.rent.value:.2f} – {h100.rent.origin}")

# %% [markdown]
# The memory is right: two cards of 80 GB, for the usual optimizer AdamW in mixed precision (weights in 16 bits, and a
# copy in 32, *fp32*, to add small steps to). What the layers compute on the way, the activations, comes on top; a leaner
# optimizer needs less than half.
#
# The money is not. The article says *hardware* here (and *compute* further down), and what is *bought* is still there
# after the run. A **run** takes hours, and hours are rented. Dollars stand where dollars per run belong: a slip of
# the unit. (We have no price of our own for buying a card; the table's is half of the article's 50,000.)
#
# ### Exercise 06.2: repair the unit
#
# Write what one run costs. Training takes about **6 floating-point operations per parameter and token** (Kaplan and
# colleagues 2020, arXiv 2001.08361: 2 forward, 4 backward). A card does `tflops` × 10¹² of them a second at its peak,
# and training reaches the share `utilisation` of it. `gpus` cards share the work. `hint("06.2")` helps.

# %%
def run_usd(parameters, tokens, gpus, tflops, utilisation, usd_per_gpu_hour):
    ### BEGIN SOLUTION
    operations = 6 * parameters * tokens
    seconds = operations / (gpus * tflops * 1e12 * utilisation)
    return seconds / 3600 * gpus * usd_per_gpu_hour
    ### END SOLUTION


# %%
check("06.2", run_usd)

# %% [markdown]
# The course's own functions say the same, with the unit in every name. The team in the article's opening story
# trained on 8,000 examples; we assume three epochs and 500 tokens an example.

# %% tags=["nbval-check-output"]
from course_utils.costs import gpu_hours, rent_usd, training_tokens

tokens = training_tokens(examples=8000, tokens_per_example=500, epochs=3)
card_hours = gpu_hours(parameters=7e9, training_tokens=tokens, peak_tflops=h100.peak_tflops, utilisation=0.4)
print(f"8,000 examples on two H100: {60 * card_hours / 2:.0f} minutes, ${card_hours * h100.rent.value:.2f}")
ten_hours = rent_usd(hours=10, gpus=2, usd_per_gpu_hour=h100.rent.value)
print(f"both cards for ten hours: ${ten_hours:.0f}")
print(f"buying, at the article's price: {2 * h100.purchase.value / ten_hours:,.0f} times as much")
try:
    rent_usd(hours=10, gpus=2, usd_per_gpu_hour=h100.purchase.value)
except ValueError as refused:
    print("refused:", refused)

# %% [markdown]
# **A factor of 1,000** on the article's own purchase price, even if you keep both cards for ten hours. The functions of
# this course try to make such slips hard: numbers are given by name, the name says the unit, and a value that makes no
# sense in that unit is refused, as the last line shows.
#
# **Which method lets an 8B model train on a card you could buy, and what does the run cost?** The planner starts with
# the run for which the article says 5 to 15 dollars. Change the method, then the card, then the length of an example.

# %%
widgets.training_planner()

# %% [markdown]
# *Picture:* three stacked bars, the memory of full fine-tuning, of LoRA and of QLoRA, and a line at what the chosen
# card holds. At the start, with an RTX 4090, full fine-tuning is far beyond the line and QLoRA far below it; LoRA
# is between them, below the line. Weights are most of every short bar, optimizer states most of the long one.

# %% tags=["nbval-check-output"]
from course_utils.costs import Scenario, TrainingPlan

plan, lora_claim, desk = TrainingPlan(), table.article["lora_run_usd_per_update"], Scenario()
print(f"rent for the run: ${plan.compute_usd:.2f}; the article says ${lora_claim.low} to ${lora_claim.high}")
for part, usd in vars(desk.tuning_update).items():
    print(f"{part.removesuffix('_usd'):11} ${usd:8.2f} for one update by fine-tuning")
hours = [getattr(desk, f"tuning_{part}_labour_hours") for part in ("update", "evaluation", "release")]
print("hours assumed:", *hours, f"at ${desk.usd_per_labour_hour:.0f} an hour")
full_gib = plan.memory_with("full").total_gib
print(f"full fine-tuning of the 8B model: {full_gib:.0f} GiB, which are {full_gib * 2**30 / 1e9:.0f} GB")
in_all = sum(vars(desk.tuning_update).values())
print(f"an update in all: ${in_all:,.0f}; break-even at {break_even(in_all):,.0f} questions a day")
assert plan.compute_usd < lora_claim.low

# %% [markdown]
# LoRA and QLoRA fit, QLoRA with two thirds of the card free; full fine-tuning does not.
#
# The first line is the rent for a run: cents, where the article says dollars. So for models of this size its other
# price, 500 to 5,000 dollars for an update, can hardly be computing, although the article speaks of "thousands of
# dollars in compute". What is left is probably *people*, who write the new examples, look at what broke, and release
# the weights. In our own list, too, nearly everything is hours. They are **assumptions**: change them to yours in
# section 5. All of it together is about a thousand dollars: the higher price is the one of a whole update, the lower
# one is for computing only. At a thousand, with the article's tenth of a cent a question, the break-even lies far
# above our 3,000 questions, so there RAG is cheaper (the last line). RAG's update is not free either. Somebody has to
# look whether the old price is gone, as you saw in lesson 02.
#
# (Two numbers to reconcile. The list's computing costs more than the rent above it, because our desk trains on 5,000
# examples instead of 1,000, on an H100, and three times, as runs fail. And full fine-tuning needs less than the 112 GB
# above although this model is larger: the planner's optimizer keeps no fp32 copy, so it takes 12 bytes a parameter
# instead of 16. Mind the unit there: a GiB is 7 % more than a GB.)
#
# ## 4 · What is in a question? (7 min)
#
# The article's other price is 0.001 dollars for a RAG question and nothing for a fine-tuned one. A question to a
# rented model is paid by the token, and RAG puts tokens into every prompt. How far does a tenth of a cent go? And the
# zero: a model of your own has to run somewhere, and a GPU of your own is paid for at night as well.

# %% tags=["nbval-check-output"]
price = table["input_usd_per_million_tokens"]
passages_usd = 2000 * price.value / 1e6
print(f"${price.value:.2f} per million tokens – {price.origin}")
print(f"2,000 tokens of passages: ${passages_usd:.3f}, {passages_usd / 0.001:.0f} times the article's price")
year_usd = 24 * 365 * h100.rent.value
print(f"one rented H100, around the clock: ${year_usd:,.0f} a year, ${year_usd / 365 / 3000:.3f} a question")

# %% [markdown]
# A tenth of a cent pays for a few hundred tokens of this model. On one at a third of the price the passages cost twice
# the article's figure, on one at a sixth it is right. And the zero: at 3,000 questions a day the card that waits for
# them costs more a question than the passages do.
#
# ### The path between: read everything, from a cache
#
# Why search at all? 500 pages are about 200,000 tokens (a rule of thumb that Anthropic gave in 2024), and today's
# large models can read that. Reading it for every question at full price is madness; but the handbook is the same for
# everybody, and providers keep such a **prefix** in a cache: reading it from there costs a tenth. How does that
# compare with 2,000 retrieved tokens, at 3,000 questions a day?

# %% tags=["nbval-check-output"]
cached = table["cache_read_factor"]
factor = cached.value
print(f"a cached token: {factor} of the price – {cached.origin}")
ways = {"whole": (200_000, 1), "whole, cached": (200_000, factor), "retrieved": (2000, 1)}
for name, (tokens, share) in ways.items():
    usd = tokens * price.value / 1e6 * share
    print(f"{name:14} USD {usd:.3f} a question, USD {365 * 3000 * usd:7,.0f} a year")

# %% [markdown]
# Reading the handbook from the cache costs ten times what the retrieved passages cost (the calculator below adds
# instructions, question and answer, the same either way); in return no retriever can miss. (The model can miss
# instead: facts in the middle of a long prompt are found less often, Liu and colleagues 2023, arXiv 2307.03172.) For
# a smaller handbook the balance tips. **How large may a handbook be before reading it whole costs more than searching
# it?** Move its size; then move the price per token and see whether your answer changes. Last, lower the questions a
# day to 50. What happens to the cache?

# %%
widgets.token_prices()

# %% [markdown]
# *Picture:* the price of an answer over the size of the handbook, three lines: read whole, read whole from the cache,
# searched. The first two rise; the third is level. The cached line crosses the level one at about 20,000 tokens, a
# tenth of the handbook's 200,000, where the dotted line stands.

# %% tags=["nbval-check-output"]
handbook = Scenario().handbook
print(f"dropped {handbook.cache_lifetime_minutes:.0f} minutes after the last question")
print("questions a day   find it cached, if left alone   cheapest way costs as much as search at")
for volume in (10, 50, 100, 1000, 3000):
    hits = handbook.hit_share(queries_per_day=volume)
    par = Scenario(queries_per_day=volume).handbook_tokens_at_par
    print(f"{volume:15,} {hits:31.0%} {par:33,.0f} tokens")
for name in ("long context, cached", "basic RAG"):
    cost = Scenario(queries_per_day=50).costs()[name]
    later = f"USD {cost.further_year_usd:6,.0f} in each further one"
    print(f"50 questions a day, {name:20}: USD {cost.total_usd:6,.0f} in the first year, {later}")

# %% [markdown]
# **As long as every question finds the cache**, both cost the same at the retrieved tokens divided by what a cached token
# costs as a share of a fresh one, 2,000 / 0.1: the price per token cancels. (All but: embedding a question costs as much
# as a few tokens.)
#
# But a cache forgets: this one after five minutes without a question. If it is left alone, hardly any question of a
# small desk finds the handbook there: the middle column, for questions at random moments around the clock. It can be
# kept warm, by reading the handbook to the model every five minutes for nobody. The last column, like the calculator,
# takes the cheapest of three ways: no cache, a cache left alone, or one kept warm. The fewer the questions, the
# smaller a handbook must be for reading it whole to cost less in *tokens*; at ten a day, no larger than the passages.
# But a search has to be built, too: the last two lines have the whole bill of a quiet desk. There the cached
# handbook, all 200,000 tokens of it and kept warm, is cheaper in the first year; added up, RAG is ahead after the
# third.
#
# Can the bundled model do all this, too? Its context is far too short for 200,000 tokens; lesson 07 measures the effect
# of a reused prefix on it.
#
# And prices of tokens change faster than handbooks. Each entry of the table carries a date and a shelf life; below a
# calculator that uses an old one you will read which, and what to do.
#
# ## 5 · A year, for us (7 min)
#
# Now everything together: set-up, answers, updates and hosting of nine systems in their first year. Before any sum,
# two things that comparisons like to leave out: **who computes the answers, on which model, on whose hardware – and how
# many hours of work did it take to build?**

# %% tags=["nbval-check-output"]
desk = Scenario()
for system in desk.systems():
    answer, hosting = f"{system.usd_per_answer(queries_per_day=3000):.4f}", system.hosting_usd_per_year
    print(f"{system.name:22} {system.runs_on:36} USD {answer} an answer, {hosting:6,.0f} a year for hosting")
for name in ("rag_set_up_labour_hours", "tuning_set_up_labour_hours"):
    print(f"{desk.label(name)}: {getattr(desk, name):.0f} hours ({desk.source(name)})")
most = table.article["rag_set_up_usd"].high
print(f"RAG's set-up in the article's table: at most {most:,} USD,", end=" ")
print(f"or {most / desk.usd_per_labour_hour:.0f} hours at our {desk.usd_per_labour_hour:.0f} USD an hour")

# %% [markdown]
# Six of the nine rent a large model and pay by the token. The three on the *own model* – RAG without any training,
# fine-tuning, and both – run on one H100 around the clock, whether somebody asks or not (at 3,000 questions a day one
# every 29 seconds). These are not the same model: what a rented model of this class and a tuned 8B model answer is
# not equally good, and no price says which is better. Keep the column in mind for what follows.
#
# And building costs what its hours cost. They are assumptions, from inside the article's own ranges of weeks. Its
# cost table counts such weeks on one side only: what it allows for RAG's set-up pays, at our wage, for less than one;
# its 20,000 dollars "and more" for fine-tuning pay for nearly seven.
#
# Prices come from the table; hours of work are assumptions that only you can replace. **Which system is the cheapest
# for you, and which of your numbers decides it?** *Preset to share* is one line that holds all inputs; paste a
# colleague's there.
# Inputs without a slider are set from code: `year.set(tuning_evaluation_labour_hours=2)`.

# %%
year = widgets.a_year()
year

# %% [markdown]
# *Picture:* eight stacked bars, one for each system; long context without a cache would be too long for the picture
# and stands only in the table. At the start basic RAG is the shortest of the bars that know the handbook, and
# building it is the largest part of it. In the fine-tuned systems set-up and hosting are, and answers are next to
# nothing. *Fine-tuning + RAG*, the hybrid of lesson 05, costs more than fine-tuning alone to build, and less to keep:
# a new price goes into the index and no longer into a training.
#
# **From how many questions a day is fine-tuning cheaper than basic RAG?** We have just learnt to distrust a single
# number. So we ask the calculator under four assumptions, each of which somebody could defend.

# %% tags=["nbval-check-output"]
from course_utils.costs import crossings


def fine_tuning_from(scenario, rag="basic RAG"):
    found = crossings(scenario.system(rag), scenario.system("fine-tuning"))
    return found[0].queries_per_day if found else None


small = table.gpus["rtx_4090"]
assumptions = {
    "as it stands": desk,
    "adapter on a shared GPU": desk.changed(hosting_share=0.05),
    "an RTX 4090 instead of an H100": desk.changed(
        usd_per_gpu_hour=small.rent.value, gpu_tflops=small.peak_tflops
    ),
    "a small rented model (1 / 5 USD)": desk.changed(
        input_usd_per_million_tokens=1, output_usd_per_million_tokens=5
    ),
}
from_volume = {label: fine_tuning_from(scenario) for label, scenario in assumptions.items()}
for label, volume in from_volume.items():
    print(f"{label:33} from {volume:7,.0f} questions a day")

# %% [markdown]
# A factor of almost six, from assumptions that are all reasonable: *the* break-even does not exist. That the article's
# "between ten and a hundred thousand" lies close by is no confirmation. Its reason was one price for a retraining,
# divided by one price for a question; ours is people, and a GPU that runs all night.
#
# One assumption is left, the one hidden in the column above: RAG rents a large model, fine-tuning hosts a small one.
# **What remains of the break-even if both sides run on the same model, on the same GPU?** Guess before you run it.

# %% tags=["nbval-check-output"]
same_model = fine_tuning_from(desk, rag="RAG on the own model")
print(f"on the same model fine-tuning is cheaper from {same_model:,.0f} questions a day")
work = ("set_up", "update", "evaluation", "release")
as_rag = {f"tuning_{part}_labour_hours": getattr(desk, f"rag_{part}_labour_hours") for part in work}
for label, scenario in {"hours as assumed": desk, "RAG's hours for both": desk.changed(**as_rag)}.items():
    print(label)
    for name in ("RAG on the own model", "fine-tuning"):
        cost = scenario.costs()[name]
        parts = ", ".join(f"{part.replace('_', '-')} {usd:,.0f}" for part, usd in cost.parts().items())
        print(f"   {name:20} USD {cost.total_usd:,.0f}: {parts}")
assert same_model > 1_000_000

# %% [markdown]
# Nothing that matters: tens of millions of questions a day, which that one GPU could never answer (what differs in
# this sum is the embedding of a question, a millionth of a dollar). What the break-even compared was *renting against
# owning*, not retrieval against training.
#
# And that RAG is cheaper in the first two rows is no finding. It comes from the hours that we assumed: with RAG's
# hours on both sides fine-tuning is the cheaper one, by nearly the rent of the vector store. So on the same hardware
# the question is whose work takes longer, and that you know better than we do. (One thing is left out: RAG reads
# 2,000 more tokens a question. At two operations a parameter and token that is 2 × 8 · 10⁹ × 2,000 of them, 0.08
# seconds of the H100 at 40 % of its peak, USD 0.00006. Charged by use, it brings the tens of millions down to about
# one million a day, about as many such prompts as the card could read. Still far from 3,000.)
#
# *Cheaper* is not *right*, either: between two updates the fine-tuned system quotes stale prices, whatever it saves. How
# many, section 7 counts.
#
# Keep your scenario: the next cell records it, and the worksheets of lessons 07 and 09 print it (lesson 09's own sums
# use the scenario as it stands at the start). Run that cell again whenever you have moved a slider. The buttons under
# the calculator save the scenario as Markdown or CSV, too. And for people who would rather not see code, `make app`
# opens all calculators on one page.

# %%
from course_utils import results

ours = year.inputs
totals = {name: cost.total_usd for name, cost in ours.costs().items()}
results.record("06", scenario=ours.share(), first_year_usd=totals)
print("saved:", year.save("md"))

# %% [markdown]
# ## 6 · What decides it? (4 min)
#
# Dozens of inputs, most of them guesses. Which ones are worth a closer look? A **sensitivity analysis** halves and
# doubles one input at a time, and compares the two results.
#
# ### Exercise 06.3: one at a time
#
# Complete `swings`: a dictionary from each name to `measure` at twice the value, divided by `measure` at half the
# value, everything else as in `inputs`. `inputs.changed(**{name: 5})` is a copy with another value. `hint("06.3")`
# helps.

# %%
def swings(inputs, names, measure):
    ### BEGIN SOLUTION
    ratios = {}
    for name in names:
        value = getattr(inputs, name)
        doubled, halved = (inputs.changed(**{name: factor * value}) for factor in (2, 0.5))
        ratios[name] = measure(doubled) / measure(halved)
    return ratios
    ### END SOLUTION


# %%
check("06.3", swings)

# %% [markdown]
# Now yours goes to work, on the volume from which fine-tuning beats basic RAG. (While the exercise is open, the next
# cell takes the course's own function, so that the lesson runs.) Guess first: which matters more, the number of
# training examples or the price of an hour of work?

# %% tags=["nbval-check-output"]
from course_utils.checks import yours_or

single = ["examples", "updates_per_year", "usd_per_labour_hour", "usd_per_gpu_hour", "retrieved_tokens"]
for name, ratio in yours_or("06.3", swings)(desk, single, fine_tuning_from).items():
    print(f"{name:20} doubled against halved: {ratio:.2f}, a change of {max(ratio, 1 / ratio):.1f} times")

# %% [markdown]
# (A ratio below 1 means: more of it, lower volume. Turned over, as in the last column, it may be the strongest of all.)
#
# The number of examples, which every guide to fine-tuning worries about, hardly moves the money? Careful: here it moves
# only the *computing*; the hours are inputs of their own and stayed where they were, as if examples wrote themselves.
# Some inputs belong together. The picture moves them in groups: a **tornado**, widest bar on top.

# %%
from course_utils.plots import tornado

groups = {
    "examples, written by hand": ["examples", "tuning_set_up_labour_hours", "tuning_update_labour_hours"],
    "examples, for free": ["examples"],
    "hours to build RAG": ["rag_set_up_labour_hours"],
    "an hour of work": ["usd_per_labour_hour"],
    "a GPU for an hour": ["usd_per_gpu_hour"],
    "prices of tokens": ["input_usd_per_million_tokens", "output_usd_per_million_tokens"],
    "retrieved tokens": ["retrieved_tokens"],
    "updates a year": ["updates_per_year"],
}
bars = {}
for label, names in groups.items():
    moved = [desk.changed(**{name: f * getattr(desk, name) for name in names}) for f in (0.5, 2)]
    bars[label] = tuple(map(fine_tuning_from, moved))
    print(f"{label:26} half {bars[label][0]:7,.0f}   double {bars[label][1]:7,.0f}")
together = dict(hosting_share=0.05, rag_set_up_labour_hours=240, tuning_set_up_labour_hours=160)
print(f"several inputs together: {fine_tuning_from(desk.changed(**together)):,.0f}")
tornado(bars, fine_tuning_from(desk), "fine-tuning is cheaper than basic RAG from … questions a day")

# %% [markdown]
# *Picture:* eight bars around the line of the scenario as it stands, on a logarithmic axis. Prices of tokens, at the
# top, and hand-written examples reach furthest; examples for free are a bar without any width.
#
# For our desk first: no bar reaches down to 3,000 questions a day, so no single halving or doubling makes fine-tuning
# the cheaper one. Several together can (the last line: the adapter on a twentieth of a GPU, six weeks of work to
# build RAG against four for fine-tuning, those ends of the article's ranges that suit fine-tuning best).
#
# Prices of tokens move the volume most, and those are what changes every few months. If *all* the hours of building
# and updating go into examples, their number comes next; if only a part of the hours does, that bar is shorter. And
# the hours to build RAG count as well, the other way round. Those are the numbers to find out about your own case.
# And mind the method: whoever moves one input at a time assumes that the others can stay.
#
# ## 7 · What does stale cost? (6 min)
#
# All these sums leave out what the course is about. Suppose documents change *k* times a year, each change touches the
# answer to a share *s* of the questions, and a system knows the documents as they were *t* days ago. Then a question
# meets a change that the system has not heard of with the probability
#
# $$1 - e^{-k\,s\,t/365}.$$
#
# (Changes come at random, one as likely today as tomorrow. Lesson 01 measured that a trained model quotes the old price
# nearly always; the formula says *always*.) What remains is *t*: for an index, the time until it is renewed; for
# weights, until the next training is released; or until somebody **notices**. In the article's story that took three
# weeks. **How many answers were stale until then**, if the documents change twelve times a year and each change touches
# one question in twenty? (Both numbers are guesses, and have sliders below.)

# %% tags=["nbval-check-output"]
import math


def stale_share(changes_per_year, touched_share, days):
    return 1 - math.exp(-changes_per_year * touched_share * days / 365)


for days in (1, 21, 91, 365):
    share = stale_share(12, 0.05, days)
    print(f"known as of {days:3} days ago: {share:6.2%} stale, {3000 * share:5.0f} of 3,000 answers a day")
unnoticed = sum(3000 * stale_share(12, 0.05, day) for day in range(1, 22))
print(f"\nthree weeks that begin with a change: {21 * 3000 * 0.05:,.0f} stale answers until somebody notices")
print(f"three weeks in which changes come at random: {unnoticed:,.0f} on average")

# %% [markdown]
# The story begins with a change, so its answer is the first of the two totals; three weeks picked at random often
# hold no change at all, hence the second. The last calculator averages over a year, for five ways to keep up. **Which
# lag of yours is worth the most work?**

# %%
stale = widgets.stale_answers()
stale

# %% [markdown]
# *Picture:* stale answers a year over changes of the documents a year, five rising lines on logarithmic axes. Lowest is
# an index that is renewed every night; an index whose job stops once a year stays close to it. The fine-tuned
# systems lie far above, some forty times and more, and highest the one that is never trained again.
#
# ### Exercise 06.4: predict, change, read
#
# An experiment. The index above is renewed every 24 hours; suppose it were only once a *week* (168 hours). First write
# what you expect: how many stale answers a year, for the row *RAG, on time*? Then move the slider (or run
# `stale.set(index_hours=168)`), and write down what the table says. The check compares the two. `hint("06.4")` helps.

# %%
### BEGIN SOLUTION
predicted = 7 * 900
stale.set(index_hours=168)
measured = stale.inputs.answers_per_year()["RAG, on time"]
### END SOLUTION

# %%
check("06.4", {"predicted": predicted, "measured": measured})

from course_utils.costs import Staleness

row = "tuned, if noticed"  # and what shortens it: every input but one as at the start
for change in ({}, {"noticed_days": 1}, {"training_days": 1}):
    answers = Staleness(**change).answers_per_year()[row]
    print(f"{row}, {change or 'as it is'}: {answers:,.0f} stale answers a year")
often = {updates: Staleness(tuning_updates_per_year=updates).answers_per_year() for updates in (4, 12)}
print("tuned, on time, by trainings a year:", {u: round(a["tuned, on time"]) for u, a in often.items()})

# %% [markdown]
# Now the three lines under the check, for the row *tuned, if noticed*. Asking a few known questions every morning
# (*canary questions every day*, one of the presets) shortens the time until somebody notices from 21 days to one, and
# saves ten times as many stale answers as training in one day instead of three. A day is worth the same in both; 20
# are saved against 2. So begin where most days are. For a desk that retrains on schedule, whatever happens, a canary
# alone changes nothing; somebody has to act on it. And RAG goes stale, too, as soon as its index stops and nobody
# looks: watch the row *RAG, stopped once*. Lesson 09 builds that alarm.
#
# And mind one input. Section 5 pays for twelve trainings a year, this calculator starts with four; with twelve (the
# last line) *tuned, on time* falls below *tuned, if noticed*.
#
# ## 8 · A number from the market (2 min)
#
# The article ends with a market: revenue with RAG was 1.2 billion dollars in 2024 and will be 9.86 billion in 2030,
# at 49 % growth a year. Three numbers, of which two determine the third.
#
# Which constant yearly growth leads from 1.2 to 9.86 in six years? (Growth compounds: it is a sixth root, less 1.)

# %% tags=["nbval-check-output"]
from course_utils.costs import yearly_growth

growth = (9.86 / 1.2) ** (1 / 6) - 1
other = yearly_growth(start_usd_billion=1.94, end_usd_billion=9.86, years=5)
print(f"1.2 → 9.86 in six years: {growth:.1%} a year; at 49 % it would become {1.2 * 1.49**6:.1f} billion")
print(f"1.94 → 9.86 in five years: {other:.1%} a year")
grand_view = yearly_growth(start_usd_billion=1.2, end_usd_billion=11.0, years=6)
print(f"1.2 → 11.0 in six years: {grand_view:.1%} a year")

# %% [markdown]
# The end value belongs to a report that starts elsewhere: MarketsandMarkets, 1.94 billion in 2025, 38.4 % a year. The
# start and the 49 % belong to another one, by Grand View Research, which ends at 11.0 billion (and whose 49.1 %
# cannot be meant for all six years either: see the last line). Two forecasts were spliced. And even a right growth
# rate would not show what the article concludes from it, that most uses of language models are about knowledge. A
# quick calculation is the cheapest fact check there is.

# %% [markdown]
# ## 9 · Recap (1 min)
#
# * A break-even is a quotient of guesses. On one article's own figures it lies anywhere between 164 and 164,384
#   questions a day, and the conclusion flips. With the same model on both sides only the hours that we assumed are left.
# * Keep units apart: dollars to buy, dollars per hour, dollars per run. The slip here was worth a factor of 1,000
#   even for a run of ten hours, on the article's own purchase price.
# * A training run costs next to nothing; the work around it, and hosting, are the price of fine-tuning.
# * In our desk's first year RAG is building first, then tokens; long context is tokens, cached or not. On a busy
#   desk, where the cache stays warm, a small handbook is cheaper to read whole; on a quiet one, in the first year,
#   even the large one is.
# * Halve and double your guesses before you argue about any of them.
# * Stale answers a year ≈ questions a day × changes a year × share touched × days until the system hears of them, as
#   long as they are few. The days are yours to shorten.
#
# Cheaper by how much, you know now. *Whether it is the right tool* is the question of lesson 07.

# %% [markdown]
# ## What could go stale here
#
# * Every price. They live in `course_utils/costs/prices.toml` with date, source and shelf life; most come from
#   compilations, not from the sellers' own pages. Look before you decide.
# * How caches are sold: lifetimes, write prices, storage by the hour. Each provider has its own scheme.
# * The memory estimates: fused kernels and new optimizers need less. Measure, as in lesson 04.
# * Where the calculators work: tests move their sliders by keyboard in JupyterLab 4.6 and under Voilà 0.5. In
#   Notebook 7.6, tried by hand, mouse and typed values work, but the arrow keys belong to the notebook. With Colab's
#   ipywidgets 7.7 only their Python side was tried; about the pages of Colab and VS Code we have only read.
# * What will stay: the formulas, and the habit of asking which unit a number has.
