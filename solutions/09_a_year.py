# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 09 · A year in production

# %% [markdown]
# ## 1 · Twelve first-of-the-months (4 min)
#
# So far a lesson had one price change, and it came when we were looking. In production nobody is looking. Pages
# change every month, an index is renewed at night or next week, somebody means to retrain the adapter before the
# holidays. The article that this course tests describes such a desk: 500 pages, updated monthly, **3,000 questions a
# day**. It also tells of another team, whose fine-tuned model quoted old prices for three weeks, and does not say why
# so long.
#
# This lesson runs that year, from January to December: six kinds of system, with the money they cost. And it asks
# what the story leaves open. **Can it take three weeks until somebody notices?**
#
# Your guesses first; nobody will see them. About 500 of the 3,000 questions a day ask for a monthly price.

# %%
from course_utils.checks import check, hint, solution

my_guess = {
    "stale answers a year, index renewed a day late": 1000,
    "stale answers a year, adapter retrained every month, three days late": 1000,
    "days until one spot check a day notices": 21,
}

# %% [markdown]
# What changes in such a year? The invented company has twelve releases; they can be compared.

# %% tags=["nbval-check-output"]
from collections import Counter
from itertools import combinations, pairwise

from course_utils import company
from course_utils.production import exam

for old, new in pairwise(company.RELEASES):
    kinds = Counter(change.kind for change in company.changes(old, new))
    prices = f"{len(exam.changed_keys(new)):2} of {len(exam.questions(new)) // 2} monthly prices"
    print(f"{new}: {kinds['changed']:3} facts changed, {kinds['added']:2} added; {prices} changed")

# %% [markdown]
# February, in which most prices change at once, is the month that demos are made of. The other months look harmless:
# three to five prices of fifty. Keep that in mind, it decides who notices.
#
# We follow the questions about monthly prices, because every answer to one can be judged without a judge. How many of a
# day's 3,000 are they? The generator knows; and we ask each price twice, in two wordings. Customers ask for all prices
# equally often, so the exam is a fair sample of the day, and each of its questions stands for several of the day's.

# %% tags=["nbval-check-output"]
RELEASES = company.RELEASES
for month in (RELEASES[0], RELEASES[-1]):
    n, customers = len(exam.questions(month)), exam.per_day(month)
    print(f"{month}: {n} questions asked for {customers} a day: each stands for {customers / n:.1f}")

# %% [markdown]
# ## 2 · Six systems, one judge (5 min)
#
# | system | where its prices are | renewed |
# |---|---|---|
# | database row | in a table; a few lines find the row that a question names | with the table |
# | prompt, whole page | the price table of the product that the question names, pasted into the prompt | with the page |
# | long context | that table and the product's plan pages, as many as the window holds | with the pages |
# | RAG | in the index; the three nearest passages are read | when the index is |
# | hybrid | the same passages, read by lesson 04's ticket adapter | when the index is |
# | adapter | in the weights, by heart, as in lesson 01 | when it is trained again |
#
# Prompt and long context are handed the right page: a program finds it by the product's name, which the exam never
# misspells. That is what lesson 02 calls an **oracle**; RAG and hybrid have to search.
#
# The database row is not in the article. It is the cheapest thing that could make all others superfluous, so it has to be
# in the table.
#
# And the judge. In lesson 01 an answer was stale if it quoted *the* old price. After some months there are several old
# prices, so now it is stale if it quotes any price that was right earlier in the year.
#
# Twelve trainings and many thousand answers take longer than a lesson, so **most of this year is recorded**. The
# course's authors ran `tools/production.py`; it keeps one verdict for each answer, on which weights, when, and where.
# Section 3 does a part of it live.

# %%
import inspect

from course_utils import recorded

print(inspect.getsource(exam.verdict))
year = recorded.year("tiny")
trainings = year.systems["adapter"]["trainings"].values()
seconds = [training["cpu_seconds"] for training in trainings]
print(year, "| weights", year.weights)
print(f"answers judged: {sum(len(v) for s in year.systems.values() for v in s['verdicts'].values()):,}")
print(f"precomputed: {len(trainings)} trainings, {sum(seconds):.0f} CPU s in all")

# %% [markdown]
# The five that use a model ran with **tiny**, as in lesson 05, because only for it does the course ship twelve
# trainings and a ticket adapter; the database row needs none and runs live in section 6. tiny reads badly. The
# arithmetic of lags carries over to your model; the shares of right answers, and who reads best, do not.
#
# ## 3 · Live: April's index in May (6 min)
#
# On the first of May five monthly prices change, of four products. We index their pages twice, as they were in April and
# as they are in May: two collections in one Chroma folder, which will be handy in section 10.

