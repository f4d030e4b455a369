"""The index: kept equal to the pages, searched, and refusing what it cannot answer honestly."""

import hashlib
import json
import shutil
import subprocess
import sys
import textwrap
import threading
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from course_utils.retrieval import (
    EmbedderNotFound,
    IndexBusy,
    IndexDamaged,
    IndexMismatch,
    IndexNotReady,
    IndexNotWritable,
    PageIndex,
    RetrievalError,
    chunk_page,
    load_embedder,
)
from course_utils.retrieval.store import Store


class WordEmbedder:
    """Every word has a random direction: texts that share words are near. Keeps the texts it embeds."""

    fingerprint = "bag of words, 64 dimensions"

    def __init__(self):
        self.embedded = []

    def encode(self, texts):
        self.embedded += texts
        vectors = np.stack([sum(map(self.word, text.lower().split()), self.word("")) for text in texts])
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)

    @staticmethod
    @cache
    def word(word):
        seed = hashlib.sha256(word.encode()).digest()[:4]
        return np.random.default_rng(list(seed)).standard_normal(64).astype(np.float32)


class OtherEmbedder(WordEmbedder):
    fingerprint = "another model"


PAGES = {
    "team.md": "# Team plan\n\n## Price\n\nThe Team plan costs $49 a month.\n\n## Limits\n\nTen users.",
    "starter.md": "# Starter plan\n\n## Price\n\nThe Starter plan costs $19 a month.",
    "notes.txt": "Stocktide counts inventory.",
}


@pytest.fixture
def index(tmp_path):
    with PageIndex(tmp_path, WordEmbedder()) as index:
        yield index


def contents(index):
    """Every row of the index: id, text, metadata; the vectors must be there too."""
    with index._locked() as collection:
        rows = collection.get(include=["documents", "metadatas", "embeddings"])
    assert len(rows["embeddings"]) == len(rows["ids"])
    return {
        id: (text, tuple(sorted(about.items())))
        for id, text, about in zip(rows["ids"], rows["documents"], rows["metadatas"], strict=True)
    }


# --- sync ---------------------------------------------------------------------------------------------------


def test_a_first_sync_puts_every_chunk_in(index):
    report = index.sync(PAGES)
    assert report.added == ("notes.txt", "starter.md", "team.md")
    assert (report.updated, report.deleted, report.unchanged) == ((), (), 0)
    assert (report.chunks_written, report.chunks_deleted, report.reused) == (4, 0, 0)
    assert index.count() == 4
    assert index.pages() == ["notes.txt", "starter.md", "team.md"]
    assert str(report).startswith("pages: 3 added, 0 updated, 0 deleted, 0 unchanged; chunks: 4 written")


def test_the_same_pages_again_change_nothing(index):
    index.sync(PAGES)
    before, index._embedder.embedded = contents(index), []
    report = index.sync(PAGES)
    assert report.unchanged == 3
    assert report.chunks_written == report.chunks_deleted == 0
    assert contents(index) == before
    assert index._embedder.embedded == []


def test_an_edited_page_embeds_only_what_changed_and_forgets_the_old_price(index):
    index.sync(PAGES)
    index._embedder.embedded = []
    report = index.sync(PAGES | {"team.md": PAGES["team.md"].replace("$49", "$59")})
    assert (report.added, report.updated, report.deleted, report.unchanged) == ((), ("team.md",), (), 2)
    assert index._embedder.embedded == ["Team plan > Price\nThe Team plan costs $59 a month."]
    texts = [text for text, _ in contents(index).values()]
    assert not any("$49" in text for text in texts)
    assert sum("$59" in text for text in texts) == 1


def test_a_page_that_is_gone_or_empty_leaves_the_index(index):
    index.sync(PAGES)
    pages = PAGES | {"team.md": " \n"}
    del pages["notes.txt"]
    report = index.sync(pages)
    assert report.deleted == ("notes.txt", "team.md")
    assert index.pages() == ["starter.md"]


