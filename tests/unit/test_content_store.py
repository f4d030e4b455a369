"""Results kept by content: found again, shared, and never in the way."""

import os
import sqlite3
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_utils.content_store import ContentStore

SOME = {b"one": b"1", b"two": b"\x00\xff", b"": b""}


@pytest.fixture
def file(tmp_path):
    return tmp_path / "kept.sqlite3"


def store(file, max_bytes=1_000_000) -> ContentStore:
    return ContentStore(file, "things", max_bytes)


def test_what_was_put_is_found_by_another_process(file):
    store(file).put(SOME)
    assert store(file).get([*SOME, b"three"]) == SOME


@given(kept=st.dictionaries(st.binary(max_size=40), st.binary(max_size=200), max_size=20))
def test_any_bytes_come_back(tmp_path_factory, kept):
    place = store(tmp_path_factory.mktemp("store") / "kept.sqlite3")
    place.put(kept)
    assert place.get(kept) == kept


def test_tables_do_not_mix(file):
    store(file).put(SOME)
    assert ContentStore(file, "others", 1_000_000).get(SOME) == {}


def test_a_damaged_file_is_started_anew(file):
    file.write_bytes(b"this is no database, and longer than a page header " * 100)
    place = store(file)
    assert place.get(SOME) == {}
    place.put(SOME)
    assert store(file).get(SOME) == SOME


def test_a_file_that_grew_too_large_is_started_anew(file):
    store(file).put({b"big": bytes(200_000)})
    assert store(file, max_bytes=100_000).get([b"big"]) == {}


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_costs_nothing_but_the_memory(tmp_path):
    tmp_path.chmod(0o500)
    place = store(tmp_path / "kept.sqlite3")
    place.put(SOME)
    assert place.get(SOME) == {}


def test_a_folder_that_is_not_there_costs_nothing_but_the_memory(tmp_path):
    place = store(tmp_path / "nowhere" / "kept.sqlite3")
    place.put(SOME)
    assert place.get(SOME) == {}


def test_a_store_that_is_busy_is_left_alone(file, monkeypatch):
    monkeypatch.setattr("course_utils.content_store._PATIENCE", 0.05)
    store(file).put(SOME)
    with sqlite3.connect(file) as other:
        other.execute("BEGIN EXCLUSIVE")
        busy = store(file)
        busy.put({b"late": b"1"})  # given up, without an error
    assert store(file).get([*SOME, b"late"]) == SOME


def test_two_processes_write_at_once(file):
    code = (
        "import sys; from pathlib import Path; from course_utils.content_store import ContentStore\n"
        "store = ContentStore(Path(sys.argv[1]), 'things', 10**6)\n"
        "for i in range(50): store.put({f'{sys.argv[2]}{i}'.encode(): b'x'})"
    )
    writers = [subprocess.Popen([sys.executable, "-c", code, str(file), name]) for name in "ab"]
    assert [writer.wait(60) for writer in writers] == [0, 0]
    keys = [f"{name}{i}".encode() for name in "ab" for i in range(50)]
    assert len(store(file).get(keys)) == 100