# %%
from course_utils import paths
from course_utils.retrieval import PageIndex, load_embedder

OLD, NEW = "2026-04", "2026-05"
moved = exam.changed_keys(NEW)
folders = tuple({f"products/{key.split('.')[0]}/" for key in moved})


def desk_pages(month):
    return {path: text for path, text in company.pages(month).items() if path.startswith(folders)}


folder, embedder = paths.work_dir("09"), load_embedder()
shelf = {month: PageIndex(folder / "index", embedder, collection=month) for month in (OLD, NEW)}
for month, index in shelf.items():
    print(month, index.sync(desk_pages(month), progress=True))
print(len(moved), "changed prices of", len(folders), "products")

# %% [markdown]
# (If the second took far less time, that is because texts which both months share were embedded once: the course
# keeps the vectors of texts that it has seen. The zeros count vectors that the same *collection* had.)
#
# Now the same questions about May, to the model of *your* machine, once with April's passages and once with May's. Your
# guess before you run it: of the answers about changed prices, how many are stale with April's index? And is an answer
# from May's passages always right?

# %%
from course_utils import models, plots
from course_utils.answering import generate, messages, without_citations

model, tokenizer = models.load()


def answered(index, questions):
    chats = [messages(q.text, [hit.chunk.text for hit in index.search(q.text)]) for q in questions]
    return [without_citations(text) for text in generate(model, tokenizer, chats)]


asked = [q for q in exam.questions(NEW) if f"products/{q.fact_key.split('.')[0]}/" in folders]
asked.sort(key=lambda q: q.fact_key not in moved)  # changed prices first
n = sum(q.fact_key in moved for q in asked)
said = {month: answered(index, asked) for month, index in shelf.items()}
for q, april, may in list(zip(asked, said[OLD], said[NEW]))[:3]:
    print(f"{q.text} → {q.value}\n    April's index: {april}\n    May's index:   {may}")
rows = {f"{month}, changed prices": exam.judged(texts[:n], asked[:n]) for month, texts in said.items()}
rows |= {f"{month}, other prices": exam.judged(texts[n:], asked[n:]) for month, texts in said.items()}
behind, fresh = (rows[f"{month}, changed prices"] for month in (OLD, NEW))
assert "current" not in behind and behind.count("stale") >= 2 and "stale" not in fresh, (behind, fresh)
plots.verdict_bars(rows, f"May, two indexes, live: {models.current().name}", of="questions about prices")

# %% [markdown]
# *Picture:* four bars, of ten answers about changed prices or 22 about others. Over April's index no answer about a
# changed price is current, and many are stale; over May's none is stale. The two bars about other prices look alike
# (one answer is nearly five points).
#
# And your guess? What April's bar has besides *stale* is misread or was not found; and if May's bar is not all *current*,
# then the right pages do not make every answer right.
#
# **RAG is not fresh because it is RAG.** It is as fresh as its index, and with an old one it is fluent, exact and
# stale. "Answers always reflect current documentation", says the article of RAG; they reflect the documentation as it
# was at the last `sync`. (The cell tests it: the rest of this lesson stands on it.)
#
# ## 4 · A lag is days (7 min)
#
# Suppose the index is renewed a week after each release. Then a month has two parts: for seven days the system
# answers from last month's pages, afterwards from this month's. We have measured both (recorded, with all 500 pages,
# in all twelve months). So the year of a late index needs no new run, only **a weighted mean, with days as weights**.
# March, for instance:


# %%
def share(verdict, system, known, asked):
    verdicts = year.verdicts(system, known, asked)
    return verdicts.count(verdict) / len(verdicts)


old, new = (share("stale", "RAG", known, "2026-03") for known in ("2026-02", "2026-03"))
print(f"stale with February's pages {old:.1%}, with March's {new:.1%}")
print(f"seven days late: (7 × {old:.4f} + 24 × {new:.4f}) / 31 = {(7 * old + 24 * new) / 31:.2%}")

# %% [markdown]
# ### Exercise 09.1: a month that starts late
#
# Write `month_share(old, new, late, days)`: the share in a month of `days` days when last month's knowledge, with the
# share `old`, answers for the first `late` days, and this month's, with `new`, afterwards. Somebody may be later than the
# month is long. `hint("09.1")` helps.


