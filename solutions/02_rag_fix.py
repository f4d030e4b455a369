# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 02 · The RAG fix

# %% [markdown]
# ## 1 · Open book (3 min)
#
# In lesson 01 a fine-tuned model quoted January's prices in February. It had to answer from memory. What if the same
# small model, *without a single training row about Larkmoor*, gets to read the right page first? (It was trained to read
# and to cite, on pages of other, invented companies.)
#
# That is retrieval-augmented generation (RAG): find the passages that belong to the question, put them into the
# prompt, and let the model answer from them. Before we build the finding part, let us test the reading part: we hand
# over the right page ourselves.

# %%
from course_utils import company, models
from course_utils.answering import ask
from course_utils.checks import check, hint, solution, yours_or

model, tokenizer = models.load()
page = company.pages("2026-02")["products/tallyport/plans/team.md"]
print(page[:420])

passage = "Tallyport Team > Price\n" + page.split("## Price\n\n")[1].split("\n\n")[0]
customer = "How much is Tallyport Team per user, if I pay by the month?"
print("closed book:", ask(model, tokenizer, customer))
print("open book:  ", ask(model, tokenizer, customer, [passage]))

# %% [markdown]
# The `[1]` is a citation: it says which of the numbered passages the answer comes from. The model learnt to cite from
# other invented companies; it has never seen Larkmoor. Does it read, or does it guess? Let us write another price into
# the passage, one that no page of the handbook has for this plan. Which price will it say?

# %%
print("with $61 on the page:", ask(model, tokenizer, customer, [passage.replace("$55", "$61")]))

# %% [markdown]
# If it said $61, it read the price. It also shows the other side of that: a reader believes the page that it is given.
#
# ## 2 · Cut the handbook into chunks (4 min)
#
# 500 pages are far too long a prompt for our small model (large models could take them; lesson 06 reckons what that
# costs), and most of them have nothing to do with the question. So we cut the pages into **chunks** small enough to
# pick a few. A natural cut is the section: text under one `##` heading. A section alone may not say what it is about
# ("Billed yearly, it is €12"), so every chunk carries the page's title and its heading.

# %%
def sections(text):
    title, *parts = text.split("\n## ")
    title = title.splitlines()[0].removeprefix("# ")
    for part in parts:
        heading, _, body = part.partition("\n")
        yield f"{title} > {heading}\n{body.strip()}"


for chunk in list(sections(page))[:3]:
    print(chunk, "\n")

# %% [markdown]
# Real pages are less tidy: sections of three screens, tables, files without any heading. `chunk_page` does the same
# as our six lines, keeps what stands before the first heading, and splits long sections at paragraphs and table rows
# (480 characters at most).

# %%
from course_utils.retrieval import chunk_page

january = company.pages("2026-01")
chunks = [chunk for path, text in january.items() for chunk in chunk_page(path, text)]
print(len(january), "pages,", len(chunks), "chunks; the first one of", chunks[0].page, "is\n")
print(chunks[0].text)

# %% [markdown]
# ## 3 · Turn text into vectors (3 min)
#
# To find the chunks that belong to a question we need to compare *meanings*. An embedding model turns a text into a
# vector – here 384 numbers – so that texts of similar meaning point in similar directions. The model is
# all-MiniLM-L6-v2; its weights are checked against the published checksum before they are used.
#
# Which of these three sentences is closest to the question? Guess, then run.

# %%
from course_utils.retrieval import load_embedder

embedder = load_embedder()
texts = ["Tallyport Team costs $55 per user.", "The team was late.", "Support answers by e-mail."]
vectors = embedder.encode([customer, *texts])
for text, cosine in zip(texts, vectors[1:] @ vectors[0]):
    print(f"{cosine:.2f}  {text}")

# %% [markdown]
# The vectors have length 1, so the product of two of them is the cosine of the angle between them: 1 for the same
# direction, near 0 for texts that have little to do with each other. (An easy win: the first sentence also shares
# most of its words with the question. Lesson 08 puts a search by words beside this one.)
#
# ## 4 · A store that finds them (5 min)
#
# A vector database keeps the vectors with their texts and finds the nearest ones to a query. We use Chroma, stored in
# a folder of this lesson. Each chunk needs an **id**; ours is a hash of the page's path and the text.

