"""Search by words, rank fusion, the reranker, larger collections."""

import numpy as np
import pytest

from course_utils import company
from course_utils.retrieval import Chunk, embeddings, reranking
from course_utils.retrieval.bm25 import WordIndex, words
from course_utils.retrieval.errors import RerankerDamaged
from course_utils.retrieval.fusion import fuse
from course_utils.retrieval.growth import compare_searches, grown
from course_utils.retrieval.trial import Trial

TEXTS = ["Team costs $55 per user.", "Business costs $103 per user.", "SSO is included.", "Files up to 2 GB."]
CHUNKS = [Chunk(f"{i}#0-x", f"{i}.md", "Tallyport", "", text) for i, text in enumerate(TEXTS)]


# --- words --------------------------------------------------------------------------------------------


def test_words_are_lower_case_and_keep_prices_and_codes():
    assert words("Is SSO in X-200.b at $49.50?") == ["is", "sso", "in", "x-200.b", "at", "$49.50"]


def test_a_rare_word_finds_its_passage():
    index = WordIndex(CHUNKS)
    assert index.search("Do you have sso?", 1) == [CHUNKS[2]]
    assert index.search("what costs the business plan", 2) == [CHUNKS[1], CHUNKS[0]]


def test_a_question_without_a_known_word_finds_nothing():
    assert WordIndex(CHUNKS).search("zebra") == [] == WordIndex(CHUNKS).search("?")


def test_no_chunks_is_said():
    with pytest.raises(ValueError, match="at least one"):
        WordIndex([])


# --- fusion -------------------------------------------------------------------------------------------


def test_what_is_on_both_lists_comes_first():
    assert fuse([["a", "b"], ["c", "b"]]) == ["b", "a", "c"]
    assert fuse([["a", "a", "b"]]) == ["a", "b"]
    assert fuse([]) == fuse([[], []]) == []


def test_fusing_a_ranking_with_itself_changes_nothing():
    assert fuse([list("qwertz")] * 3) == list("qwertz")


def test_a_negative_damping_is_refused():
    with pytest.raises(ValueError, match="at least 0"):
        fuse([["a"]], damping=-1)


# --- the reranker -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def reranker():
    if embeddings.local_model() is None:
        pytest.skip("the embedding model is not on this machine")
    return reranking.load_reranker()


def test_the_weights_that_come_with_the_course_are_small():
    assert reranking.TRAINED.stat().st_size < 20_000_000


def test_it_tells_what_answers_from_what_does_not(reranker):
    passages = [
        "Signmere roles and rights > Leaving colleagues\nRemove a colleague's role on the day they leave.",
        "Tallyport Team > Price\nTallyport Team costs $55 per user per month, or $46 when billed yearly.",
    ]
    question = "What does Tallyport Team cost per user each month?"
    low, high = reranker.scores(question, passages)
    assert 0 <= low < high <= 1
    assert reranker.best(question, passages, 1) == [1]
    assert reranker.scores(question, []) == [] == reranker.best(question, [])
    assert reranker.scores(question, passages) == pytest.approx([low, high])  # merged once, not twice


def test_a_fresh_one_is_the_same_for_the_same_seed_and_trains_its_adapter_only(reranker):
    one, other = (dict(reranking.fresh_cross_encoder(seed=3).named_parameters()) for _ in range(2))
    assert all((one[name] == other[name]).all() for name in one)
    trained = [name for name, parameter in one.items() if parameter.requires_grad]
    assert trained and all("lora_" in n or "pooler" in n or "classifier" in n for n in trained)
    assert sum(one[name].numel() for name in trained) < 1_500_000


def test_saved_and_loaded_again_it_scores_the_same(tmp_path, reranker):
    model = reranking.fresh_cross_encoder(seed=1)
    reranking.save_trained(model, tmp_path / "kept.safetensors")
    again = reranking.load_reranker(tmp_path / "kept.safetensors")
    first = reranking.Reranker(model).scores("How much?", TEXTS)
    assert again.scores("How much?", TEXTS) == pytest.approx(first, abs=2e-3)


def test_a_reranker_for_another_embedder_is_refused(tmp_path, monkeypatch, reranker):
    file = tmp_path / "kept.safetensors"
    reranking.save_trained(reranking.fresh_cross_encoder(), file)
    monkeypatch.setattr(embeddings, "WEIGHTS_SHA256", "another")
    with pytest.raises(RerankerDamaged, match="another embedding model"):
        reranking.load_reranker(file)


@pytest.mark.parametrize("content", [None, b"", b"no weights"])
def test_damaged_weights_say_what_to_do(tmp_path, content):
    file = tmp_path / "kept.safetensors"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(RerankerDamaged, match=r"tools\.reranker\.train"):
        reranking.load_reranker(file)


# --- growth -------------------------------------------------------------------------------------------


def unit_vectors(n: int, seed: int = 0) -> np.ndarray:
    made = np.random.default_rng(seed).standard_normal((n, 16)).astype(np.float32)
    return made / np.linalg.norm(made, axis=1, keepdims=True)


@pytest.mark.parametrize("chunks", [1, 30, 200])
def test_grown_vectors_have_length_1_and_begin_with_real_ones(chunks):
    own = unit_vectors(50)
    made = grown(own, chunks)
    assert made.shape == (chunks, 16) and np.allclose(np.linalg.norm(made, axis=1), 1, atol=1e-5)
    assert {row.tobytes() for row in made[:50]} <= {row.tobytes() for row in grown(own, 50)}
    assert np.array_equal(made, grown(own, chunks))


def test_the_two_searches_are_compared():
    found = compare_searches(unit_vectors(300), unit_vectors(5, seed=1), k=10)
    assert found["chunks"] == 300 and found["hnsw_recall"] >= 0.9
    assert all(found[name] >= 0 for name in ("exact_p95_ms", "hnsw_p95_ms", "build_s"))


# --- on trial -----------------------------------------------------------------------------------------


def test_the_gold_page_is_one_page_and_what_tells_may_stand_on_another():
    key = "tallyport.team.price_monthly"
    [question] = company.questions("2026-02", 1, seed=1, fact_keys=[key])
    own = Chunk("own#1", question.page, "", "", "Nothing about money.")
    table = next(page for page in question.pages if page != question.page)
    other = Chunk("table#1", table, "", "", f"Team: {question.value}")
    trial = Trial([question, question, question])
    hits = [[own], [other], [other, own]]
    assert trial.found(hits, 1) == [False, True, True]
    assert (trial.gold_page(hits, 1).hits, trial.gold_page(hits, 2).hits) == (1, 2)
    assert trial.gold_page(hits[:1]).n == 1