# %%
def month_share(old, new, late, days):
    ### BEGIN SOLUTION
    late = min(late, days)
    return (late * old + (days - late) * new) / days
    ### END SOLUTION


# %%
from course_utils.checks import yours_or

check("09.1", month_share)

# %% [markdown]
# `production.System` does this for every month and counts customers: how the system answers (a function of whose
# knowledge, asked when), for which months it is renewed, and how many days late. It must agree with your function.

# %%
from course_utils.production import System, priced, spent


def of(system, record=year):
    return lambda known, asked: record.verdicts(system, known, asked)


late, by_hand = System(of("RAG"), late=7), yours_or("09.1", month_share)(old, new, 7, 31)
print("whose knowledge answers in March, on how many days:", late.known("2026-03"))
assert abs(late.months()[2]["stale"] / late.months()[2].total() - by_hand) < 1e-9
for late in (0, 1):
    months = System(of("RAG"), late=late).months()
    stale, february = sum(m["stale"] for m in months), months[1]["stale"]
    print(f"index {late} day(s) late: {stale:6,.0f} stale answers a year, {february:6,.0f} in February")
print("you guessed, a day late:", my_guess["stale answers a year, index renewed a day late"])

# %% [markdown]
# ### Exercise 09.2: predict, then measure
#
# Choose `my_late` among 3, 7, 14 and 28 days, and write into `predicted` how many stale answers a year that makes.
# Then run the next cell. `hint("09.2")` helps.

# %%
### BEGIN SOLUTION
my_late = 14
predicted = 8200
### END SOLUTION

# %%
lags = {late: round(System(of("RAG"), late=late).year()["stale"]) for late in (0, 1, 3, 7, 14, 28)}
print(lags)
measured = lags[my_late if my_late in lags else 14]
check("09.2", {"my_late": my_late, "predicted": predicted, "measured": measured})

# %% [markdown]
# A straight line, because we took a mean with days as weights: over the year each further day costs as much as the
# first. (Beyond a month the formula ends; the pages would be two releases old.) So the question is not "RAG or not"
# but "how many days until a page is in the index", and that number belongs on a dashboard.
#
# ## 5 · Train again (8 min)
#
# The adapter has no index. It knows the prices of the month it was trained on. Here is the whole year: each of the twelve
# adapters, asked in its own month and in all later ones. What do you expect to see in the first row?


# %%
def aged(known, asked):
    return share("stale", "adapter", known, asked) if known <= asked else None


plots.by_age([[aged(k, a) for a in RELEASES] for k in RELEASES], "Stale answers of the adapter (%)")

# %% [markdown]
# *Picture:* a triangle of squares, months of training downwards and months of asking to the right; the number in a square
# is the share of stale answers in per cent. The diagonal is at or near zero. In the first row it jumps in February and
# rises until May; in all other rows it grows by some eight points a month.
#
# So a month's own adapter is fresh, and each month of age adds what changed in it.
#
# (The first row falls a little when new products come: of those the adapter knows no price at all, not even an old one.)
#
# So an adapter that is **retrained every month** is fresh, once it is out. Three calendars, then; for training and
# release we take the three days that lesson 06 assumed. And changes do not wait for the first of the month: if prices
# change on the sixteenth and the training is on the first, that adds fifteen days, by the same arithmetic.

# %%
CALENDARS = {"never": RELEASES[:1], "quarterly": RELEASES[::3], "monthly": RELEASES}
for name, renewed in CALENDARS.items():
    stale = System(of("adapter"), renewed, late=3).year()["stale"]
    print(f"adapter, {name:10} {len(renewed):2} trainings  {stale:8,.0f} stale answers a year")
print(
    "you guessed, monthly:", my_guess["stale answers a year, adapter retrained every month, three days late"]
)
for system, late in {"adapter": 15 + 3, "RAG": 1}.items():
    print(f"{system}, {late} day(s) after each change: {System(of(system), late=late).year()['stale']:8,.0f}")

# %% [markdown]
# The monthly adapter is a serious rival, and the article, which dismisses it ("Between retrains, the model answers
# questions about deprecated features and outdated pricing"), counts no stale answer. What it gets right is the cause:
# the days in between. The last two lines are about 24 times apart: 18 times for the days, only 1.35 times for the
# systems. Three days late, RAG is not far below the adapter (exercise 09.2).
#
# One more thing is not in this table. Retraining replaces *everything*. **What was right before and is wrong
# afterwards?** We take only prices that did not change, and put the same questions to the adapter of the month before
# and to the new one. For comparison the same with an index: the passages of the month before, and the new ones.

