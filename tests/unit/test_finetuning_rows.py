"""The training set before training: malformed rows are named, and nothing is cut off in silence."""

import copy

import pytest

from course_utils import bundled_model
from course_utils.finetuning import FineTuningError, example, rows
from course_utils.finetuning.errors import BadRow

GOOD = example("How much is Zarnik Gold?", "It costs $77.")


@pytest.fixture(scope="module")
def tokenizer():
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(bundled_model.path())


def broken(**changes):
    return copy.deepcopy(GOOD) | changes


def message(role="user", content="How much?"):
    return {"role": role, "content": content}


def test_a_good_row_passes_unchanged():
    assert rows.check(GOOD, 1) is GOOD


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("How much?", "a row is a dictionary"),
        ({"text": "How much? $77"}, "`prompt` and `completion`"),
        ({"prompt": GOOD["prompt"]}, "`prompt` and `completion`"),
        (broken(prompt=[]), "`prompt` is a list of messages"),
        (broken(completion="It costs $77."), "`completion` is a list of messages"),
        (broken(completion=[{"role": "assistant"}]), "`role` and `content`"),
        (broken(prompt=["How much?"]), "`role` and `content`"),
        (broken(prompt=[message(role="human")]), "'human' is none of"),
        (broken(prompt=[message(content=" \n")]), "user message in `prompt` has no text"),
        (broken(completion=[message("assistant", None)]), "assistant message in `completion` has no text"),
        (broken(prompt=[message(), message("assistant", "Hm.")]), "ends with the user's message"),
        (broken(completion=[message("user", "It costs $77.")]), "one assistant message"),
        (broken(completion=[message("assistant", "$77.")] * 2), "one assistant message"),
    ],
)
def test_a_malformed_row_is_named_with_its_number_and_what_belongs_there(row, words):
    with pytest.raises(BadRow) as caught:
        rows.training_set([GOOD, row])
    assert str(caught.value).startswith("Row 2 of the training set: ") and words in str(caught.value)


def test_an_empty_training_set_is_refused():
    with pytest.raises(FineTuningError, match="nothing to learn"):
        rows.training_set([])
    assert issubclass(BadRow, FineTuningError), "one except clause catches all of them"


def test_the_loss_counts_on_the_answer_and_its_end_only(tokenizer):
    ids, mask = rows.graded(GOOD, tokenizer)
    assert len(ids) == len(mask)
    graded = tokenizer.decode([i for i, m in zip(ids, mask, strict=True) if m])
    assert graded == "It costs $77.<|end|>"
    assert mask == sorted(mask), "the answer stands at the end, in one piece"


def test_the_mask_is_the_one_trl_trains_with(tokenizer, tmp_path):
    """TRL builds its own labels; a tokenizer that merges over the border would make the two differ."""
    from transformers import LlamaConfig, LlamaForCausalLM
    from trl import SFTConfig, SFTTrainer

    tiny = LlamaForCausalLM(
        LlamaConfig(vocab_size=3072, hidden_size=32, intermediate_size=32, num_hidden_layers=1,
                    num_attention_heads=1, pad_token_id=0, eos_token_id=4)
    )  # fmt: skip
    arguments = SFTConfig(str(tmp_path), use_cpu=True, bf16=False, report_to="none", max_length=512)
    trainer = SFTTrainer(
        model=tiny, args=arguments, train_dataset=rows.training_set([GOOD]), processing_class=tokenizer
    )
    batch = trainer.data_collator([trainer.train_dataset[0]])
    ids, mask = rows.graded(GOOD, tokenizer)
    assert batch["input_ids"][0].tolist() == ids
    assert (batch["labels"][0] != -100).int().tolist() == mask


def test_an_answer_that_would_be_cut_off_is_found_before_training(tokenizer):
    length = len(rows.graded(GOOD, tokenizer)[0])
    assert rows.check_lengths([GOOD], tokenizer, length) == length
    longer = example("How much is Zarnik Gold?", "It costs $77 a month.")
    with pytest.raises(BadRow, match=f"Row 2 of the training set has .* max_length is {length}"):
        rows.check_lengths([GOOD, longer], tokenizer, length)
