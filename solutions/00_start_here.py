# %% [markdown]
# # 00 · Start here

# %% [markdown]
# A company fine-tunes a language model on its own handbook: it trains it further, on those pages. The model learns it
# well. Then the prices change – and the model goes on quoting the old ones, politely and without a doubt.
#
# In this course you will make that happen on your own machine, find out why, and repair it. This first lesson
# gets you ready: it looks at your computer, introduces the company, lets you talk to the model, and ends with
# the one question that the whole course comes back to.
#
# **How to use a notebook.** Click into a grey cell and press `Shift`+`Enter`: it runs, and the next one is
# selected. Run the cells from top to bottom. Nothing you do here can break anything.

# %% [markdown]
# ## 1 · Is my machine ready? (2 min)
#
# The course comes with a doctor. It looks at everything the lessons depend on and prints one line for each.
# Ask it.

# %%
from course_utils import doctor
from course_utils.checks import check, hint, solution

ready = doctor.report()

# %% [markdown]
# * `[OK]` is what you hope for.
# * `[WARN]` means: the course runs, with a restriction that the line names.
# * `[FAIL]` means: mend this first. The arrow below the line says how.
#
# If a `[FAIL]` stays, paste the whole report into a bug report.

# %% [markdown]
# One line of the report is called **lane**. Every lesson runs on an ordinary processor; some can also use an
# NVIDIA graphics card, and are faster or use a larger model there. The course works out your lane once.

# %%
from course_utils import lane

print(lane.current())

# %% [markdown]
# ## 2 · A company and its handbook (6 min)
#
# All lessons happen at one company, which does not exist. It sells software to other companies, by
# subscription, and publishes a new version of its handbook every month.

# %%
from course_utils.company import COMPANY, RELEASES, facts

january = RELEASES[0]
print(f"{COMPANY}, handbooks from {january} to {RELEASES[-1]}")
print("products:", ", ".join(sorted({fact.product for fact in facts(january).values() if fact.product})))

# %% [markdown]
# Why an invented company? Because no model has ever read about it. When a model knows a price at
# this company, you know where it got it from: from what *you* gave it.
#
# The handbook is a folder of Markdown pages. How many, and how long would you need to read them?

# %% tags=["nbval-check-output"]
from course_utils.company import pages

handbook = pages(january)
words = sum(len(text.split()) for text in handbook.values())
print(f"{len(handbook)} pages, {words:,} words: {words / 238 / 60:.0f} hours of reading")

# %% [markdown]
# (At 238 words a minute, the average for English non-fiction: Brysbaert 2019, *Journal of Memory and
# Language* 109.)
#
# Nobody reads that while a customer waits. That is why the support team wants a model that has.
#
# Write the handbook to your disk, so that you can look at it like any other folder.

# %%
from course_utils.company import write_handbook
from course_utils.paths import shown, work_dir

folder = write_handbook(january, work_dir("00") / "handbook")
print("open it in the file browser on the left:", shown(folder))

# %% [markdown]
# What is in it? Count the pages by the folder they lie in; these are the ten largest folders.

# %% tags=["nbval-check-output"]
from collections import Counter

for name, count in Counter(path.split("/")[-2] for path in handbook).most_common(10):
    print(f"{count:4}  {name}")

# %% [markdown]
# Two of these folders are traps, as in every real handbook: `legacy` is about plans that are no longer sold, and
# `regions` gives the prices of other countries. A search that is not careful will bring you the wrong page.
#
# And this is a page: the one about the plan that most small teams buy.

# %%
from IPython.display import Markdown

team_page = "products/tallyport/plans/team.md"
Markdown(handbook[team_page])

# %% [markdown]
# A page has a title, a few sections, and each section makes sense on its own. That will matter in lesson 02,
# when pages are cut into pieces.

# %% [markdown]
# ### Exercise 00.1 · Read a price
#
# What does **Tallyport Business** cost per user and month in January, in dollars, paid by the month? Find its
# page (put its path into `business_page`), read the price, and write it into `business_price` as it is printed there.
#
# Stuck? Run `hint("00.1")` in a new cell (the + in the bar above).

# %%
### BEGIN SOLUTION
business_page = "products/tallyport/plans/business.md"
business_price = facts(january)["tallyport.business.price_monthly"].value
### END SOLUTION
# Markdown(handbook[business_page])  # take away the first "#" to see the page

# %%
check("00.1", business_price)

