"""A Chroma server of one's own on this machine, as a process that can be ended or killed."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

START_S = 120


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@contextmanager
def chroma_server(store: Path, port: int) -> Iterator[subprocess.Popen]:
    """``chroma run`` over the folder ``store``, until the block ends. Raises RuntimeError where it fails."""
    chroma = Path(sys.executable).with_name("chroma")
    command = [chroma, "run", "--path", store, "--host", "127.0.0.1", "--port", str(port)]
    running = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_for(f"http://127.0.0.1:{port}/api/v2/heartbeat", running)
        yield running
    finally:
        running.terminate()
        running.wait(timeout=60)


def _wait_for(url: str, running: subprocess.Popen) -> None:
    ask, deadline = build_opener(ProxyHandler({})), time.monotonic() + START_S
    while time.monotonic() < deadline and running.poll() is None:
        try:
            ask.open(url, timeout=5).close()
            return
        except (URLError, OSError):
            time.sleep(0.1)
    raise RuntimeError(f"The Chroma server did not start within {START_S} s: is its port taken?")
