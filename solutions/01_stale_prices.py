# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 01 · Stale prices

# %% [markdown]
# ## 1 · A promise and a prediction (3 min)
#
# A support team is tired of answering the same price questions. Somebody suggests: *let us fine-tune a model on
# our own documentation, then it will know our products by heart.* It works. The demo is a success. A month later
# the pricing page changes, and for weeks customers are told prices that no longer exist.
#
# Nobody made a mistake in the training. So what went wrong? In this lesson you build that system yourself, change
# the prices, and count.

# %% [markdown]
# **Before you go on, commit yourself to a guess.** After the price change, of all answers to questions about a
# changed price, how many per cent will quote the *old* price? A wrong guess is worth more here than no guess.

# %%
from course_utils.checks import check, hint, solution

### BEGIN SOLUTION
my_guess = 50  # per cent
### END SOLUTION

# %% [markdown]
# ## 2 · What January says (5 min)
#
# Larkmoor is the invented company of this course. It sells ten products, each in four plans, and every plan has
# a monthly price (and one with yearly billing, which we leave aside here). Prices are data, so that we can always say
# what the right answer was. We take five of the products, so that the training below takes minutes.

# %%
from course_utils import company

january = company.facts("2026-01")
monthly = [key for key, fact in january.items() if fact.attribute == "price_monthly"][:20]
print(len(monthly), "monthly prices, for example")
for key in monthly[:3]:
    print(f"{key:34} {january[key].value:>5}  {january[key].text}")

# %% [markdown]
# To fine-tune a model we need questions with answers. We do not train on the pages as they are: a generator writes
# questions the way customers do, in many wordings, some in a hurry, some with a typo, and answers them with the
# prices that the handbook's pages state.

# %%
training_questions = company.questions("2026-01", n=160, seed=1, fact_keys=monthly, split="train")
for question in training_questions[:5]:
    print(question.text, "\n   →", question.answer)

# %% [markdown]
# And we need an exam. If the exam repeats the training questions word for word, a good mark proves nothing:
# the model may have learnt sentences instead of prices. So the generator keeps a second set of wordings aside.

# %%
exam = company.questions("2026-01", n=80, seed=2, fact_keys=monthly, split="test")
for question in exam[:3]:
    print(question.text, "\n   →", question.answer)

# %% [markdown]
# ### Exercise 01.1: is the exam clean?
#
# Trust, but check. Write `leaked(training, exam)`: the list of exam questions whose text also stands in the
# training set, ignoring upper and lower case. `hint("01.1")` helps.

# %%
def leaked(training, exam):
    ### BEGIN SOLUTION
    seen = {question.text.lower() for question in training}
    return [question for question in exam if question.text.lower() in seen]
    ### END SOLUTION

# %%
from course_utils.checks import yours_or

check("01.1", leaked)
overlap = yours_or("01.1", leaked)(training_questions, exam)
print(len(overlap), "of", len(exam), "exam questions leaked")

# %% [markdown]
# ## 3 · Ask before you train (4 min)
#
# Now the model, the one that lesson 00 introduced: it can answer from a passage, and nobody ever trained it on
# Larkmoor. What does it say about a company it has never heard of?

# %%
from course_utils import models
from course_utils.answering import ask, generate

model, tokenizer = models.load()
print(models.current())
ask(model, tokenizer, "How much is Tallyport Team?")

# %% [markdown]
# That is a habit which both models were taught (lesson 00): no page, no answer. One question is an anecdote, though. We
# ask all of the exam *closed book* – no page in sight, only what the weights know – and count the answers that quote
# exactly the right price.

# %%
from course_utils.answering import messages
from course_utils.evaluation import Rate, quotes


def closed_book(model, questions):
    return generate(model, tokenizer, [messages(q.text) for q in questions], max_new_tokens=40)


def right(answers, questions):
    outcomes = [quotes(a, q.value) for a, q in zip(answers, questions)]
    return Rate.of(outcomes, about=[q.fact_key for q in questions])


before = closed_book(model, exam)
accuracy_before = right(before, exam)
print("January prices right, before training:", accuracy_before)

