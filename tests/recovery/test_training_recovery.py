"""A fine-tuning killed in the middle goes on from its last whole epoch and still learns what it should."""

import os
import signal
import subprocess
import sys
import time

from course_utils import bundled_model, finetuning
from course_utils.answering import ask
from course_utils.finetuning import example, training_set

SCRIPT = """
import sys
from pathlib import Path
from course_utils import bundled_model, finetuning
from tests.recovery.test_training_recovery import train_set
model, tokenizer = bundled_model.load()
finetuning.fine_tune(model, tokenizer, train_set(), Path(sys.argv[1]), epochs=400, batch_size=4)
"""


def train_set():
    return training_set(
        example(f"How much is Zarnik Gold{tail}", "Zarnik Gold costs $77 per user per month.")
        for tail in "?.! "
    )


def test_a_killed_training_resumes(tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT, str(tmp_path)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    deadline = time.time() + 240
    while not list(tmp_path.glob("checkpoint-*/trainer_state.json")) and time.time() < deadline:
        assert process.poll() is None, "the training ended before it could be killed"
        time.sleep(0.2)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    found = finetuning.last_checkpoint(tmp_path)
    assert found is not None
    reached = int(found.rsplit("-", 1)[1])
    model, tokenizer = bundled_model.load()
    tuned = finetuning.fine_tune(model, tokenizer, train_set(), tmp_path, epochs=reached + 25, batch_size=4)
    assert int(finetuning.last_checkpoint(tmp_path).rsplit("-", 1)[1]) == reached + 25
    assert "$77" in ask(tuned, tokenizer, "How much is Zarnik Gold?")