# %% [markdown]
# ## 3 · What changes in a month (4 min)
#
# Imagine that you learned the January handbook by heart. On the first of February somebody asks you for a
# price. **Guess first:** how many of a hundred prices would you still have right? Write it down; the answer
# comes at the end of this section.

# %%
### BEGIN SOLUTION
my_guess = 90
### END SOLUTION

# %% [markdown]
# First a single price, in both months.

# %% tags=["nbval-check-output"]
from course_utils.company import changes

before, after = (facts(release)["tallyport.team.price_monthly"] for release in RELEASES[:2])
print(f"January:  {before.text}")
print(f"February: {after.text}")

# %% [markdown]
# `changes(old, new)` lists everything that differs between two handbooks. Each change has a `key`, such as
# `tallyport.team.price_monthly`, and a `kind`: `changed`, `added` or `retired`.

# %% tags=["nbval-check-output"]
february = changes("2026-01", "2026-02")
for change in february[:3]:
    print(f"{change.kind:8} {change.key:32} {change.old.value} → {change.new.value}")
print(f"… and {len(february) - 3} more")

# %% [markdown]
# ### Exercise 00.2 · Count the prices that change
#
# Complete the function: how many prices have *changed* between two handbooks? A price is a fact whose key
# contains `price`. A price of a product that is new has not changed; it was added.
#
# Stuck? Run `hint("00.2")`.


# %%
def changed_prices(old, new):
    """How many prices differ between the handbooks of two months."""
    ### BEGIN SOLUTION
    return sum(change.kind == "changed" and "price" in change.key for change in changes(old, new))
    ### END SOLUTION


# %%
check("00.2", changed_prices)

# %% [markdown]
# Now the answer to the guess. The next cell takes every price in the January handbook and looks it up in each
# later one. Then it lets your function count, from each month to the next. (While the exercise is open, it takes the
# course's own.)

# %% tags=["nbval-check-output"]
from itertools import pairwise

from course_utils.checks import yours_or

known = {key: fact.value for key, fact in facts(january).items() if "price" in key}


def still_true(release):
    """The share of the January prices that the handbook of this month still states, in per cent."""
    today = facts(release)
    return 100 * sum(key in today and today[key].value == value for key, value in known.items()) / len(known)


print(f"{len(known)} prices in January")
for release in (RELEASES[1], RELEASES[-1]):
    print(f"{release}: {still_true(release):.0f} % of them still true")
if my_guess is not ...:
    print(f"You guessed {my_guess} % for February.")
count = yours_or("00.2", changed_prices)
print("prices that changed, month by month:", *(count(old, new) for old, new in pairwise(RELEASES)))

# %%
import matplotlib.pyplot as plt

figure, axes = plt.subplots(figsize=(7, 3), layout="constrained")
axes.plot(
    range(12), [still_true(release) for release in RELEASES], color="black", marker="o", label="remembered"
)
axes.axhline(100, color="black", linestyle="--", label="what the current pages say")
axes.legend(loc="lower left")
axes.set(ylim=(0, 105), xlabel="release", ylabel="January prices still true (%)")
axes.set_xticks(range(12), [release[2:] for release in RELEASES])
plt.show()

# %% [markdown]
# *Picture:* a line from 100 % in January that falls to about 56 % in February and then, more slowly, to about
# 41 % in December. A dashed line stays at 100 %: what the current pages say.
#
# This is what somebody who *remembers* has to live with. Somebody who *looks it up* can
# have 100 % all year – if they find the page and read it right; lesson 02 measures how often. That difference is what
# the course is about.
#
# (February is Larkmoor's yearly price round. It is invented, so that there is enough to measure; in each later month
# only about ten prices change. Did every price go up in February? Look into the list `february`.)

# %% [markdown]
# ## 4 · The model meets a page (4 min)
#
# Now to the model. It has read about products and companies, but never about these. The course speaks to one of two
# small language models. **smol** is SmolLM2-135M-Instruct, a real open model that others pretrained on a great deal of
# text, with an adapter of ours (a small set of added numbers, trained later); **tiny** is twenty times smaller, made
# from scratch for this course, and there for machines on which smol would make you wait. The course has looked at your
# machine and chosen.

# %%
from course_utils import models

print(models.current())
model, tokenizer = models.load()
size = model.num_parameters()
print(f"{size / 1e6:,.1f} million parameters; Llama 3.1 405B has {405e9 / size:,.0f} times as many")