# %%
from course_utils.evaluation import Rate
from course_utils.production import unchanged

for system in ("adapter", "RAG", "hybrid"):
    prices, before, after = unchanged(of(system))
    broken = [key for key, was, now in zip(prices, before, after) if was and not now]
    mended = [key for key, was, now in zip(prices, before, after) if now and not was]
    print(f"{system:8} right before {Rate.of(before, prices)}\n{'':8} right after  {Rate.of(after, prices)}")
    print(f"{'':8} broken: {len(broken)} answers about {len(set(broken))} prices; "
          f"mended: {len(mended)} about {len(set(mended))}")  # fmt: skip

# %% [markdown]
# The totals hardly differ. Look at *broken* all the same: each is a new mistake about a price without news, where
# nobody would look for one. A training changes the one adapter through which every answer passes, so it can break any
# of them. An index is not quite innocent either: when neighbours of a page change, other passages come up.
#
# ## 6 · Right, and stale (6 min)
#
# First the rival that nobody expects at a conference. A price is a row of a table, and a question names product and plan;
# this runs live:


# %%
def row_of(question, month):
    facts = [fact for key, fact in company.facts(month).items() if key.endswith(".price_monthly")]
    hits = [f.value for f in facts if all(n.lower() in question.lower() for n in (f.product, f.plan))]
    return hits[0] if len(hits) == 1 else "I don't know."


texts = "How much is Tallyport Team?", "How much is Tallyport Taem?", "Tallyport Team, paid by the year?"
print(*(f"{text:35} {row_of(text, '2026-04')}" for text in texts), sep="\n")

# %% [markdown]
# Now everybody, for the whole year. The number of stale answers depends on which prices happen to change, so the interval
# beside it draws *prices* again and again, with replacement (a bootstrap over clusters). Where no answer was stale,
# every draw is 0 too: read [0, 0] as "none was seen", not as "none can be" (section 9 has an interval for that).
# *Valid* is the share of answers that are tickets as the desk wants them: only the hybrid was asked for tickets, and
# lesson 03's wrapper, a dozen lines of program, would make them of any sentence.

# %%
ANSWERS = {"database row": exam.asking(row_of), **{name: of(name) for name in year.systems}}
SYSTEMS = {name: System(ANSWERS[name]) for name in ("database row", "prompt", "long context")}
SYSTEMS |= {f"RAG, lag {late}": System(of("RAG"), late=late) for late in (0, 1, 7)}
SYSTEMS["hybrid, lag 1"] = System(of("hybrid"), late=1)
SYSTEMS |= {f"adapter, {name}": System(of("adapter"), renewed, 3) for name, renewed in CALENDARS.items()}
words = ("current", "stale", "other", "abstained")
print(f"{'':20} {'stale answers a year':>24}   ", *(f"{v:>9}" for v in words), " valid")
for name, system in SYSTEMS.items():
    total, (low, high) = system.year(), system.stale_interval()
    shares = (f"{total[v] / total.total():9.1%}" for v in words)
    valid = f"{year.valid('hybrid'):6.0%}" if name.startswith("hybrid") else "     –"
    print(f"{name:20} {total['stale']:7,.0f} [{low:7,.0f}, {high:7,.0f}] ", *shares, valid)

# %% [markdown]
# Read it by column. First *stale*, and in it what we put in ourselves: database row, prompt and long context have lag
# 0, because section 2 says so. Their zeros say that *today's* data yield no old price, not that the data always are
# today's. Suppose the table is imported at night: `System(ANSWERS["database row"], late=1).year()["stale"]`. More
# than RAG's number, a day late, or fewer? Guess, then try it in a cell.
#
# Now *current*: **not stale is not right.** Look at RAG with today's index. In what it lacks to 100 % either the
# right passage was not among its three or tiny misread it; verdicts alone cannot tell (lesson 02 can).
#
# So which differences are more than luck? For each price we count who had more right answers over the year, both kept
# up to date: that system wins the price. (Questions about one price are not independent; prices nearly are.)

# %%
from course_utils.evaluation import sign_test
from course_utils.production import prices_won

order = ("database row", "adapter", "hybrid", "prompt", "long context", "RAG")
for first, second in combinations(order, 2):
    won, lost = prices_won(ANSWERS[first], ANSWERS[second])
    print(f"{first:12} against {second:7}: {won:2} prices to {lost:2}, p = {sign_test(won, lost):.2g}")