# %%
import hashlib

import chromadb

from course_utils import paths

client = chromadb.PersistentClient(str(paths.work_dir("02") / "chroma"))
if "handbook" in [c.name for c in client.list_collections()]:
    client.delete_collection("handbook")  # so that this cell can be run twice
cosine_space = {"hnsw": {"space": "cosine"}}
store = client.create_collection("handbook", embedding_function=None, configuration=cosine_space)


def chunk_id(chunk):
    return hashlib.sha256(f"{chunk.page}\n{chunk.text}".encode()).hexdigest()[:16]

# %% [markdown]
# We turn the clock back: the page of section 1 was February's, but the store gets January's handbook, so that section
# 6 can live through the change. So prices in this section are January's.
#
# `upsert` writes what is new and replaces what has the same id. Embedding all of January takes a minute or two the
# first time, more on a slow machine; the vectors are kept, so the next time it is quick. Then we ask the store. What
# do you expect on rank 1, and what might sneak in behind it?

# %%
import time


def add_chunks(chunks):
    chunks = list({chunk_id(c): c for c in chunks}.values())
    vectors = embedder.encode([c.text for c in chunks], progress=len(chunks) > 500)
    for i in range(0, len(chunks), 1000):
        part = chunks[i : i + 1000]
        ids, pages = [chunk_id(c) for c in part], [{"page": c.page} for c in part]
        texts, rows = [c.text for c in part], vectors[i : i + 1000]
        store.upsert(ids=ids, documents=texts, metadatas=pages, embeddings=rows)


start = time.perf_counter()
add_chunks(chunks)
print(f"{store.count()} chunks indexed in {time.perf_counter() - start:.0f} s\n")


def retrieve(question, k=3):
    found = store.query(query_embeddings=embedder.encode([question]), n_results=k)
    return list(zip(found["documents"][0], [m["page"] for m in found["metadatas"][0]]))


for text, source in retrieve(customer):
    print(f"[{source}]\n{text}\n")

# %% [markdown]
# A real handbook is full of neighbours: plans that were closed long ago, prices in other currencies, the other plans of
# the same product. Look at the three titles. The model has to read *which* plan a passage is about.
#
# ## 5 · Answer with the page (5 min)
#
# Retrieve, put the passages into the prompt, answer. And the prompt? There is no secret in it. This is all that the
# model gets to see, its *context*:

# %%
from course_utils.answering import citations, generate, messages, without_citations

for message in messages(customer, [chunk for chunk, _ in retrieve(customer)]):
    print(f"--- {message['role']}\n{message['content']}")

# %% [markdown]
# An instruction of two short sentences, the passages with their numbers, the question. The tokenizer's chat template
# adds the marks that this model expects between them. Last, the citation number is turned back into a page. (The second
# function answers many questions at once, for measurements.)

# %%

def answer(question):
    hits = retrieve(question)
    text = ask(model, tokenizer, question, [chunk for chunk, _ in hits])
    cited = [source for n, (_, source) in enumerate(hits, start=1) if n in citations(text)]
    return without_citations(text), cited


def answer_all(questions):
    contexts = [retrieve(q.text) for q in questions]
    chats = [messages(q.text, [chunk for chunk, _ in context]) for q, context in zip(questions, contexts)]
    return generate(model, tokenizer, chats), contexts


asked = [customer, "whats signmere business on monthly billing", "Who founded Larkmoor?"]
for question in asked:
    print(question, "\n   ", *answer(question))

# %% [markdown]
# Two things to notice. An answer names its source, so a colleague can check it. Do, and check the *number*, too: a
# small reader can name the right page and quote its neighbour, such as the price of a month when you pay for a year.
# Section 8 counts how often. And where the handbook says nothing, the model should say so, as the last answer may have
# done. One answer is no rate: section 9 counts that, too.
#
# ## 6 · February again (8 min)
#
# On the first of February the pages change. Which ones do we have to touch?
#
# ### Exercise 02.1: what changed?
#
# Write `page_changes(old, new)` for two dictionaries from path to text. Return two lists of paths: pages that are
# **new or have another text** in `new`, and pages that are **gone**. The update below uses your function (while the
# exercise is open, the course's own). `hint("02.1")` helps.

