"""Asking: real servers that answer, hang, fail and talk nonsense, and commands that do the same."""

import shlex
import socket
import sys

import pytest

from course_utils.audit import (
    AskFailed,
    AuditError,
    Command,
    Endpoint,
    ask_all,
    find_changes,
    questions_about,
    sample,
)
from tests.unit import audit_servers as servers

KEY = "sk-a-secret-that-nobody-may-see"


def endpoint(server, **settings):
    return Endpoint(server.url, **{"timeout": 5, "pause": 0.01, "model": "m", **settings})


def questions(n):
    rows = "\n\n".join(
        f"Plan {chr(65 + i // 26)}{chr(97 + i % 26)} costs ${{0}}{i} a month." for i in range(n)
    )
    facts = find_changes({"a.md": rows.format(1)}, {"a.md": rows.format(2)}).facts
    return [questions_about(fact, ["plain"])[0] for fact in facts]


# --- an endpoint that answers ------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["", "/", "/v1", "/v1/", "/v1/chat/completions"])
def test_an_address_in_any_of_its_forms(path):
    with servers.serving(servers.says(" $5 ")) as server:
        assert Endpoint(server.url + path, model="m").ask("How much?") == "$5"
        [(path, headers, message)] = server.seen
    assert path == "/v1/chat/completions"
    assert message["messages"] == [{"role": "user", "content": "How much?"}]
    assert message["stream"] is False and message["model"] == "m"
    assert "Authorization" not in headers


def test_the_only_model_is_found_out():
    with servers.serving(servers.says("x"), models=("one",)) as server:
        Endpoint(server.url).ask("?")
        assert server.seen[0][2]["model"] == "one"
    with servers.serving(servers.says("x")) as server:
        Endpoint(server.url).ask("?")
        assert server.seen[0][2]["model"] == "default"
    with (
        servers.serving(servers.says("x"), models=("one", "two")) as server,
        pytest.raises(AskFailed, match=r"one, two\. Choose one with --model"),
    ):
        Endpoint(server.url).ask("?")


def test_settings_that_a_model_refuses_are_left_out():
    refusal = servers.status(400, b'{"error": "temperature is not supported with this model"}')
    with servers.serving(servers.first(refusal, servers.says("yes"))) as server:
        assert endpoint(server).ask("?") == "yes"
        assert "temperature" not in server.seen[-1][2] and "max_tokens" in server.seen[-1][2]


def test_content_in_parts_and_no_content():
    parts = [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]
    with servers.serving(servers.first(servers.says(parts), servers.says(None))) as server:
        assert [endpoint(server).ask("?") for _ in range(2)] == ["ab", ""]


# --- an endpoint in trouble --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "trouble",
    [
        servers.status(500),
        servers.status(503),
        servers.status(429, Retry_After="0"),
        servers.garbage,
        servers.half,
    ],
)
def test_passing_trouble_is_waited_out(trouble):
    with servers.serving(servers.first(trouble, trouble, servers.says("$5"))) as server:
        assert endpoint(server).ask("?") == "$5"
        assert len(server.seen) == 3


@pytest.mark.parametrize(
    ("trouble", "says"),
    [
        (servers.status(500, b"out of memory"), r"answers 500.*log.*out of memory.*2 tries"),
        (servers.status(429), r"answers 429.*--rate asks more slowly"),
        (servers.garbage, r"no JSON but '<html>.*chat endpoint"),
        (servers.half, r"broke off in the middle"),
        (servers.no_choices, r"holds no choices\[0\]"),
        (servers.hang, r"no answer within 0\.3 s.*--timeout"),
        (servers.drip, r"no answer within 0\.3 s.*--timeout"),
    ],
)
def test_lasting_trouble_is_said_in_a_sentence(trouble, says):
    with servers.serving(trouble) as server, pytest.raises(AskFailed, match=says) as problem:
        endpoint(server, timeout=0.3, retries=1).ask("?")
    assert not problem.value.hopeless


@pytest.mark.parametrize(
    ("trouble", "says"),
    [
        (servers.status(401), r"wants a key.*--key-env"),
        (servers.status(403), "is the key right"),
        (servers.status(404), "check --endpoint and --model"),
        (servers.status(422), "check --endpoint and --model"),
        (servers.status(307, Location="http://elsewhere.invalid/"), "sends us elsewhere"),
        (lambda handler, _: handler.send_bytes(b" " * 5_000_000), "more than 4 MB"),
    ],
)
def test_trouble_that_stays_ends_the_audit_at_once(trouble, says):
    with servers.serving(trouble) as server:
        answers, ended = ask_all(endpoint(server), questions(10))
        assert len(server.seen) == len(answers) == 1
    assert says.split(".*")[0] in ended or pytest.fail(ended)


def test_nobody_listens():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    with pytest.raises(AskFailed, match="Is the server running"):
        Endpoint(f"http://127.0.0.1:{port}", model="m", retries=1, pause=0.01).ask("?")