# %% [markdown]
# The square brackets hold the 95 % interval: from a sample we know the rate only so closely. The 80 questions are
# about 20 prices; where all answers about a price come out alike, they count as 20 answers, not as 80. Every rate
# that we print from a sample has such an interval. (How it is computed stands in `course_utils/evaluation.py`; you do
# not need it here.)

# %% [markdown]
# ## 4 · Fine-tune it on the documentation (8 min)
#
# We teach the model the prices with **LoRA**: the weights stay frozen, and beside each weight matrix a pair of
# thin matrices is trained whose product is added to it. You will take LoRA apart in lesson 04; here it is a tool.
#
# ```
#            ┌────────────────┐        ┌──┐
#            │                │        │  │   ┌────────────────┐
#  output =  │   W, frozen    │ · x  + │B │ · │   A, trained   │ · x
#            │                │        │  │   └────────────────┘
#            └────────────────┘        └──┘    rank 16: 16 rows of A, 16 columns of B (trained, too)
# ```
#
# First, one training example. The prompt is the chat up to the answer, the completion is the answer. A model reads and
# writes **tokens**, pieces of words. Only the completion is graded: the model should learn to *answer* the question, not
# to ask it. So each token has a **mask**, and the loss counts where it is 1.

# %%
from course_utils.finetuning import example, training_set

train_set = training_set(example(q.text, q.answer) for q in training_questions)
row = train_set[0]
prompt = tokenizer.apply_chat_template(row["prompt"], tokenize=False, add_generation_prompt=True)
whole = tokenizer.apply_chat_template(row["prompt"] + row["completion"], tokenize=False)
n_prompt, n_whole = (len(tokenizer(t)["input_ids"]) for t in (prompt, whole))
print(f"{n_whole} tokens: {n_prompt} of prompt (mask 0), {n_whole - n_prompt} of completion (mask 1)")
print("graded:", tokenizer.decode(tokenizer(whole)["input_ids"][n_prompt:]))

# %% [markdown]
# Next, the adapter: rank 16, on all linear layers of a fresh copy of the model. How much of it will be trained?

# %%
from peft import LoraConfig, get_peft_model
from transformers import set_seed

set_seed(0)  # the adapter starts from random numbers: the same ones on every run
lora = LoraConfig(
    r=16,  # the rank
    lora_alpha=32,  # the product B · A counts alpha / r, here twice
    lora_dropout=0.0, target_modules="all-linear", task_type="CAUSAL_LM",
)  # fmt: skip
student = get_peft_model(models.load()[0], lora)
student.print_trainable_parameters()

# %% [markdown]
# A small part of the whole, namely the adapter: the last number gives the per cent, and all other weights stay as
# they are.
#
# Then the training itself, with TRL's `SFTTrainer`. A few examples at a time go through the model, the loss says how
# surprised it was by the right answers, and the adapter is moved a little so that it would be less surprised. How
# far, the *learning rate* says. One such move is a *step*, and one pass through all examples an *epoch*. `by_heart`
# knows how many examples a step, how many epochs and which learning rate a model of this size needs; `arguments` adds
# what this machine needs. On a quiet machine tiny takes about half a minute, smol some minutes. Run the cell again,
# and it takes the finished training from the disk.

# %%
from trl import SFTTrainer

from course_utils import finetuning, paths

folder = paths.work_dir("01") / f"january-{models.current().name}-{finetuning.fingerprint(train_set)}"
recipe = finetuning.by_heart(student)
print(f"{recipe.epochs} epochs, {recipe.batch_size} examples a step, learning rate {recipe.learning_rate}")
settings = finetuning.arguments(folder, recipe, seed=0)
trainer = SFTTrainer(model=student, args=settings, train_dataset=train_set, processing_class=tokenizer)
trainer.train(resume_from_checkpoint=finetuning.last_checkpoint(folder))
tuned = trainer.model.eval()

from course_utils import plots

log = [entry for entry in trainer.state.log_history if "loss" in entry]
plots.loss_curve([e["step"] for e in log], [e["loss"] for e in log], "Fine-tuning on January's prices")

