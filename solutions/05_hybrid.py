# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 05 · Hybrid

# %% [markdown]
# ## 1 · Two halves (3 min)
#
# Retrieval gave us fresh facts in useless sentences (lessons 02 and 03). Fine-tuning gave us tickets in the right
# form (lesson 04), and stale prices when we used it for facts (lesson 01). So do both: an adapter for the form,
# retrieval for the facts. The article this course starts from says of this *hybrid* that it outperforms either
# approach alone.
#
# That is plausible, and it is a claim about numbers. Here we count: nine systems, the same weights underneath, the
# same questions, before and after a price change, every trained system three times. The weights are tiny's, as in
# lesson 04: with smol the thousand answers below would take ten minutes and more. So do not hold tiny's rates against
# those of lesson 02; compare the systems with each other. (Section 9 has a recorded run of three of them with smol.)
#
# **Your guess, please**, for February: will the hybrid state more facts right than plain RAG, about as many, or
# fewer? When the handbook has no answer: which of the two will say so more often? And which will get more tickets
# *right in all fields*: the hybrid, or RAG with lesson 03's dozen lines of program around it? Or about as many?

# %%
from course_utils.checks import check, hint, solution, yours_or

# "more", "as many" or "fewer"; "RAG" or "hybrid"; "hybrid", "wrapped RAG" or "as many"
my_guess = {"facts": "?", "says that it does not know": "?", "right tickets": "?"}

# %% [markdown]
# ## 2 · One desk, two months (5 min)
#
# To keep so many answers within two minutes on a laptop we follow *one* of Larkmoor's support desks: four
# products, the pages about them, their sixteen monthly prices. We index January and ask; then February's pages come
# in, and we ask the same questions again.

# %%
from course_utils import bundled_model, finetuning, grid, paths
from course_utils.retrieval import PageIndex, load_embedder

index, exam = PageIndex(paths.work_dir("05") / "index", load_embedder()), {}
for month, release in grid.MONTHS.items():
    print(f"{month}: {index.sync(grid.desk_pages(release), progress=month == 'January')}")
    exam[month] = [grid.cases(release, repeat, index.search) for repeat in range(grid.REPEATS)]

# %% [markdown]
# `exam["February"][0]` is the first of three question papers: changed prices (more than their share, they are what we
# came for), prices that stayed, questions about anything else the handbook states (yearly and regional prices,
# limits, features, menus), and questions it has no answer to. The shares are our choice, not a law. With each
# question come the three passages that retrieval found. Every system gets the same ones, if it gets any.

# %%
from collections import Counter
from itertools import chain

from course_utils.training_sets import facts, tickets

for case in exam["February"][0][:2] + exam["February"][0][-2:]:
    print(f"{case.kind:13}{case.question.text}\n             → {case.question.value or 'no answer'}")
print(Counter(case.kind for paper in exam["February"] for case in paper))

# %% [markdown]
# How good can a system that reads these passages be? Not better than retrieval. So these numbers first: how often is
# a page that states the answer among the three, and, as lesson 02 asked, does the *passage* from it state it?

# %%
from course_utils.evaluation import Rate

answerable = [case for paper in exam["February"] for case in paper if case.kind != "unanswerable"]
about = [case.question.fact_key for case in answerable]
found = [set(case.pages) & set(case.question.pages) for case in answerable]
print("a page with the answer is there:", Rate.of(found, about))
print("and its passage states it:      ", Rate.of((case.told for case in answerable), about))

# %% [markdown]
# ## 3 · Nine systems (7 min)
#
# First the system of lesson 01, the only one that we train here: an adapter that knows January's prices **by heart**.
# It is trained here, now, on 192 questions and answers about the sixteen prices.

# %%
facts_set = finetuning.training_set(facts.by_heart_rows())
print(len(facts_set), "examples such as", facts_set[0]["completion"])
base, tokenizer = bundled_model.load()
settings = dict(rank=8, epochs=5, learning_rate=3e-3, batch_size=8, seed=0)
folder = paths.work_dir("05") / f"facts-{finetuning.fingerprint(facts_set, **settings)}"
facts_live = finetuning.fine_tune(bundled_model.load()[0], tokenizer, facts_set, folder, **settings)

# %% [markdown]
# The other trained systems **ship with the course**: three seeds of each would take your laptop about half an hour of
# computing. Each was trained by `make adapters` from data and settings in the repository, on January's handbook, and
# `made.json` beside the weights says when, with what and for how long. Only the trainings are precomputed; every
# answer below is generated now. `merge_and_unload` adds an adapter to the weights it belongs to, so that it costs
# nothing while answering. All systems answer on the same weights, in full precision. (Some adapters learnt on lesson
# 04's four-bit weights; what the move costs them we have not measured.) Three adapters of each kind, with three
# seeds:

# %%
from course_utils import adapters


def with_adapter(name):
    model = bundled_model.load()[0]
    return finetuning.load_adapter(model, adapters.folder(name)).merge_and_unload()


for name in ("behaviour_500_seed0", "raft_seed0"):
    made = adapters.made(name)
    print(made["what"], "| made", made["made"], "|", made["tokens"], "tokens |", made["cpu_seconds"], "CPU s")

