"""Workflows, issue forms, hooks, dev container, changelog: valid by their schemas, true of the course."""

import json
import re
import subprocess
import sys
import tomllib

import pytest
import yaml
from packaging.specifiers import SpecifierSet

from tools.notebooks.catalogue import ROOT, load

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
TARGETS = set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
FORMS = [p for p in sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml")) if p.name != "config.yml"]
SCHEMAS = {
    "vendor.github-workflows": WORKFLOWS,
    "custom.github-workflows-require-timeout": WORKFLOWS,
    "vendor.github-issue-forms": FORMS,
    "vendor.github-issue-config": [ROOT / ".github" / "ISSUE_TEMPLATE" / "config.yml"],
    "vendor.dependabot": [ROOT / ".github" / "dependabot.yml"],
    "vendor.citation-file-format": [ROOT / "CITATION.cff"],
}
BROKEN = {  # what each schema has to refuse, or the test above says nothing
    "vendor.github-workflows": ("runs-on:", "run-on:"),
    "custom.github-workflows-require-timeout": ("timeout-minutes:", "# timeout-minutes:"),
    "vendor.github-issue-forms": ("type: textarea", "type: text area"),
    "vendor.github-issue-config": ("blank_issues_enabled: true", "blank_issues_enabled: perhaps"),
    "vendor.dependabot": ("interval: monthly", "interval: now and then"),
    "vendor.citation-file-format": ("authors:", "author:"),
}


def fits(schema, *files) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, *map(str, files)]
    return subprocess.run(command, capture_output=True, text=True)


@pytest.mark.parametrize("schema", SCHEMAS)
def test_each_file_fits_its_schema_and_a_mistake_does_not(schema, tmp_path):
    assert SCHEMAS[schema]
    done = fits(schema, *SCHEMAS[schema])
    assert done.returncode == 0, done.stdout
    text = SCHEMAS[schema][0].read_text(encoding="utf-8")
    assert BROKEN[schema][0] in text
    mistaken = tmp_path / "mistaken.yml"
    mistaken.write_text(text.replace(*BROKEN[schema]), encoding="utf-8")
    assert fits(schema, mistaken).returncode == 1


# --- workflows ----------------------------------------------------------------------------------------


def jobs():
    for path in WORKFLOWS:
        for name, job in yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"].items():
            yield pytest.param(job, id=f"{path.stem}-{name}")


@pytest.mark.parametrize("job", list(jobs()))
def test_a_job_calls_the_courses_own_commands(job):
    commands = [step["run"] for step in job["steps"] if "run" in step]
    assert commands
    for command in commands:
        for target in re.findall(r"\bmake ([a-z-]+)", command):
            assert target in TARGETS, command
        for file in re.findall(r"[\w./-]+\.(?:py|ipynb)\b|\.ci/run", command):
            assert (ROOT / file).is_file(), command
        ours = re.match(
            r"make [a-z-]+$|bash \.ci/run$|python tools/setup_env\.py |\.venv\\Scripts\\python ", command
        )
        assert ours, f"{command}: not a command of the course"


def test_the_tests_run_on_every_python_that_is_supported():
    jobs = yaml.safe_load((ROOT / ".github" / "workflows" / "test.yml").read_text(encoding="utf-8"))["jobs"]
    supported = SpecifierSet(PROJECT["requires-python"])
    wanted = [f"3.{minor}" for minor in range(30) if supported.contains(f"3.{minor}.0")]
    assert jobs["units"]["strategy"]["matrix"]["python"] == wanted
    assert jobs["windows"]["strategy"]["matrix"]["python"] == [wanted[0], wanted[-1]]


def test_actions_of_one_name_have_one_version():
    used = {}
    for path in WORKFLOWS:
        for action, version in re.findall(r"uses: (\S+)@(\S+)", path.read_text(encoding="utf-8")):
            used.setdefault(action, set()).add(version)
    assert used and all(len(versions) == 1 for versions in used.values()), used


# --- issue forms, dependabot, hooks, dev container ----------------------------------------------------


def test_a_problem_is_reported_with_what_the_doctor_says():
    form = yaml.safe_load((ROOT / ".github" / "ISSUE_TEMPLATE" / "problem.yml").read_text(encoding="utf-8"))
    fields = {field["id"]: field for field in form["body"] if "id" in field}
    assert fields["doctor"]["validations"]["required"]
    said = fields["doctor"]["attributes"]["description"]
    assert "make doctor" in said and "doctor" in TARGETS and "python -m course_utils.doctor" in said
    for link in re.findall(r"\.\./blob/main/([\w./-]+)", json.dumps(form)):
        assert (ROOT / link).is_file() and load().branch == "main"


def test_dependabot_looks_where_something_is_pinned():
    updates = yaml.safe_load((ROOT / ".github" / "dependabot.yml").read_text(encoding="utf-8"))["updates"]
    folders = {update["directory"]: update["package-ecosystem"] for update in updates}
    assert folders == {"/": "github-actions", "/site": "pip"}
    assert (ROOT / "site" / "requirements.txt").is_file()


def test_the_hooks_are_valid_and_call_make():
    file = ROOT / ".pre-commit-config.yaml"
    command = [sys.executable, "-m", "pre_commit", "validate-config"]
    assert subprocess.run([*command, str(file)], capture_output=True).returncode == 0
    [repository] = yaml.safe_load(file.read_text(encoding="utf-8"))["repos"]
    entries = {hook["id"]: hook["entry"] for hook in repository["hooks"]}
    assert entries == {"lint": "make lint", "parity": "make parity"} and set(entries) <= TARGETS


def test_a_misspelled_hook_is_refused(tmp_path):
    text = (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8").replace("entry:", "enter:")
    mistaken = tmp_path / "hooks.yaml"
    mistaken.write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "pre_commit", "validate-config", str(mistaken)]
    assert subprocess.run(command, capture_output=True).returncode == 1


def test_spelling_is_checked_and_a_slip_is_seen(tmp_path):
    command = [sys.executable, "-m", "codespell_lib"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, f"make lint says:\n{done.stdout}"
    slip = tmp_path / "slip.md"
    slip.write_text("We recieve it.", encoding="utf-8")
    assert "receive" in subprocess.run([*command, str(slip)], cwd=ROOT, capture_output=True, text=True).stdout


def test_the_dev_container_sets_up_the_course():
    container = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text(encoding="utf-8"))
    assert {"name", "image"} <= set(container)
    assert re.fullmatch(r"make ([a-z-]+)", container["postCreateCommand"])[1] in TARGETS
    version = re.search(r"python:(?:\d+-)?(\d\.\d+)", container["image"])[1]
    assert SpecifierSet(PROJECT["requires-python"]).contains(f"{version}.0")
    interpreter = container["customizations"]["vscode"]["settings"]["python.defaultInterpreterPath"]
    assert interpreter == "${containerWorkspaceFolder}/.venv/bin/python"


# --- changelog ----------------------------------------------------------------------------------------


def test_the_changelog_keeps_its_form():
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    heads = re.findall(r"^## (.*)$", text, re.MULTILINE)
    assert heads[0].startswith("[Unreleased]") and PROJECT["version"] in heads[0] + "".join(heads[1:])
    for head in heads[1:]:
        assert re.fullmatch(r"\[\d+\.\d+\.\d+\] – \d{4}-\d\d-\d\d", head), head
    kinds = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}
    assert set(re.findall(r"^### (.*)$", text, re.MULTILINE)) <= kinds


def test_what_the_changelog_calls_a_command_is_one():
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert set(re.findall(r"`make ([a-z-]+)`", text)) <= TARGETS
