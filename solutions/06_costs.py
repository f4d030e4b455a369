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
from course_utils.costs import price_table

table = price_table()
for claim in table.article.values():
    amount = f"{claim.low:,}" if claim.low == claim.high else f"{claim.low:,} to {claim.high:,}"
    print(f"{claim.row:42} {amount:>13} {claim.unit}")

# %% [markdown]
# Its example is a support desk with **3,000 questions a day** and a handbook that changes **every month**. Before you
# calculate anything, write your guess on a piece of paper: which of the two is cheaper there, on these prices?

# %% [markdown]
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
# So that is where the sentence comes from: between 16 and 164 thousand. At 3,000 questions a day RAG wins. Is the
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
# it, two above.
#
# (On GitHub you see the state that the lesson starts with. The next cell moves the price for you.)

# %% tags=["nbval-check-output"]
from course_utils.costs import Comparison

for retraining, volume in ((5, 164), (15, 493), (500, 16_438), (5000, 164_384)):
    comparison = Comparison(tuning_usd_per_update=retraining)
    print(f"${retraining:,}:", comparison.verdict())
    assert round(comparison.crossing().queries_per_day) == round(break_even(retraining)) == volume

# %% [markdown]
# **The conclusion flips on the article's own figures.** With its price for a run, fine-tuning is cheaper from a few
# hundred questions a day; with its price for an update, from many thousands. So your guess was right, whichever it
# was.
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
from course_utils.checks import check, hint

check("06.1", flip_usd)

# %% [markdown]
# A threshold in questions a day is only as good as the prices it was computed from. The same comparison, seen from
# the other side: dollars over questions. **At how many questions a day do the two lines cross, and what moves the
# crossing more: a price per question or a price per update?** Try the presets under *start from*, too.

# %%
widgets.total_cost()

# %% [markdown]
# *Picture:* the first year's cost over questions a day. RAG is a rising line, fine-tuning a level one. At the start,
# with 500 dollars a retraining, they cross at 16,438 questions a day, far to the right of the dotted line at 3,000;
# there RAG costs 1,095 dollars a year and fine-tuning 6,000.

# %% [markdown]
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
# The memory holds, for AdamW in mixed precision: two cards of 80 GB. (A leaner optimizer needs less than half of it.)
# The money does not. Fifty thousand dollars are the *hardware*, two cards, and they are still there after the run. A
# **run** takes hours, and hours are rented. Dollars stand where dollars per run belong: a slip of the unit.
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
print(f"buying instead of renting: {2 * h100.purchase.value / ten_hours:,.0f} times as much")

# %% [markdown]
# **A factor of 1,000**, even if you keep both cards for ten hours. The functions of this course try to make such
# slips hard: numbers are given by name, the name says the unit, and a value that makes no sense in that unit is
# refused.

# %% tags=["nbval-check-output"]
try:
    rent_usd(hours=10, gpus=2, usd_per_gpu_hour=25_000)
except ValueError as problem:
    print(problem)

# %% [markdown]
# **Which method lets an 8B model train on a card you could buy, and what does the run cost?** The planner starts with
# the run for which the article says 5 to 15 dollars. Change the method, then the card, then the length of an example.

# %%
widgets.training_planner()

# %% [markdown]
# *Picture:* three stacked bars, the memory of full fine-tuning, of LoRA and of QLoRA, and a line at what the chosen
# card holds. At the start, with an RTX 4090, full fine-tuning is far beyond the line and QLoRA far below it. Weights
# are most of every short bar, optimizer states most of the long one.

# %% tags=["nbval-check-output"]
from course_utils.costs import Scenario, TrainingPlan

plan, lora_claim, desk = TrainingPlan(), table.article["lora_run_usd_per_update"], Scenario()
print(f"rent for the run: ${plan.compute_usd:.2f}; the article says ${lora_claim.low} to ${lora_claim.high}")
for part, usd in vars(desk.tuning_update).items():
    print(f"{part.removesuffix('_usd'):11} ${usd:8.2f} for one update by fine-tuning")
hours = [getattr(desk, f"tuning_{part}_labour_hours") for part in ("update", "evaluation", "release")]
print("hours assumed:", *hours, f"at ${desk.usd_per_labour_hour:.0f} an hour")
assert plan.compute_usd < lora_claim.low

