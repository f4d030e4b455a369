"""What every test run shares: it is offline, and parallel workers do not fight over the cores."""

import os

import joblib
import pytest

pytest_plugins = ["tests.notebooks.isolation"]

# Set before anything imports torch or a hub client, and inherited by the kernels of the notebooks.
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
# The small model, which is fast everywhere; what has to be tested with smol names it.
os.environ.setdefault("STALE_PRICES_MODEL", "tiny")


def pytest_configure(config: pytest.Config) -> None:
    """Divide the cores among the workers.

    The controller, which knows how many there are, is configured first, and its workers inherit what it sets.
    """
    workers = getattr(config.option, "numprocesses", None) or 1
    os.environ.setdefault("OMP_NUM_THREADS", str(max(1, joblib.cpu_count() // workers)))
