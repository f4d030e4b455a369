"""What is asked: an OpenAI-compatible endpoint, a command, or the course's own RAG. Each is a ``System``.

The key for an endpoint comes from an environment variable. It is sent in the header ``Authorization`` to that
one address, never to where a redirect points, and taken out of everything that is kept or shown.
"""

from __future__ import annotations

import json
import os
import shlex
import signal
import ssl
import subprocess
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from http.client import HTTPException
from pathlib import Path
from typing import Any, Protocol
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit, urlunsplit
from urllib.request import HTTPRedirectHandler, ProxyHandler, Request, build_opener

from .errors import AskFailed, AuditError

LARGEST_ANSWER = 4_000_000  # bytes
LONGEST_PAUSE = 60.0  # seconds, whatever Retry-After says
ANSWER_TOKENS = 300


class System(Protocol):
    name: str  # for the report: without keys and passwords

    def ask(self, question: str) -> str:
        """The answer. Raises AskFailed."""
        ...


class _NoRedirects(HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None  # the answer 30x becomes an HTTPError; a key must not travel on


class Endpoint:
    """``POST …/v1/chat/completions``, streaming off, temperature 0.

    ``url``: the server, its ``/v1`` or the whole address. ``model``: by default the only one that
    ``…/models`` names, else "default". ``timeout``: seconds for a whole answer. ``retries``: after 429, 5xx,
    a refused or broken connection and half an answer, with pauses of ``pause``, twice that, … seconds, or
    what Retry-After says; a server that is silent until the timeout is not asked again. Raises AuditError
    for an address that is none.
    """

    def __init__(
        self,
        url: str,
        model: str = "",
        key: str = "",
        timeout: float = 60,
        retries: int = 3,
        pause: float = 1.0,
    ) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise AuditError(
                f"{url!r} is no address of an endpoint. Give one such as http://localhost:8000/v1"
            )
        path = parts.path.rstrip("/")
        if not path.endswith("/chat/completions"):
            path = f"{path or '/v1'}/chat/completions"
        host = parts.netloc.rpartition("@")[2]
        self.name = urlunsplit((parts.scheme, host, path, "", ""))
        self._url = urlunsplit((parts.scheme, host, path, parts.query, ""))
        self._key = key
        self._timeout, self._retries, self._pause = timeout, retries, pause
        self._extra: dict[str, Any] = {"temperature": 0, "max_tokens": ANSWER_TOKENS}
        here = parts.hostname in ("localhost", "127.0.0.1", "::1")
        self._opener = build_opener(_NoRedirects(), *([ProxyHandler({})] if here else []))
        self.problems = []
        if key and parts.scheme == "http" and not here:
            self.problems.append("The key travels unencrypted: use an https address.")
        self._model = model

    @property
    def model(self) -> str:
        """The name that is sent; the endpoint is asked for it once where none was given."""
        if not self._model:
            self._model = self._only_model()
            self.name += f" ({self._model})" if self._model != "default" else ""
        return self._model

    def ask(self, question: str) -> str:
        message = {"model": self.model, "messages": [{"role": "user", "content": question}], "stream": False}
        for attempt in range(self._retries + 1):
            try:
                return self._clean(_content(self._send({**message, **self._extra})))
            except _Again as again:
                if attempt == self._retries:
                    tried = f" ({attempt + 1} tries)" if attempt else ""
                    raise AskFailed(self._clean(f"{again}{tried}")) from None
                time.sleep(min(LONGEST_PAUSE, again.after or self._pause * 2**attempt))
        raise AssertionError("unreachable")

    def _send(self, message: dict[str, Any]) -> bytes:
        data = json.dumps(message).encode()
        try:
            return self._open(self._url, data)
        except HTTPError as error:
            said = self._said(error)
            if error.code == 400 and (refused := [name for name in self._extra if name in said]):
                for name in refused:  # some models allow no temperature, or call max_tokens otherwise
                    del self._extra[name]
                return self._send({k: v for k, v in message.items() if k not in refused})
            raise self._refusal(error, said) from None
        except TimeoutError:
            raise AskFailed(
                f"{self.name} gave no answer within {self._timeout:g} s. Is the server busy or stuck? "
                "--timeout allows more."
            ) from None
        except URLError as error:
            reason = error.reason
            if isinstance(reason, TimeoutError):
                raise AskFailed(
                    f"{self.name} cannot be reached within {self._timeout:g} s. Check the address."
                ) from None
            if isinstance(reason, ssl.SSLError):
                raise AskFailed(f"No secure connection to {self.name} ({reason}).", hopeless=True) from None
            raise _Again(f"{self.name} cannot be reached ({reason}). Is the server running?") from None
        except (HTTPException, ConnectionError, OSError) as error:
            raise _Again(
                f"{self.name} broke off in the middle of an answer ({type(error).__name__}). Look into the "
                "server's log."
            ) from None

    def _open(self, url: str, data: bytes | None = None) -> bytes:
        """The whole body. The timeout holds for all of it: a server that drips bytes is cut off, too."""
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if self._key:
            headers["Authorization"] = f"Bearer {self._key}"
        deadline = time.monotonic() + self._timeout
        body = bytearray()
        with self._opener.open(Request(url, data, headers), timeout=self._timeout) as response:
            promised = response.headers.get("Content-Length")
            while piece := response.read1(65_536):
                body += piece
                if time.monotonic() > deadline:
                    raise TimeoutError
                if len(body) > LARGEST_ANSWER:
                    raise AskFailed(
                        f"{self.name} sent more than {LARGEST_ANSWER / 1e6:g} MB: that is no answer. Is it "
                        "the address of a chat endpoint?",
                        hopeless=True,
                    )
        if promised and promised.isdigit() and len(body) < int(promised):
            raise HTTPException(f"{len(body)} of {promised} bytes")
        return bytes(body)

    def _refusal(self, error: HTTPError, said: str) -> Exception:
        code, quoted = error.code, f" It said: {said}" if said else ""
        if code == 429:
            again = _Again(f"{self.name} answers 429, too many requests. --rate asks more slowly.{quoted}")
            again.after = _seconds(error.headers.get("Retry-After"))
            return again
        if code >= 500:
            again = _Again(f"{self.name} answers {code}, an error of the server. Look into its log.{quoted}")
            again.after = _seconds(error.headers.get("Retry-After"))
            return again
        advice = {
            401: "It wants a key: put it into an environment variable and name that with --key-env.",
            403: "It does not allow this: is the key right, and may it use this model?",
            404: "There is no chat endpoint at this address, or no such model: check --endpoint and --model.",
        }.get(code, "It does not take the question: check --endpoint and --model.")
        if 300 <= code < 400:
            advice = "It sends us elsewhere, and a key must not follow: give --endpoint the final address."
        return AskFailed(self._clean(f"{self.name} answers {code}. {advice}{quoted}"), hopeless=True)

    def _said(self, error: HTTPError) -> str:
        with suppress(OSError, HTTPException):
            return self._clean(" ".join(error.read(2000).decode(errors="replace").split())[:200])
        return ""

    def _only_model(self) -> str:
        try:
            listed = json.loads(self._open(self._url.replace("/chat/completions", "/models")))
            names = [str(one["id"]) for one in listed["data"]]
        except (AskFailed, OSError, HTTPException, ValueError, KeyError, TypeError):
            return "default"  # many a RAG service lists none and needs none
        if len(names) > 1:
            some = ", ".join(names[:8]) + (" …" if len(names) > 8 else "")
            raise AskFailed(
                f"{self.name} has several models: {some}. Choose one with --model.", hopeless=True
            )
        return names[0] if names else "default"

    def _clean(self, text: str) -> str:
        return text.replace(self._key, "[key]") if self._key else text


class _Again(Exception):
    """This may work at a second try, ``after`` seconds."""

    after: float | None = None


def _seconds(text: str | None) -> float | None:
    with suppress(TypeError, ValueError):
        return max(0.0, float(text or ""))
    return None


def _content(body: bytes) -> str:
    try:
        answer = json.loads(body)
    except ValueError:
        start = body[:80].decode(errors="replace")
        raise _Again(f"The endpoint's answer is no JSON but {start!r}. Is it a chat endpoint?") from None
    try:
        content = answer["choices"][0]["message"]["content"]
    except (KeyError, IndexError, TypeError):
        raise AskFailed(
            f"The endpoint's answer holds no choices[0].message.content but {json.dumps(answer)[:120]}. "
            "Is it a chat endpoint?"
        ) from None
    if isinstance(content, list):  # parts, as some servers send them
        content = "".join(str(part.get("text", "")) for part in content if isinstance(part, Mapping))
    return "" if content is None else str(content).strip()


class Command:
    """A program that reads the question from its standard input and writes the answer to its output."""

    def __init__(self, command: str, timeout: float = 60) -> None:
        try:
            self._command = shlex.split(command)
        except ValueError as problem:
            raise AuditError(f"The command {command!r} cannot be read ({problem}).") from None
        if not self._command:
            raise AuditError("The command is empty: give --command a program that answers questions.")
        self.name = f"command {Path(self._command[0]).name}"  # not its arguments: they may hold secrets
        self._timeout = timeout
        self.problems: list[str] = []

    def ask(self, question: str) -> str:
        try:
            process = subprocess.Popen(
                self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                start_new_session=True,
            )  # fmt: skip
        except OSError as problem:
            raise AskFailed(f"The command cannot be started ({problem}).", hopeless=True) from None
        try:
            out, err = process.communicate(question.encode(), timeout=self._timeout)
        except subprocess.TimeoutExpired:
            raise AskFailed(
                f"The command gave no answer within {self._timeout:g} s. --timeout allows more."
            ) from None
        finally:
            _end(process)
        if process.returncode:
            last = err.decode(errors="replace").strip().rpartition("\n")[2][:200]
            raise AskFailed(f"The command ended with {process.returncode}: {last or 'it said nothing'}")
        return out[:LARGEST_ANSWER].decode(errors="replace").strip()


def _end(process: subprocess.Popen[bytes]) -> None:
    """Whatever is left of it, and of what it started."""
    if process.poll() is None:
        with suppress(OSError):
            os.killpg(process.pid, signal.SIGKILL) if hasattr(os, "killpg") else process.kill()
        process.wait()


class OwnRag:
    """The course's RAG over one version of the documents: three chunks, and the model of this machine."""

    def __init__(self, pages: Mapping[str, str], version: str) -> None:
        from course_utils import models
        from course_utils.retrieval import PageIndex, RetrievalError, load_embedder

        self.problems: list[str] = []
        self._folder = tempfile.TemporaryDirectory(prefix="stale-prices-audit-", ignore_cleanup_errors=True)
        try:
            self._index = PageIndex(self._folder.name, load_embedder())
            self._index.sync(pages, progress=True)
            self._model, self._tokenizer = models.load()
        except (RetrievalError, models.ModelError) as problem:
            raise AuditError(f"The course's own RAG cannot answer here: {problem}") from problem
        self.name = f"the course's RAG over the {version} documents, with {models.current().name}"

    def ask(self, question: str) -> str:
        from course_utils.answering import ask, without_citations

        try:
            chunks = [hit.chunk.text for hit in self._index.search(question)]
            return without_citations(ask(self._model, self._tokenizer, question, chunks))
        except Exception as problem:  # one question that does not fit must not end the audit
            raise AskFailed(f"The course's RAG failed: {problem}") from problem

    def close(self) -> None:
        self._index.close()
        self._folder.cleanup()
