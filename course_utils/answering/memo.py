"""The answer memo: greedy answers given before, kept by everything they depend on.

A notebook that is run twice, or a solution after its lesson, does not compute the same answers again.
``summary()`` says how many were remembered. STALE_PRICES_MEMO=0 switches the memo off; code that measures how
fast a model answers does so under ``without_memo()``.
"""

from __future__ import annotations

import hashlib
import os
from array import array
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from course_utils.answering.fingerprint import fingerprint
from course_utils.content_store import ContentStore

if TYPE_CHECKING:
    from transformers import PreTrainedModel

VARIABLE = "STALE_PRICES_MEMO"
FILE = "answers.sqlite3"
MAX_BYTES = 100_000_000  # about 300,000 answers; a larger file is started anew

Tokens = tuple[int, ...]

_asked = _remembered = 0
_paused = False


class Memo:
    """The answers of one model under one setting, as token ids. Take it from :func:`of`."""

    def __init__(self, store: ContentStore | None, setting: bytes) -> None:
        self._store = store
        self._setting = setting

    def recall(self, prompts: Sequence[Tokens]) -> dict[Tokens, Tokens]:
        """prompt → answer, of those prompts that were answered before; counts them for the summary."""
        global _asked, _remembered

        keys = {self._key(prompt): prompt for prompt in prompts} if self._store else {}
        found = self._store.get(keys) if self._store else {}
        known = {keys[key]: _tokens(kept) for key, kept in found.items()}
        _asked += len(prompts)
        _remembered += sum(prompt in known for prompt in prompts)
        return known

    def keep(self, answers: Mapping[Tokens, Tokens]) -> None:
        if self._store and answers:
            self._store.put({self._key(prompt): _packed(answer) for prompt, answer in answers.items()})

    def _key(self, prompt: Tokens) -> bytes:
        return hashlib.sha256(self._setting + _packed(prompt)).digest()


def of(model: PreTrainedModel, max_new_tokens: int, code: Path) -> Memo:
    """The memo of ``model`` as it is at this moment; one that remembers nothing where that would not be safe.

    ``code``: the file that computes the answers; a change in it makes all of them new. Nothing is remembered
    while the memo is switched off, of a model in training mode, and of one without a fingerprint.
    """
    store = None if _paused or is_off() or model.training else _store()
    print_of_model = fingerprint(model) if store else None
    if print_of_model is None:
        return Memo(None, b"")
    setting = f"{print_of_model} {max_new_tokens} {_sha256(code)}"
    return Memo(store, hashlib.sha256(setting.encode()).digest())


def is_off() -> bool:
    """Whether STALE_PRICES_MEMO switches the memo off."""
    return os.environ.get(VARIABLE, "").strip().lower() in ("0", "off", "no", "false")


@contextmanager
def without_memo() -> Iterator[None]:
    """Every answer is computed, and none kept: for measurements of speed."""
    global _paused

    before, _paused = _paused, True
    try:
        yield
    finally:
        _paused = before


def summary() -> str:
    """How many answers were asked for in this process: "412 answers, 398 remembered"."""
    return f"{_asked:,} answers, {_remembered:,} remembered" + (" (the memo is off)" if is_off() else "")


def _store() -> ContentStore | None:
    from course_utils.paths import PathsError, cache_dir

    try:
        return _opened(cache_dir() / FILE)
    except PathsError:
        return None


@cache
def _opened(file: Path) -> ContentStore:
    return ContentStore(file, "answers", MAX_BYTES)


@cache
def _sha256(file: Path) -> str:
    return hashlib.sha256(Path(file).read_bytes()).hexdigest()


def _packed(tokens: Tokens) -> bytes:
    return array("i", tokens).tobytes()


def _tokens(packed: bytes) -> Tokens:
    tokens = array("i")
    tokens.frombytes(packed)
    return tuple(tokens)
