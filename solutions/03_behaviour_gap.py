# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 03 · The behaviour gap

# %% [markdown]
# ## 1 · A sentence is not a ticket (2 min)
#
# In lesson 02 the model read the right passage and mostly answered with the current price. Larkmoor's support desk likes
# that, and cannot use it: its software does not store sentences. It stores **tickets**, one JSON document per
# question, with the answer, a category, the plan, the source page and whether a colleague has to take over.
#
# The article this course starts from says that retrieval cannot close this gap, that it takes examples, and that
# examples take fine-tuning. Before we train anything (lesson 04) let us see how far we get without: with instructions,
# with examples in the prompt, and with a decoder that can write nothing but valid tickets.
#
# **Your guess, please:** of 40 tickets, how many will be *valid* if we only ask (section 5)? And how many of the
# decoder's 40, all valid, will be *right* (section 7)? We make two attempts at each, and the better one counts.

# %%
from course_utils.checks import check, hint, solution

my_guess = {"valid, asked": "?", "right, decoder": "?"}  # of 40

# %% [markdown]
# ## 2 · A schema the desk publishes (5 min)
#
# "JSON with a category" is a wish. A **schema** says exactly what is accepted. With pydantic it is a Python class:
# `extra="forbid"` refuses fields nobody asked for, `strict` refuses `"false"` in quotes where `false` is meant. Not
# everybody who reads tickets writes Python, so the desk publishes it in a common language, JSON Schema.

# %% tags=["nbval-check-output"]
from typing import Annotated, Literal

from pydantic import BaseModel, Field


class Ticket(BaseModel, extra="forbid", strict=True):
    answer: str = Field(min_length=1, max_length=160)
    category: Literal["pricing", "limits", "features", "how-to", "policy", "other"]
    plan: Literal["Starter", "Team", "Business", "Enterprise"] | None
    page: Annotated[int, Field(ge=1, le=9)] | None  # the number of the passage, as in [1]
    escalate: bool


schema = Ticket.model_json_schema()
for name in ("answer", "category", "escalate"):
    print(f"{name:9}", schema["properties"][name])
print("required ", schema["required"], "\nother fields:", schema["additionalProperties"])

# %% [markdown]
# ### Exercise 03.1: one field by hand
#
# We did not print `plan`. Write its JSON Schema as a Python dictionary: one of the four plans, or `null` when the
# question is about no plan. Write it before you look it up in `schema`, then compare: pydantic says it in another way
# (`anyOf`), and both accept the same. `hint("03.1")` helps.

# %%
### BEGIN SOLUTION
plan_schema = {"enum": ["Starter", "Team", "Business", "Enterprise", None]}
### END SOLUTION

# %%
check("03.1", plan_schema)

# %% [markdown]
# Now reading. A text is a valid ticket if it *parses* (it is JSON) and *fits* (the schema accepts what is in it).
# Which of these four texts do you expect to pass?

# %% tags=["nbval-check-output"]
from pydantic import ValidationError


def read_ticket(text):
    try:
        return Ticket.model_validate_json(text)
    except ValidationError:
        return None


good = '{"answer": "It costs $55.", "category": "pricing", "plan": "Team", "page": 1, "escalate": false}'
sentence = "Tallyport Team costs $55 per user per month. [1]"
for text in (good, good.replace("pricing", "price"), good[:-1], sentence):
    print("invalid" if read_ticket(text) is None else "valid  ", text)

# %% [markdown]
# The second parses and does not fit (no category is called "price"), the third lacks its last brace.
#
# ## 3 · What would be right? (2 min)
#
# A valid ticket can still be nonsense. To count the right ones we need the right ticket for each question (the *gold*
# ticket), and rules for it that leave nothing to opinion. The desk's rules:
#
# | field | rule |
# |---|---|
# | answer | states the fact the customer asked for, or that we don't know |
# | category | by what is asked; `other` if the handbook has no answer |
# | plan | the plan the question is about; `null` if none, or if the handbook has no answer |
# | page | a passage from a page that states the answer; `null` if there is none |
# | escalate | `true` if the handbook has no answer, and for prices of an Enterprise plan |
#
# (The greeting that you will see is the desk's tone, for section 9; it does not count for *right*. In this cell the
# only passage is one from the question's own page, so *page* is 1 wherever there is an answer.)

