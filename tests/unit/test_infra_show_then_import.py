"""Show, then import: a lesson imports a concept from the course only once a lesson has shown how it works.

Plumbing (where files are, how results are kept and drawn, the invented company's data, loading and asking
a model) may be imported at once. Everything else is a concept; the words beside it stand in a cell of the
lesson that shows it. What a lesson takes before is listed with the reason.
"""

import ast

import jupytext
import pytest

from tools.notebooks.catalogue import ROOT, load

LESSONS = [lesson for lesson in load().lessons if lesson.status == "ready"]

# Rooms whose every name is plumbing, and single names of others: words say their rule where they occur.
PLUMBING_ROOMS = {
    "", "checks", "company", "costs", "costs.shapes", "decisions", "decisions.worksheet", "doctor",
    "finetuning.memory_meter", "paths", "plots", "production", "results", "retrieval.growth",
    "retrieval.trial", "training_sets", "widgets", "widgets.tree",
}  # fmt: skip
PLUMBING = {
    "answering.abstained", "answering.ask", "answering.generate", "answering.without_memo",
    "answering.citations", "answering.without_citations", "evaluation.Rate", "evaluation.prices",
    "evaluation.quotes", "evaluation.shares", "evaluation.states", "evaluation.verdict",
    "finetuning.FineTuningError", "finetuning.SIMPLE", "finetuning.arguments", "finetuning.base_fingerprint",
    "finetuning.base_for", "finetuning.by_heart", "finetuning.engine", "finetuning.instruct_base",
    "finetuning.recipe",
    "finetuning.example", "finetuning.fingerprint", "finetuning.for_machine", "finetuning.hub_models",
    "finetuning.keep_trainable_layout", "finetuning.last_checkpoint", "finetuning.memory_meter",
    "finetuning.rows", "finetuning.save_adapter", "finetuning.start", "finetuning.training_set",
    "finetuning.untrained_tokens", "retrieval.installed_docs", "retrieval.load_embedder",
    "retrieval.read_pages", "support_desk.Example", "support_desk.FIELDS",
    "support_desk.GREETING", "support_desk.INSTRUCTIONS", "support_desk.MAX_NEW_TOKENS",
    "support_desk.TONE_PATTERN", "support_desk.gold", "support_desk.in_json", "support_desk.majority",
    "support_desk.mark", "support_desk.rates", "support_desk.states_fact", "support_desk.ticket_messages",
    "support_desk.worked_example",
}  # fmt: skip

# Concept: how one recognises that a lesson shows it.
SHOWN = {
    "answering.constrained": "def allowed_tokens(",
    "answering.messages": "message['role']",
    "answering.system_prompt": "message['role']",
    "evaluation.discordant": "def discordant(",
    "evaluation.sign_test": "def discordant(",
    "finetuning.fine_tune": "SFTTrainer(model=",
    "finetuning.load_adapter": "get_peft_model(",
    "retrieval.PageIndex": "store.query(",
    "retrieval.chunk_page": "def sections(",
    "retrieval.reranking.Reranker": "CrossEncoderTrainer(",
    "retrieval.reranking.fresh_cross_encoder": "CrossEncoderTrainer(",
    "retrieval.reranking.load_reranker": "CrossEncoderTrainer(",
    "support_desk.Ticket": "class Ticket(BaseModel",
    "support_desk.read_ticket": "def read_ticket(",
    "support_desk.wrapped": "def wrapped(",
}

AHEAD = {
    ("00", "answering.messages"): "a tour: lesson 02 prints the prompt",
    (
        "01",
        "answering.messages",
    ): "a question and nothing else: lesson 02 prints the prompt with its passages",
    ("00", "retrieval.chunk_page"): "a tour: lesson 02 cuts pages by hand",
    **{
        (number, f"evaluation.{name}"): "its idea is said in words; the learner writes it in lesson 05"
        for number in ("02", "03", "04")
        for name in ("discordant", "sign_test")
        if (number, name) != ("04", "discordant")  # lesson 04 adds three answers up and counts questions
    },
}


def code(lesson) -> str:
    source = (ROOT / "solutions" / f"{lesson.number}_{lesson.slug}.py").read_text(encoding="utf-8")
    cells = jupytext.reads(source, "py:percent").cells
    return "\n".join(cell.source for cell in cells if cell.cell_type == "code")


CODE = {lesson.number: code(lesson) for lesson in LESSONS}


def imports(source: str) -> set[str]:
    """Everything that a lesson's cells take from course_utils, as room.name."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "course_utils":
            room = node.module.partition(".")[2]
            found |= {f"{room}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Attribute) and ast.unparse(node.value) in ("evaluation", "finetuning"):
            found.add(ast.unparse(node))
    return found


@pytest.mark.parametrize("number", CODE)
def test_a_concept_is_imported_once_it_was_shown(number):
    unknown, early = set(), set()
    for concept in imports(CODE[number]):
        if concept.rpartition(".")[0] in PLUMBING_ROOMS or concept in PLUMBING:
            continue
        if concept not in SHOWN:
            unknown.add(concept)
        elif not any(SHOWN[concept] in CODE[earlier] for earlier in CODE if earlier <= number):
            early.add(concept)
    assert not unknown, "plumbing, or a concept that a lesson shows? Say which in this file."
    assert early == {concept for lesson, concept in AHEAD if lesson == number}


def test_a_lesson_that_imports_too_early_is_found():
    assert imports("from course_utils.retrieval import PageIndex as P") == {"retrieval.PageIndex"}
    assert imports("finetuning.fine_tune(model)") == {"finetuning.fine_tune"}
    assert SHOWN["retrieval.PageIndex"] not in CODE["01"] and SHOWN["retrieval.PageIndex"] in CODE["02"]