# %% [markdown]
# Some of this goes against the sympathies of a course on RAG, so slowly:
#
# * **With tiny, the hybrid beats RAG.** Same passages, same base; its adapter had practice in reading 500 tickets. A
#   better reader seems to have less to gain: with smol hybrid and RAG read equally many facts right (lesson 05,
#   section 9, one recorded run). The article calls this architecture the practical default; here it is fresh with the
#   index, and valid, but against the whole page the p-value is no finding, and it costs more (below).
# * **No system that reads was found better than a freshly trained adapter.** RAG was clearly worse, the hybrid not
#   told apart; against the prompt the p, times the fifteen tests made here (lesson 05's caution), is no finding.
#   Fifty prices by heart are few. Its faults are elsewhere: the days of section 5, all the facts that nobody taught
#   it, and that it cites nothing.
# * **The database row**, fed at once, is not stale and, on this exam, never wrong; a day late it gives more stale
#   answers than RAG and about as many as the hybrid, because it hands out yesterday's price as exactly. Price by
#   price it is ahead of all that read (against the hybrid, p times fifteen is just above 0.05). What it does not
#   understand it leaves to others (here three questions that begin "Hello team": Team is also a plan). But the exam
#   asks for monthly prices only, and you have seen what our few lines say about a yearly one. Whoever builds anything
#   larger for prices has to explain why.
# * Whole pages in the prompt are as fresh as the pages, and spare you an index. But the prompt was handed the right page
#   and RAG had to find it, so their p-value compares searching *and* reading, not reading alone.
# * *Long context* was not really tested: tiny was trained on at most 576 tokens (its card), and these prompts are
#   more than twice as long (the next cell counts). It got nothing right; to the one question whose answers were kept
#   it said "I don." A model made for such lengths may read them; see its bill.
#
# ## 7 · Money (4 min)
#
# The prices are lesson 06's, with all its assumptions. What is new: the tokens are **measured**, those of our prompts
# and answers. Systems that only read rent a large model by the token; a trained model has to be hosted, here on an
# H100 around the clock. So do not compare hybrid and adapter with the others without lesson 06 in hand: it showed
# that this border is *renting against owning*. The database row gets the hours that lesson 06 allows for writing a
# prompt; long context is charged for the whole handbook, which our small window cannot hold. And the panels of the
# picture below do not belong to one system: the answers are tiny's, to the questions about monthly prices; the money
# is a larger model's, for all 3,000. The money for the database row pays only for the questions that it understands;
# the others need a second system, with its own bill.

# %%
tokens = {name: year.tokens(name) for name in year.systems}
costs = priced(tokens, year.handbook_tokens, CALENDARS)
print(tokens, f"and {year.handbook_tokens:,} in the whole handbook")
money = {name: spent(system, SYSTEMS[name].renewed, 3000) for name, system in costs.items()}
for name, line in money.items():
    print(f"{name:20} USD {line[0]:8,.0f} in January, {line[-1]:9,.0f} by December; {costs[name].runs_on}")

# %% [markdown]
# And the picture. Above, of the answers about monthly prices (some 510 of a day's 3,000): how many are stale, how
# many are right. Below, the money since January. The panel of stale answers is cut at ten per cent, or the rivals
# would all lie on its zero line.

# %%
months = {name: SYSTEMS[name].months() for name in money}
panels = {"thousand USD since January": {name: [usd / 1000 for usd in line] for name, line in money.items()}}
for verdict, label in (("current", "right answers (%)"), ("stale", "stale answers (%)")):
    lines = {name: [100 * m[verdict] / m.total() for m in line] for name, line in months.items()}
    panels = {label: lines, **panels}
plots.over_months(panels, "3,000 questions a day, January to December", cut={"stale answers (%)": 10})

# %% [markdown]
# *Picture:* three panels over the twelve months. Stale answers, cut at ten per cent: the adapter that is never
# retrained leaves the panel in February for good; the quarterly one leaves it, too, comes back with each training and
# leaves again; the monthly one has a peak in February and then lies near one per cent; RAG and hybrid, a day late,
# lie below it; prompt, long context and database row on zero. Right answers: the database row and the monthly adapter
# on top, then the hybrid and the prompt, RAG below them, long context at zero; the quarterly adapter in saw teeth,
# the one that is never retrained down to zero by May. Money: straight lines; long context is by far the steepest and
# passes all others, hybrid and adapters start high and rise with their GPU, the database row is flat.
#
# The lag itself comes from the **time to update**. What of it is computing, and what is people?