models = {
    "base": [base] * 3,
    "facts": [facts_live] + [with_adapter(f"facts_seed{seed}") for seed in (1, 2)],
    "tickets": [with_adapter(f"behaviour_500_seed{seed}") for seed in range(3)],
    "RAFT": [with_adapter(f"raft_seed{seed}") for seed in range(3)],
}

# %% [markdown]
# *tickets* is lesson 04's adapter, trained on 500 tickets with the passage that has the answer and sometimes a
# neighbour or two.
#
# *RAFT* is trained for exactly what it will meet: three passages each time, the right one among *distractors*
# (passages beside the point), and in one row of five the right one is taken away. The name is from Zhang and
# colleagues (2024, arXiv 2403.10131). In one point we depart from their recipe: without the right passage *they* have
# the model answer all the same, which teaches it the facts by heart. Where facts change, that is the disease; our
# rows then say "I don't know". It saw about as many tokens in training as *tickets*. How many rows of each refuse,
# and one of RAFT's whose answer was taken away:

# %%
asked, rows = tickets.asked(500), facts.raft_ticket_rows()
silent = ["I don't know" in row["completion"][0]["content"] for row in rows]
taken = [place for place, no in enumerate(silent) if no and asked[place].answerable]
print("refuse:", {"RAFT": sum(silent), "taken away": len(taken), "tickets": sum(not q.value for q in asked)})
shown = rows[next(place for place in taken if asked[place].intent == "price")]
print(shown["prompt"][-1]["content"], shown["completion"][0]["content"], sep="\n\n")

# %% [markdown]
# Two rivals need no training of ours: the **wrapper** of lesson 03, a dozen lines that turn RAG's sentence into a
# ticket, and the **decoder**, which lets a model write valid tickets only. They are the cheapest things that could
# make the hybrid superfluous, so they have to be in the table.
#
# Now the nine systems. Each is a model, a way of asking it, and what is done with its answer:

# %%
from course_utils.answering import messages


def closed(case):
    return messages(case.question.text)


def with_pages(case):
    return messages(case.question.text, case.passages)


def ticket_with_pages(case):
    return tickets.chat(case.question.text, case.passages)


SYSTEMS = {
    "base": ("base", closed, "as it is"),
    "RAG": ("base", with_pages, "as it is"),
    "RAG, wrapped": ("base", with_pages, "wrapper"),
    "RAG, decoder": ("base", with_pages, "decoder"),
    "FT-facts": ("facts", closed, "as it is"),
    "FT-behaviour": ("tickets", lambda case: tickets.chat(case.question.text, ()), "as it is"),
    "hybrid": ("tickets", ticket_with_pages, "as it is"),
    "hybrid, decoder": ("tickets", ticket_with_pages, "decoder"),
    "RAFT-style": ("RAFT", ticket_with_pages, "as it is"),
}

# %% [markdown]
# | system | adapter | instructions | sees passages | form |
# |---|---|---|---|---|
# | base | none | "Answer the question in one sentence." | no | |
# | RAG | none | one sentence, and cite | yes | |
# | RAG, wrapped | none | the same | yes | a program |
# | RAG, decoder | none | the same | yes | a grammar |
# | FT-facts | *facts*: January's prices by heart | one sentence | no | |
# | FT-behaviour | *tickets*: 500 of them | "Write the ticket." | no | learnt |
# | **hybrid** | *tickets* | "Write the ticket." | yes | learnt |
# | hybrid, decoder | *tickets* | the same | yes | learnt, and a grammar |
# | RAFT-style | *RAFT*: tickets among distractors | "Write the ticket." | yes | learnt |
#
# ## 4 · What counts as good (5 min)
#
# We judge an answer by what a program can check, without a model as a judge. *Fact right*: it states the right value
# and no other price, in a ticket or in a sentence, whichever. *Valid ticket*: it fits the desk's schema. *Page
# right*: it cites a page that states the answer, and no other. For questions without an answer: does it *abstain*?
# And the reverse: is it *wrongly silent* where there is one?
#
# What the desk wants is all of it at once: a ticket that can be sent as it is, **all five fields** right.
#
# ### Exercise 05.1: usable
#
# Write `usable(text, question, pages)`; `pages` are the pages of the passages, in order. True only if all of this
# holds:
#
# * `read_ticket(text)` is a ticket, not `None`;
# * `states_fact(ticket.answer, question)`, which also knows what to say where there is no answer;
# * `category`, `plan` and `escalate` are those of `gold(question, pages)`;
# * `ticket.page` is the number (from 1) of a passage whose page is among `question.pages`, or `None` if none is.
#
# `hint("05.1")` helps.

# %%
from course_utils.support_desk import gold, read_ticket, states_fact


def usable(text, question, pages):
    ### BEGIN SOLUTION
    ticket, right = read_ticket(text), gold(question, pages)
    if ticket is None or not states_fact(ticket.answer, question):
        return False
    if (ticket.category, ticket.plan, ticket.escalate) != (right.category, right.plan, right.escalate):
        return False
    told = [number for number, page in enumerate(pages, 1) if page in question.pages]
    return ticket.page in told if told else ticket.page is None
    ### END SOLUTION