# %% tags=["nbval-check-output"]
from course_utils import company
from course_utils.support_desk import gold, in_json

questions = company.questions("2026-02", n=40, seed=11, split="test")
for question in questions[:3]:
    print(question.text, "\n  ", in_json(gold(question, [question.page])))

# %% [markdown]
# ## 4 · RAG alone (3 min)
#
# The pipeline of lesson 02: February's handbook in an index, three passages a question. Every system of this lesson
# gets the same questions and the same passages. Only how we ask, or how we decode, will change. (The first run embeds
# the handbook, a minute or two; if you have run lesson 02 most vectors are remembered.)

# %%
from course_utils import models, paths
from course_utils.retrieval import PageIndex, load_embedder

index = PageIndex(paths.work_dir("03") / "index", load_embedder())
index.sync(company.pages("2026-02"), progress=True)
found = [index.search(question.text, k=3) for question in questions]
passages = [[hit.chunk.text for hit in hits] for hits in found]

from course_utils.answering import generate, messages

model, tokenizer = models.load()
plain_chats = [messages(q.text, texts) for q, texts in zip(questions, passages)]
written = {"RAG alone": generate(model, tokenizer, plain_chats)}
print(*(f"{q.text}\n   {text}" for q, text in zip(questions[:4], written["RAG alone"])), sep="\n")

# %% [markdown]
# How good is that? `mark` notes for one text all that the desk wants to know: parses, fits, each of the five fields,
# *right* (all five), and the tone, which comes later. `rates` counts.

# %%
from course_utils.support_desk import mark, rates

pages = [[hit.chunk.page for hit in hits] for hits in found]


def scored(texts):
    return rates(mark(text, q, shown) for text, q, shown in zip(texts, questions, pages))


scores = {"RAG alone": scored(written["RAG alone"])}
print("parses:", scores["RAG alone"]["parses"], "\nfits:  ", scores["RAG alone"]["fits"])

# %% [markdown]
# A ticket is one reader's wish. A person who reads the sentence asks something else: is the fact right? `states_fact`
# decides that by comparing values, as in lessons 01 and 02. Side by side:

# %%
from course_utils import plots, recorded
from course_utils.answering import citations, without_citations
from course_utils.evaluation import Rate
from course_utils.support_desk import states_fact

facts_right = [states_fact(without_citations(t), q) for t, q in zip(written["RAG alone"], questions)]
fact_in_prose, fits = Rate.of(facts_right), scores["RAG alone"]["fits"]
assert fits.hits == 0, "RAG alone should write sentences, not tickets."
plots.rates({"a person: fact right": fact_in_prose, "the software: valid ticket": fits}, "RAG's answers (%)")

# %% [markdown]
# *Picture:* two bars. Read by a person, most of the answers state the right fact (the others were not found or
# misread: the subject of lesson 02). Read by the software, not one is a valid ticket; that bar is empty. It could
# hardly be otherwise: lesson 02's prompt asks for one sentence and a citation, and nobody mentioned a ticket. From
# section 5 on we ask.
#
# Better reading or better search would lengthen the first bar and leave the second at zero. That is the **behaviour
# gap**: what a model sees and what it *does* with it are two things.
#
# ## 5 · Just ask (7 min)
#
# The article's first question is the right first question: *can you solve this with a good system prompt?* It costs
# an afternoon at most. The cell prints our instructions, as we would give them to any model.
#
# The second try adds **few-shot** examples: before the question the chat holds three turns that went well, about other
# questions, each with one passage and its gold ticket.

# %%
from course_utils.support_desk import INSTRUCTIONS, worked_example

print(INSTRUCTIONS, "\n\nThe examples:")
examples = [worked_example("2026-02", kind, index.search) for kind in ("price", "limit", "unanswerable")]
for example in examples:
    print(example.question, "\n  ", in_json(example.ticket))

# %% [markdown]
# Same questions, same passages. Will it answer in JSON? And will the software accept it? (As many tokens are allowed as
# the longest right ticket needs, and a few more. This is the long cell of the lesson: two or three minutes.)

# %%
from course_utils.support_desk import ticket_messages

instructed_chats = [ticket_messages(q.text, texts) for q, texts in zip(questions, passages)]
few_shot_chats = [ticket_messages(q.text, texts, examples) for q, texts in zip(questions, passages)]