# %%
updates = list(year.systems["RAG"]["updates"].values())[1:]
print("pages and seconds of an index update:", [(u["pages"], u["seconds"]) for u in updates])
print("CPU seconds of a training (tiny):", [round(s) for s in seconds])
for name in ("RAG, lag 1", "adapter, monthly"):
    parts = {part.removesuffix("_usd"): round(usd, 2) for part, usd in vars(costs[name].update).items()}
    print(f"{name}: USD {parts} an update, priced as in lesson 06")

# %% [markdown]
# An hour, says the article, for reindexing. The computing takes seconds; the rest is people's time, assumed in lesson 06.
#
# ## 8 · Who notices? (6 min)
#
# In the story the old prices stood for three weeks. Had nobody noticed, or did everybody wait for a training? Could
# three weeks pass unnoticed at our desk? Suppose somebody who knows all prices reads a few answers a day. A stale one
# is rare: it has to be about a fact that changed (we count monthly prices), and the system has to quote the old one.
# And nobody has to read at random. The difference of two releases says *which* prices changed. A question about one
# of these, with the old and the new answer known, is a **canary**: miners took the bird along because it fell silent
# first. How often is each of them stale, when an index was left behind?

# %% tags=["nbval-check-output"]
from course_utils.production import canaries

left = year.verdicts("RAG", "2026-02", "2026-03")  # a usual month: few changes
others = ["current"] * round(len(left) * (3000 / exam.per_day("2026-03") - 1))  # the day's other questions
for name, answers in {"any answer": left + others, "answers about monthly prices": left}.items():
    print(f"March, {name}: {answers.count('stale') / len(answers):.1%} stale")
for system in ("adapter", "hybrid", "RAG"):
    prices, verdicts = canaries(of(system), behind=True)
    print(f"canaries of all eleven releases, {system}:", Rate.of([v == "stale" for v in verdicts], prices))

# %% [markdown]
# Of the two over an index, the hybrid, which reads better here (section 6), is the staler when the index is old: whoever
# reads an old page well quotes the old price. We go on with RAG, the hardest to catch.
#
# If each answer that is read is stale with probability $p$ and $k$ are read a day, a day goes by unnoticed with
# probability $(1-p)^k$. The number of days until the first stale one is then **geometric**, with the mean
#
# $$\frac{1}{1-(1-p)^k}, \qquad\text{and}\qquad P(\text{unnoticed after } d \text{ days}) = (1-p)^{kd}.$$
#
# Beside the formula, a simulation that knows nothing of it: every day it draws $k$ of the recorded answers, and it stops
# at the first stale one. They should agree, and if they do not, one of them is wrong.

# %% tags=["nbval-check-output"]
import numpy as np

from course_utils.production import days_until_read

rng = np.random.default_rng(0)


def simulated(answers, a_day, runs=1000):
    stale, days = np.array([answer == "stale" for answer in answers]), 0
    for _ in range(runs):
        days += 1
        while not rng.choice(stale, a_day).any():
            days += 1
    return days / runs


birds = canaries(of("RAG"), behind=True)[1]
for name, answers in {"any answer": left + others, "about prices": left, "canaries": birds}.items():
    p = answers.count("stale") / len(answers)
    for k in (1, 4, 10):
        days, drawn, weeks = 1 / (1 - (1 - p) ** k), simulated(answers, k), (1 - p) ** (21 * k)
        print(f"{name:13} {k:2} a day: {days:6.1f} days by formula, {drawn:6.1f} simulated; "
              f"unnoticed after three weeks: {weeks:.1%}")  # fmt: skip
        assert abs(drawn / days - 1) < 0.15
print("you guessed, one spot check a day:", my_guess["days until one spot check a day notices"], "days")
by_month = {m: share("stale", "adapter", "2026-02", m) * exam.per_day(m) / 3000 for m in RELEASES[2:]}
for k, p in ((1, by_month["2026-03"]), (4, by_month["2026-03"])):
    print(f"February's adapter, any answer, {k} a day: {1 / (1 - (1 - p) ** k):.1f} days if p stays March's, "
          f"{days_until_read(by_month, k):.1f} with the p of each month")  # fmt: skip

