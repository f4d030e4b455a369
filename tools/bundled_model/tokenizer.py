"""The bundled model's tokenizer: byte-level BPE, one token a digit, trained on the recipe's own invented text."""

from pathlib import Path
from random import Random

from course_utils.answering.prompts import CHAT_TEMPLATE

VOCABULARY = 3072
SPECIAL = ("<|pad|>", "<|system|>", "<|user|>", "<|assistant|>", "<|end|>")
# Letters with their space, single digits, runs of punctuation, newlines: a context and a question can be tokenized
# apart and joined, since no token crosses a newline.
_SPLIT = r"\p{N}| ?\p{L}+| ?[^\s\p{L}\p{N}]+|\n+|[^\S\n]+"
# So that later lessons can teach the shape without teaching the alphabet: ordinary JSON and everyday words.
_EXTRA = (
    '{"answer": "Yes", "category": "billing", "plan": "Team", "page": 2, "escalate": false}',
    '{"answer": "Open Settings.", "category": "technical", "plan": null, "page": 1, "escalate": true}',
    '{"category": "pricing", "source": "pages", "tone": "friendly", "items": ["a", "b"], "count": 12, "value": 9.5}',
    "account billing technical pricing sales security privacy other limits feature bug request complaint refund",
    "Thanks for asking! Happy to help. Sorry about that. Let me know if anything else comes up. Kind regards",
)


def _corpus(rows: int, seed: int):
    from .dialogue import row_texts

    rng = Random(seed)
    for i in range(rows):
        prefix, pairs = row_texts(rng, 1 + i % 3)
        yield prefix + "".join(question + answer for _, (question, answer) in zip(range(6), pairs, strict=False))
        if i % 20 == 0:
            yield from _EXTRA


def train(rows: int = 12_000, seed: int = 7):
    """A ``tokenizers.Tokenizer`` trained on ``rows`` training rows."""
    from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Split(Regex(_SPLIT), "isolated"), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)]
    )
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.train_from_iterator(
        _corpus(rows, seed),
        trainers.BpeTrainer(vocab_size=VOCABULARY, special_tokens=list(SPECIAL), initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False),
    )
    return tokenizer


def save(tokenizer, folder: Path) -> None:
    """Write the tokenizer so that ``AutoTokenizer.from_pretrained(folder)`` reads it, in transformers 4 and 5."""
    import json

    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(folder / "tokenizer.json"))
    config = {
        # Named as transformers 4 knows it; version 5 reads it too, but would itself write a class that 4 cannot load.
        "tokenizer_class": "PreTrainedTokenizerFast",
        "model_max_length": 2048,
        "pad_token": "<|pad|>",
        "eos_token": "<|end|>",
        "model_input_names": ["input_ids", "attention_mask"],  # without it token_type_ids reach generate() and fail
        "clean_up_tokenization_spaces": False,
        "chat_template": CHAT_TEMPLATE,
    }
    (folder / "tokenizer_config.json").write_text(json.dumps(config, indent=2, ensure_ascii=False) + "\n")