# %%
check("05.1", usable)

# %% [markdown]
# Before we count, look. One question to everybody, in February:

# %%
from course_utils.answering import constrained, generate
from course_utils.support_desk import MAX_NEW_TOKENS, Ticket, in_json, mark, wrapped


def answers(model, cases, chat, form="as it is"):
    decoder = form == "decoder"
    writer, length = (constrained(model, tokenizer, Ticket), MAX_NEW_TOKENS) if decoder else (model, 64)
    texts = generate(writer, tokenizer, [chat(case) for case in cases], max_new_tokens=length)
    if form == "wrapper":
        return [in_json(wrapped(case.question.text, text, 3)) for case, text in zip(cases, texts)]
    return texts


case = exam["February"][0][0]
print(f"{case.question.text} → {case.question.value}, in January {case.other_price}\n")
print(f"{'right':15}", in_json(gold(case.question, case.pages)))
for name, (weights, chat, form) in SYSTEMS.items():
    print(f"{name:15}", *answers(models[weights][0], [case], chat, form))

# %% [markdown]
# The first line is the right ticket. (Its page is the first that states the price; any passage from such a page
# counts.) Compare: the hybrid's ticket is fluent, and so is the wrapper's. Which single field of theirs keeps this
# ticket from being sent? Where an answer is a jumble, a model was made to write what it never learnt: *RAG,
# decoder* may write a ticket only, and *FT-behaviour* has no passage to read from (this is the first of its three
# trainings; section 6 shows the others).
#
# It is *escalate*: lesson 03's instructions send the price of an Enterprise plan to a colleague. The wrapper was
# never told, and the hybrid has it wrong in spite of 500 tickets of training. Is that typical? Section 8 counts.
#
# One question is an anecdote. Now the exam: `grid.outcome(text, case)` decides about all columns, about *usable* by
# the conditions of your function. January and February go into one call, and a prompt that is the same in both months
# is answered once. This is the long cell: a thousand answers, two minutes or so.


# %%
from tqdm.auto import tqdm


def run(weights, chat, form):
    papers = {month: [] for month in exam}
    for repeat, model in enumerate(models[weights]):
        cases = [case for month in exam for case in exam[month][repeat]]
        texts = iter(answers(model, cases, chat, form))
        for month in exam:
            papers[month].append([next(texts) for _ in exam[month][repeat]])
    return papers


def judged(papers, month="February"):
    return [[grid.outcome(*pair) for pair in zip(*paper)] for paper in zip(papers, exam[month])]


said = {name: run(*system) for name, system in tqdm(SYSTEMS.items(), desc="Systems")}
marks = {month: {name: judged(said[name][month], month) for name in SYSTEMS} for month in exam}

# %% [markdown]
# ## 5 · January (3 min)
#
# All rates are in per cent of three question papers, with their 95 % interval (clustered by fact, as in lesson 01).
# Read the table by column: who has a high number, and what did it cost in the other columns?

# %%
from IPython.display import Markdown, display

mine, cases = yours_or("05.1", usable), list(chain(*exam["February"]))
yours = [mine(text, c.question, c.pages) for text, c in zip(chain(*said["hybrid"]["February"]), cases)]
same = [ours == o.usable for ours, o in zip(yours, chain(*marks["February"]["hybrid"]))]
print(f"your `usable` and the exam's agree about {sum(same)} of the hybrid's {len(same)} tickets of February")
display(Markdown(grid.table(marks["January"])))

# %% [markdown]
# In January, what was learnt by heart is known: nearly every question about a *monthly* price gets its price (48 of
# the 72 with an answer are about one, so 67 % is all that it could get), and the questions about anything else, which
# nobody taught it, get an invented one. (For RAG the ceiling is retrieval times reading; our reader has six million
# parameters and mixes neighbours up.) This is the demo that convinced everybody in lesson 01.
#
# Now the last column. RAG alone has no usable ticket, and the hybrid about every second one. **And RAG with a dozen
# lines of program around it?** Hold on to that number; section 7 comes back to it. The decoder alone does not help
# this model: its tickets are all valid, and none is right (tiny has never learnt to write JSON; lesson 04 has the
# reason). *Prompting* alone has no row: in lesson 03 it gave tiny no right ticket.
#
# Look also at the column *abstains*. The base model knows nothing and says so, always. Keep an eye on what each
# training does to that. (*FT-behaviour* was shown no passages, so a page that it cites is right by luck alone.)
#
# ## 6 · February (6 min)
#
# The prices have changed. For the systems that read, the index was brought up to date; the others were told nothing.

# %%
from course_utils import plots

display(Markdown(grid.table(marks["February"])))
plots.plane(marks["January"], marks["February"])