def test_a_renamed_page_is_not_embedded_again(index):
    index.sync(PAGES)
    index._embedder.embedded = []
    pages = dict(PAGES)
    pages["plans/team.md"] = pages.pop("team.md")
    report = index.sync(pages)
    assert (report.added, report.deleted, report.reused) == (("plans/team.md",), ("team.md",), 2)
    assert index._embedder.embedded == []
    assert index.search("The Team plan costs", k=1)[0].chunk.page == "plans/team.md"


def test_a_paragraph_put_in_front_moves_the_others_without_embedding_them(index):
    index.sync(PAGES)
    index._embedder.embedded = []
    report = index.sync(PAGES | {"team.md": PAGES["team.md"].replace("## Price", "Now cheaper.\n\n## Price")})
    assert (report.chunks_written, report.reused) == (3, 2)
    assert index._embedder.embedded == ["Team plan\nNow cheaper."]


def test_equal_texts_are_embedded_once(index):
    index.sync({f"{i}.md": "# Note\n\nthe same words" for i in range(5)})
    assert index.count() == 5
    assert len(index._embedder.embedded) == 1


def test_progress_gets_to_the_end_and_silence_is_the_default(index, capsys):
    seen = []
    pages = {f"{i}.md": f"page {i}" for i in range(300)}
    index.sync(pages, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(256, 300), (300, 300)]
    index.sync(PAGES)
    assert capsys.readouterr() == ("", "")
    index.sync(pages, progress=True)
    assert "Indexing" in capsys.readouterr().err


