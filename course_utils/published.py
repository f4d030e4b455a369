"""Weights that others publish: found by path, compared by sha256, loaded quietly; does a hub answer?"""

from __future__ import annotations

import hashlib
import importlib.util
import logging
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import getproxies


def sha256_of(file: Path) -> str:
    """The sha256 of a file's content, in hexadecimal (a second for about 1 GB). Raises OSError."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def in_package(package: str, file: str) -> Path | None:
    """Where the installed ``package`` (a pip name) holds ``file``, None without it. Its code is not run."""
    spec = importlib.util.find_spec(package.replace("-", "_"))
    for location in (spec and spec.submodule_search_locations) or ():
        path = Path(location) / file
        if path.is_file():
            return path
    return None


def hub_is_off() -> bool:
    """Whether HF_HUB_OFFLINE forbids the Hugging Face hub."""
    from huggingface_hub import constants

    return constants.HF_HUB_OFFLINE


def answers(url: str, seconds: float = 3.0) -> bool:
    """Whether the server of ``url``, or the proxy on the way to it, accepts a connection in time."""
    scheme = urlsplit(url).scheme
    address = urlsplit(getproxies().get(scheme) or url)
    port = address.port or (443 if address.scheme == "https" else 80)
    answered = threading.Event()

    def connect() -> None:
        with suppress(OSError), socket.create_connection((address.hostname or "", port), timeout=seconds):
            answered.set()

    # In a thread, because looking up the name has no time limit of its own.
    thread = threading.Thread(target=connect, daemon=True)
    thread.start()
    thread.join(seconds)
    return answered.is_set()


@contextmanager
def loading_quietly() -> Iterator[None]:
    """Loading takes a second or two: no bar for it, and no warning about a GPU kernel that is not used."""
    kernels = logging.getLogger("bitsandbytes.backends.cpu.ops")
    level = kernels.level
    kernels.setLevel(logging.ERROR)
    from transformers.utils import logging as transformers_logging

    bars = transformers_logging.is_progress_bar_enabled()
    transformers_logging.disable_progress_bar()
    try:
        yield
    finally:
        kernels.setLevel(level)
        if bars:
            transformers_logging.enable_progress_bar()