# %% [markdown]
# *Picture:* each system as a point, hollow in January and filled in February (the filled one inside the hollow one,
# where nothing moved); to the right are those with more facts right, on top those that write valid tickets.
# *FT-facts* lies at the bottom right in January and falls far to the left in February. *RAG* stays at the bottom,
# well to the right; *RAG, wrapped* stands straight above it, at the top. *FT-behaviour* stays at the left edge, more
# than halfway up. The hybrids, almost one point, and *RAFT-style* are high up **and** to the right, a little further
# than the wrapper, and they stay about there. *base* stays at the bottom left, *RAG, decoder* at the top, a third of
# the way across.
#
# **That is the picture to remember.** Facts and form are two directions. Retrieval moves you to the right. A program
# leads straight up, training up and here a little to the right. The grammar on the untrained model leads up and far
# to the *left*: *RAG, decoder* has lost about half of RAG's right facts, and nearly all refusals. Training on facts
# also moves you to the right: until the first of the month.
#
# How much of this is luck? Each trained system was trained three times, and each training answered one of the three
# papers. Below are the three results side by side. *RAG* and its wrapper were not trained at all: what their results
# differ by is the paper alone. So compare down a column, on the same paper: does a system lead in all three places,
# or in one?

# %%
names = ("RAG", "RAG, wrapped", "FT-facts", "FT-behaviour", "hybrid", "RAFT-style")
rows_of = {name: marks["February"][name] for name in names}
shown = ["fact right", "valid ticket", "page right", "abstains", "usable"]
display(Markdown(grid.spreads(rows_of, shown)))

# %% [markdown]
# The hybrid has more facts right than RAG on all three papers; with usable tickets it leads the wrapper on two, and
# trails on one. RAFT-style's usable tickets differ by far more from paper to paper than the wrapper's, which hardly
# move: there the training is the likelier cause. And without passages one training of *FT-behaviour* hardly writes
# tickets, while the other two do.
#
# ## 7 · Against the cheapest rival (10 min)
#
# Do the two add up? *Outperforms either alone*, said the article. By the column **usable** the hybrid does: RAG alone
# scores nothing there, the adapter alone only with refusals. But that is nearly by definition: each half lacked one
# of two things the desk demands. The fair question is another one: does the hybrid outperform the cheapest thing that
# has both, RAG in a wrapper, which nobody trained? Two overlapping intervals do not settle this. Both systems
# answered the *same* questions, so compare them question by question: those that both got right, or both wrong, tell
# nothing. Only the others count.
#
# ### Exercise 05.2: only one of them
#
# You have used `discordant` since lesson 02; now write it. `discordant(first, second)` takes two lists of booleans
# (was the answer to question *i* right?) and returns how many questions **only the first** got right, and how many
# **only the second**. `hint("05.2")` helps.


# %%
def discordant(first, second):
    ### BEGIN SOLUTION
    pairs = list(zip(first, second))
    return sum(a and not b for a, b in pairs), sum(b and not a for a, b in pairs)
    ### END SOLUTION


# %%
check("05.2", discordant)

# %% [markdown]
# If the two were equally good, each of these questions would be a toss of a coin. `sign_test`, as in lesson 02, gives
# the probability of a split at least as uneven (in the literature: McNemar's test, in its exact form). It takes the
# tosses as independent. Ours are not: several questions are about one fact, and many answers come from one training.
# So read each p as a little too small.

# %%
from course_utils import evaluation

only_one, february = yours_or("05.2", discordant), marks["February"]
TESTS = [("usable", part) for part in grid.PARTS] + [(c, "answerable") for c in ("fact right", "page right")]


def compare(first, second, column, part):
    a, b = (grid.hits(column, arm, part) for arm in (first, second))
    only = only_one(a, b)
    p = evaluation.sign_test(*only)
    counts = f"{sum(a):2} : {sum(b):2} of {len(a)}, only one {only[0]:2} : {only[1]:2}"
    print(f"{column:10} {part:13}{counts}   p = {p:.2g}")


for other in ("hybrid", "RAFT-style"):
    print(f"RAG, wrapped : {other}")
    for test in TESTS:
        compare(february["RAG, wrapped"], february[other], *test)

# %% [markdown]
# **Usable:** over the whole paper the hybrid does not outperform it. A dozen lines of program around an untrained RAG
# get about as many tickets right, in all five fields, as 500 tickets of training do.
#
# **But look at the two halves.** Where the handbook has an answer, the hybrid gets far more tickets right; where it
# has none, far fewer: it files a ticket with an answer in it. The two cancel, because a quarter of *our* questions
# have no answer. How many of yours have none? That number decides, not ours.
#
# From which share on would you take the wrapper? Try to write the formula before you read on; you need two numbers,
# what the hybrid *wins* at a question with an answer, on average, and what it *loses* at one without.


# %%
def usable_share(name, part):
    found = grid.hits("usable", february[name], part)
    return sum(found) / len(found)


won = usable_share("hybrid", "answerable") - usable_share("RAG, wrapped", "answerable")
lost = usable_share("RAG, wrapped", "unanswerable") - usable_share("hybrid", "unanswerable")
print(f"won {won:.2f}, lost {lost:.2f} a question: even at {won / (won + lost):.0%}")

# %% [markdown]
# If a share *s* of the questions has no answer, the hybrid gains (1 − *s*) · won and loses *s* · lost; the two are
# even at *s* = won / (won + lost). How sure is that share? `grid.even_share` draws our facts again, with replacement,
# two thousand times, each with all of its questions, and sees where 95 % of the shares lie: a *bootstrap*.