EDITS = st.lists(
    st.dictionaries(
        st.sampled_from(["a.md", "b.md", "sub/c.txt"]),
        st.sampled_from(
            ["", "one", "two", "# T\n\none", "# T\n\n## S\n\none\n\n## S\n\none", "# T\n\n## S\n\ntwo"]
        ),
    ),
    min_size=1,
    max_size=6,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(EDITS)
def test_any_history_of_edits_ends_like_a_fresh_index(index, history):
    for pages in history:
        index.sync(pages)
    expected = [chunk for path, text in history[-1].items() for chunk in chunk_page(path, text)]
    assert contents(index) == {
        chunk.id: (
            chunk.text,
            (("heading", chunk.heading), ("page", chunk.page), ("title", chunk.title)),
        )
        for chunk in expected
    }
    if expected:
        found = index.search("one", k=len(expected) + 1)
        assert {hit.chunk for hit in found} == set(expected)


# --- search -------------------------------------------------------------------------------------------------


def test_search_finds_the_chunk_with_its_page_and_score(index):
    index.sync(PAGES)
    hits = index.search("the Starter plan costs", k=2)
    assert hits[0].chunk == chunk_page("starter.md", PAGES["starter.md"])[0]
    assert 1 >= hits[0].score > hits[1].score
    vector = WordEmbedder().encode(["the Starter plan costs"])[0]
    assert hits[0].score == pytest.approx(vector @ WordEmbedder().encode([hits[0].chunk.text])[0], abs=1e-5)


def test_asking_for_more_than_there_is_gives_what_there_is(index):
    index.sync(PAGES)
    assert len(index.search("price", k=100)) == 4


def test_where_narrows_the_search(index):
    index.sync(PAGES)
    assert {hit.chunk.page for hit in index.search("price", k=4, where={"page": "team.md"})} == {"team.md"}
    assert index.search("price", where={"page": "nowhere.md"}) == []


@pytest.mark.parametrize("where", [{"$near": 1}, {"page": {"$is": "x"}}, {"page": object()}])
def test_a_filter_that_is_not_understood(index, where):
    index.sync(PAGES)
    with pytest.raises(RetrievalError, match=r"filter .* is not understood"):
        index.search("price", where=where)


@pytest.mark.parametrize("query", ["", " \n", None])
def test_an_empty_query(index, query):
    index.sync(PAGES)
    with pytest.raises(RetrievalError, match="query is empty"):
        index.search(query)


def test_no_chunks_asked_for(index):
    index.sync(PAGES)
    with pytest.raises(RetrievalError, match="at least 1"):
        index.search("price", k=0)


def test_an_empty_index_says_to_sync(index):
    with pytest.raises(IndexNotReady, match=r"is empty\. Run sync"):
        index.search("price")


def test_searching_in_the_middle_of_a_sync_is_refused(index):
    def look(done, total):
        with pytest.raises(IndexNotReady, match="broken off"):
            index.search("price")

    index.sync(PAGES, progress=look)
    assert index.search("price")


def test_an_interrupted_sync_is_named_and_finished_by_the_next(index):
    index.sync(PAGES)
    newer = {path: text.replace("$", "€") for path, text in PAGES.items()}

    def interrupt(done, total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        index.sync(newer, progress=interrupt)
    with pytest.raises(IndexNotReady, match=r"old and new pages may be mixed\. Run sync"):
        index.search("price")
    index.sync(newer)
    assert all("€" in hit.chunk.text for hit in index.search("the plan costs", k=2))


# --- opening ------------------------------------------------------------------------------------------------


def test_what_was_indexed_is_there_when_the_index_is_opened_again(tmp_path):
    with PageIndex(tmp_path, WordEmbedder()) as index:
        index.sync(PAGES)
        before = contents(index)
    for _ in range(3):  # reading must not change what the next opening compares with
        with PageIndex(tmp_path, WordEmbedder()) as again:
            assert contents(again) == before
            assert again.search("the Starter plan costs", k=1)
            assert again.sync(PAGES).unchanged == 3


def test_two_objects_on_one_folder_in_one_notebook(tmp_path):
    first = PageIndex(tmp_path, WordEmbedder())
    second = PageIndex(str(tmp_path / "." / ""), WordEmbedder())
    first.sync(PAGES)
    assert second.search("Team plan", k=1) == first.search("Team plan", k=1)
    second.sync({"new.md": "something new"})
    assert first.pages() == ["new.md"]
    second.close()
    assert first.pages() == second.pages() == ["new.md"]  # a closed index opens again when it is used


def test_reset_starts_from_nothing_even_while_another_object_is_open(tmp_path):
    first = PageIndex(tmp_path, WordEmbedder())
    first.sync(PAGES)
    for _ in range(3):
        second = PageIndex(tmp_path, WordEmbedder(), reset=True)
        assert first.count() == second.count() == 0
        second.sync(PAGES)
        assert first.count() == 4
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "pages.chroma",
        "pages.lock",
        "pages.state.json",
    ]
    assert len(list((tmp_path / "pages.chroma").iterdir())) <= 2  # no remains of deleted collections


def test_two_collections_in_one_folder_do_not_meet(tmp_path):
    first, second = (PageIndex(tmp_path, WordEmbedder(), name) for name in ("first", "second"))
    first.sync(PAGES)
    assert second.count() == 0
    PageIndex(tmp_path, WordEmbedder(), "second", reset=True)
    assert first.count() == 4


@pytest.mark.parametrize("name", ["", "a", "../up", "with space", "x" * 64])
def test_a_collection_name_that_cannot_be(tmp_path, name):
    with pytest.raises(ValueError, match="3 to 63 letters"):
        PageIndex(tmp_path, WordEmbedder(), name)


def test_an_index_of_another_model_is_refused_and_kept(tmp_path):
    with PageIndex(tmp_path, WordEmbedder()) as index:
        index.sync(PAGES)
    with pytest.raises(IndexMismatch) as error:
        PageIndex(tmp_path, OtherEmbedder())
    assert "bag of words" in str(error.value) and "another model" in str(error.value)
    assert "reset=True" in str(error.value)
    assert PageIndex(tmp_path, WordEmbedder()).count() == 4
    other = PageIndex(tmp_path, OtherEmbedder(), reset=True)
    other.sync(PAGES)
    with pytest.raises(IndexMismatch):
        index.search("price")


def test_a_collection_made_without_page_index_is_refused(tmp_path):
    import chromadb

    with chromadb.PersistentClient(str(tmp_path / "pages.chroma")) as client:
        client.create_collection("pages", embedding_function=None)
    with pytest.raises(IndexMismatch, match="an unknown one"):
        PageIndex(tmp_path, WordEmbedder())


def test_threads_of_one_notebook_may_share_an_index(index):
    index.sync(PAGES)
    failures = []

    def work(number):
        try:
            for turn in range(5):
                index.sync(PAGES | {"own.md": f"written by {number} in turn {turn}"})
                assert index.search("Starter plan", k=1)[0].chunk.page == "starter.md"
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=[number]) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert index.count() == 5