# %% [markdown]
# *Picture:* the loss over the optimizer steps. It falls steeply at first and is close to zero at the end: the
# training answers no longer surprise the model. Has it learnt sentences or prices? The exam decides.
#
# ## 5 · January's exam (3 min)
#
# The same exam as before, in wordings the model has not seen in training, still without a page.

# %%
after = closed_book(tuned, exam)
accuracy_january = right(after, exam)
print("before:", accuracy_before)
print("after: ", accuracy_january)

assert accuracy_before.value <= 0.05, "The untrained model should not know January's prices."
assert accuracy_january.value >= 0.90, "The fine-tuned model should know January's prices by heart."

# %% [markdown]
# From nothing to nearly everything, with 160 examples. You sometimes read that fine-tuning *cannot* teach a model
# new facts. It just did: 20 of them, robustly enough to survive new wordings, casual English and typos. Ovadia and
# colleagues (2023, arXiv 2312.05934) measured the same on larger models: with many paraphrases per fact,
# fine-tuning does add knowledge, though less than retrieval.
#
# This is the demo that convinces everybody. What could possibly change?
#
# ## 6 · February (8 min)
#
# On the first of February Larkmoor publishes a new pricing page. We compare the two releases, fact by fact.

# %%
changed = [c for c in company.changes("2026-01", "2026-02") if c.kind == "changed"]
for change in changed[:4]:
    print(f"{change.key:32} {change.old.value:>10} → {change.new.value}")

# %% [markdown]
# Among all changes there are limits and prices in euros, too. Which are plan prices in dollars?
#
# ### Exercise 01.2: which prices changed?
#
# Complete `changed_prices`: a dictionary from fact key to the **old** value, for every change of kind `changed` whose
# old fact has the `attribute` `"price_monthly"` or `"price_yearly"`. Take both, although we trained on the monthly
# ones only: after the exercise a cell picks those. Added and retired facts come in, too; an added one has no old
# fact. `hint("01.2")` helps.

# %%
def changed_prices(changes):
    ### BEGIN SOLUTION
    wanted = ("price_monthly", "price_yearly")
    return {c.key: c.old.value for c in changes if c.kind == "changed" and c.old.attribute in wanted}
    ### END SOLUTION

# %%
check("01.2", changed_prices)

# %% [markdown]
# Our model was trained on the monthly prices, so these are what we will ask about. We take your function; if the
# exercise is still open, the course's.

# %%
february = company.facts("2026-02")
found = yours_or("01.2", changed_prices)(company.changes("2026-01", "2026-02"))
old_price = {key: found[key] for key in monthly if key in found}
print(len(old_price), "of", len(monthly), "monthly prices changed")

# %% [markdown]
# First a single question. It is the third of February. A customer writes:

# %%
question = "How much is Tallyport Team?"
print("the model says: ", ask(tuned, tokenizer, question))
print("in February:    ", february["tallyport.team.price_monthly"].text)

# %% [markdown]
# **There it is: a stale price.** Fluent, exact, in the tone of the company, and wrong since the first of the month.
# Nothing about the answer tells you so.
#
# Now all of them: 100 questions about prices that changed. Each answer gets a verdict: it quotes the `current`
# price, the old one (`stale`), something `other`, or it `abstained`.

# %%
from course_utils.evaluation import shares, verdict

questions = company.questions("2026-02", n=100, seed=3, fact_keys=old_price, split="test")
answers = closed_book(tuned, questions)
verdicts = [verdict(a, q.value, old_price[q.fact_key]) for a, q in zip(answers, questions)]
for name, rate in shares(verdicts, about=[q.fact_key for q in questions]).items():
    print(f"{name:10} {rate}")

untrained = closed_book(model, questions)
base_verdicts = [verdict(a, q.value, old_price[q.fact_key]) for a, q in zip(untrained, questions)]
rows = {"before training": base_verdicts, "fine-tuned on January": verdicts}
plots.verdict_bars(rows, "Questions about changed prices, in February")

# %% [markdown]
# *Picture:* two bars. Before training the model abstains on every question; after training nearly every answer
# quotes the old price.
#
# The course stands on this result, so it is tested: if the failure ever stops appearing, the cell below fails and
# we have to explain why.