# %%
def even_where(first, second):
    share, low, high = grid.even_share(first, second)
    print(f"even where {share:.0%} [{low:.0%}, {high:.0%}] have no answer (here: 25%)")


even_where(february["RAG, wrapped"], february["hybrid"])
print("you guessed:", my_guess)
for name in ("RAG, wrapped", "hybrid", "RAFT-style"):
    false = sum(not (o.fact or o.silent) for o in chain(*february[name]))
    print(f"{name:13} neither right nor a refusal: {false} of {len(cases)} answers")

# %% [markdown]
# Your guesses. Facts: more were counted; whether by more than luck, see below. "I don't know": RAG, by far. Right
# tickets: about as many. If your share lies inside the interval, our questions cannot tell you which of the two gets
# more right: take the cheaper one. Below it take the hybrid, above it the wrapper. But not every failure costs the
# same. The last lines count *false* answers, neither right nor a refusal: the hybrid has more of them than the
# wrapper, RAFT-style fewer. If a false answer costs more than a question passed on, *usable* is not your column.
#
# **Facts:** both adapters look better than RAG. Nobody taught them February's facts; a guess is that hundreds of
# tickets about this handbook's pages are also practice in *reading* them. How sure is it? We did ten tests in one
# cell, and of twenty tests one comes out below 0.05 by luck. The usual caution is to multiply each p by their number
# (Bonferroni): 0.093 becomes 0.93, and 0.0066 just more than 0.05. Neither gain in facts is safe from luck, large as
# it is; both halves of the hybrid's *usable* are, and so is RAFT-style's loss of pages.
#
# **Abstaining:** here the adapter does *harm*. RAG said "I don't know" to nearly all questions without an answer, the
# hybrid, on the same passages, to few. Refusals in the training set (lesson 04's label counts: *other*) were no cure.
# **RAFT-style** training, with gaps in it, buys many refusals back, and in two trainings of three pays with pages;
# why with pages, we do not know. (Its rows also refuse three times as often, and each has three passages; which of
# the two brings the refusals back, no control of ours tells.) No arm is best in every column.
#
# ## 8 · Where each of them fails (8 min)
#
# The wrapper calls everything "pricing" and does not know that the price of an Enterprise plan goes to a colleague.
# Is that all? And has the training learnt those two things? Your guess first: which field is wrong most often, in the
# wrapper's tickets, and in the hybrid's?


# %%
def wrong(name):
    marked = [mark(t, c.question, c.pages) for t, c in zip(chain(*said[name]["February"]), cases)]
    return [[field for field in Ticket.model_fields if not getattr(m, field)] for m in marked]


for name in ("RAG, wrapped", "hybrid", "RAFT-style"):
    print(f"{name}: wrong", dict(Counter(chain(*wrong(name))).most_common()))
    print("   together:", dict(Counter(" + ".join(f) or "nothing" for f in wrong(name)).most_common(6)))

# %% [markdown]
# Most often it is neither of those two fields but the *answer*; in the hybrid's tickets the *page* as often. Where
# *category* or *escalate* stands alone, a rule was missing. Wherever *answer* or *page* is among them, no such rule
# can help: the sentence was read or cited wrongly before any program saw it.
#
# And the hybrid? Twenty of its tickets are wrong in answer, category, page and escalate at once (fifteen of them in
# plan, too): answers to questions that have none, or texts that are no ticket. Outside these only three categories
# and one escalation are wrong. Both rules are nearly learnt; that is what 500 tickets have bought. Its pages are no
# better: at questions with an answer it misses 19 of 72, the wrapper 17 (section 7).
#
# One of the two rules is no judgement at all: lesson 03's instructions say in so many words that the price of an
# Enterprise plan goes to a colleague. Our rival never got that line. A fair comparison gives it one:


# %%
def to_a_colleague(text):
    ticket = read_ticket(text)
    enterprise = ticket.category == "pricing" and ticket.plan == "Enterprise"
    return in_json(ticket.model_copy(update={"escalate": ticket.escalate or enterprise}))


RULED, plain = "RAG, wrapped + rule", said["RAG, wrapped"]["February"]
february[RULED] = judged([[to_a_colleague(text) for text in paper] for paper in plain])
for part in grid.PARTS:
    compare(february[RULED], february["hybrid"], "usable", part)
even_where(february[RULED], february["hybrid"])