# %% [markdown]
# (To take the other one, write `%env STALE_PRICES_MODEL=tiny`, or `=smol`, into a new cell at the very top, restart
# the kernel and run from there. Binder has only tiny.) Neither has ever read about Larkmoor, which does not exist.
# **What will the model say when you ask?**

# %%
from course_utils.answering import ask

question = "What does Tallyport Team cost per user and month, if I pay by the month?"
closed_book = ask(model, tokenizer, question)
print(closed_book)

# %% [markdown]
# Honest – because it was taught to be. Both models have practised two habits: to answer from passages, which are pieces
# of pages, and to say "I don't know." when no passage gives the answer. Now give it the page to read, cut into its
# sections, and ask the same question again.

# %%
from course_utils.answering import abstained
from course_utils.retrieval import chunk_page

assert abstained(closed_book), "A company that nobody has read about should get an 'I don't know'."
sections = [chunk.text for chunk in chunk_page(team_page, handbook[team_page])]
print(ask(model, tokenizer, question, sections[:3]))

# %% [markdown]
# The number in brackets is the section it says it read. The same model, the same question; what changed is what
# lay in front of it. That is one of the two ways to make a model useful. The other is to train it,
# which changes its weights, the numbers that it consists of. (Indexing, on the right, is making pages searchable; a
# prompt is the text that a model is given.)
#
# ```
#   WEIGHTS THAT KNOW                          PAGES THAT ARE READ
#
#   handbook                                   handbook
#      │  training, once                          │  indexing, after every change
#      ▼                                          ▼
#   weights  ◀── question                      passages  ◀── question
#      │                                          │
#      ▼                                          ▼  passages and question in one prompt
#   answer, as old as the training             model, never trained on them
#                                                 │
#                                                 ▼
#                                              answer, as old as the page that it names
# ```
#
# ## 5 · How often is it right? (6 min)
#
# One answer is an anecdote, so let us not leave it at one: 40 questions about anything the handbook states, from prices
# to the place of a menu, each with the section that states the answer and its two neighbours. An answer counts as right
# if the page's value stands in it. We ask the model that you have and, if that is smol, tiny as well. **How many of the
# 40 do you expect to be right?**

# %%
import time

from course_utils.answering import generate, messages, without_memo
from course_utils.company import questions
from course_utils.evaluation import Rate, states

asked = questions(january, 40, seed=1, answerable=True, split="test")


def page_sections(question, around=1):
    sections = [chunk.text for chunk in chunk_page(question.page, handbook[question.page])]
    place = next(i for i, text in enumerate(sections) if states(text, question.value))
    return sections[max(0, place - around) : place + around + 1]


chats = [messages(q.text, page_sections(q)) for q in asked]

# %%
said = {}
print(f"{'model':7} {'parameters':14} {'seconds per answer, 40 at once':31} right")
for name in dict.fromkeys([models.TINY, models.current().name]):
    reader, its_tokenizer = models.load(name)
    with without_memo():  # an answer that was given before would come at once
        start = time.perf_counter()
        said[name] = generate(reader, its_tokenizer, chats)
    seconds = (time.perf_counter() - start) / len(chats)
    right = Rate.of(states(a, q.value) for a, q in zip(said[name], asked))
    print(f"{name:7} {reader.num_parameters() / 1e6:6.1f} million {seconds:<31.2f} {right}")

# %% [markdown]
# (Behind each rate stands the interval in which the true one lies, with 95 % confidence: 40 questions do not tell it
# more exactly. If tiny is your model, there is one row; [the solution](../solutions/00_start_here.ipynb), which was run
# with smol, shows both.)
#
# Look at what goes wrong with tiny:

# %%
mistakes = {n: [(q, a) for q, a in zip(asked, said[n]) if not states(a, q.value)] for n in said}
wrong = mistakes[models.current().name]
unsure = sum(abstained(a) for _, a in mistakes[models.TINY])
print(f'tiny: {len(mistakes[models.TINY])} wrong, {unsure} of them an "I don\'t know"; for example:')
for q, a in [(q, a) for q, a in mistakes[models.TINY] if not abstained(a)][:3]:
    print(f"{q.text}\n   said: {a}\n   page: {facts(january)[q.fact_key].text}")

# %% [markdown]
# An "I don't know" at least admits that it has no answer. The others sound as sure as the right answers do. Whenever
# you see a number in this course, look at the page as well. How often each model is right on other kinds of
# questions, and where it breaks, is written in their cards (`course_utils/models/reader/MODEL_CARD.md`,
# `course_utils/bundled_model/MODEL_CARD.md`).

