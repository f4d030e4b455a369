"""Recorded GPU runs: nothing without provenance, no number without a run; and the script that makes them."""

import dataclasses
import json
import types
from pathlib import Path

import nbformat
import pytest

from course_utils import finetuning, gpu_runs, lane, results
from course_utils.evaluation import Rate
from course_utils.gpu_runs import Continued, Gpu, Lab, RecordedRunError, Run, Session
from tools.gpu import record as tool
from tools.gpu.record import Experiment, LabPlan, Leg, RecordError

ROOT = Path(__file__).resolve().parent.parent.parent


def run(**changes) -> Run:
    good = dict(
        engine="unsloth",
        method="qlora",
        model="bundled",
        weights="bundled",
        parameters=5_901_568,
        trainable=491_520,
        dataset="four rows",
        dataset_sha256="ab" * 32,
        tokens_per_row=50,
        settings=dict(
            rank=16,
            batch_size=2,
            accumulation=4,
            max_length=512,
            learning_rate=2e-4,
            optimizer="adamw_8bit",
            steps=5,
        ),
        seconds=5.0,
        step_seconds=[9.0, 1.0, 1.0, 0.5, 0.25],
        peak_allocated_gib=1.0,
        peak_reserved_gib=1.5,
        loss=[[1, 3.0], [5, 1.0]],
        answers=[{"question": "q", "before": "b", "after": "a"}],
    )
    return Run(**(good | changes))


def session(*runs: Run, **changes) -> Session:
    good = dict(
        recorded="2026-12-01T10:00:00+00:00",
        commit="c" * 40,
        clean=True,
        gpu=Gpu("NVIDIA Test", 15.0, "580.1", "12.8", "7.5"),
        versions=dict.fromkeys(
            ("python", "torch", "transformers", "trl", "peft", "bitsandbytes", "unsloth"), "1.0"
        ),
        runs=runs or (run(),),
    )
    return Session(**(good | changes))


def as_json(made: Session):
    return json.loads(json.dumps(dataclasses.asdict(made)))


# --- the format ---------------------------------------------------------------------------------------


def test_a_session_comes_back_as_it_was_written(tmp_path):
    made = session(run(), run(engine="plain"), run(method="full16", **FAILED))
    gpu_runs.dump(made, tmp_path / "a.json")
    assert gpu_runs.load(tmp_path / "a.json") == made
    assert [file.name for file in tmp_path.iterdir()] == ["a.json"]


FAILED = dict(
    failure="out of memory",
    seconds=None,
    step_seconds=[],
    loss=[],
    answers=[],
    peak_allocated_gib=None,
    peak_reserved_gib=None,
)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (dict(engine="magic"), "engine: Input should be 'unsloth' or 'plain'"),
        (dict(method="4bit"), "method: Input should be"),
        (dict(parameters=0), "parameters: Input should be greater than 0"),
        (dict(dataset_sha256="ab"), "dataset_sha256: String should match"),
        (dict(settings={}), "settings: lacks accumulation, batch_size"),
        (dict(seconds=None), "or failure says why not"),
        (dict(peak_reserved_gib=True), "peak_reserved_gib: Input should be a valid number"),
        (dict(peak_reserved_gib=0.5), "less than it handed out"),
        (dict(loss=[]), "loss is a list"),
        (dict(step_seconds=[1.0]), "one entry a step"),
        (dict(answers=[]), "raw answers belong"),
        (dict(answers=[{"question": "q"}]), "lacks after, before"),
        (dict(weights="random"), "no answers worth keeping"),
        (dict(failure="out of memory"), "failed run has no measurements"),
    ],
)
def test_a_run_that_cannot_be_believed_is_refused(changes, words):
    with pytest.raises(RecordedRunError, match=rf"runs\[1\].*{words}"):
        gpu_runs.parse(as_json(session(run(), run(**changes))))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (dict(schema=0), "schema is not 1"),
        (dict(commit="main"), "commit: String should match"),
        (dict(clean="yes"), "clean: Input should be a valid boolean"),
        (dict(recorded="2026-12-01T10:00:00"), "recorded: has no time zone"),
        (dict(recorded="yesterday"), "recorded: Invalid isoformat"),
        (dict(gpu=Gpu("NVIDIA Test", 15.0, "", "12.8", "7.5")), "gpu.driver: String should match"),
        (dict(gpu=Gpu("NVIDIA Test", 0, "580", "12.8", "7.5")), "gpu.memory_gib: Input should be greater"),
        (dict(versions={"torch": "2"}), "versions: lacks bitsandbytes"),
        (dict(runs=()), "holds neither a run, nor a lab"),
    ],
)
def test_a_session_without_provenance_is_refused(changes, words):
    with pytest.raises(RecordedRunError, match=words):
        gpu_runs.parse(as_json(session()) | as_json_part(changes))