# %% [markdown]
# **One line of program took back more than half of the hybrid's lead** where there is an answer: of 18 tickets 7 are
# left, which these questions cannot tell from luck. Over the whole paper the wrapper is now ahead, though 96
# questions cannot tell these two apart either. The share at which both are even fell to less than half, and its
# interval now begins at 0: for no share can we say that the hybrid is ahead. Whoever publishes a gain chooses the
# rival.
#
# (As everything is "pricing" to this wrapper, the line sends every answered Enterprise question to a colleague. That
# costs no ticket here, the category was wrong already, but it costs the colleague's time. The categories of the next
# exercise mend it.)
#
# So the two halves of a hybrid do not simply add up: retrieval brings the facts, and form is for sale in three shops:
# a program, a grammar, a training. Where a rule is known, write the rule: it costs an afternoon, keeps the refusals,
# and does not have to be trained again. Where judgement is wanted (the categories, here), training may earn its
# place. *May*: is a category really more than a rule?
#
# ### Exercise 05.3: one more rule. Predict, then measure
#
# Write `category(question)`, a few lines that choose a category from the words of the question; it takes the place of
# the wrapper's eternal "pricing", in the wrapper that has the Enterprise rule already. `"pricing"`: what it costs.
# `"limits"`: how much or how many are included, how long deleted data is kept, the promised uptime. `"features"`:
# whether a plan has something. `"how-to"`: where to click. `"policy"`: company rules, such as refunds or passwords.
# Then predict how many of the 96 tickets this wrapper will get right. A rule can win those tickets in which
# *category* alone is wrong (the counts above have them), and it can spoil right ones. Every question must get one of
# these five. `hint("05.3")` helps.


# %%
def category(question):
    ### BEGIN SOLUTION
    words = f" {question.lower()}"
    if any(w in words for w in ("price", "cost", "charge", "dollar", "euro", "pay", "set us back", "add-on")):
        return "pricing"
    if any(w in words for w in (" where ", "how do i ", "how can i ", " click", " menu")):
        return "how-to"
    if any(w in words for w in ("how many", " limit", "storage", "maximum", "how long", "deleted", "uptime")):
        return "limits"
    if any(w in words for w in ("refund", "password")):
        return "policy"
    return "features" if any(w in words for w in (" have ", " support ", " include")) else "pricing"
    ### END SOLUTION


### BEGIN SOLUTION
predicted = 60
### END SOLUTION


# %%
def with_category(text, question):
    ticket = read_ticket(text)
    try:
        mine = ticket.category if ticket.category == "other" else category(question)
    except NotImplementedError:
        mine = ticket.category
    return in_json(Ticket(**ticket.model_dump() | {"category": mine}))


made = [to_a_colleague(with_category(t, c.question.text)) for t, c in zip(chain(*plain), cases)]
marked = [mark(text, case.question, case.pages) for text, case in zip(made, cases)]
filed = [f"{c.question.text} → {read_ticket(text).category}" for c, text in zip(cases, made)]
missed = [line for line, m in zip(filed, marked) if not m.category]
right = {name: sum(grid.hits("usable", february[name])) for name in ("RAG, wrapped", RULED, "hybrid")}
print("right:", right | {"with your categories": sum(m.right for m in marked)}, "of", len(cases))
print(f"{len(missed)} wrong categories, such as", *missed[:6], sep="\n   ")
check("05.3", {"predicted": predicted, "measured": sum(m.right for m in marked)})

# %% [markdown]
# Our own rule gained four of the six tickets that it could: most wrong categories come with a wrong answer, which no
# rule mends. With it the wrapper has more tickets right than the hybrid, but we wrote it knowing these customers, and
# did not test the difference. Look at your rule's mistakes (where a line ends in *other*, the reader had refused and
# your rule had no say) before you write the next line of it: rules fail at the wordings that nobody thought of, and
# every new line is fitted to this exam a little more. An honest test of it would be an exam that you have never seen.
# The same holds for a trained category; only the work is different.
#
# ## 9 · Is it the reader? (5 min)
#
# tiny reads badly. So does all this depend on it? What do you expect with smol, which reads better: is there less
# left for training to gain, or do refusals suffer less? February's questions were put to smol once, with ticket
# adapters of its own, trained three times, and what came out was recorded. (RAFT-style was not trained for smol. The
# record keeps marks, not texts; in a wrapper's ticket about an Enterprise price only *escalate* is wrong where fact
# and page are right, so the rule can be applied to the marks.)

# %%
from dataclasses import replace

from course_utils import recorded

record = recorded.hybrid()
print(record)
display(Markdown(grid.table(record.arms)))
smol = dict(record.arms)
ruled = [[replace(o, usable=o.usable or (o.fact and o.page and ".enterprise.price" in o.about)) for o in each]
         for each in smol["RAG, wrapped"]]  # fmt: skip
for name, rival in {"RAG, wrapped": smol["RAG, wrapped"], RULED: ruled}.items():
    print(f"{name} : hybrid")
    for test in TESTS[:4] if name == "RAG, wrapped" else TESTS[:3]:
        compare(rival, smol["hybrid"], *test)