right_tickets = [in_json(gold(question, shown)) for question, shown in zip(questions, pages)]
enough = 5 + max(len(ids) for ids in tokenizer(right_tickets)["input_ids"])


def run(arm, model, chats, max_new_tokens, batch_size=8):
    written[arm] = generate(model, tokenizer, chats, max_new_tokens, batch_size)
    scores[arm] = scored(written[arm])
    print(f"{arm}: parses {scores[arm]['parses']}; fits {scores[arm]['fits']}; right {scores[arm]['right']}")


for arm, chats in {"instructions": instructed_chats, "few-shot": few_shot_chats}.items():
    run(arm, model, chats, max_new_tokens=enough)

# %% [markdown]
# Compare *parses* with *fits*: whether it is JSON at all, and whether it is the desk's JSON. Put the answers side by
# side, and look at what is wrong with each.

# %%
for number in range(1, 4):
    lines = (f"{arm:13} {texts[number]}" for arm, texts in written.items())
    print("", questions[number].text, *lines, sep="\n")
asked = max(("instructions", "few-shot"), key=lambda arm: scores[arm]["fits"].hits)
assert scores[asked]["fits"].value < 0.75, "Asking suffices for this model now: rewrite the lesson!"
print(f"\nthe better of the two, {asked}: {scores[asked]['fits']} valid")

# %% [markdown]
# ### Exercise 03.2: more examples? Predict, then measure
#
# Three examples are not many; eight would show every kind of question, and make each prompt longer. Choose `my_examples`
# (1 or 8), write into `predicted` how many of the first 20 tickets will be *valid*, and run both cells. `hint("03.2")`
# helps.

# %%
### BEGIN SOLUTION
my_examples = 8
predicted = 10
### END SOLUTION

# %%
kinds = ("price", "limit", "feature", "howto", "policy", "addon", "region_price", "unanswerable")
more = [worked_example("2026-02", k, index.search) for k in kinds[: 1 if my_examples == 1 else 8]]
chats = [ticket_messages(q.text, texts, more) for q, texts in zip(questions[:20], passages)]
measured = sum(read_ticket(text) is not None for text in generate(model, tokenizer, chats, enough))
print(f"valid: 3 examples {scored(written['few-shot'][:20])['fits'].hits}, {len(more)}: {measured} (of 20)")
check("03.2", {"my_examples": my_examples, "predicted": predicted, "measured": measured})

# %% [markdown]
# One ticket more or less of twenty says nothing, nor do two; and the prompt grows with every example. (Section 10's
# record has 3 and 8 examples, for more questions.) What you see in this section depends on the model that your
# machine runs; this is what to look for in each.
#
# * **smol** was pretrained on text that is full of JSON, and our adapter has practised filling in forms that a prompt
#   explains, though not the desk's. So it understands what is wanted: it writes JSON. But from the description alone
#   it takes words of it for field names, and often goes on until its tokens are used up. Examples help it more than
#   the description: nearly everything parses, and some tickets fit. That is *few-shot* at work, and not enough to
#   build software on.
# * **tiny** never met JSON in its life. To it `{"` and `escalate` are one and the same (lesson 04 looks at why), so
#   neither description nor examples bring forth a ticket. It shows what "the base has never seen this" looks like.
#
# Do not carry these rates to work with you. Large instruct models follow instructions they have never seen, and many
# will write your JSON when asked. If yours does, **stop here**: the problem was the prompt. Section 10 lets you try one.
# But count: on a test of hard schemas OpenAI reported in August 2024 that `gpt-4-0613`, merely prompted, matched fewer
# than 40 %.
#
# ## 6 · Only valid tokens (6 min)
#
# A language model does not write text; it proposes a probability for every token, and a decoder picks one. So the
# decoder can refuse. **Constrained decoding**: before each pick, cross out every token that could not be continued to
# a valid document, then pick among the rest. No weight changes.
#
# Who knows what to cross out? A parser that follows the schema; we use the library `llguidance`. (`one_spacing`
# allows a single way of setting blanks. JSON permits any number of them, and a weak model that does not know how to
# go on will happily write line breaks for ever.) What can a ticket begin with?

# %%
import numpy as np
from llguidance import LLMatcher, hf

one_spacing = {"whitespace_flexible": False, "item_separator": ", ", "key_separator": ": "}
grammar = LLMatcher.grammar_from_json_schema(Ticket.model_json_schema(), overrides=one_spacing)
tokens = hf.from_tokenizer(tokenizer)