# %%
def page_changes(old, new):
    ### BEGIN SOLUTION
    written = [path for path, text in new.items() if old.get(path) != text]
    gone = [path for path in old if path not in new]
    return written, gone
    ### END SOLUTION

# %%
check("02.1", page_changes)

february = company.pages("2026-02")
written, gone = map(set, yours_or("02.1", page_changes)(january, february))
print(f"{len(february)} pages in February: {len(written)} new or changed, {len(gone)} gone")

# %% [markdown]
# ### The trap
#
# The obvious update is: chunk the changed pages, embed them, `upsert` them. Let us do exactly that, and ask.

# %%
start = time.perf_counter()
add_chunks([chunk for path in sorted(written) for chunk in chunk_page(path, february[path])])
print(f"upsert of {len(written)} pages: {time.perf_counter() - start:.1f} s; {store.count()} chunks now")
for text, source in retrieve(customer):
    print(f"\n[{source}]\n{text}")

# %% [markdown]
# Look closely: the same page twice, with two prices. The old text has another hash, so it has another id, so nothing
# replaced it. The store now holds both months, and nothing tells the model which one is in force. (Ids made of path
# and position would overwrite most old chunks, until a page gets shorter or is deleted.) How bad is it? We ask 120
# questions, all about monthly prices that changed in February, and give lesson 01's verdicts: `current`, `stale`,
# `other`, `abstained`. Guess how many per cent of the answers will quote the old price.

# %%
from course_utils import plots, results
from course_utils.evaluation import Rate, shares, verdict

facts = {month: company.facts(month) for month in ("2026-01", "2026-02")}
monthly = [key for key, fact in facts["2026-01"].items() if fact.attribute == "price_monthly"]
before, after = ({key: facts[month][key].value for key in monthly} for month in facts)
old_price = {key: before[key] for key in monthly if before[key] != after[key]}
questions = company.questions("2026-02", n=120, seed=3, fact_keys=old_price, split="test")
keys = [q.fact_key for q in questions]  # intervals count facts, see lesson 01


def verdict_of(answer, question):
    return verdict(answer, question.value, old_price[question.fact_key])


def verdicts_of(answers):
    return list(map(verdict_of, answers, questions))


trap_answers, _ = answer_all(questions)
trap = verdicts_of(trap_answers)
print("Old chunks left in the store:")
for name, rate in shares(trap, about=keys).items():
    print(f"{name:10} {rate}")

# %% [markdown]
# Hold the line `stale` against your guess. RAG does not make a system fresh by itself. *An up-to-date index does.*
# The article behind this course (lesson 01 names it) prices a document update at zero dollars; here is the work that
# hides in the zero.
#
# ### The update, done right
#
# Delete what belongs to a changed or vanished page and is not part of its new text.

# %%
def delete_old_chunks(pages_changed, current):
    keep = {chunk_id(c) for path in pages_changed & set(current) for c in chunk_page(path, current[path])}
    stored = store.get(where={"page": {"$in": sorted(pages_changed)}}, include=[])["ids"]
    old = [i for i in stored if i not in keep]
    if old:
        store.delete(ids=old)
    return len(old)


start = time.perf_counter()
print(delete_old_chunks(written | gone, february), "old chunks deleted,", store.count(), "left,", end=" ")
print(f"in {time.perf_counter() - start:.1f} s")

answers, contexts = answer_all(questions)
verdicts = verdicts_of(answers)
for name, rate in shares(verdicts, about=keys).items():
    print(f"{name:10} {rate}")

# %% [markdown]
# These are questions of the kind on which the fine-tuned model of lesson 01 was stale. No weight was changed between
# January and February: we edited a folder of pages and brought an index up to date. Be fair: the index was updated,
# and that model was not. Retrained in full it was nearly always current, too (lesson 01, section 9). What RAG saves
# is not the update, it is the training. And the customer of the beginning?

# %%
text, cited = answer(customer)
print(f"{customer}\n   {text} {cited}\n   the page: {facts['2026-02']['tallyport.team.price_monthly'].text}")

rows = {"RAG, old chunks left": trap, "RAG, index up to date": verdicts}
if from_lesson_01 := results.recorded("01").get("fine_tuned_verdicts"):
    rows = {"fine-tuned on January,\nlesson 01's questions": from_lesson_01} | rows