# %% [markdown]
# One spot check a day (the first line) takes months; four a day, some weeks: the order of the story's three. (These
# waits are too long, for two reasons. We counted all questions that are not about monthly prices as fresh, and of
# March's 17 changed facts only four are such prices. And p is March's alone: an index that is still behind in April
# is stale about more. For February's adapter the record has all later months; the last lines show what that is
# worth.) So three weeks *can* pass without carelessness, with reading at random after a month with few changes;
# whether they did, we cannot know. And we count readers inside only: one answer in a hundred is thirty customers a
# day, and any of them may complain first. The canaries come from a list that a program makes in seconds, and a single
# one a day finds it within days.
#
# The formula assumes that each draw is new. But our systems are **deterministic**: the same question gets the same answer
# every day. A canary that is answered wrongly, but not stalely, will be so tomorrow. So vary prices and wordings.
#
# ## 9 · When to ring (3 min)
#
# Why not ring for every answer that is not the new price? Because a system that is up to date makes mistakes, too.
# Suppose all canaries of a month are asked every day, and the alarm rings when at least `t` answers look bad. Because
# the answers repeat, it rings on every day of a month or on none. So nothing has to be estimated: we count the months
# in the record.


# %% tags=["nbval-check-output"]
def birds_of(known, month):
    pairs = zip(exam.questions(month), year.verdicts("RAG", known, month))
    return [verdict for question, verdict in pairs if question.fact_key in exam.changed_keys(month)]


fresh = [birds_of(month, month) for month in RELEASES[1:]]
behind = [birds_of(old, new) for old, new in pairwise(RELEASES)]
print(f"at least   false alarms in {len(fresh)} months   late indexes found")
print("           not current      stale               stale")
for t in (1, 2, 3):
    wrong = sum(len(v) - v.count("current") >= t for v in fresh)
    stale, caught = (sum(v.count("stale") >= t for v in some) for some in (fresh, behind))
    print(f"{t:8} {wrong:13} {stale:10} {caught:19}")
prices, healthy = canaries(of("RAG"), behind=False)
print("up to date, but stale:", Rate.of([v == "stale" for v in healthy], prices))

# %% [markdown]
# An alarm on *not current* that wakes somebody for one wrong answer rings for nothing in nearly every month, and is
# switched off in its first week. One on *stale* never rang for nothing in this record, and found every late index.
# (The interval says what the record does not exclude: a stale answer now and then.) But these indexes are late as a
# whole. If *one* price is missed, only its two canaries can be stale, and `t` = 3 never rings. So a `t` above 1
# misses something: ask about each price in more wordings, or leave it at 1.
#
# ### Exercise 09.3: build the alarm
#
# Write `rings(verdicts, at_least)`: True if today's canaries, a list of verdicts, call for somebody to be woken.
# `hint("09.3")` helps.


# %%
def rings(verdicts, at_least):
    ### BEGIN SOLUTION
    return verdicts.count("stale") >= at_least
    ### END SOLUTION


# %%
check("09.3", rings)

# %% [markdown]
# ## 10 · A gate, and the way back (5 min)
#
# An alarm finds what is in production. Better that it never gets there. The same canaries, asked *before* a release,
# are a **gate**. Two collections stand on the shelf; which one answers customers is a single word in a file, and
# `release` writes it only if the candidate passes. It is the first of May; the nightly job has read last month's
# folder, and its log says "success". Somebody presses the button. Then the job is repaired.

# %%
alarm, live = yours_or("09.3", rings), folder / "live.txt"


def release(candidate):
    verdicts = exam.judged(answered(shelf[candidate], asked[:n]), asked[:n])
    passes = not alarm(verdicts, at_least=1)
    print(candidate, dict(Counter(verdicts)), "→ released" if passes else "→ stopped")
    if passes:
        live.write_text(candidate)
    return passes


live.write_text(OLD)
assert not release(OLD), "The gate should stop an index that was left behind."
assert release(NEW), "The gate should let this month's index pass."

# %% [markdown]
# In the afternoon something else is wrong with the new release, and we want the old one back. Nothing has to be computed
# for that: the old collection is still there. (An adapter is swapped back in the same way, as lesson 04 showed.) We watch
# a question that both indexes answer as their pages say.

# %%
pairs = zip(asked, *(exam.judged(said[month], asked) for month in shelf))
witness = next(q for q, april, may in pairs if (april, may) == ("stale", "current"))
for month in (NEW, OLD, NEW):
    live.write_text(month)
    answer = answered(shelf[live.read_text()], [witness])[0]
    print(f"{month} is live: {answer}   {exam.judged([answer], [witness])[0]}")