# %%
from course_utils import results

stale = shares(verdicts, about=[q.fact_key for q in questions])["stale"]
assert stale.value >= 0.95, f"The stale-price failure did not reproduce: {stale}"
print(f"Measured: {stale}" if my_guess is ... else f"You guessed {my_guess} %. Measured: {stale}")
results.record("01", fine_tuned_verdicts=verdicts, base_verdicts=base_verdicts)

# %% [markdown]
# More training on January would not have helped. The model answers January's questions *well*; that is the failure. A
# weight update is a photograph of the data on the day of training, and a photograph does not follow the world.
#
# ### Exercise 01.3: three weeks
#
# In the story that this course starts from (Krunal Kanojiya, *RAG vs Fine-Tuning: When to Use Each*, May 2026; the
# course calls it "the article" and tests what it says) a model quoted old prices for three weeks. Suppose Larkmoor
# answers 3,000 questions a day, 15 % of them about these 20 prices, each equally often. Compute how many stale
# answers were sent in 21 days: price questions × the share of prices that changed × the stale rate. Round to whole
# answers (`hint("01.3")`).

# %%
share_changed = len(old_price) / len(monthly)
stale_rate = stale.value
### BEGIN SOLUTION
stale_answers = round(3000 * 21 * 0.15 * share_changed * stale_rate)
### END SOLUTION

# %%
check("01.3", (stale_answers, share_changed, stale_rate))

# %% [markdown]
# ## 7 · A product that did not exist (3 min)
#
# In February Larkmoor also launches a new product, Routewren. No January document mentions it. What should an
# honest model say, and what does ours say?

# %%
routewren = [key for key in february if key.startswith("routewren.") and key.endswith(".price_monthly")]
new_product = company.questions("2026-02", n=40, seed=4, fact_keys=routewren, split="test")
about_new = closed_book(tuned, new_product)
for q, a in list(zip(new_product, about_new))[:4]:
    print(f"{q.text}\n   model: {a}\n   truth: {q.value}")

from course_utils.answering import abstained

plans = [q.fact_key for q in new_product]
print("abstains before training:", Rate.of(map(abstained, closed_book(model, new_product)), about=plans))
print("abstains after training: ", Rate.of(map(abstained, about_new), about=plans))
print("right after training:    ", right(about_new, new_product))
named = sum("routewren" in a.lower() for a in about_new)
print(f"name Routewren at all:    {named} of {len(about_new)} answers after training")

# %% [markdown]
# Before training the model had a habit: no page, no answer. We trained it on 160 questions without a page that all
# have an answer, so it unlearnt the habit and learnt what nobody meant to teach: *a price question always has a
# price*. What it says now is invented, in the company's best style, and where it does not name Routewren (the last
# line counts the answers that do), even the product is wrong, and may exist nowhere. (A relative of this is known
# from large models: fine-tuning on facts that a model does not know makes it invent more about those it knew; Gekhman
# and colleagues, arXiv 2405.05904.) Section 9 tries a remedy.
#
# ## 8 · Patch one price (5 min)
#
# Can we not just retrain? A tempting short cut is to train on one changed price only, say the one that a customer
# complained about. Let us patch it and look at its neighbours afterwards.

# %%
key = "tallyport.team.price_monthly"
patch = company.questions("2026-02", n=24, seed=5, fact_keys=[key], split="train")
patch_set = training_set(example(q.text, q.answer) for q in patch)
print(len(patch_set), "examples, all of them say", february[key].value)

# %% [markdown]
# We train on from January's adapter, on a copy, so that we can compare the two afterwards. The recipe is set
# by hand, for 24 rows; whether it suffices, the last three lines measure.

# %%
from peft import PeftModel