# %% [markdown]
# *Facts:* both read about as many right, and each got a few that the other missed. *Refusals* (the column
# *abstains*): the hybrid loses fewer than with tiny; whether it still loses any, two dozen questions cannot tell.
# *Tickets:* where there is an answer the hybrid has more than the plain wrapper, by less than with tiny; where there
# is none it has fewer, and over the whole paper the two are even. Seven tests: neither half is safe from luck when
# its p is multiplied by seven.
#
# With the Enterprise rule the wrapper has far more tickets right than the hybrid, and this difference is safe from
# luck even so: one line of program was worth more here than 500 tickets of training. It is a victory over this
# training only. Of the sixteen tickets that the rule rights the hybrid had none; and the same line could stand behind
# the hybrid, too, and right up to fifteen of its tickets. A rule and a training need not be rivals.
#
# So with smol gain and price both look smaller than with tiny, in one recorded run. The first question to any gain
# stays: **against which cheapest rival was it measured?**
#
# ### What others found
#
# These are published results, in their own units (accuracy in per cent; higher is better); of RAFT's five data sets
# three, a good one for the hybrid and two where it loses to tuning alone.
#
# | study | setting | RAG | tuned | hybrid | the hybrid is |
# |---|---|---|---|---|---|
# | Ovadia et al. 2023, arXiv 2312.05934, table 2 | Mistral 7B, facts tuned in | 87.5 | 58.8 | 83.0 | below RAG |
# | | Llama 2 7B | 58.5 | 39.2 | 52.0 | below RAG |
# | | Orca 2 7B | 87.6 | 56.6 | 82.6 | below RAG |
# | Zhang et al. 2024 (RAFT), arXiv 2403.10131, table 1 | Llama 2 7B, PubMed | 58.8 | 59.7 | 71.6, RAFT 73.3 | above both |
# | | Hugging Face APIs | 26.4 | 61.1 | 42.6, RAFT 74.0 | below tuning; RAFT above both |
# | | TensorFlow Hub APIs | 43.1 | 86.6 | 60.3, RAFT 86.9 | below tuning; RAFT above both |
#
# Balaguer et al. (2024, arXiv 2401.08406), on agriculture with GPT-4: 75 % untuned, 81 % fine-tuned, 86 % with both;
# there the gains do add up. A replication of RAFT (SMU Data Science Review 8(2), 2024) found its gain on an older
# model and not on the latest ones.
#
# The article's sentence (*outperforms either alone*) holds in some of these studies and fails in others. In ours, by
# *usable*, it holds against RAG alone, which writes no ticket, and against the ticket adapter alone, which has no
# facts; against RAG with a dozen lines of program we could not show it. That is no reason to laugh at it: it depends
# on what the tuning teaches (form, reading, or facts), on what the base can do already, and on what you count. It
# *is* a reason to fill in this grid with your own system before you build two pipelines.

# %% [markdown]
# ## 10 · Two sources, two prices (5 min)
#
# There is another hybrid, and people build it by accident: fine-tune on the documentation first, add retrieval later,
# keep the adapter. Then the weights say January and the passage says February. Whom does the model believe?
# Researchers call this a **knowledge conflict**; Longpre and colleagues (2021, arXiv 2109.05052) found models
# sticking to what they had learnt.
#
# We give FT-facts the passages, on the questions about changed prices.


# %%
def verdicts_of(weights, chat):
    found = []
    for model, paper in zip(models[weights], exam["February"]):
        changed = [case for case in paper if case.kind == "changed"]
        texts = answers(model, changed, chat)
        found += [grid.outcome(text, case).verdict for text, case in zip(texts, changed)]
    return found


of_the_exam = {"RAG, no training": "RAG", "hybrid": "hybrid", "by heart": "FT-facts"}
conflict = {name: grid.price_verdicts(february[system]) for name, system in of_the_exam.items()}
conflict["by heart + pages"] = verdicts_of("facts", with_pages)
print({name: dict(Counter(found)) for name, found in conflict.items()})
for case, text in zip(exam["February"][0][:4], answers(facts_live, exam["February"][0][:4], with_pages)):
    print(f"was {case.other_price}, is {case.question.value}: {text}")

# %% [markdown]
# Neither! A few old prices, a few new ones, and mostly something that is *neither* of them: another price, or none.
# Compare with RAG on the same passages: this model could read, before we trained it. We have not only given it a
# memory; it seems that five rounds over 192 answers without a passage have cost it the reading. Is it a conflict of
# two prices at all? The control would be the prices that stayed, where memory and page agree; we did not run it.
#
# First cure: say it. A prompt that puts the context first.

# %%
CONTEXT_FIRST = ("Answer the question in one sentence, from the passages only: they are newer than what you "
                 "remember. Cite the page.")  # fmt: skip


def told_so(case):
    return messages(case.question.text, case.passages, system=CONTEXT_FIRST)


conflict["by heart + pages, told so"] = verdicts_of("facts", told_so)
print(Counter(conflict["by heart + pages, told so"]))

# %% [markdown]
# It does not help here. A larger model may follow such a sentence, at least partly; try it, it is the cheapest cure.
#
# Second cure: train for it. The same 192 answers by heart, plus 128 rows **with passages**, RAFT-style: distractors,
# and one row in five without the passage that has the answer. All of it January's, so what is read and what is
# remembered always agree.
#
# Third: the same rows, but in the passages and in the answer the price that is asked for is **swapped** for a made-up
# one. Now reading and remembering always *disagree*, and reading is always right. (Of these adapters one ships, not
# three; it takes all three papers.)
#
# Your guess: which of the two cures brings more current prices, and will what was learnt by heart be gone?

# %%
from course_utils import results

models["read"] = [with_adapter(f"facts_read_seed{seed}") for seed in range(3)]
models["swapped"] = [with_adapter("facts_swapped")] * 3
for name, of in {"trained with pages": "read", "trained with swapped prices": "swapped"}.items():
    conflict[f"{name}, asked without"] = verdicts_of(of, closed)
    conflict[f"{name}, asked with"] = verdicts_of(of, with_pages)