plots.verdict_bars({f"{name}\n(n = {len(v)})": v for name, v in rows.items()}, "Changed prices, in February")

# %% [markdown]
# *Picture:* a bar for each system. With the index up to date most answers quote the current price and almost none the
# old one; the rest quote *another* price or say nothing, and sections 7 and 8 look into those. With the old chunks left
# in the store many are stale. (The fine-tuned model's bar, nearly all stale, appears once you have run lesson 01 on this
# machine. Its questions are other ones, lesson 01's about five of the ten products; each bar says how many.)

# %%
stale, current = (shares(verdicts, about=keys)[name] for name in ("stale", "current"))
assert stale.value <= 0.02, f"RAG no longer fixes the stale prices: {stale}"
promised = models.current().promised
assert current.interval[1] >= promised, f"This model was good for {promised:.0%} current prices: {current}"
assert shares(trap)["stale"].value > stale.value, "The trap should make some answers stale."
results.record("02", rag_verdicts=verdicts, trap_verdicts=trap)

# %% [markdown]
# ## 7 · Search: was the page found? (5 min)
#
# An answer can be wrong because no passage stated the price, or because one did and the model read it wrongly. These
# are different faults with different cures, so we measure them apart: the search here, the reading in section 8.
#
# ### Exercise 02.2: recall at k
#
# **Recall@k** is the share of questions whose *gold page*, the one that states the answer, is among the pages of the
# first *k* chunks retrieved. Write it for a list of ranked page lists and a list of gold pages. `hint("02.2")` helps.
# The cell after it runs your function on all kinds of questions and all pages of February (while the exercise is
# open, the course's own).

# %%
def recall_at_k(ranked_pages, gold_pages, k):
    ### BEGIN SOLUTION
    found = [gold in ranked[:k] for ranked, gold in zip(ranked_pages, gold_pages)]
    return sum(found) / len(found)
    ### END SOLUTION

# %%
check("02.2", recall_at_k)

sample = company.questions("2026-02", n=200, seed=7, answerable=True, split="test")
ranked = [[source for _, source in retrieve(q.text, k=10)] for q in sample]
recall, gold_pages = yours_or("02.2", recall_at_k), [q.page for q in sample]
for k in (1, 3, 10):
    print(f"recall@{k}: {Rate(round(recall(ranked, gold_pages, k) * len(sample)), len(sample))}")

# %% [markdown]
# Recall grows with k, but more chunks also mean a longer prompt and more neighbours to confuse. Lesson 08 will be about
# raising recall at small k.
#
# ## 8 · Reading: was the price there, and was it read? (7 min)
#
# Now back to our questions about prices. That the right *page* was found does not mean that the price was in the
# prompt: we retrieve chunks, and a page has many. (And another page may state it, such as a table of all prices.) So we
# ask of each context whether one of its passages *states* the price.

# %%
from course_utils.evaluation import discordant, prices, sign_test, states

stated = [any(states(text, q.value) for text, _ in context) for q, context in zip(questions, contexts)]
right = [v == "current" for v in verdicts]
read = [(r, key) for r, key, there in zip(right, keys, stated) if there]
print("a passage states the price (k = 3):", Rate.of(stated, about=keys))
print("right, if one does:                ", Rate.of(*zip(*read)))
missed = [there for r, there in zip(right, stated) if not r]
print(f"{len(missed)} not right: {missed.count(False)} without the price, {missed.count(True)} with it")

# %% [markdown]
# Hold these counts against section 6: how many of the 120 answers said "I don't know" (the rate `abstained`), and how
# many prompts lacked the price? A reader without the price *should* be silent. That is a failed search, but it tells
# the customer nothing wrong.
#
# An answer that is not right *without* the price is a fault of *search*; one *with* it, of *reading*. But is it
# reading alone? A reader who has three passages about nearly the same thing may do worse than one who has only the
# right one. Let us give it that one, and nothing else. Such an arm is called an **oracle**: no real system has it,
# and it shows what better search could win at most.
#
# The two systems answer the same questions, so compare them question by question: only those that one gets right and the
# other wrong can tell them apart.
#
# If both were equally good, each of these questions would be a toss of a coin: heads for one system, tails for the
# other. **p** is the probability that so many tosses come out at least as unevenly as they did. (Ten tosses that all
# come up the same, for example, are to be expected twice in a thousand times: p = 0.002.)