# %% [markdown]
# So the small price is, if anything, too high for computing, and the large one can only be *people*: somebody writes
# the new examples, looks at what broke, releases the weights. (The computing in the second list costs more than the
# rent above it: our desk trains on 5,000 examples instead of 1,000, on an H100, and three times, because runs fail.)
# The hours behind labour, evaluation and release are **assumptions** (8, 4 and 2 hours at 75 dollars): change them to
# yours in section 5. RAG's update is not free either. Somebody has to look whether the old price is gone, as you saw
# in lesson 02.

# %% [markdown]
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
print(f"one rented H100, around the clock: ${24 * 365 * h100.rent.value:,.0f} a year")

# %% [markdown]
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
# The passages alone cost ten times as much as with retrieval (the calculator below adds instructions, question and
# answer, which cost the same either way), but no retriever can miss. (The model can miss instead: facts in the middle
# of a long prompt are found less often, Liu and colleagues 2023, arXiv 2307.03172.) For a smaller handbook the balance
# tips. **How large may a handbook be before reading it whole costs more than searching it?** Move its size; then move
# the price per token and see whether your answer changes. Last, lower the questions a day to 50. What happens to the
# cache?

# %%
widgets.token_prices()

# %% [markdown]
# *Picture:* the price of an answer over the size of the handbook, three lines: read whole, read whole from the cache,
# searched. The first two rise; the third is level. The cached line crosses the level one at about 20,000 tokens, a
# tenth of the handbook's 200,000, where the dotted line stands.

# %% tags=["nbval-check-output"]
handbook = Scenario().handbook
print(f"dropped {handbook.cache_lifetime_minutes:.0f} minutes after the last question")
for volume in (10, 100, 1000, 3000):
    hits = handbook.hit_share(queries_per_day=volume)
    print(f"{volume:5} questions a day: {hits:4.0%} find the handbook still cached")

# %% [markdown]
# The size at which both cost the same is the retrieved tokens divided by what a cached token costs as a share of a
# fresh one, 2,000 / 0.1: the price per token cancels. (All but: embedding a question costs as much as a few tokens.)
# And a cache forgets: this one after five minutes without a question. At a small desk hardly anybody finds the
# handbook there; somebody would have to read it to the model every five minutes only to keep it warm (the calculator
# does that when it is cheaper). The percentages assume questions at random moments around the clock. Can the bundled
# model do all this, too? Its context is far too short for 200,000 tokens; lesson 07 measures the effect of a reused
# prefix on it.
#
# ### The calculator's own stale prices
#
# Prices of tokens change faster than handbooks. Each entry of the table carries a date and a shelf life, and whatever
# uses an old one says so. What will this lesson tell somebody who runs it in the summer of 2027? (Leave out `today`,
# and it speaks about today; nothing at all means that all is well.)

# %% tags=["nbval-check-output"]
import datetime

from course_utils.costs import notice

print(notice([price, h100.rent], today=datetime.date(2027, 7, 1)))

# %% [markdown]
# ## 5 · A year, for us (4 min)
#
# Now everything together: set-up, answers, updates and hosting of eight systems in their first year – a prompt alone,
# long context with and without a cache, three kinds of RAG, fine-tuning, and both. Prices come from the table; hours
# of work are assumptions that only you can replace. **Which system is the cheapest for you, and which of your numbers
# decides it?** *Preset to share* is one line that holds all inputs; paste a colleague's there.
# Inputs without a slider are set from code: `year.set(tuning_evaluation_labour_hours=2)`.

# %%
year = widgets.a_year()
year

# %% [markdown]
# *Picture:* seven stacked bars, one a system; long context without a cache would be too long for the picture and
# stands only in the table. At the start basic RAG is the shortest of the bars that know the handbook, and building it
# is the largest part of it. In the fine-tuned systems set-up and hosting are, and answers are next to nothing.

# %% tags=["nbval-check-output"]
from course_utils.costs import crossings

default = Scenario()
(crossing,) = crossings(default.system("basic RAG"), default.system("fine-tuning"))
print(f"{crossing.cheaper_above} is cheaper above {crossing.queries_per_day:,.0f} questions a day")