# --- faults -------------------------------------------------------------------------------------------------


def damage(folder, fault):
    database = next(folder.rglob("chroma.sqlite3"))
    if fault == "database is garbage":
        database.write_bytes(b"garbage" * 10_000)
    elif fault == "database is cut off":
        with database.open("r+b") as file:
            file.truncate(20_000)
    elif fault == "vectors are gone":
        for file in folder.rglob("*.bin"):
            file.unlink()
    elif fault == "vectors are cut off":
        with next(folder.rglob("data_level0.bin")).open("r+b") as file:
            file.truncate(1_000)
    elif fault == "vectors are garbage":
        next(folder.rglob("index_metadata.pickle")).write_bytes(b"zz")


FAULTS = [
    "database is garbage",
    "database is cut off",
    "vectors are gone",
    "vectors are cut off",
    "vectors are garbage",
]
MANY = {f"{i}.md": f"page number {i}" for i in range(1_200)}  # enough for Chroma to write its graph to disk


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The files of a sound index of MANY, to be copied."""
    folder = tmp_path_factory.mktemp("built")
    with PageIndex(folder, WordEmbedder()) as index:
        index.sync(MANY)
    return folder


@pytest.fixture
def copy(built, tmp_path):
    return Path(shutil.copytree(built, tmp_path / "index"))


@pytest.mark.parametrize("fault", FAULTS)
def test_a_damaged_index_is_named_kept_and_rebuilt_on_demand(copy, fault):
    damage(copy, fault)
    sizes = {path: path.stat().st_size for path in copy.rglob("*") if path.is_file()}
    with pytest.raises(IndexDamaged, match=r"is damaged .*reset=True.*pages are not touched"):
        PageIndex(copy, WordEmbedder())
    assert sizes.keys() <= set(copy.rglob("*"))
    index = PageIndex(copy, WordEmbedder(), reset=True)
    index.sync(PAGES)
    assert index.count() == 4


def test_a_large_index_may_be_opened_again_and_again(copy):
    for turn in range(3):
        with PageIndex(copy, WordEmbedder()) as index:
            assert index.search("page number 7", k=1)[0].chunk.page == "7.md"
            index.sync(MANY | {"turn.md": f"turn {turn}"})


@pytest.mark.parametrize("fault", FAULTS)
def test_damage_done_while_we_were_writing_is_repaired_by_sync(copy, fault):
    """A kill may hit Chroma in the middle of writing a file. Our own unfinished work can be done again."""
    damage(copy, fault)
    (copy / "pages.state.json").write_text(json.dumps({"generation": "x", "unfinished": True}))
    index = PageIndex(copy, WordEmbedder())
    with pytest.raises(IndexNotReady):
        index.search("page number 7")
    index.sync(MANY)
    assert index.search("page number 7", k=1)[0].chunk.page == "7.md"
    assert len(contents(index)) == len(MANY)


def test_a_database_that_is_gone_is_an_empty_index(copy):
    (copy / "pages.chroma" / "chroma.sqlite3").unlink()
    index = PageIndex(copy, WordEmbedder())
    with pytest.raises(IndexNotReady, match="is empty"):
        index.search("page")
    assert len(index.sync(MANY).added) == len(MANY)


def test_a_state_file_that_cannot_be_read_counts_as_unfinished(copy):
    (copy / "pages.state.json").write_text("{")
    index = PageIndex(copy, WordEmbedder())
    with pytest.raises(IndexNotReady, match="broken off"):
        index.search("page")
    index.sync(MANY)
    assert index.search("page number 7", k=1)


def test_a_place_below_a_file(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(IndexNotWritable, match=r"cannot be written .*give PageIndex a folder"):
        PageIndex(tmp_path / "file" / "index", WordEmbedder())


def test_a_file_in_the_place_of_the_store(tmp_path):
    (tmp_path / "pages.chroma").write_text("")
    with pytest.raises(IndexNotWritable, match="File exists"):
        PageIndex(tmp_path, WordEmbedder())


def test_a_system_folder_that_takes_no_files():
    if not Path("/proc/self").is_dir():
        pytest.skip("no /proc here")
    with pytest.raises(IndexNotWritable):
        PageIndex("/proc/index", WordEmbedder())


def test_a_database_that_became_read_only(index, monkeypatch):
    from chromadb.errors import InternalError

    index.sync(PAGES)

    def refuse(*_, **__):
        raise InternalError("error returned from database: (code: 1032) attempt to write a readonly database")

    with index._locked() as collection:
        monkeypatch.setattr(type(collection), "upsert", refuse)
    with pytest.raises(IndexNotWritable, match="readonly database"):
        index.sync({"new.md": "new"})
    monkeypatch.undo()
    index.sync({"new.md": "new"})
    assert index.pages() == ["new.md"]


def test_a_full_disk(tmp_path):
    """A limit on the size of files, in a process of its own: writing fails in the middle of a sync."""
    program = f"""
        import resource, signal, sys
        sys.path.insert(0, {str(Path(__file__).parent)!r})
        from test_retrieval_index import MANY, PAGES, WordEmbedder
        from course_utils.retrieval import IndexNotWritable, PageIndex

        index = PageIndex({str(tmp_path)!r}, WordEmbedder())
        index.sync(PAGES)
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, resource.RLIM_INFINITY))
        try:
            index.sync(PAGES | MANY)
        except IndexNotWritable as error:
            print(error)
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        index.sync(PAGES | MANY)
        print(index.count())
    """
    run = subprocess.run([sys.executable, "-c", textwrap.dedent(program)], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    message, count = run.stdout.strip().split("\n")
    assert "cannot be written" in message and "Free some space" in message
    assert int(count) == len(PAGES) + 1 + len(MANY)


def test_an_index_in_use_says_so_after_the_timeout(tmp_path):
    index = PageIndex(tmp_path, WordEmbedder(), timeout=0.1)
    with index._locked():
        failure = []

        def other():
            try:
                index.count()
            except IndexBusy as error:
                failure.append(str(error))

        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
    assert "Another notebook" in failure[0] and "Shut Down Kernel" in failure[0]
    assert index.count() == 0


def test_a_place_is_one_store_in_a_process(tmp_path):
    assert Store.at(tmp_path, "pages") is Store.at(str(tmp_path) + "/sub/..", "pages")


# --- with the real model ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def real(tmp_path_factory):
    try:
        embedder = load_embedder(cache=False)
    except EmbedderNotFound as reason:
        pytest.skip(str(reason))
    index = PageIndex(tmp_path_factory.mktemp("real"), embedder)
    plans = {"Starter": 19, "Team": 49, "Business": 99}
    pages = {
        f"{product}/{plan}.md": f"# {product} {plan} plan\n\n## Price\n\nIt costs ${price} a month.\n\n"
        f"## Support\n\nE-mail, answered within {price % 7 + 1} working days.\n"
        for product in ("Tallyport", "Quillbase", "Pingrove")
        for plan, price in plans.items()
    }
    index.sync(pages)
    return index


def test_meaning_is_found_in_other_words(real):
    hit = real.search("How much do I pay for Quillbase Business?", k=1)[0]
    assert (hit.chunk.page, hit.chunk.heading) == ("Quillbase/Business.md", "Price")
    hit = real.search("how long until somebody answers my mail about pingrove starter", k=1)[0]
    assert (hit.chunk.page, hit.chunk.heading) == ("Pingrove/Starter.md", "Support")


def test_chroma_finds_what_comparing_with_every_vector_finds(real):
    with real._locked() as collection:
        rows = collection.get(include=["embeddings"])
    for query in ("price of Tallyport Team", "support", "working days", "unrelated words"):
        scores = np.array(rows["embeddings"]) @ real._embedder.encode([query])[0]
        best = np.sort(scores)[::-1][:5]
        assert [hit.score for hit in real.search(query, k=5)] == pytest.approx(best, abs=1e-5)