# %%
february_chunks = {path: chunk_page(path, february[path]) for path in {q.page for q in questions}}


def the_right_chunk(question):
    return next(c.text for c in february_chunks[question.page] if states(c.text, question.value))


oracle = generate(model, tokenizer, [messages(q.text, [the_right_chunk(q)]) for q in questions])
with_oracle = [v == "current" for v in verdicts_of(oracle)]
only_found, only_oracle = discordant(right, with_oracle)
print(f"right only with three passages: {only_found}, only with the right one: {only_oracle}", end="; ")
print(f"as {only_found + only_oracle} tosses of a coin: p = {sign_test(only_found, only_oracle):.2g}")
mended = [there for r, o, there in zip(right, with_oracle, stated) if o and not r]
print(f"of these {len(mended)}: price missing {mended.count(False)}, price there {mended.count(True)}")
print("wrong even from the right passage:", Rate.of((not r for r in with_oracle), about=keys))
arms = {"three passages found": right, "the right passage alone": with_oracle}
rates = {name: Rate.of(outcomes, about=keys) for name, outcomes in arms.items()}
plots.rates(rates, "current price (%)", "What would perfect search be worth?")

# %% [markdown]
# *Picture:* two bars with their intervals, the share of current prices from the three passages that were found, and from
# the right one alone.
#
# The second line sorts the questions that only the right passage got right. Where the price was missing, search had
# failed. Where it was there, and the right passage alone was read correctly, neighbours may have *distracted* the
# reader (or the price stood in a table, and the oracle's passage is a sentence). The p above is for both kinds
# together. For those with the price there alone, fewer than six questions cannot reach 0.05, even if all fall the
# same way: then it is a hint. So better search can help where the price is missing, and perhaps where it is there, as
# can a steadier reader. (The toss of a coin counts questions as independent; several are about one price, so read a p
# near 0.05 as a hint, not as a finding.)
#
# And what *were* the other prices? Each is looked up among the facts of the same product. The second number says how
# many of these questions the oracle got right.

# %%
from collections import Counter


def what_it_was(answer, question):
    if not prices(answer):
        return "no price at all"
    product, plan, _ = question.fact_key.split(".")
    ours = [f for key, f in facts["2026-02"].items() if key.startswith(f"{product}.")]
    same = [f for f in ours if f.value == prices(answer)[0]]
    if any(f.key == f"{product}.{plan}.price_yearly" for f in same):
        return "the same plan, billed yearly"
    return "another plan or an add-on of the product" if same else "a closed edition's, or from nowhere"


wrong = zip(questions, answers, verdicts, with_oracle)
other = [(what_it_was(a, q), ok) for q, a, v, ok in wrong if v == "other"]
for what, count in Counter(what for what, _ in other).most_common():
    alone = sum(ok for w, ok in other if w == what)
    print(f"{count:3}  {what}; right from the right passage alone: {alone}")

# %% [markdown]
# Another plan's price, or a closed edition's, comes from another passage, which a better search would leave out. The
# yearly price of the same plan mostly stands in the right passage itself; even so, such an error can go once the
# neighbours do (the second number). What is left then is not for search to mend: try a better reader, a page that is
# easier to read, or no reader at all (section 12).
#
# ## 9 · Can you trust the citation, and the silence? (3 min)
#
# A citation is *precise* if the cited passage supports the answer. A program can check one part of that without
# anybody's judgement: does the quoted price stand in the cited chunk? That is a lower bar: a yearly price given as
# the monthly one passes.
#
# And does the model say that it does not know when the handbook does not? We ask 40 such questions. Which of the two
# rates will be the higher one?

# %%
from course_utils.answering import abstained

supported, cited_keys = [], []
for text, context, key in zip(answers, contexts, keys):
    for n in citations(text):
        quoted = prices(without_citations(text))
        supported.append(1 <= n <= len(context) and bool(quoted) and quoted[0] in prices(context[n - 1][0]))
        cited_keys.append(key)
print("cited passage holds the quoted price:", Rate.of(supported, about=cited_keys))

unanswerable = company.questions("2026-02", n=40, seed=5, answerable=False, split="test")
silent, _ = answer_all(unanswerable)
print("no answer in the handbook, and says so:", Rate.of(map(abstained, silent)))

