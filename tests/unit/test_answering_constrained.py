"""Constrained decoding: valid whatever the weights, with the tokenizers of the bundled and of hub models."""

import json
from typing import Literal

import jsonschema
import pytest
import torch
from pydantic import BaseModel
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from course_utils import bundled_model
from course_utils.answering import ConstrainedDecodingError, Unfinished, constrained, generate, prompts
from course_utils.support_desk import MAX_NEW_TOKENS, Ticket, in_json, read_ticket, ticket_messages

SMALL = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "maxLength": 6},
        "size": {"enum": ["S", "M", None]},
        "n": {"type": "integer", "minimum": 1, "maximum": 30},
        "ok": {"type": "boolean"},
    },
    "required": ["name", "size", "n", "ok"],
    "additionalProperties": False,
}
PAGE = "Zarnik > Price\nZarnik costs $12."
CHATS = [prompts.messages("How much is Zarnik?", [PAGE] * n) for n in (1, 3, 2)]
TEXTS = ["How much is Zarnik? It costs $12.", '{"name": "x", "size": null, "n": 3, "ok": true}', "Grüße €"]


@pytest.fixture(scope="module")
def bundled():
    return bundled_model.load()


def byte_level() -> PreTrainedTokenizerFast:
    """As Llama 3, Qwen and GPT-2: byte-level BPE, special tokens added after the vocabulary."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.train_from_iterator(
        TEXTS * 20,
        trainers.BpeTrainer(
            vocab_size=400, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False
        ),
    )
    tokenizer.add_special_tokens(["<|im_start|>", "<|im_end|>", "<|endoftext|>"])
    return fast(tokenizer, eos_token="<|im_end|>", pad_token="<|endoftext|>")


def byte_fallback() -> PreTrainedTokenizerFast:
    """As Llama 2, Mistral and Gemma: pieces with ▁ for a space, and <0x0A> for bytes without a piece."""
    special = {"<unk>": 0, "<s>": 1, "</s>": 2}
    vocabulary = special | {f"<0x{byte:02X}>": 3 + byte for byte in range(256)}
    for piece in ["▁", *"abcdefghijklmnopqrstuvwxyzSM{}[]:,.", '"', "▁n", '":', "▁t", "true", "null", "12"]:
        vocabulary[piece] = len(vocabulary)
    tokenizer = Tokenizer(models.BPE(vocabulary, [], unk_token="<unk>", byte_fallback=True))
    tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    tokenizer.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
    )
    tokenizer.add_special_tokens(list(special))
    return fast(tokenizer, eos_token="</s>", pad_token="<unk>")


def fast(tokenizer: Tokenizer, **special: str) -> PreTrainedTokenizerFast:
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        chat_template=prompts.CHAT_TEMPLATE,
        model_input_names=["input_ids", "attention_mask"],
        **special,
    )


def random_model(tokenizer, seed: int = 0, end=None, padded: int = 37) -> LlamaForCausalLM:
    """A tiny Llama with random weights; its vocabulary is padded, as in many hub models."""
    torch.manual_seed(seed)
    config = LlamaConfig(
        vocab_size=len(tokenizer) + padded, hidden_size=32, intermediate_size=64, num_hidden_layers=1,
        num_attention_heads=2, max_position_embeddings=2048, eos_token_id=end or tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id, bos_token_id=None,
    )  # fmt: skip
    return LlamaForCausalLM(config).eval()


def fits(text: str, schema=SMALL) -> bool:
    return jsonschema.Draft202012Validator(schema).is_valid(json.loads(text))


# --- whatever the weights are, the document is valid --------------------------------------------------


def test_what_chats_share_is_read_once_here_too(bundled):
    model, tokenizer = bundled
    chats = [ticket_messages(f"How much is Zarnik {plan}?", ["Zarnik Gold costs $9."]) for plan in ("A", "B")]
    texts = generate(constrained(model, tokenizer, Ticket), tokenizer, chats, MAX_NEW_TOKENS)
    assert None not in [read_ticket(text) for text in texts]


def test_the_bundled_model_writes_tickets(bundled):
    texts = generate(constrained(*bundled, Ticket), bundled[1], CHATS, MAX_NEW_TOKENS)
    assert all(read_ticket(text) for text in texts)
    assert [in_json(read_ticket(text)) for text in texts] == texts, "spaced as json.dumps does"


def test_the_answer_does_not_depend_on_the_batch(bundled):
    model = constrained(*bundled, SMALL)
    together = generate(model, bundled[1], CHATS, 80)
    assert together == [generate(model, bundled[1], [chat], 80)[0] for chat in CHATS]


@pytest.mark.parametrize("tokenizer", [byte_level(), byte_fallback()], ids=["byte level", "byte fallback"])
@pytest.mark.parametrize("seed", range(3))
def test_hub_tokenizers_and_padded_vocabularies(tokenizer, seed):
    model = constrained(random_model(tokenizer, seed), tokenizer, SMALL)
    texts = generate(model, tokenizer, CHATS, 120, batch_size=2)
    assert all(fits(text) for text in texts), texts


def test_sampled_documents_are_valid_too():
    tokenizer = byte_level()
    model = constrained(random_model(tokenizer), tokenizer, SMALL)
    inputs = tokenizer(["a", "b"], return_tensors="pt")
    torch.manual_seed(1)
    output = model.generate(**inputs, do_sample=True, num_return_sequences=4, max_new_tokens=120)
    texts = tokenizer.batch_decode(output[:, inputs["input_ids"].shape[1] :], skip_special_tokens=True)
    assert len(texts) == 8 and all(fits(text) for text in texts)
    assert len(set(texts)) > 1


def test_every_end_token_of_a_chat_model_may_end_the_document():
    tokenizer = byte_level()
    ends = tokenizer.convert_tokens_to_ids(["<|endoftext|>", "<|im_end|>"])
    model = constrained(random_model(tokenizer, end=ends), tokenizer, {"enum": ["yes", "no"]})
    assert set(generate(model, tokenizer, CHATS, 40)) <= {'"yes"', '"no"'}


def test_where_there_is_one_document_it_is_written(bundled):
    class One(BaseModel, extra="forbid"):
        answer: Literal["Grüße, “you” & 5 €"]

    texts = generate(constrained(*bundled, One), bundled[1], CHATS, 80)
    assert texts == ['{"answer": "Grüße, “you” & 5 €"}'] * 3


def test_a_pattern_is_kept(bundled):
    schema = {"type": "string", "pattern": "^Thanks for asking! [a-z ]{1,20}\\.$"}
    for text in generate(constrained(*bundled, schema), bundled[1], CHATS, 80):
        assert text.startswith('"Thanks for asking! ') and text.endswith('."')


def test_the_model_is_left_as_it_was(bundled):
    model, tokenizer = bundled
    before = generate(model, tokenizer, CHATS)
    narrowed = constrained(model, tokenizer, SMALL)
    assert generate(narrowed, tokenizer, CHATS, 80) != before
    assert generate(model, tokenizer, CHATS) == before
    assert narrowed.config is model.config and not narrowed.training


# --- what cannot be done is said ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"enum": []}, "Unsatisfiable"),
        ({"type": "integer", "minimum": 5, "maximum": 3}, "minimum"),
        ({"type": "string", "minLength": 5, "maxLength": 2}, "minLength"),
        ({"allOf": [{"type": "string"}, {"type": "integer"}]}, "incompatible"),
        ({"type": "object", "properties": {"a": {"enum": []}}, "required": ["a"]}, "'a'"),
        ({"type": "object", "required": ["b"], "additionalProperties": False}, "'b'"),
        ({"type": "objekt"}, "objekt"),
        ({"not": {"type": "string"}}, "not"),
        ({"type": "string", "pattern": "("}, "regex"),
        ({"$ref": "#/nope"}, "/nope"),
    ],
)
def test_a_schema_without_a_valid_document(bundled, schema, words):
    with pytest.raises(ConstrainedDecodingError, match=words) as error:
        constrained(*bundled, schema)
    assert "schema" in str(error.value)


@pytest.mark.parametrize("schema", ["{}", None, [1], 7])
def test_what_is_no_schema(bundled, schema):
    with pytest.raises(ConstrainedDecodingError, match="pydantic class or a JSON Schema"):
        constrained(*bundled, schema)


def test_a_schema_that_json_cannot_hold(bundled):
    with pytest.raises(ConstrainedDecodingError, match="schema that JSON can hold"):
        constrained(*bundled, {"enum": [object()]})


def test_too_few_tokens(bundled):
    model = constrained(*bundled, Ticket)
    with pytest.raises(Unfinished, match=r"3 of 3 documents .* raise max_new_tokens"):
        generate(model, bundled[1], CHATS, max_new_tokens=8)


def test_a_schema_that_lets_fields_be_invented(bundled):
    class Open(BaseModel):  # pydantic's default allows other fields
        yes: bool

    with pytest.raises(Unfinished, match="extra='forbid'"):
        model = constrained(*bundled, Open)
        inputs = bundled[1]("a", return_tensors="pt")
        # Whatever the weights would write: without a brace that closes, only more fields are left.
        closing = [[i] for token, i in bundled[1].get_vocab().items() if "}" in token]
        model.generate(**inputs, max_new_tokens=40, do_sample=False, bad_words_ids=closing)


def test_a_document_that_ends_with_the_last_token_is_finished(bundled):
    model = constrained(*bundled, {"const": "yes"})
    needed = len(bundled[1]('"yes"')["input_ids"])
    assert generate(model, bundled[1], CHATS, needed) == ['"yes"'] * 3
    with pytest.raises(Unfinished):
        generate(model, bundled[1], CHATS, needed - 1)


def test_a_tokenizer_that_cannot_spell():
    tokenizer = Tokenizer(models.WordLevel({"[UNK]": 0, "[SEP]": 1, "yes": 2}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    wrapped = fast(tokenizer, eos_token="[SEP]", pad_token="[UNK]")
    with pytest.raises(ConstrainedDecodingError, match="spell out every character"):
        constrained(random_model(wrapped), wrapped, SMALL)


def spelling(*characters: str) -> PreTrainedTokenizerFast:
    """A tokenizer of these characters and an end token."""
    tokenizer = Tokenizer(models.BPE({c: i for i, c in enumerate([*characters, "</s>"])}, []))
    tokenizer.decoder = decoders.ByteLevel()
    return fast(tokenizer, eos_token="</s>", pad_token="</s>")


def test_a_tokenizer_that_cannot_begin():
    tokenizer = spelling("a")
    with pytest.raises(ConstrainedDecodingError, match=r"No token leads on .* lacks a character"):
        constrained(random_model(tokenizer), tokenizer, {"type": "boolean"})


@pytest.mark.parametrize("schema", [{"const": "no"}, {"enum": ["no", "nu"]}])
def test_a_tokenizer_that_cannot_go_on(schema):
    tokenizer = spelling('"', "n")
    model = constrained(random_model(tokenizer), tokenizer, schema)
    with pytest.raises(ConstrainedDecodingError, match=r"No token leads on .* lacks a character"):
        model.generate(torch.tensor([[1]]), max_new_tokens=10, do_sample=False)


def test_beam_search_is_refused(bundled):
    inputs = bundled[1]("a", return_tensors="pt")
    with pytest.raises(ConstrainedDecodingError, match="greedy"):
        constrained(*bundled, SMALL).generate(**inputs, num_beams=2, max_new_tokens=20)


def test_a_model_without_an_end_token():
    tokenizer = byte_level()
    model = random_model(tokenizer)
    model.generation_config.eos_token_id = None
    tokenizer.eos_token = None
    with pytest.raises(ConstrainedDecodingError, match="end token"):
        constrained(model, tokenizer, SMALL)