def allowed_tokens(place):
    # one bit for each token of the vocabulary: 1 means allowed
    bits = np.frombuffer(place.compute_bitmask(), dtype=np.uint8)
    return np.flatnonzero(np.unpackbits(bits, bitorder="little"))


place = LLMatcher(tokens, grammar)
first = [tokenizer.decode(token) for token in allowed_tokens(place)]
print(f"of {len(tokenizer)} tokens {len(first)} can come first: {first}")

# %% [markdown]
# Only one? `{` alone could begin a ticket as well. Where the schema leaves a single way to go on, the library allows
# only the token with which this tokenizer would write it. Where there is a choice, all pieces of all choices are
# allowed.
#
# `place` is a bookmark in the schema: we tell it each token we take, and it tells us what may follow. The whole decoder
# is one loop (`memory` keeps what the model has computed for earlier tokens). At every step we note the token taken,
# the one the model *wanted*, how many were allowed, and how much probability it gave to *all allowed ones together*.

# %%
import torch


def write_ticket(chat):
    prompt = tokenizer.apply_chat_template(chat, tokenize=False, add_generation_prompt=True)
    ids = tokenizer(prompt, return_tensors="pt")["input_ids"]
    place, memory, steps = LLMatcher(tokens, grammar), None, []
    while not place.is_stopped():
        with torch.inference_mode():
            output = model(ids.to(model.device), past_key_values=memory, use_cache=True)
        memory, probability = output.past_key_values, output.logits[0, -1].float().softmax(-1).cpu().numpy()
        allowed = allowed_tokens(place)
        taken = int(allowed[probability[allowed].argmax()])
        names = [tokenizer.decode(token) for token in (taken, int(probability.argmax()))]
        steps.append((*names, len(allowed), float(probability[allowed].sum())))
        place.consume_token(taken)
        ids = torch.tensor([[taken]])
    return steps


# %% [markdown]
# We take the first question whose fact RAG alone got right, and its plain prompt: nobody asks for a ticket.

# %%
one = facts_right.index(True)
steps = write_ticket(plain_chats[one])
document = "".join(taken for taken, *_ in steps)
print(questions[one].text, "\nRAG alone:  ", written["RAG alone"][one], "\nconstrained:", document)
assert read_ticket(document) is not None, "A constrained document must be a valid ticket."

# %% [markdown]
# A valid ticket from a model that was not even asked for one. Is it a good one? Before you judge, look at the four
# fields after the answer: how did the model choose? (Steps at which only one token was allowed are left out.)

# %%
so_far = ""
print("after            allowed  their probability  taken   wanted")
for taken, wanted, number, share in steps:
    if '"category":' in so_far and number > 1:
        print(f"{so_far[-13:]:16} {number:7}  {share:17.1e}  {taken!r:7} {wanted!r}")
    so_far += taken

# %% [markdown]
# (A token can be a whole word or its first letter; that is why more than six can begin a category.)
#
# The third column is how much of its probability the model had for *all allowed tokens together*. Where it is small, the
# model wanted to write something else, and the decoder took the least unlikely of what was left. *That* is how a field
# can get its value here. (A large share is no proof either: a model can wish for a wrong plan with all its heart.) The
# schema makes sure that a category is one of six. Nothing makes sure that it is the one.

# %%
from matplotlib.figure import Figure

figure = Figure(figsize=(8, 3.6), layout="constrained", dpi=90)
above, below = figure.subplots(2, sharex=True)
_, _, allowed, shares = zip(*steps)
above.bar(range(len(steps)), allowed, width=1.0, color="#5b7c99")
kinds = ["#b3312f" if n > 1 else "#999999" for n in allowed]
below.bar(range(len(steps)), 1.0, width=1.0, color=kinds, alpha=0.25)  # so that a gap has its colour, too
below.bar(range(len(steps)), shares, width=1.0, color=kinds)
text_before = ["".join(taken for taken, *_ in steps[:i]) for i in range(len(steps))]
fields = schema["required"]
starts = [next(i for i, text in enumerate(text_before) if f'"{name}":' in text) for name in fields]
above.set(yscale="log", ylim=(0.7, 2 * len(tokenizer)), ylabel="tokens allowed\n(log scale)")
below.set(xlabel="tokens of the document; ticks: a value begins; red: several allowed, grey: a single one")
below.set(ylim=(0, 1.05), ylabel="probability of\nthe allowed", xticks=starts)
below.set_xticklabels(fields, rotation=20)
figure

