"""Small real HTTP servers for the audit's tests: one that answers, and such as misbehave."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Reply = Callable[["Handler", dict], None]


class Handler(BaseHTTPRequestHandler):
    """``server.reply`` answers each POST; ``server.seen`` holds (path, headers, message) of each."""

    def do_GET(self):
        self.send_json(
            self.server.models if self.path.endswith("/models") else {}, 200 if self.server.models else 404
        )

    def do_POST(self):
        message = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.seen.append((self.path, dict(self.headers), message))
        self.server.reply(self, message)

    def send_json(self, content, code=200, **headers):
        self.send_bytes(json.dumps(content).encode(), code, **headers)

    def send_bytes(self, body, code=200, **headers):
        self.send_response(code)
        for name, value in {"Content-Length": len(body), **headers}.items():
            self.send_header(name.replace("_", "-"), str(value))
        self.end_headers()
        self.wfile.write(body)

    def answer(self, text):
        self.send_json({"choices": [{"message": {"role": "assistant", "content": text}}]})

    def log_message(self, *_):
        pass


@contextmanager
def serving(reply: Reply, models: tuple[str, ...] = ()) -> Iterator[ThreadingHTTPServer]:
    """A server on a free port of this machine, with ``url``; ended at the end, hanging answers included."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads, server.block_on_close = True, False
    server.reply, server.seen, server.over = reply, [], threading.Event()
    server.models = {"data": [{"id": name} for name in models]} if models else None
    server.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.over.set()
        server.shutdown()
        server.server_close()


def says(text: str) -> Reply:
    return lambda handler, _: handler.answer(text)


def first(*replies: Reply) -> Reply:
    """Each of ``replies`` once, in order, and the last for ever."""
    left = list(replies)
    return lambda handler, message: (left.pop(0) if len(left) > 1 else left[0])(handler, message)


def status(code: int, body: bytes = b"trouble", **headers) -> Reply:
    return lambda handler, _: handler.send_bytes(body, code, **headers)


def hang(handler: Handler, _: dict) -> None:
    handler.server.over.wait(30)


def drip(handler: Handler, _: dict) -> None:
    """A byte now and then: no single read takes long."""
    handler.send_response(200)
    handler.send_header("Content-Length", "100000")
    handler.end_headers()
    while not handler.server.over.wait(0.05):
        try:
            handler.wfile.write(b" ")
        except OSError:
            return


def garbage(handler: Handler, _: dict) -> None:
    handler.send_bytes(b"<html>\xff\xfe welcome")


def half(handler: Handler, _: dict) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b'{"choices": [{"mess')
    handler.close_connection = True


def no_choices(handler: Handler, _: dict) -> None:
    handler.send_json({"error": None, "choices": []})