# %% [markdown]
# A citation that passes this check does not yet make a right answer: the number stands on that page, but it may be
# the yearly price, or another plan's. What a citation buys you is that somebody can look. Whatever is missing from
# 100 % in the second rate is answers to questions that have none.
#
# Do not set the first rate beside published ones. Liu, Zhang and Liang (2023, arXiv 2304.09848) had people judge
# whether a citation supports the sentence that it belongs to: for four products 74.5 % did. A price is an easy thing
# to cite, and ours an easy test.
#
# ## 10 · How many passages, and what do they cost? (5 min)
#
# ### Exercise 02.3: more passages? Predict, then measure
#
# The knob that everybody asks about is k. With three passages a price can be missing from the prompt; with more of them
# it is there more often, and so are its neighbours. Choose `my_k` (1, 2, 5 or 6) and write into `predicted` how many of
# the first 30 questions will be answered with the current price. The second cell below says what k = 3 makes of them,
# and what yours does (5, if you choose none): write your prediction first. `hint("02.3")` helps.

# %%
### BEGIN SOLUTION
my_k = 5
predicted = 29
### END SOLUTION

# %%
tried = my_k if my_k in (1, 2, 5, 6) else 5
first = questions[:30]
found = [retrieve(q.text, k=tried) for q in first]
chats = [messages(q.text, [text for text, _ in hits]) for q, hits in zip(first, found)]
there = sum(any(states(text, q.value) for text, _ in hits) for q, hits in zip(first, found))
measured = sum(v == "current" for v in map(verdict_of, generate(model, tokenizer, chats), first))
print(f"k = 3: price in the prompt {sum(stated[:30])} of 30, right {sum(right[:30])}")
print(f"k = {tried}: price in the prompt {there} of 30, right {measured}")
check("02.3", {"my_k": my_k, "predicted": predicted, "measured": measured})

# %% [markdown]
# Thirty questions can hardly tell three passages from five; you have seen how wide the intervals are. What they can
# show is the trade: more passages, more prices in the prompt, and more to read. Each passage also costs tokens, for
# every question (lesson 06), and time: what is slower, embedding the question, searching thousands of chunks, or
# writing the answer?

# %%
import statistics

from course_utils.answering import without_memo


def milliseconds(action, repeat=15):
    times = []
    with without_memo():  # an answer that was given before would come at once
        for _ in range(repeat):
            start = time.perf_counter()
            action()
            times.append(1000 * (time.perf_counter() - start))
    return statistics.median(times)


vector, passages = embedder.encode([customer]), [chunk for chunk, _ in retrieve(customer)]
embed = milliseconds(lambda: embedder.encode([customer]))
search = milliseconds(lambda: store.query(query_embeddings=vector, n_results=3))
write = milliseconds(lambda: ask(model, tokenizer, customer, passages), repeat=5)
print(f"embed the question {embed:.0f} ms, search {search:.0f} ms, write the answer {write:.0f} ms")

# %% [markdown]
# Reading the passages and writing the answer take most of it, even with a small model. The article puts retrieval at
# 50 to 200 ms; embedding and search together, above, are what it is here (a *remote* vector database adds a round
# trip through the network).
#
# ## 11 · Your own pages (5 min)
#
# Everything so far works on any folder of Markdown or text files. `PageIndex` packs it up with seatbelts: it re-embeds
# only what changed, deletes what is gone, repairs itself after a crash, refuses an index made with another embedding
# model, and lets two notebooks take turns: Chroma's store loses rows silently when two processes write to it. (The cells
# below show the re-embedding and the deleting; the rest is left to `tests/recovery` and `tests/unit`.)
#
# **Point `my_folder` at a folder of yours**: notes, a wiki export, documentation. Your files are only read. Until you do,
# we take real documentation that is on your disk already: the descriptions of the packages that this course needs. Such
# pages carry lines no reader ever sees (front matter, comments, badges, HTML for the layout), and each would become a
# chunk that can be found. They are taken out first; tables, code and the words that stand for a picture stay.

# %%
from course_utils.retrieval import PageIndex, installed_docs, read_pages