# %% [markdown]
# *Picture:* two rows of bars, a bar for each token of the document. Above, the number of allowed tokens on a
# logarithmic scale: a single one for braces and field names, nearly all inside the answer, a few where a field is
# chosen. Below, the probability that the model gave to the allowed ones: close to 1 where it would have gone on like
# this by itself, close to 0 where it was made to. These bars are red where several tokens were allowed, grey where it
# was a single one. The first token, which no sentence begins with, is a grey gap.
#
# The gaps are of two kinds. Where one token is allowed (the brace, commas, names) the model had no choice, and a gap
# decides nothing. Where several are allowed, a gap means that the model wanted to write something else *here*. Look
# at each tick, and at *wanted* in the table above: was it another value, or only another spelling? With smol there
# are two such gaps. At the category it wanted a word of the menu path. At the page it wanted a quotation mark; once
# that was refused, the number was its own wish: the gap changed the form. The plan was its own wish from the start, and
# is wrong all the same (section 3 printed the right ticket).
#
# ## 7 · Valid is not right (5 min)
#
# Now all questions. `constrained` packs the loop into something that stands in for the model: batches, any fast
# tokenizer, a message when a schema has no valid document or the tokens run out. We run it on the plain prompt and,
# to be fair, on section 5's few-shot prompt, with instructions and three examples. (With smol, section 10 has eight.)

# %%
from course_utils.answering import constrained
from course_utils.support_desk import MAX_NEW_TOKENS

both = {"constrained": (plain_chats, 16), "constrained, few-shot": (few_shot_chats, 8)}
for arm, (chats, batch_size) in both.items():
    run(arm, constrained(model, tokenizer, Ticket), chats, MAX_NEW_TOKENS, batch_size)
    assert scores[arm]["fits"].value == 1 and scores[arm]["right"].value <= 0.3, "Right as well? Rewrite!"

# %% [markdown]
# Every single one. It has to be: this is a property of the decoder, for any model and any weights. If invalid JSON is
# what breaks your pipeline, you are done, without a single example and without training. (OpenAI's report of August
# 2024 has 100 % on its hard schemas for `gpt-4o-2024-08-06`, a newer model that was constrained *and* trained for it.)
#
# And are they right?
#
# ### Exercise 03.3: two questions, two numbers
#
# Write `valid_and_right(texts, golds)`. It returns two shares: of all texts, how many are valid tickets; and **of the
# valid ones**, how many have the right `category` (`None` if there is no valid one). `golds` are tickets;
# `read_ticket` reads a text. `hint("03.3")` helps.
#
# The cell after it scores every field. (`rates` divides by *all* texts, an invalid one being wrong; here all are
# valid, so the two shares agree.) When is such a rate a good one? Suppose a lazy program writes the *same* value into
# a field every time. A rate is worth something only if it beats that program, and forty tickets show that only if the
# whole interval of the rate lies above the program's. Which fields will beat it, in which arm?


# %%
def valid_and_right(texts, golds):
    ### BEGIN SOLUTION
    tickets = [read_ticket(text) for text in texts]
    right = [t.category == g.category for t, g in zip(tickets, golds) if t is not None]
    return len(right) / len(texts), sum(right) / len(right) if right else None
    ### END SOLUTION


# %%
check("03.3", valid_and_right)

from course_utils.support_desk import majority

golds = [gold(question, shown) for question, shown in zip(questions, pages)]
lazy = {field: majority(golds, field) for field in ("category", "plan", "page", "escalate")}


def against(rate, lazy_rate):
    low, high = rate.interval
    found = "beats" if low > lazy_rate else "is below" if high < lazy_rate else "cannot be told from"
    return str(rate).split(", n")[0] + f" {found} {100 * lazy_rate:.1f} %"


for field, (value, rate) in lazy.items():
    print(f"{field}, against always {value}:")
    for arm in both:
        print(f"   {arm:22} {against(scores[arm][field], rate.value)}")
print(f"guess {my_guess}; counted", scores[asked]["fits"].hits, max(scores[a]["right"].hits for a in both))
plots.rates(scores["constrained"], "share of all tickets (%)", "Constrained decoding, plain prompt")