headline = {
    f"{name}, {column}, February": grid.pooled(column, marks["February"][name])
    for name in ("RAG, wrapped", "FT-facts", "hybrid", "RAFT-style")
    for column in ("fact right", "abstains", "usable")
}
results.record("05", **grid.summary(marks), conflict=conflict, headline=headline)
plots.verdict_bars(conflict, "January in the weights, February on the page")

# %% [markdown]
# *Picture:* a bar for each system, for February's questions about changed prices. *RAG, no training*: mostly current;
# the *hybrid*: nearly all current. *By heart*: stale. *By heart + pages*, and the same *told so*: mostly other
# prices. Both models *trained with* passages answer stale without a page, and mostly current with one.

# %%
cured = ("trained with pages, asked with", "trained with swapped prices, asked with")
for arm in ("hybrid", *cured):
    only = only_one(*([v == "current" for v in conflict[each]] for each in ("RAG, no training", arm)))
    print(f"only RAG {only[0]:2}, only {arm} {only[1]:2}   p = {evaluation.sign_test(*only):.2g}")

# %% tags=["nbval-check-output", "instructor"]
stale, current = ({a: f.count(v) / len(f) for a, f in conflict.items()} for v in ("stale", "current"))
spoilt = current["by heart + pages"]
learnt = grid.price_verdicts(marks["January"]["FT-facts"])
five = ("RAG", "RAG, wrapped", "RAG, decoder", "hybrid", "RAFT-style")
rates = ({column: grid.pooled(column, february[name]).value for column in grid.COLUMNS} for name in five)
rag, wrapper, decoder, hybrid, raft = rates
claims = {
    "by heart knows January's prices": learnt.count("current") >= 0.85 * len(learnt),
    "RAG writes no ticket": rag["valid ticket"] == 0,
    "the hybrid does, and so does a program": hybrid["valid ticket"] >= 0.75 and wrapper["valid ticket"] == 1,
    "a grammar alone gets none right": decoder["usable"] <= 0.1,
    "hybrid: facts no worse than RAG's": hybrid["fact right"] >= rag["fact right"] - 0.05,
    "the hybrid abstains less than RAG": hybrid["abstains"] <= rag["abstains"] - 0.2,
    "RAFT-style abstains more than it": raft["abstains"] >= hybrid["abstains"] + 0.1,
    "what was learnt by heart is stale": stale["by heart"] >= 0.85,
    "after training by heart alone it reads worse": spoilt <= current["RAG, no training"] - 0.3,
    "telling does not help": current["by heart + pages, told so"] <= spoilt + 0.2,
    "training with pages does": min(current[arm] for arm in cured) >= spoilt + 0.25,
    "memory is still there": stale["trained with swapped prices, asked without"] >= 0.8,
}
print(*(f"{claim}: {holds}" for claim, holds in claims.items()), sep="\n")

# %% [markdown]
# Both cures still know January by heart (take the page away and they are stale), and with the page there they read it
# again. Those trained with true pages cannot be told from RAG without any training: as many questions were won as
# were lost, of three dozen. The hybrid, which never learnt a price by heart, and the cure that had practised with
# made-up prices look better. But the p of the first is above 0.05, and that of the second is one of three in this
# cell, and of a single adapter; times three it is above 0.05, too. Take both for hints.
#
# What this suggests: do not train a model that is to read on answers without pages only. **Train on
# the prompts that you will send** is the usual advice, and plausible; but *RAFT-style*, in section 7, followed it
# most closely, and paid with pages. So count afterwards.
#
# ## 11 · Recap (1 min)
#
# * Do the two add up? Against each half alone, yes, by *usable*. Against RAG in a dozen lines of program we could not
#   show it: over our paper 96 questions do not tell the two apart.
# * Where there was an answer the hybrid got more tickets right, where there was none far fewer. Your share of such
#   questions decides.
# * Facts and form are two directions. Retrieval moves a system along one; a program, training or a grammar along the
#   other; the grammar on the untrained model, here, also backwards along the first.
# * One line about Enterprise prices, which the rival had been denied, took back more than half of that lead. Before
#   you train, build the cheapest rival, and give it the rules that you know.
# * After a price change, only what *reads* stays right. What was learnt by heart turned stale overnight.
# * Training only on answers without a page seems to have cost the model its reading. The facts in the weights alone
#   do not explain it: with pages among the training rows it kept the same facts by heart, and read.
# * Compare systems on the same questions, with several seeds, and count refusals: it is the column that nobody shows.
#
# All this is measured on a model of six million parameters, four products and a few dozen questions a cell. The
# *grid* carries over to your system; its numbers do not.
#
# ## What could go stale here
#
# * The adapters that ship belong to the bundled model's weights of their day; `adapters.folder` refuses others.
# * The published figures are of 2023 and 2024. Newer base models follow instructions and read better, so form is
#   cheaper to get without training, and there is less for RAFT to gain.
# * Your own hybrid: an adapter is trained against one retriever and one prompt. Change either, and measure again.