def as_json_part(changes):
    plain = {k: dataclasses.asdict(v) if dataclasses.is_dataclass(v) else v for k, v in changes.items()}
    return json.loads(json.dumps(plain))


@pytest.mark.parametrize("missing", ["engine", "dataset_sha256"])
def test_a_missing_field_is_named(missing):
    data = as_json(session())
    del data["runs"][0][missing]
    with pytest.raises(RecordedRunError, match=rf"runs\[0\].*{missing}"):
        gpu_runs.parse(data)


def test_unknown_fields_and_broken_files_are_named(tmp_path):
    data = as_json(session())
    data["runs"][0]["speedup"] = "2x"
    with pytest.raises(RecordedRunError, match=r"runs\[0\]\.speedup: Unexpected"):
        gpu_runs.parse(data)
    (tmp_path / "cut.json").write_text("{")
    with pytest.raises(RecordedRunError, match=r"cut\.json cannot be read"):
        gpu_runs.load(tmp_path / "cut.json")
    (tmp_path / "list.json").write_text("[]")
    with pytest.raises(RecordedRunError, match=r"list\.json: schema"):
        gpu_runs.load(tmp_path / "list.json")


def test_an_unbelievable_session_is_not_written(tmp_path):
    with pytest.raises(RecordedRunError):
        gpu_runs.dump(session(run(engine="magic")), tmp_path / "a.json")
    assert not list(tmp_path.iterdir())


def test_what_is_in_the_repository_is_believable():
    for file in gpu_runs.RUNS.glob("*.json"):
        gpu_runs.load(file)


def test_without_a_run_there_is_a_sentence_and_no_number(tmp_path):
    assert gpu_runs.sessions(tmp_path) == []
    assert "No GPU run is recorded yet" in gpu_runs.NO_RUN
    assert not any(character.isdigit() for character in gpu_runs.NO_RUN)


def test_the_newest_session_comes_first(tmp_path):
    gpu_runs.dump(session(), tmp_path / "b.json")
    gpu_runs.dump(session(recorded="2026-12-02T10:00:00+02:00"), tmp_path / "a.json")
    assert [s.recorded[:10] for s in gpu_runs.sessions(tmp_path)] == ["2026-12-02", "2026-12-01"]


def test_the_heading_says_recorded_and_with_what():
    text = gpu_runs.heading(session())
    for words in (
        "Recorded, not live",
        "2026-12-01",
        "NVIDIA Test",
        "driver 580.1",
        "unsloth 1.0",
        "cccccccc.",
    ):
        assert words in text
    assert "with local changes" in gpu_runs.heading(session(clean=False))


def test_speed_is_the_median_of_the_steady_steps():
    assert run().seconds_per_step == 0.375  # of 0.5 and 0.25: the first three warm up
    assert run().tokens_per_second == 2 * 4 * 50 / 0.375
    assert run(step_seconds=[1.0, 1.0]).seconds_per_step is None


def test_the_table_shows_measurements_or_the_reason_why_not():
    rows = gpu_runs.table([run(), run(model="Llama-3.1-8B", method="full32", weights="random", **FAILED)])
    assert (rows[0]["s a step"], rows[0]["peak GiB"], rows[0][""]) == ("0.38", "1.5", "")
    assert (rows[1]["s a step"], rows[1]["peak GiB"], rows[1][""]) == ("–", "–", "out of memory")


def test_runs_are_found_by_their_fields():
    both = session(run(), run(engine="plain"))
    assert both.find(engine="plain", model="bundled") == [both.runs[1]]
    assert both.find(engine="plain", method="lora16") == []


# --- lesson 10, and recipes that went on --------------------------------------------------------------