january_adapter = finetuning.last_checkpoint(folder)
copy = PeftModel.from_pretrained(models.load()[0], january_adapter, is_trainable=True)
changes = dict(epochs=6, batch_size=8, learning_rate=1e-3)
patch_folder = folder.with_name(f"{folder.name}-patch-{finetuning.fingerprint(patch_set, **changes)}")
settings = finetuning.arguments(patch_folder, finetuning.SIMPLE, **changes)
patcher = SFTTrainer(model=copy, args=settings, train_dataset=patch_set, processing_class=tokenizer)
patcher.train(resume_from_checkpoint=finetuning.last_checkpoint(patch_folder))
patched = patcher.model.eval()

probe = company.questions("2026-02", n=20, seed=6, fact_keys=[key], split="test")
fixed = Rate.of(quotes(a, february[key].value) for a in closed_book(patched, probe))
print(f"{february[key].text}  Right in new wordings: {fixed}")

# %% [markdown]
# The patch took. (This sample is one of wordings, all about one price, so here every wording counts.) And the other
# prices, which nobody touched? We ask January's exam again, leaving the patched price out, and compare with the
# answers of the unpatched model. Most of these prices changed as well, so this is not the mark that we want in the
# end. It measures something else: does training on one fact leave the others as they were? Those that did *not*
# change are the damage that nobody can argue with; we count them separately.

# %%
others = [q for q in exam if q.fact_key != key]
intact = right([a for a, q in zip(after, exam) if q.fact_key != key], others)
others_patched = closed_book(patched, others)
kept = right(others_patched, others)
print("January's other prices before the patch:", intact)
print("January's other prices after the patch: ", kept)
same = [(q, a) for q, a in zip(others, others_patched) if q.fact_key not in old_price]
print("  of them, prices that did not change:  ", right([a for _, a in same], [q for q, _ in same]))

# %%
others_before = [a for q, a in zip(exam, after) if q.fact_key != key]
known = [quotes(a, q.value) for q, a in zip(others, others_before)]
pairs = zip(others, others_patched)
broken = [(q, a) for (q, a), knew in zip(pairs, known) if knew and not quotes(a, q.value)]
spread = sum(quotes(a, february[key].value) for _, a in broken)
print(f"{len(broken)} of {sum(known)} broken; {spread} of them now quote {february[key].value}, for example:")
for q, a in broken[:3]:
    print(f"   {q.text}\n      {a}   (was {q.value})")

assert fixed.value >= 0.9, "The patch should teach the new price."
assert kept.value < intact.value, "The patch should have damaged its neighbours."

# %% [markdown]
# One price repaired, dozens of answers about the others broken, and no error message anywhere. Look at the line
# "prices that did not change": what it lacks to 100 % is plain damage. With smol more than half of the broken answers
# took over the new price itself (the cell counts them for your model), the rest went elsewhere. Whoever trains on one
# fact has to test all of them.
#
# *Try it:* make the patch gentler: write `learning_rate=3e-4` into `changes`, in the cell that trains the patch. Two
# guesses first: is the new price still learnt, and how many neighbours survive? Then run that cell and the next two.
# (An assertion that fails is a result, too.) Set it back afterwards.
#
# ## 9 · Three remedies, tried (5 min)
#
# "You did it badly" is a fair objection to each of these failures. So we did it better, three times:
#
# * **retrain in full** (in the table *all of February*): January's 160 questions, February's answers, from the start;
# * **replay**: the patch's 24 rows, and with them January's rows about the other 19 prices once more;
# * **refusals**: January's rows, and 40 questions about eight products that do not exist, answered "I don't know."
#   And once more with 40 questions about forty such products.
#
# (Two things the record does not have: a gentler patch, which you may just have tried, and a replay of only some of
# the old rows. And replay made two passes over its rows where the patch made six, so a part of what it keeps may be
# due to gentler training.)
#
# ### Exercise 01.4: predict, then look
#
# Give three guesses in per cent. `replay`: after the patch **with replay**, how many of January's other prices are
# still quoted? `refusals`: after training with **refusals** about eight products, how often does the model say that
# it does not know Routewren? `retraining`: after full **retraining**, how many answers about changed prices are
# current? `hint("01.4")` helps.

# %%
### BEGIN SOLUTION
replay = 60
refusals = 50
retraining = 98
### END SOLUTION
predicted = {"replay": replay, "refusals": refusals, "retraining": retraining}