# %% [markdown]
# The way back works, and look what it brings back: **a rollback is a stale deployment on purpose.** Sometimes it is
# right, but the alarm has to know of it, and the lag of section 4 is running. Keep the last good version, and roll
# *forward* soon.
#
# ## 11 · Take it home: the audit (3 min)
#
# All this needed to know what changed. In our company that is data; in yours it stands in documents. The course's tool
# `stale-prices-audit` finds it there: two versions of any folder, sentences and table rows that are equal but for a
# value, questions made of them, verdicts. Here on one product's pages of two months, against the course's own RAG, left
# behind and up to date. Four different changes, each asked twice, so that it takes seconds; hence the wide intervals.

# %%
from course_utils import audit

docs = {month: {p: t for p, t in desk_pages(month).items() if "/tallyport/" in p} for month in shelf}
changes = audit.find_changes(docs[OLD], docs[NEW])
different = {(fact.old, fact.new): fact for fact in changes.facts}  # one change on two pages counts once
facts = audit.sample(list(different.values()), 4, seed=0)
questions = [q for fact in facts for q in audit.questions_about(fact)]
print(f"{len(changes.facts)} changes in {changes.changed_pages} pages, {len(different)} different:")
print(*(f"   {fact.page}: {fact.old} → {fact.new}" for fact in facts), sep="\n")
for month in shelf:
    rag = audit.OwnRag(docs[month], month)
    answers, _ = audit.ask_all(rag, questions)
    rag.close()
    stale = Rate.of([a.verdict == "stale" for a in answers], [a.question.fact.id for a in answers])
    print(f"index of {month}: stale {stale}")

# %% [markdown]
# If your model reads these pages well, the index left behind has the larger share. The intervals, nearly fifty points
# wide here, show how little eight questions say about *how* large it is, even where they tell the two apart. On your
# own documents and against your own bot it is one command in a terminal; the key stays in an environment variable:
#
# ```bash
# stale-prices-audit --old docs-april --new docs-may --endpoint http://localhost:8000 --max-stale 2% --html audit.html
# ```
#
# `--repo . --old v1.0 --new main` compares two git revisions, `--command "python answer.py"` asks any program, and
# `--max-stale` with its exit code makes it the gate of section 10 in CI. It compares the share, not the interval:
# with eight questions a pass at 2 % means little. Even none stale about a hundred *facts* leaves up to 3.7 %; to
# exclude 2 % it takes about 190 facts (`--limit 190`; the default is 100). The manual is
# [docs/audit.md](../docs/audit.md).
#
# ## 12 · Your recommendation (2 min)
#
# The desk wants one page. Write it: which system, renewed when and by whom, how many stale answers a year you accept, how
# many canaries a day, who is woken. The worksheet of lesson 07 then carries the year's figures beside your own.

# %%
recommendation = """
System: …                Renewed: …
Stale answers accepted a year: …
Canaries a day: …        Who is woken: …
"""

from course_utils import results
from course_utils.decisions import Situation
from course_utils.decisions.worksheet import worksheet

a_day = {name: round(system.year()["stale"] / 365, 1) for name, system in SYSTEMS.items()}
results.record("09", headline={"stale answers a day": a_day}, recommendation=recommendation)
(folder / "recommendation.md").write_text(recommendation)
situation = Situation(needs_own_data=True, is_a_table_row=True, knowledge_tokens=year.handbook_tokens)
sheet = worksheet(situation, title="Decision worksheet: a year")
print("saved:", *sheet.save("09"))
print(*(line for line in sheet.markdown().splitlines() if line.startswith("| 09")), sep="\n")

# %% [markdown]
# ## 13 · Recap (1 min)
#
# * Freshness is a number of days: over the year stale answers grow in proportion to the lag. How many stale answers
#   each day of lag costs depends on what has changed that month, and on how well the system reads what is old.
# * RAG over an old index answers stale as an old adapter does, only somewhat less often with tiny, which misreads old
#   pages, too. Reading better makes an old index *staler*: it quotes the old page more reliably.
# * An adapter that is retrained every month is nearly fresh, until prices change in mid-month. Each training can break
#   something else.
# * Not stale is not right. Where a lookup answers, nothing that reads or remembers was better, and it costs next to
#   nothing.
# * Random reading finds a rare fault in weeks or months, canaries from the difference of two releases in a day or two.
# * Ring for *stale*, not for *wrong*. Ask the same canaries before a release, keep the old one, and know that going back
#   is stale.
#
# ## What could go stale here
#
# * The recorded year belongs to the weights of tiny that come with the course; a test holds one against the other.
# * Lesson 06's price table and its hours of work: dated there, and only you know yours.
# * The questions: monthly prices only. Limits, menus and policies change, too, and nobody counted them here.
# * Chroma's collections and the audit's finder: run with the versions in `pyproject.toml`.
