"""A small RAG service to copy: a folder of pages behind an OpenAI-compatible address.

    python -m examples.rag_server my_notes           # http://127.0.0.1:8000/v1
    stale-prices-audit --old docs-2025 --new docs-2026 --endpoint http://127.0.0.1:8000

The index is made equal to the pages once, when the server starts. Whoever edits a page and forgets to start
it again has an index left behind, which is what the audit finds. ``STALE_PRICES_MODEL`` chooses the model.

It answers ``POST /v1/chat/completions`` (the last message of the user, no streaming), ``GET /v1/models`` and
``GET /health``. It listens to this machine alone and asks for no key: put a real web server in front of it
before anybody else may reach it.
"""

from __future__ import annotations

import argparse
import json
import sys
import threading
import time
import uuid
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

    from course_utils.retrieval import PageIndex

LARGEST_REQUEST = 1_000_000  # bytes


@dataclass
class Rag:
    """Retrieval and a model. One question at a time: a model answers two no faster side by side."""

    index: PageIndex
    model: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase
    name: str
    k: int = 3
    _turn: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, question: str) -> tuple[str, list[str]]:
        """The answer without its citations, and the pages it was read from."""
        from course_utils.answering import ask, without_citations

        with self._turn:
            hits = self.index.search(question, self.k)
            said = ask(self.model, self.tokenizer, question, [hit.chunk.text for hit in hits])
        return without_citations(said), list(dict.fromkeys(hit.chunk.page for hit in hits))


class RagServer(ThreadingHTTPServer):
    """Takes ``address`` at once, (host, port), and answers there from ``open`` on; port 0 is a free one.

    Raises OSError or OverflowError for an address that cannot be had: before minutes of indexing.
    """

    daemon_threads = True
    rag: Rag

    def __init__(self, address: tuple[str, int]) -> None:
        super().__init__(address, Handler, bind_and_activate=False)
        try:
            self.server_bind()
        except BaseException:
            self.server_close()
            raise

    def open(self, rag: Rag) -> None:
        """From here on the address accepts requests; ``serve_forever`` answers them."""
        self.rag = rag
        self.server_activate()

    @property
    def url(self) -> str:
        return f"http://{self.server_address[0]}:{self.server_port}"


class Refused(Exception):
    """A request that cannot be answered: the HTTP status and a sentence."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


class Handler(BaseHTTPRequestHandler):
    server: RagServer
    timeout = 60  # seconds for a client to send its request

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """A line for what was refused; one for every answer would bury it."""
        if not str(int(code)).startswith("2"):
            super().log_request(code, size)

    def do_GET(self) -> None:
        if self.path == "/v1/models":
            self._send({"object": "list", "data": [{"id": self.server.rag.name, "object": "model"}]})
        elif self.path == "/health":
            self._send({"status": "ok"})
        else:
            self._refuse(Refused(404, "There are /v1/chat/completions, /v1/models and /health."))

    def do_POST(self) -> None:
        try:
            if self.path != "/v1/chat/completions":
                raise Refused(404, "Questions go to /v1/chat/completions.")
            self._send(self._completion(self._message()))
        except Refused as refused:
            self._refuse(refused)

    def _message(self) -> dict[str, Any]:
        length = self.headers.get("Content-Length", "")
        if not length.isdigit():
            raise Refused(411, "Send the header Content-Length.")
        if int(length) > LARGEST_REQUEST:
            raise Refused(413, f"At most {LARGEST_REQUEST:,} bytes.")
        try:
            message = json.loads(self.rfile.read(int(length)))
        except ValueError:
            raise Refused(400, "The body is no JSON.") from None
        if not isinstance(message, dict):
            raise Refused(400, "The body is a JSON object with a list `messages`.")
        return message

    def _completion(self, message: dict[str, Any]) -> dict[str, Any]:
        from course_utils.retrieval import RetrievalError

        if message.get("stream"):
            raise Refused(400, "This server does not stream: leave `stream` out.")
        question = last_question(message.get("messages"))
        try:
            said, pages = self.server.rag.answer(question)
        except ValueError as problem:  # it does not fit the model's context
            raise Refused(400, str(problem)) from None
        except RetrievalError as problem:
            raise Refused(503, str(problem)) from None
        return {
            "id": f"chatcmpl-{uuid.uuid4().hex}",
            "object": "chat.completion",
            "created": int(time.time()),
            "model": self.server.rag.name,
            "choices": [
                {"index": 0, "message": {"role": "assistant", "content": said}, "finish_reason": "stop"}
            ],
            "pages": pages,  # not OpenAI's: where to look when an answer is wrong
        }

    def _refuse(self, refused: Refused) -> None:
        self._send({"error": {"message": str(refused), "type": "invalid_request_error"}}, refused.status)

    def _send(self, content: dict[str, Any], status: int = 200) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def last_question(messages: Any) -> str:
    """The text of the user's last message: a string, or parts with texts. Raises Refused."""
    try:
        content = next(m["content"] for m in reversed(messages) if m["role"] == "user")
        text = content if isinstance(content, str) else "".join(part.get("text", "") for part in content)
    except (TypeError, KeyError, AttributeError, StopIteration):
        raise Refused(400, '`messages` needs one such as {"role": "user", "content": "…"}.') from None
    if not text.strip():
        raise Refused(400, "The question is empty.")
    return text


def main() -> int:
    from course_utils import models
    from course_utils.paths import work_dir
    from course_utils.retrieval import PageIndex, RetrievalError, load_embedder, read_pages

    parser = argparse.ArgumentParser(prog="python -m examples.rag_server", description=__doc__.split("\n")[0])
    parser.add_argument("pages", type=Path, help="a folder of .md and .txt files")
    parser.add_argument("--index", type=Path, help="its folder; by default one of the course's own")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    options = parser.parse_args()
    try:
        server = RagServer((options.host, options.port))
    except (OSError, OverflowError) as problem:
        print(f"{options.host}:{options.port} cannot be used ({problem}): try --port 8001.", file=sys.stderr)
        return 1
    try:
        pages = read_pages(options.pages)
        print(*pages.problems, sep="\n", file=sys.stderr, end="\n" if pages.problems else "")
        with PageIndex(options.index or work_dir("rag_server") / "index", load_embedder()) as index:
            print(index.sync(pages, progress=True), flush=True)
            rag = Rag(index, *models.load(), name=f"rag-{models.current().name.replace('/', '-')}")
            server.open(rag)
            print(f"{rag.name} answers at {server.url}/v1 (Ctrl-C ends it)", flush=True)
            server.serve_forever()
    except (RetrievalError, models.ModelError) as problem:
        print(problem, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 0
    finally:
        server.server_close()


if __name__ == "__main__":
    sys.exit(main())
