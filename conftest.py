"""What every test run shares: it is offline, and parallel workers do not fight over the cores."""

import os

pytest_plugins = ["tests.notebooks.isolation"]

# Set before anything imports torch or a hub client, and inherited by the kernels of the notebooks.
os.environ["HF_HUB_OFFLINE"] = "1"
_workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
os.environ.setdefault("OMP_NUM_THREADS", str(max(1, (os.cpu_count() or 1) // _workers)))
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