# %% [markdown]
# ### Exercise 00.3 · More to read: predict, then measure
#
# The right section came with one neighbour on each side. Nobody cuts the pages so kindly. Choose `around`, the number of
# neighbours on each side: 0 (the right section alone), 2, or 10 (the whole page, or all but one or two sections of
# it). Then write into `predicted` how many of the 40 questions *your* model will get right, and run both cells.
# `hint("00.3")` helps.

# %%
### BEGIN SOLUTION
around = 10
predicted = 34
### END SOLUTION

# %%
tried = around if around in (0, 2, 10) else 10
answers = generate(model, tokenizer, [messages(q.text, page_sections(q, tried)) for q in asked])
measured = sum(states(a, q.value) for a, q in zip(answers, asked))
if around is not ... and predicted is not ...:
    print(f"one neighbour on each side: {len(asked) - len(wrong)} of {len(asked)} right; {tried}: {measured}")
check("00.3", {"around": around, "predicted": predicted, "measured": measured})

# %% [markdown]
# Every lesson has one such experiment: a prediction that you hold against a measurement. A prediction that fails
# teaches more than one that holds, so write it down before you run the cell. (Lesson 01 takes up what it means when a
# few of forty come out differently.)

# %% [markdown]
# ## 6 · Knowledge or behaviour? (4 min)
#
# When an assistant fails, it fails in one of two ways. It did not **know** something: the fact was missing,
# or old, or in a place it could not see. Or it knew, and did not **behave**: wrong shape, wrong tone, wrong
# length. The two need different tools, and mixing them up is expensive.
#
# Here are ten failures of Larkmoor's support assistant.

# %% [markdown]
# | | what happened |
# |---|---|
# | 1 | A customer asks for the price of Tallyport Team. The assistant names last month's. |
# | 2 | The ticket system needs JSON. The facts are right, but they come as a friendly paragraph. |
# | 3 | Routewren was launched in February. The assistant describes features it does not have. |
# | 4 | A customer has lost data. The answer is true, and sounds like an advertisement. |
# | 5 | Its instructions list six categories for a ticket. The assistant makes up a seventh. |
# | 6 | A customer in Berlin asks about refunds and is told the period for the United States. |
# | 7 | The settings menu was moved last month. The assistant sends people to the old place. |
# | 8 | Every correct answer begins with three sentences of apology. |
# | 9 | A customer asks about their own contract, which lies in a folder the assistant cannot see. |
# | 10 | Its instructions ask for two lines. The summary is right, and a page long. |

# %% [markdown]
# ### Exercise 00.4 · Sort the ten failures
#
# Put the numbers of those that are a lack of **knowledge** into a set, such as `{1, 2}`. The others are
# behaviour.
#
# Stuck? Run `hint("00.4")`.

# %%
### BEGIN SOLUTION
knowledge_failures = {1, 3, 6, 7, 9}
### END SOLUTION

# %%
check("00.4", knowledge_failures)

# %% [markdown]
# Numbers 2 and 6 look alike: the customer was not helped. But a page would have saved number 6, and no page in the
# world would have saved number 2.
#
# Which tool belongs to which pile? You may have a guess. The course does not ask you to believe it: lessons
# 01 and 02 measure the knowledge pile, lessons 03 and 04 the behaviour pile, and lesson 05 both at once.

# %% [markdown] tags=["instructor"]
# **For instructors.** Let the room sort number 6 and number 9 aloud: they are the two that split a group.
# In number 6 the fact exists and the wrong one was used, which feels like carelessness; ask what a
# colleague with the European page open would have said.

# %% [markdown]
# ## 7 · Recap (1 min)
#
# * Your machine is ready, and you know in which lane it runs.
# * The company has a handbook of 500 pages, and a new one every month; after one month almost half of the
#   prices are different.
# * The model says that it does not know, as it was taught – until it has the page in front of it. Then it is mostly
#   right, not always.
# * A failure is one of knowledge or one of behaviour. Would reading the right page have prevented it?
#
# **Next:** [lesson 01](01_stale_prices.ipynb). You train the model on the January handbook until it knows
# every price, and then February comes.

# %% [markdown]
# ## What could go stale here
#
# * **The doctor's list.** It knows the versions this course was tested with. Newer ones may work; then it
#   warns.
# * **The comparison with a large model.** It names one of 2024, whose size is published. Larger ones come.
# * **Not the company.** Its twelve handbooks are invented and do not age. That is what makes them
#   measurable.
