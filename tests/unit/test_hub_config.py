"""The files for a class's JupyterHub: keys and types, mutations, one story in both, measured sizes."""

import copy
import json

import jsonschema
import pytest
import yaml
from traitlets.config import Config

from tools.hub import load, page
from tools.notebooks.catalogue import ROOT

SCHEMAS = yaml.safe_load((ROOT / "tests" / "unit" / "hub_schemas.yaml").read_text(encoding="utf-8"))
FILES = {"tljh": ROOT / "hub" / "tljh" / "config.yaml", "z2jh": ROOT / "hub" / "z2jh" / "values.yaml"}


def shipped(name):
    return yaml.safe_load(FILES[name].read_text(encoding="utf-8"))


def validate(name, values):
    jsonschema.validate(values, {**SCHEMAS, **SCHEMAS[name]}, cls=jsonschema.Draft7Validator)


def course_settings():
    """What hub/tljh/course.py sets, read as JupyterHub reads it."""
    config = Config()
    source = (ROOT / "hub" / "tljh" / "course.py").read_text(encoding="utf-8")
    exec(compile(source, "course.py", "exec"), {"get_config": lambda: config})
    return config


@pytest.mark.parametrize("name", FILES)
def test_the_file_has_only_keys_that_exist_with_values_of_their_types(name):
    validate(name, shipped(name))


@pytest.mark.parametrize(
    ("name", "path", "value"),
    [
        ("tljh", "limits.memory", 3),  # a number is not "3G"
        ("tljh", "services.cull.timout", 600),
        ("tljh", "user_environment.default_app", "lab"),
        ("tljh", "limit", {"memory": "2G"}),
        ("tljh", "auth.create_users", False),  # belongs below a class
        ("z2jh", "singleuser.memory.limt", "2G"),
        ("z2jh", "cull.enabled", "yes"),
        ("z2jh", "prepuller", {"hook": {"enabled": True}}),
        ("z2jh", "singleuser.extraEnv.OMP_NUM_THREADS", 1),  # Kubernetes takes strings alone
        ("z2jh", "singleuser.cmd", "jupyterhub-singleuser --ServerApp.root_dir=/home/jovyan"),
    ],
)
def test_a_mistake_is_found(name, path, value):
    values = copy.deepcopy(shipped(name))
    *above, last = path.split(".")
    place = values
    for key in above:
        place = place[key]
    place[last] = value
    with pytest.raises(jsonschema.ValidationError):
        validate(name, values)


def test_a_restart_of_the_hub_takes_nothing_along():
    for settings in (course_settings()["JupyterHub"], shipped("z2jh")["hub"]["config"]["JupyterHub"]):
        assert settings["cleanup_servers"] is False and settings["cleanup_proxy"] is False


def test_both_hubs_tell_the_same_story():
    tljh, z2jh = shipped("tljh"), shipped("z2jh")
    assert tljh["limits"] == {
        "memory": z2jh["singleuser"]["memory"]["limit"],
        "cpu": z2jh["singleuser"]["cpu"]["limit"],
    }
    assert tljh["services"]["cull"] == z2jh["cull"]
    in_hub = z2jh["hub"]["config"]
    assert tljh["auth"]["type"] == in_hub["JupyterHub"]["authenticator_class"]
    assert tljh["users"] == {
        "admin": in_hub["Authenticator"]["admin_users"],
        "allowed": in_hub["Authenticator"]["allowed_users"],
    }
    kernels = "--MappingKernelManager.cull_idle_timeout=1800"
    assert kernels in course_settings()["Spawner"]["args"] and kernels in z2jh["singleuser"]["cmd"]


def test_the_course_writes_into_the_home_and_lies_outside_it():
    z2jh = shipped("z2jh")["singleuser"]
    home = z2jh["storage"]["homeMountPath"]
    assert z2jh["extraEnv"]["STALE_PRICES_HOME"].startswith(f"{home}/")
    assert f"--ServerApp.root_dir={home}" in z2jh["cmd"]
    assert course_settings()["Spawner"]["environment"]["STALE_PRICES_HOME"].startswith("~/")
    text = page.PAGE.read_text(encoding="utf-8")
    assert (
        "--target-repo-dir /srv/course" in text
        and "/srv/course" in text.partition("## Zero to JupyterHub")[0]
    )


# --- what was measured --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def measured():
    return json.loads(load.RECORD.read_text(encoding="utf-8"))


def test_the_recorded_class_lost_nothing_and_no_cell_failed(measured):
    assert load.problems(measured) == []
    assert measured["students"] >= 30 and [rung["at_once"] for rung in measured["ladder"]] == [2, 4, 8]


def test_a_failure_would_be_told(measured):
    for path, value in {"survived": {"SIGKILL": False}, "lost_without_our_settings": False}.items():
        assert load.problems({**measured, path: value})
    assert load.problems({**measured, "unknown_settings": ["Config option `typo` not recognized"]})


def test_the_limit_leaves_room_above_the_measured_peak(measured):
    peak = page.peak(measured) / 1024 * 1.0737  # GiB → GB
    singleuser = shipped("z2jh")["singleuser"]["memory"]
    limit, guarantee = (float(singleuser[key].removesuffix("G")) for key in ("limit", "guarantee"))
    assert 2 * peak <= limit and peak <= guarantee, f"a student takes up to {peak:.2f} GB"


def test_the_page_tells_what_was_measured(measured):
    assert page.PAGE.read_text(encoding="utf-8") == page.generated(page.PAGE.read_text(encoding="utf-8"))


def test_the_pages_sums_follow_from_the_measurement():
    one = {
        "idle_server_pss_mib": {"mean": 100, "most": 110},
        "ladder": [
            {
                "at_once": 1,
                "peak_pss_mib_each": [924],
                "processor_seconds_each": [60.0],
                "seconds_each": [50.0],
            }
        ],
    }
    # 2 GiB for the machine itself, then 30 × 100 MiB and 10 × (924 - 100) MiB.
    assert page.memory_needed(one, students=30, at_once=10) == pytest.approx(2 + (3000 + 8240) / 1024)
    assert page.seconds_needed(one, at_once=10, cores=8) == pytest.approx(75)
    assert page.seconds_needed(one, at_once=2, cores=8) == 60  # never faster than one alone on one core