# %% [markdown]
# *Picture:* a bar for each score of the constrained tickets. *parses* and *fits* are full. The bars of the fields
# (answer, category, plan, page, escalate) are shorter, *right* (all five at once) is empty or nearly so. *tone* we have
# not dealt with yet.
#
# *Constrained decoding makes it valid, not right.* Where a rate cannot be told from the lazy one, the field has not
# shown that it earns anything. (To compare the two ticket by ticket, as section 8 does, may show more than intervals
# can.)
#
# Compare each field's two lines. The plain prompt told the model none of the desk's rules (a category can be guessed
# from its name); instructions and examples told it each of them. With smol that lifts *page* from far below the lazy
# rate to about that rate, and drops *escalate* far below it: one loss traded for another, and with forty tickets
# hardly a field beats its lazy program. Compare *page* with section 10, where the same model cites in a sentence.
#
# On a dashboard that counts parse errors this system looks perfect. That is the danger. Before, a broken ticket
# announced itself. Now it is filed in the wrong queue.
#
# ## 8 · What happened to the answers? (4 min)
#
# The words inside the quotation marks are free, and the prompt is the one of RAG alone. So are the answers as good? The
# same questions, two systems: we compare them question by question. (`states_fact` compares the value: "the default is 12
# characters" passes for "at least 12 characters".)
#
# And look at how the answers end, below each other: the sentence's first, then the ticket's.

# %%
from course_utils.evaluation import discordant, sign_test

ticket_answers = [read_ticket(text).answer for text in written["constrained"]]
only = discordant(facts_right, [states_fact(text, q) for text, q in zip(ticket_answers, questions)])
print("fact right:", fact_in_prose, "in prose\n           ", scores["constrained"]["answer"], "in tickets")
print(f"only in prose: {only[0]}, only in tickets: {only[1]}; p = {sign_test(*only):.2g}")
print("", *(f"{a}\n{b}\n" for a, b in zip(written["RAG alone"][1:4], ticket_answers[1:4])), sep="\n")

# %% [markdown]
# Is that so for every model? In a sentence the model would *end its turn* when it has said what it had to say. Inside
# an open string that is crossed out; the way out is a quotation mark. Does it take it, or does it talk on?
#
# Both models of the course, smol and tiny, were asked more questions once, and what came out was recorded: the facts
# that are right in sentences, and in tickets. (A last line tells at how many steps of our own first ticket the model
# wanted to stop, and what it took instead; no line means at none: `eos_token` is the token that ends a turn.)

# %%
for record in map(recorded.desk, ("smol", "tiny")):  # the sentence was recorded as section 10 will use it
    facts = [[m.answer for m in record.marks[arm]] for arm in ("RAG in a wrapper", "decoder")]
    print(record.model, *(Rate.of(each, record.about) for each in facts), sep="\n   ", end="\n   ")
    print("only sentence {}, only ticket {}; p = {:.2g}".format(*(n := discordant(*facts)), sign_test(*n)))
if stops := [taken for taken, wanted, *_ in steps if wanted == tokenizer.eos_token]:
    print(f"our first ticket: wanted to stop at {len(stops)} steps, took instead: {stops[:5]}")

# %% [markdown]
# smol closes the string where its sentence ends, and its two rates hardly differ. tiny's facts suffer. (smol has met
# JSON, tiny has not: a likely reason, not a shown one, for they differ in size, too.) Run this section with tiny to
# see how: it wants to stop, may not, and goes on with what is left. So a constraint does not only remove bad
# documents; it can push a model onto paths that it was not trained on. Larger models feel it too: Tam and colleagues
# (2024, arXiv 2408.02442) found that strict formats cost them some of their *reasoning*. How much depends on model
# and task: measure it on yours, as above.
#
# ## 9 · A tone as a rule (3 min)
#
# The desk also has a **tone**. An answer begins with "Thanks for asking! ", ends with a full stop, has no other
# exclamation mark, no citation such as [2] (the page has its own field), and at most 35 words.
#
# ### Exercise 03.4: the tone, without a judge
#
# Write `in_tone(answer)`: whether all five rules are kept. `citations(answer)` lists the citations. `hint("03.4")`
# helps.
#
# Rules as mechanical as these can go *into the schema*, as a pattern: the greeting, then one sentence up to its first
# full stop. That also gives every model its exit: after the full stop only the quotation mark is allowed. The cell after
# yours does that. What will it do to the tone, and what to the facts? (Its last lines are recorded again: the questions
# of section 8's record, first without the tone, then with it.)