def lab(**changes) -> Lab:
    rates = {"usable": Rate(9, 12), "abstains": Rate(0, 3)}
    measured = dict(
        base="smollm2", engine="unsloth", scores={"tuned": rates}, verdicts={}, by_heart=[], bill={}
    )
    good = dict(
        base="smol", engine="unsloth", precision="float16", notebook_sha256="ab" * 32, seconds=300.0,
        results=json.loads(results.to_json(measured)),
    )  # fmt: skip
    return Lab(**(good | changes))


def leg(**changes) -> Continued:
    good = dict(recipe="reader", tokens_before=10, tokens_after=20, seconds=1.0, curve=[{"tokens": 20}])
    return Continued(**(good | changes))


def test_a_session_of_labs_alone_comes_back_and_is_shown(tmp_path):
    made = dataclasses.replace(session(), runs=(), labs=(lab(), lab(base="tiny", failure="out of memory")))
    gpu_runs.dump(made, tmp_path / "a.json")
    [(_, found)] = gpu_runs.labs(tmp_path)  # the one that came to its end
    assert found == made.labs[0]
    head, _, row = gpu_runs.lab_table(found).splitlines()
    assert head == "| smollm2, unsloth, float16 | usable | abstains |"
    assert row == "| tuned | 75 (n = 12) | 0 (n = 3) |"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (dict(labs=(lab(results={}),)), "results lack base, bill"),
        (dict(labs=(lab(precision="float8"),)), "precision: Input should be"),
        (dict(labs=(lab(notebook_sha256="ab"),)), "notebook_sha256"),
        (dict(continued=(leg(tokens_after=10),)), "trained on no token"),
        (dict(continued=(leg(recipe="another"),)), "recipe: Input should be"),
    ],
)
def test_a_lab_or_a_leg_that_cannot_be_believed_is_refused(changes, words):
    with pytest.raises(RecordedRunError, match=words):
        gpu_runs.parse(as_json(session(**changes)))


# --- the script ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("model", "parameters"),
    [("Llama-3.2-1B", 1_235_814_400), ("Llama-3.2-3B", 3_212_749_824), ("Llama-3.1-8B", 8_030_261_248)],
)
def test_the_architectures_have_the_real_models_size(model, parameters):
    """The counts that the models' cards on the hub state."""
    assert tool.parameter_count(model) == parameters


def test_adapters_on_all_layers_of_8b_have_the_size_of_the_formula():
    """rank × (inputs + outputs): 8192, 5120, 5120 and 8192 for q, k, v and o, 18432 for each of the MLP's."""
    per_layer = 16 * (8192 + 5120 + 5120 + 8192 + 3 * 18432)
    assert tool.trainable_count(Experiment("Llama-3.1-8B", "plain", "qlora")) == 32 * per_layer == 41_943_040
    assert tool.trainable_count(Experiment("Llama-3.1-8B", "plain", "full16")) == 8_030_261_248


def test_every_experiment_is_distinct_and_both_engines_get_the_same():
    chosen = tool.experiments()
    assert len({e.name for e in chosen}) == len(chosen)
    for experiment in chosen:
        if experiment.method != "full32":
            twin = {"unsloth": "plain", "plain": "unsloth"}[experiment.engine]
            other = Experiment(experiment.model, twin, experiment.method)
            assert other in chosen and tool.settings(other) == tool.settings(experiment)
    assert [e.model for e in chosen[:4]] == ["bundled"] * 4, "correctness first"


def test_a_failed_run_is_believable_and_holds_no_measurement():
    made = tool.failed(Experiment("Llama-3.1-8B", "plain", "full32"), "out of memory")
    gpu_runs.parse(as_json(session(made)))
    assert made.seconds is None and made.failure == "out of memory"


@pytest.mark.parametrize(
    ("stderr", "why"),
    [
        ("Traceback …\ntorch.OutOfMemoryError: CUDA out of memory. Tried to allocate", "out of memory"),
        ("ValueError: Some modules are dispatched on the CPU or the disk. Make sure", "out of memory"),
        ("Traceback …\n  File x\nKeyError: 'a'\n\n", "KeyError: 'a'"),
        ("", "ended without a word"),
    ],
)
def test_the_reason_of_a_failure_is_one_line(stderr, why):
    assert tool.reason(stderr) == why