my_folder = None  # for example "~/notes"
docs = read_pages(my_folder) if my_folder else installed_docs()
index = PageIndex(paths.work_dir("02") / "my_index", embedder)
print(index.sync(docs, progress=True))

# %% [markdown]
# ### Exercise 02.4: which page was it?
#
# An answer about your pages should say where it is from. Section 5's `answer` lists the cited pages in the order in
# which they were found, and a page twice if two of its passages are cited. Write `cited_pages(answer, pages)`: from an
# answer such as `"It costs $9. [2]"` and the list of retrieved pages (the first one is `[1]`), return the cited pages
# in the answer's order, each once. Numbers that no passage has are left out (`hint("02.4")`).

# %%
def cited_pages(answer, pages):
    ### BEGIN SOLUTION
    numbers = [n for n in citations(answer) if 1 <= n <= len(pages)]
    return list(dict.fromkeys(pages[n - 1] for n in numbers))
    ### END SOLUTION

# %%
check("02.4", cited_pages)

# %% [markdown]
# Now questions, answered with your function (while the exercise is open, with the course's own). With a folder of your
# own, write yours into the first line: ours are about packages, and are asked only about those. Before you believe an
# answer, look at the page that it names.

# %%
my_questions = []  # about your own folder, such as ["How do I renew the certificate?"]
if not my_folder:
    my_questions = [
        "How much free credit does Chroma Cloud give?",
        "Which Python version does bitsandbytes need?",
        "Which license does safetensors have?",
    ]
pages_of = yours_or("02.4", cited_pages)


def look_up(question):
    hits = index.search(question, k=3)
    text = ask(model, tokenizer, question, [hit.chunk.text for hit in hits])
    return without_citations(text), pages_of(text, [hit.chunk.page for hit in hits])


for question in my_questions:
    print(question, "\n   ", *look_up(question))

# %% [markdown]
# The description of safetensors does not mention its licence. A neighbour's does, and a reader who takes it for the
# answer names the neighbour's page: that is how you catch it. On topics far from the product pages that our models
# have practised on, their *answers* can be clumsy, silent or wrong; the *retrieved passages* are what to judge here.
# A larger model can take their place without any other change.
#
# A package is upgraded, and its page changes. (We edit our copy of the page the way an upgrade would. After a real
# `pip install --upgrade`, running the cells above again does the same. In a folder of your own, edit a page and run
# them.)

# %%
if not my_folder:
    page = index.search(my_questions[0], k=1)[0].chunk.page
    upgraded = dict(docs) | {page: docs[page].replace("$5", "$10")}
    print(index.sync(upgraded))
    print(my_questions[0], "\n   ", *look_up(my_questions[0]))

# %% [markdown]
# Of one page, only the chunk that changed was embedded again, and its old version is deleted. The answer is the
# edited page's, and no weight has moved.
#
# ## 12 · Sidebar: a price is also a database row (1 min)
#
# Do we need a language model at all to look up a price? Somebody at Larkmoor keeps prices in a table, and the pricing
# page is made from it. If you can recognise the question, the row of the table that billing itself writes is
# exact, and as fresh as the bill.
#
# The article's decision tree does not mention this branch. Lesson 07 asks such a table: for facts that already live
# in one, a lookup (a *tool call*, when a model makes it) is the first thing to try.

# %% [markdown]
# ## 13 · Recap (1 min)
#
# * The same model that knew nothing about Larkmoor answers from the page and cites it, mostly rightly.
# * A price change became an edit of pages and an update of an index: no training. It left hardly a *stale* price among
#   120 answers (section 6 has the interval), and some wrong ones.
# * The update is not free: chunk, embed, write, **and delete**. With the old chunks left in, both prices come back.
# * Wrong answers have two sources, search and reading, and more passages may spoil the reading (section 8 shows how
#   sure that is for your model). Measure them apart, with an oracle, before you fix anything.
#
# *Retrieval changes what a model can see now.* It does not change how the model behaves: in lesson 03 even the
# answers with the right fact will be unusable.
#
# ## What could go stale here
#
# * Your index, the day after somebody edits a page. Run the update whenever pages change, and test it by asking for
#   something that has just changed.
# * Chroma's interface: this was run with the version pinned in `pyproject.toml`.
# * The latencies: they belong to this machine. Writing the answer will stay the longest part.
