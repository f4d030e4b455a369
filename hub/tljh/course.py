# Copy to /opt/tljh/config/jupyterhub_config.d/course.py. `make hub-test` runs a JupyterHub with it.
c = get_config()  # noqa: F821 - JupyterHub defines it

# A hub that stops, or is killed, leaves servers, kernels and routes alone, and finds them again.
c.JupyterHub.cleanup_servers = False
c.JupyterHub.cleanup_proxy = False

# When the whole class comes at once, ten servers start at a time and the others wait instead of failing.
c.JupyterHub.concurrent_spawn_limit = 10
c.Spawner.start_timeout = 180
c.Spawner.http_timeout = 120

c.Spawner.environment = {
    "STALE_PRICES_HOME": "~/stale-prices-files",  # the course itself lies in /srv/course
    "STALE_PRICES_MODEL": "tiny",  # smol would need four times the processor
    "HF_HUB_OFFLINE": "1",  # the embedding weights are installed
    "OMP_NUM_THREADS": "1",  # thirty share the cores
    "TOKENIZERS_PARALLELISM": "false",
    "ANONYMIZED_TELEMETRY": "False",
}

# A kernel that was forgotten gives its memory back after half an hour, also when its notebook is open.
c.Spawner.args = [
    "--MappingKernelManager.cull_idle_timeout=1800",
    "--MappingKernelManager.cull_interval=60",
    "--MappingKernelManager.cull_connected=True",
]