# %%
def in_tone(answer):
    ### BEGIN SOLUTION
    polite = answer.startswith("Thanks for asking! ") and answer.count("!") == 1
    return polite and answer.endswith(".") and not citations(answer) and len(answer.split()) <= 35
    ### END SOLUTION


# %%
check("03.4", in_tone)

from course_utils.support_desk import TONE_PATTERN


class TonedTicket(Ticket):
    answer: str = Field(pattern=TONE_PATTERN)


run("constrained, tone", constrained(model, tokenizer, TonedTicket), plain_chats, MAX_NEW_TOKENS, 16)
toned = scores["constrained, tone"]
print("in tone:   ", toned["tone"], "\nfact right:", toned["answer"])
print("before:    ", scores["constrained"]["answer"])
for text in written["constrained, tone"][2:5]:
    print("  ", read_ticket(text).answer)
for record in map(recorded.desk, ("smol", "tiny")):
    facts = [[m.answer for m in record.marks[arm]] for arm in ("decoder", "decoder, tone")]
    print(record.model, *(Rate.of(each, record.about) for each in facts), sep="\n   ", end="\n   ")
    print("only without tone {}, only with {}; p = {:.2g}".format(*(n := discordant(*facts)), sign_test(*n)))
assert toned["fits"].value == 1 and toned["tone"].value >= 0.9, "The pattern should guarantee the tone."

# %% [markdown]
# The pattern's tone is perfect, or nearly. (Asking did not bring it: section 5's instructions demand the greeting and
# its examples show it, and in the record of section 10 none of the tickets that were only asked for it has it.) Was
# it free? With smol it cost a ticket or two of forty, which we cannot tell from luck, and the recorded questions
# cannot either; tiny pays.
#
# *What a pattern can say about the answer's text, a decoder can guarantee.* (Ours counts characters, not words: the
# 35 words are not guaranteed.) "The plan the customer asks about" is a rule as well, but about the question: no
# schema can hold it. And a tone that is more than a greeting (patient, brief with experts, never condescending) takes
# judgement: no pattern can say it.
#
# ## 10 · Must the model write the JSON at all? (6 min)
#
# The model is good at sentences with citations, and a program is good at JSON. So let each do its part: take RAG's
# sentence as it is, and wrap it. The page is the citation, the plan is a name that stands in the question, and a model
# that says "I don't know" needs a colleague. Below the program one question's two tickets: first the decoder's, then the
# wrapper's.

# %%
from course_utils.answering import abstained
from course_utils.support_desk import GREETING


def wrapped(question, text, n_passages):
    silent = abstained(text)
    cited = [n for n in citations(text) if 1 <= n <= n_passages]
    # "Team" comes first, so that "Hello team, how much is Tallyport Starter?" is about Starter.
    named = [p for p in ("Team", "Starter", "Business", "Enterprise") if p.lower() in question.lower()]
    return Ticket(
        answer=f"{GREETING} {without_citations(text)}"[:160],
        category="other" if silent else "pricing",
        plan=named[-1] if named and not silent else None,
        page=cited[0] if cited and not silent else None,
        escalate=silent,
    )


print("\n".join([written["constrained"][2], in_json(wrapped(questions[2].text, written["RAG alone"][2], 3))]))

# %% [markdown]
# Your guess: of all forty, will more of these tickets be right than the decoder's? And which fields will they get
# wrong? The last column of the table also holds the wrapper against the lazy program.

# %%
from course_utils import results

by_program = [wrapped(q.text, text, len(p)) for q, text, p in zip(questions, written["RAG alone"], pages)]
scores["RAG in a wrapper"] = scored(map(in_json, by_program))
results.record("03", scores=scores)
arms = ["constrained", "constrained, tone", "RAG in a wrapper"]
print(" " * 9, *arms, sep=" | ")
for name, rate in scores["RAG in a wrapper"].items():
    shown = [f"{scores[arm][name].value:{len(arm)}.0%}" for arm in arms[:2]]
    mine = against(rate, lazy[name][1].value) if name in lazy else str(rate).split(", n")[0]
    print(f"{name:9}", *shown, mine, sep=" | ")