# %% [markdown]
# Between ten and a hundred thousand questions after all! But for other reasons than the article's: not because
# retraining costs thousands in GPU time, but because of people and of a GPU that runs all night. And *cheaper* is not
# *right*: between two updates the fine-tuned system quotes stale prices, whatever it saves.
#
# Keep your scenario: lesson 07 asks for it, and so will lesson 09. The buttons under the calculator save it as
# Markdown or CSV. And for people who would rather not see code, `make app` opens all calculators on one page.

# %%
from course_utils import results

ours = year.inputs
totals = {name: cost.total_usd for name, cost in ours.costs().items()}
results.record("06", scenario=ours.share(), first_year_usd=totals)
print(year.save("md"), "and the recorded totals are yours to compare")

# %% [markdown]
# ## 6 · What decides it? (3 min)
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
# Applied to the volume from which fine-tuning beats RAG (the cell does it step by step, so that it also runs with the
# exercise open). Guess first: which matters more, the number of training examples or the price of an hour of work?

# %% tags=["nbval-check-output"]
def fine_tuning_from(scenario):
    return crossings(scenario.system("basic RAG"), scenario.system("fine-tuning"))[0].queries_per_day


suspects = ["examples", "updates_per_year", "usd_per_labour_hour", "usd_per_gpu_hour", "retrieved_tokens"]
groups = {name: [name] for name in [*suspects, "input_usd_per_million_tokens"]}
groups["examples, written by hand"] = ["examples", "tuning_set_up_labour_hours", "tuning_update_labour_hours"]
for label, names in groups.items():
    changes = [{name: f * getattr(default, name) for name in names} for f in (0.5, 2)]
    half, twice = (fine_tuning_from(default.changed(**change)) for change in changes)
    print(f"{label:29} half {half:7,.0f}   double {twice:7,.0f}   ratio {twice / half:.2f}")

# %% [markdown]
# The number of examples, which every guide to fine-tuning worries about, hardly moves the money? Careful: in the first
# line it moves only the *computing*; the hours are inputs of their own and stayed where they were, as if examples wrote
# themselves. In the last line somebody writes each of them, and now they move the volume as much as anything in the
# table. The price of an hour of work, the GPU's rent, and the price and number of tokens in a prompt matter, too. Those
# are the numbers to find out about your own case. And mind the method: whoever moves one input at a time assumes that
# the others can stay.

# %% [markdown]
# ## 7 · A number from the market (2 min)
#
# The article ends with a market: revenue with RAG was 1.2 billion dollars in 2024 and will be 9.86 billion in 2030,
# at 49 % growth a year. Three numbers, of which two determine the third.
#
# ### Exercise 06.4: what growth is that?
#
# Compute the constant yearly `growth`, as a share, that leads from 1.2 to 9.86 in six years. `hint("06.4")` helps.

# %%
### BEGIN SOLUTION
growth = (9.86 / 1.2) ** (1 / 6) - 1
### END SOLUTION

# %%
check("06.4", growth)

# %% tags=["nbval-check-output"]
from course_utils.costs import yearly_growth

implied = yearly_growth(start_usd_billion=1.2, end_usd_billion=9.86, years=6)
other = yearly_growth(start_usd_billion=1.94, end_usd_billion=9.86, years=5)
print(f"1.2 → 9.86 in six years: {implied:.1%} a year; at 49 % it would become {1.2 * 1.49**6:.1f} billion")
print(f"1.94 → 9.86 in five years: {other:.1%} a year")

# %% [markdown]
# The end value belongs to a report that starts elsewhere: MarketsandMarkets, 1.94 billion in 2025, 38.4 % a year. The
# start and the 49 % belong to another one, by Grand View Research, which ends at 11.0 billion (and
# whose 49.1 % cannot be meant for all six years either: that would be 44.7 %). Two forecasts were
# spliced. And even a right growth rate would not show what the article concludes from it, that most uses of language
# models are about knowledge. A quick calculation is the cheapest fact check there is.

# %% [markdown]
# ## 8 · Recap (1 min)
#
# * A break-even is a quotient of guesses. On one article's own figures it lies anywhere between 164 and 164,384
#   questions a day, and the conclusion flips.
# * Keep units apart: dollars to buy, dollars per hour, dollars per run. The slip here was worth a factor of 1,000.
# * A training run costs next to nothing; the work around it, and hosting, are the price of fine-tuning.
# * RAG is paid in tokens, long context in cached tokens. A small handbook is cheaper to read whole than to search.
# * Halve and double your guesses before you argue about any of them.
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