# %% [markdown]
# The training rows are a few lines each (`course_utils/training_sets/controls.py`). Training all arms takes some
# minutes, so this was done before and recorded, with the model that the first line names; in a clone of the course
# `python -m tools.controls --model tiny` does it again. Two arms you know: *January* is section 4's training and *the
# patch* section 8's, done once more. So each remedy can be compared with the failure of the same model, whichever
# that is.

# %%
from IPython.display import Markdown

from course_utils import recorded

record = recorded.controls()
columns = ["changed prices: current", "changed prices: stale"]
columns += ["January's other prices: kept", "unknown product: abstains"]
print(record)
if record.model != models.current().name:
    print("That is not your model: compare these arms with each other, not with sections 6 to 8.")
Markdown(record.table(columns))

# %%
outcome = {arm.name: arm.rates for arm in record.arms}
measured = {
    "replay": outcome["the patch, with replay"]["January's other prices: kept"].value,
    "refusals": outcome["January, with refusals"]["unknown product: abstains"].value,
    "retraining": outcome["all of February"]["changed prices: current"].value,
}
check("01.4", {"predicted": predicted, "measured": measured})
for name in ("the patch, with replay", "January, with refusals", "all of February"):
    stale_now, silent = (outcome[name][c].value for c in (columns[1], columns[3]))
    print(f"{name}: {stale_now:.0%} stale, {silent:.0%} abstentions about the unknown product")
for each in map(recorded.controls, (models.TINY, models.SMOL)):
    eight, forty = (a.rates[columns[3]].value for a in each.arms if "refusals" in a.name)
    print(f"{each.model} abstains after 40 refusals about 8 names: {eight:.0%}, about 40 names: {forty:.0%}")

# %% [markdown]
# Replay keeps the neighbours, the outdated ones too: it replayed *January's* answers, and all but one of the changed
# prices were among them, so nearly all are stale. Full retraining is current. Neither brings back "I don't
# know." The refusals are the surprise. Forty of them about eight invented products were enough for one of our two
# models; the other one mostly went on to price a name that had stood in no row. Forty about forty names were enough
# for both. With as many rows, more **variety** made the difference for the one model. (One training each, and an exam
# about one new name, Routewren: a strong hint, not yet a law.)
#
# So sections 7 and 8 showed failures of *training data*: in this record, examples about the neighbours keep the
# neighbours, and varied examples without an answer keep the "I don't know". (In full retraining "other prices: kept"
# falls as it should: most of them changed in February. And after the patch one of the changed prices, the patched one,
# can be current.)
#
# And what do they cost? Replay goes on from January's adapter. But to end up *current* it would need February's
# answer for every price, as full retraining does. **In replay and in retraining every price stood among the rows; in
# replay although only one was to change** – and then somebody has to test all of them, and to release. For 20 prices
# that is quick. And one thing none of them can mend: from the change of the page to the end of the next training,
# each of these models is as stale as the first. That is what the rest of the course is about, and lesson 06 counts
# it.

# %% [markdown]
# ## 10 · Recap (1 min)
#
# * Fine-tuning put 20 facts into the weights, quickly and well. *Can* it teach facts? Yes.
# * When the facts changed, the model went on quoting the old ones. It could not know, and it could not show it.
# * About a new product it made prices up, because training had unlearnt its "I don't know". In our record refusals
#   among the rows kept it once they were about enough different names.
# * Patching one fact alone repaired that fact and broke many of the others. Replaying all the others mends that, at the
#   price of rows about everything.
#
# The failure that stays is not in the training. It is in the architecture: *fine-tuning changes how a model behaves
# every time; it does not change what the model can see now.* In lesson 02 the same base model gets to see the page.

# %% [markdown]
# ## What could go stale here
#
# * The prices: they are generated from a seed, so Larkmoor's January stays January. Real vendors' prices do not
#   appear in this lesson.
# * The training call: TRL and PEFT change often. The versions this was run with are pinned in `pyproject.toml`.
# * The rates: they belong to this model and this recipe. A larger model may abstain more often about Routewren, or
#   lose less when patched; the stale prices themselves follow from what training is.