assert scores["RAG in a wrapper"]["right"].hits > max(scores[arm]["right"].hits for arm in arms[:2])
right = {f"{arm}\n(valid: {rate['fits'].hits})": rate["right"] for arm, rate in scores.items()}
plots.rates(right, "right, share of all tickets (%)", "Forty questions")

# %% [markdown]
# *Picture:* a bar for each system, the share of its tickets that are right, and below its name how many are valid. RAG
# alone has none of either. Instructions and few-shot are valid at best in part, and hardly ever right. The three
# constrained ones are all valid and seldom right. The wrapper's bar is the longest.
#
# Forty questions leave wide intervals. The same arms, and one or two more, were put to eighty questions once, our
# forty among them, and what came out was recorded, with the model that the first line names (*examples* are few-shot,
# *decoder* is constrained decoding):

# %%
record = recorded.desk()
print(record)
for arm, every in record.marks.items():
    kept = rates(every, about=record.about)
    print(f"{arm:22} valid {kept['fits'].value:4.0%}   right {kept['right']}")
rivals = [arm for arm in record.marks if arm != "RAG in a wrapper"]
best = max(rivals, key=lambda arm: sum(m.right for m in record.marks[arm]))
only = discordant(*([m.right for m in record.marks[arm]] for arm in ("RAG in a wrapper", best)))
print(f"right only in the wrapper {only[0]}, only with {best} {only[1]}: p = {sign_test(*only):.2g}")
assert sign_test(*only) < 0.05 and only[0] > only[1], "The wrapper no longer wins: rewrite what follows."

# %% [markdown]
# A dozen lines of program get more tickets right than the decoder did, and greet without hurting the fact. Where a rule
# is known, write the rule. (We knew these customers: the line about "Hello team", and "pricing" for all that is
# answered, come from looking at questions such as these. On other wordings expect less.)
#
# For which fields does the wrapper's interval include the lazy rate, in the table above? There, forty questions cannot
# tell the two apart. Its answer is RAG's, as good or as bad as that. Its weak spots are the fields for which we wrote
# no real rule: *category* (it calls all that it answers "pricing") and *escalate* (it does not know about Enterprise
# prices). You could write rules for that too; with six categories it may even be wise. With sixty, and customers who
# write as they please, you want something that learns from examples.

# %% [markdown]
# ### Another model
#
# With a network (and better a GPU), put the name of an instruct model of the Hugging Face hub here, such as
# `"unsloth/Llama-3.2-1B-Instruct"` (about 2.5 GB to download, 5 GB of memory). Does asking suffice for it? And is what is
# valid also right? (The lines: instructions, few-shot, constrained.)

# %%
hub_model = None
if hub_model:
    other, its = models.load(hub_model)
    its.pad_token = its.pad_token or its.eos_token
    narrow = constrained(other, its, Ticket)
    for writer, chats in ((other, instructed_chats), (other, few_shot_chats), (narrow, instructed_chats)):
        kept = scored(generate(writer, its, chats[:10], MAX_NEW_TOKENS, batch_size=2))
        print(f"valid {kept['fits']}; right {kept['right']}")

# %% [markdown]
# ## 11 · Recap (1 min)
#
# * Retrieval decides what the model sees. The shape of its answer is behaviour: RAG alone, asked for a sentence,
#   wrote no ticket at all.
# * Try the prompt first, with examples. For a large instruct model it may suffice (section 10 lets you try one); for ours
#   it does not.
# * Constrained decoding makes every ticket **valid**, for any model, without training. It does not make one **right**.
# * So score the two apart, and compare every field with a program that always says the same.
# * A rule that can be written down belongs in the schema or, often better, into a program around the model.
#
# The article is right that this is a problem of behaviour. That *only* fine-tuning can solve it is not so: validity
# came without any. What did not come are our categories and the escalation of Enterprise prices, and the wrapper did
# not even try. Lesson 04 trains both; in lesson 05 you write a rule for the categories and see which gets more
# tickets right.
#
# ## What could go stale here
#
# * The published figures: they are of August 2024 (OpenAI, "Introducing Structured Outputs in the API") and of 2024
#   (arXiv 2408.02442). Models have moved on; the difference between valid and right has not.
# * `llguidance`'s interface: this was run with the version pinned in `pyproject.toml`.
# * "A prompt does not suffice": that is about the model in hand. Ask again whenever the model changes.