def test_the_rows_are_the_same_everywhere():
    rows = tool.random_rows(2, length=4, vocabulary=100)
    assert rows == tool.random_rows(2, length=4, vocabulary=100)
    assert tool.digest(rows) != tool.digest(rows[:1])
    assert all(set(row["completion_mask"]) == {1} and max(row["input_ids"]) < 100 for row in rows)


def test_the_exam_is_asked_in_other_words_than_the_training():
    rows, exam = tool.price_examples()
    trained = {row["prompt"][-1]["content"].lower() for row in rows}
    assert len(exam) == 8 and not any(question.lower() in text for question in exam for text in trained)


def test_without_a_gpu_nothing_is_recorded(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(lane, "current", lambda: lane.Lane("cpu", "no NVIDIA GPU found"))
    assert tool.main(["--session", str(tmp_path / "a.json")]) == 1
    assert "No run without an NVIDIA GPU: no NVIDIA GPU found" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


@pytest.fixture
def machine(monkeypatch):
    """A GPU that is not there, and experiments that are not run but counted."""
    ran = []

    def in_own_process(experiment, source):
        ran.append(experiment.name)
        if experiment.method == "full32":
            return tool.failed(experiment, "out of memory")
        return run(engine=experiment.engine, method=experiment.method)

    made = dataclasses.asdict(session())
    kept = {name: made[name] for name in ("commit", "clean", "versions")} | {"gpu": session().gpu}
    monkeypatch.setattr(tool, "provenance", lambda commit: kept)
    monkeypatch.setattr(tool, "in_own_process", in_own_process)
    monkeypatch.setattr(tool, "_source", lambda model, weights: "somewhere")
    return ran


def test_a_session_that_was_cut_off_goes_on_where_it_was(machine, tmp_path):
    file = tmp_path / "a.json"
    first, second = Experiment("bundled", "plain", "qlora"), Experiment("bundled", "unsloth", "qlora")
    impossible = Experiment("bundled", "plain", "full32")
    tool.record(file, [first, impossible], None)
    tool.record(file, [first, impossible, second], None)
    assert machine.count(first.name) == 1, "what is there is not run again"
    assert machine.count(impossible.name) == 2, "what failed is"
    assert [(r.engine, r.method) for r in gpu_runs.load(file).runs] == [
        ("plain", "qlora"),
        ("plain", "full32"),
        ("unsloth", "qlora"),
    ]


def test_a_session_of_another_machine_is_not_mixed_with_this_one(machine, tmp_path):
    gpu_runs.dump(session(gpu=Gpu("NVIDIA Other", 80.0, "1", "12", "9.0")), tmp_path / "a.json")
    with pytest.raises(RecordError, match="another machine"):
        tool.record(tmp_path / "a.json", [Experiment("bundled", "plain", "qlora")], None)


def test_weights_that_cannot_be_made_are_a_failed_run(machine, monkeypatch, tmp_path):
    monkeypatch.setattr(tool, "_source", lambda model, weights: None)
    tool.record(tmp_path / "a.json", [Experiment("Llama-3.1-8B", "plain", "qlora")], None)
    [made] = gpu_runs.load(tmp_path / "a.json").runs
    assert machine == [] and "while its weights were made" in made.failure


def test_no_experiment_is_said_so(machine, tmp_path):
    with pytest.raises(RecordError, match="Nothing was chosen"):
        tool.record(tmp_path / "a.json", [], None)


@pytest.mark.slow
@pytest.mark.parametrize("method", ["qlora", "full32"])
def test_one_training_is_measured_from_end_to_end(method):
    """On the CPU, where the process's memory stands for the GPU's: all but that is real."""
    from course_utils import bundled_model
    from course_utils.finetuning import recipe

    made = tool.train_one(
        Experiment("bundled", "plain", method), str(bundled_model.path()), lane.Lane("cpu", "a test")
    )
    gpu_runs.parse(as_json(session(made)))
    assert made.name == Experiment("bundled", "plain", method).name
    assert made.trainable == tool.trainable_count(Experiment("bundled", "plain", method))
    assert len(made.step_seconds) == len(made.loss) == tool.REHEARSED and made.seconds > 0
    assert made.tokens_per_row <= recipe.FOR_SMALL.max_length


def test_every_plan_is_named_as_its_result_is():
    names = [plan.name for plan in tool.plans()]
    assert len(set(names)) == len(names)
    assert lab().name == LabPlan("smol", "unsloth").name and lab().name in names
    assert leg().name == Leg("reader").name and leg().name in names
    assert set(finetuning.training.ENGINES) == set(gpu_runs.ENGINES)


def notebook(folder, *cells):
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    nbformat.write(made, folder / "lab.ipynb")
    return folder / "lab.ipynb"


REPORT = """\
import os
from course_utils import results
names = ("base", "engine", "scores", "verdicts", "by_heart", "bill")
said = os.environ["STALE_PRICES_MODEL"] + " " + os.environ["STALE_PRICES_ENGINE"]
results.record("10", **dict.fromkeys(names, said))"""


@pytest.fixture
def work(monkeypatch, tmp_path):
    monkeypatch.setattr(tool, "WORK", tmp_path / "work")
    return tmp_path


def test_the_notebook_itself_is_executed_and_what_it_records_is_kept(work, monkeypatch):
    monkeypatch.setattr(tool, "LAB", notebook(work, REPORT, "stopped = 1 / 0"))
    made = tool.run_lab(LabPlan("tiny", "plain"), lane.Lane("cpu", "a test"))
    assert made.results["scores"] == "tiny plain" and made.failure == "ZeroDivisionError: division by zero"
    monkeypatch.setattr(tool, "LAB", notebook(work, REPORT))
    whole = tool.run_lab(LabPlan("tiny", "plain"), lane.Lane("cpu", "a test"))
    gpu_runs.parse(as_json(session(labs=(made, whole))))
    assert whole.failure is None and whole.notebook_sha256 != made.notebook_sha256


def test_a_recipe_goes_on_from_its_checkpoint_and_only_the_new_points_are_kept(work, monkeypatch):
    import torch

    folder = tool.WORK / "bundled_model"
    folder.mkdir(parents=True)
    torch.save({"tokens": 100, "log": [{"tokens": 100}]}, folder / "checkpoint.pt")

    def train(command, **_):
        assert command[2] == "tools.bundled_model.train" and command[-1] == "0.5"
        torch.save({"tokens": 300, "log": [{"tokens": 100}, {"tokens": 300}]}, folder / "checkpoint.pt")
        return types.SimpleNamespace(returncode=0, stderr="")

    monkeypatch.setattr(tool.subprocess, "run", train)
    made = tool.go_on(Leg("bundled_model"), 0.5)
    assert (made.tokens_before, made.tokens_after, made.curve) == (100, 300, [{"tokens": 300}])
    monkeypatch.setattr(
        tool.subprocess, "run", lambda *_, **__: types.SimpleNamespace(returncode=0, stderr="")
    )
    assert tool.go_on(Leg("bundled_model"), 0.5).failure == "its tokens were reached before"
    assert tool._exported(tool.RECIPES["reader"][1])["tokens"] > 5_000_000, "the adapter that is shipped"


def test_a_session_holds_every_kind_and_the_status_says_that_something_failed(machine, monkeypatch, tmp_path):
    found = {"lab smol unsloth": lab(), "continue reader": leg(failure="killed")}
    monkeypatch.setattr(tool, "carry_out", lambda plan, weights, here: found[plan.name])
    session = ["--session", str(tmp_path / "a.json")]
    assert tool.main(["--only", "lab", "smol", "unsloth", *session]) == 0
    assert tool.main(["--only", "continue", "reader", *session]) == tool.FAILED
    found["continue reader"] = leg()
    assert tool.main(["--only", "continue", "reader", *session]) == 0
    kept = gpu_runs.load(tmp_path / "a.json")
    assert (kept.runs, kept.labs, kept.continued) == ((), (lab(),), (leg(),))


def test_a_rehearsal_records_nothing_and_says_what_failed(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(tool, "carry_out", lambda plan, weights, here: leg(failure="killed"))
    session = ["--session", str(tmp_path / "a.json")]
    assert tool.main(["--rehearse", "--only", "continue", "reader", *session]) == 1
    assert "continue reader: failed, killed" in capsys.readouterr().out
    assert tool.main(["--rehearse", "--only", "no such thing"]) == 1
    assert not list(tmp_path.iterdir())