@pytest.mark.parametrize("url", ["", "localhost:8000", "ftp://host", "http://"])
def test_no_address(url):
    with pytest.raises(AuditError, match="no address"):
        Endpoint(url)


# --- the key -----------------------------------------------------------------------------------------------


def test_the_key_is_sent_and_never_kept():
    def echo(handler, _):
        handler.answer(f"You sent {handler.headers['Authorization']}")

    with servers.serving(echo) as server:
        system = endpoint(server, key=KEY)
        assert system.ask("?") == "You sent Bearer [key]"
        assert server.seen[0][1]["Authorization"] == f"Bearer {KEY}"
        assert KEY not in system.name
    with servers.serving(servers.status(401, KEY.encode())) as server, pytest.raises(AskFailed) as problem:
        endpoint(server, key=KEY).ask("?")
    assert KEY not in str(problem.value) and "[key]" in str(problem.value)


def test_passwords_in_an_address_are_not_shown_and_http_is_warned_of():
    system = Endpoint("http://user:geheim@host.example/v1?api-key=geheim", key=KEY)
    assert system.name == "http://host.example/v1/chat/completions"
    assert "unencrypted" in system.problems[0]


# --- many questions ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("parallel", [1, 4])
def test_answers_come_in_the_order_of_the_questions(parallel):
    def reply(handler, message):
        handler.answer(message["messages"][0]["content"])

    asked, steps = questions(30), []
    with servers.serving(reply) as server:
        answers, ended = ask_all(endpoint(server), asked, parallel, step=steps.append)
    assert not ended and len(steps) == 30
    assert [answer.text for answer in answers] == [question.text for question in asked]


def test_a_server_that_goes_away_costs_no_answer():
    replies = [servers.says("$20")] * 5 + [servers.status(500)]
    with servers.serving(servers.first(*replies)) as server:
        answers, ended = ask_all(endpoint(server, retries=0), questions(20))
    assert [answer.verdict for answer in answers].count("error") == 3 and len(answers) == 8
    assert "3 times in a row" in ended and "500" in ended


def test_single_failures_do_not_end_it():
    replies = [servers.says("$1"), servers.status(500), servers.status(500)] * 4 + [servers.says("$1")]
    with servers.serving(servers.first(*replies)) as server:
        answers, ended = ask_all(endpoint(server, retries=0), questions(15))
    assert len(answers) == 15 and not ended


def test_an_interrupt_keeps_the_answers():
    def step(_):
        step.count += 1
        if step.count == 4:
            raise KeyboardInterrupt

    step.count = 0
    with servers.serving(servers.says("$20")) as server:
        answers, ended = ask_all(endpoint(server), questions(20), step=step)
    assert len(answers) >= 4 and ended == "Interrupted."


def test_a_system_with_a_fault_of_its_own_does_not_hang_the_audit():
    class Faulty:
        name, problems = "faulty", ()

        def ask(self, question):
            raise ZeroDivisionError("oh")

    answers, ended = ask_all(Faulty(), questions(5))
    assert len(answers) >= 3 and "ZeroDivisionError: oh" in ended


def test_the_rate_is_kept(monkeypatch):
    import time

    waited = []
    monkeypatch.setattr(time, "sleep", waited.append)
    with servers.serving(servers.says("x")) as server:
        ask_all(endpoint(server), questions(5), rate=0.1)
    assert max(waited) > 30  # the fifth question has its place 40 s after the first


def test_samples_are_drawn_by_seed_and_keep_their_order():
    facts = list(range(10_000))
    assert sample(facts, 0, 1) == facts == sample(facts, 10_000, 1)
    assert (
        sample(facts, 50, 1) == sorted(sample(facts, 50, 1)) == sample(facts, 50, 1) != sample(facts, 50, 2)
    )
    assert len(sample(facts, 50, 1)) == 50


# --- commands ----------------------------------------------------------------------------------------------


def command(code, **settings):
    return Command(shlex.join([sys.executable, "-c", code]), **settings)


def test_a_command_reads_the_question_and_writes_the_answer():
    assert command("print(input().upper() + ' é'.strip())").ask("how much?") == "HOW MUCH?é"


def test_commands_in_trouble():
    with pytest.raises(AskFailed, match="ended with 3: no key"):
        command("import sys; print('no key', file=sys.stderr); sys.exit(3)").ask("?")
    with pytest.raises(AskFailed, match=r"no answer within 0\.5 s"):
        command("import time; time.sleep(30)", timeout=0.5).ask("?")
    with pytest.raises(AskFailed, match="cannot be started") as problem:
        Command("/nowhere/at/all").ask("?")
    assert problem.value.hopeless
    for text in ("", "'open"):
        with pytest.raises(AuditError):
            Command(text)
    assert "geheim" not in Command("answer --key geheim").name
