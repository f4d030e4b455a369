"""A JupyterHub with its proxy on this machine, and students who log in and run cells, as browsers do it."""

from __future__ import annotations

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import uuid
from pathlib import Path
from urllib.parse import quote

import psutil
import requests
import websocket

from tools.hub.environment import HubError, program, proxy
from tools.notebooks.catalogue import ROOT

SHIPPED = ROOT / "hub" / "tljh" / "course.py"
PASSWORD = "class"
CONFIG = """
load_subconfig({shipped!r})
c = get_config()
c.JupyterHub.bind_url = "http://127.0.0.1:{public}"
c.JupyterHub.hub_bind_url = "http://127.0.0.1:{hub}"
c.ConfigurableHTTPProxy.should_start = False  # a service of its own, as both distributions have it
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{api}"
c.ConfigurableHTTPProxy.auth_token = {token!r}
c.JupyterHub.db_url = "sqlite:///{folder}/hub.sqlite"
c.JupyterHub.cookie_secret_file = "{folder}/cookie_secret"
c.JupyterHub.authenticator_class = "dummy"
c.Authenticator.allow_all = True
c.DummyAuthenticator.password = {password!r}
c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = "{folder}/homes/{{username}}"
c.Spawner.cmd = [{singleuser!r}, "--allow-root"]
c.Spawner.environment = dict(c.Spawner.environment, JUPYTER_PATH="{folder}/jupyter")
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def until(what: str, ready, seconds: float = 120):
    """What ``ready()`` returns as soon as it is true. Raises HubError after ``seconds``."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if answer := ready():
                return answer
        except requests.ConnectionError:
            pass
        time.sleep(0.2)
    raise HubError(f"Waited {seconds:.0f} s in vain: {what}")


class Classroom:
    """Hub and proxy, each a process of its own. ``folder`` receives homes, database and logs."""

    def __init__(self, folder: Path, extra: str = ""):
        self.folder = folder
        self.public, self.port, self.api = free_port(), free_port(), free_port()
        self.url = f"http://127.0.0.1:{self.public}"
        self.log = folder / "hub.log"
        self._token = secrets.token_hex(16)
        kernel = folder / "jupyter" / "kernels" / "python3"
        kernel.mkdir(parents=True)  # and so folder
        argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        kernel.joinpath("kernel.json").write_text(
            json.dumps({"argv": argv, "display_name": "Python 3", "language": "python"}), encoding="utf-8"
        )
        (folder / "homes").mkdir()
        config = CONFIG.format(
            shipped=str(SHIPPED), public=self.public, hub=self.port, api=self.api, token=self._token,
            folder=folder, password=PASSWORD, singleuser=str(program("jupyterhub-singleuser")),
        )  # fmt: skip
        (folder / "jupyterhub_config.py").write_text(config + extra, encoding="utf-8")

    def __enter__(self) -> Classroom:
        try:
            self._proxy = self._start([
                proxy(), "--ip=127.0.0.1", f"--port={self.public}",
                "--api-ip=127.0.0.1", f"--api-port={self.api}", f"--default-target=http://127.0.0.1:{self.port}",
            ])  # fmt: skip
            self.start_hub()
        except BaseException:
            self.__exit__()
            raise
        return self

    def start_hub(self) -> None:
        """Raises HubError when it does not answer within two minutes."""
        self._hub = self._start([program("jupyterhub"), "-f", self.folder / "jupyterhub_config.py"])
        until(f"the hub to answer; see {self.log}", lambda: requests.get(f"{self.url}/hub/health").ok)

    def stop_hub(self, how: signal.Signals) -> None:
        """Send ``how`` to the hub alone, and wait until it is gone."""
        self._hub.send_signal(how)
        self._hub.wait(120)

    def unknown_settings(self) -> list[str]:
        """What JupyterHub said it does not know in its configuration: a misspelled name is no error to it."""
        return [
            line for line in self.log.read_text(encoding="utf-8").splitlines() if "not recognized" in line
        ]

    def __exit__(self, *_) -> None:
        servers = [process for student in self.folder.glob("homes/*") for process in processes(student)]
        for process in [
            *servers,
            *(p for p in (getattr(self, "_hub", None), getattr(self, "_proxy", None)) if p),
        ]:
            try:
                process.kill()
            except (psutil.NoSuchProcess, ProcessLookupError):
                continue

    def _start(self, command: list) -> subprocess.Popen:
        path = os.pathsep.join([str(proxy().parent), os.environ.get("PATH", "")])
        environment = os.environ | {"CONFIGPROXY_AUTH_TOKEN": self._token, "PATH": path}
        with self.log.open("ab") as log:
            return subprocess.Popen(
                list(map(str, command)), cwd=self.folder, env=environment, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip


def processes(home: Path) -> list[psutil.Process]:
    """A student's processes: those whose HOME is ``home``."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("HOME") == str(home):
                found.append(process)
        except psutil.Error:
            continue
    return found


class Student:
    """One who logs in through the form; what follows goes through the proxy, with a token."""

    def __init__(self, room: Classroom, name: str):
        self.room, self.name = room, name
        self.home = room.folder / "homes" / name
        self.seconds_to_spawn = 0.0
        self._web = requests.Session()
        self._channel: websocket.WebSocket | None = None
        self.kernel = ""

    def log_in(self) -> None:
        login = f"{self.room.url}/hub/login"
        self._web.get(login).raise_for_status()
        form = {
            "username": self.name,
            "password": PASSWORD,
            "_xsrf": self._web.cookies.get("_xsrf", path="/hub/"),
        }
        self._web.post(login, data=form, allow_redirects=False).raise_for_status()
        answer = self._web.post(
            f"{self.room.url}/hub/api/users/{self.name}/tokens",
            headers={"X-XSRFToken": self._web.cookies.get("_xsrf", path="/hub/")}, json={"note": "class"},
        )  # fmt: skip
        if answer.status_code != 201:
            raise HubError(f"{self.name} could not log in: {answer.status_code} {answer.text[:200]}")
        self._web = requests.Session()
        self._web.headers["Authorization"] = f"token {answer.json()['token']}"

    def ready(self) -> bool:
        """Whether the hub knows this student's server as running."""
        answer = self._web.get(f"{self.room.url}/hub/api/users/{self.name}")
        answer.raise_for_status()
        return bool(answer.json()["servers"].get("", {}).get("ready"))

    def spawn(self) -> None:
        """Ask for a server and wait until the hub says that it is ready; keeps the seconds."""
        start = time.monotonic()
        url = f"{self.room.url}/hub/api/users/{self.name}/server"
        # 429: the hub starts as many at a time as it may, and asks the others to come again.
        until(
            f"a place in the queue for {self.name}",
            lambda: self._web.post(url).status_code in (201, 202),
            300,
        )
        until(f"the server of {self.name}", self.ready, 300)
        self.seconds_to_spawn = time.monotonic() - start

    def open_kernel(self) -> None:
        answer = self._web.post(f"{self._server}/api/kernels", json={"name": "python3"})
        answer.raise_for_status()
        self.kernel = answer.json()["id"]
        self.connect()

    def connect(self) -> None:
        """Open the kernel's channels: at first, or again as a browser does after a reload."""
        url = self._server.replace("http", "ws", 1) + f"/api/kernels/{self.kernel}/channels"
        token = self._web.headers["Authorization"]
        self._channel = websocket.create_connection(url, header={"Authorization": token}, timeout=900)

    def execute(self, code: str) -> str:
        """Run one cell; what it printed. Raises HubError when it raises, or when the kernel is lost."""
        message = {
            "header": {"msg_id": uuid.uuid4().hex, "msg_type": "execute_request", "version": "5.3",
                       "username": "", "session": ""},
            "parent_header": {}, "metadata": {}, "channel": "shell", "buffers": [],
            "content": {"code": code, "silent": False, "store_history": True, "user_expressions": {},
                        "allow_stdin": False, "stop_on_error": True},
        }  # fmt: skip
        self._channel.send(json.dumps(message))
        printed = ""
        while True:
            answer = json.loads(self._channel.recv())
            kind, content = answer["msg_type"], answer["content"]
            if kind == "status" and content["execution_state"] in ("restarting", "dead"):
                raise HubError(f"The kernel of {self.name} died.")
            if answer["parent_header"].get("msg_id") != message["header"]["msg_id"]:
                continue
            if kind == "stream":
                printed += content["text"]
            elif kind == "error":
                raise HubError(f"{self.name}: {content['ename']}: {content['evalue']}")
            elif kind == "status" and content["execution_state"] == "idle":
                return printed

    def close_kernel(self) -> None:
        self._channel.close()
        self._web.delete(f"{self._server}/api/kernels/{self.kernel}").raise_for_status()

    @property
    def _server(self) -> str:
        return f"{self.room.url}/user/{quote(self.name)}"


def processor_seconds(student: Student) -> float:
    """What the student's living processes have taken of the processor."""
    total = 0.0
    for process in processes(student.home):
        try:
            total += sum(process.cpu_times()[:2])
        except psutil.Error:
            continue
    return total


def memory(student: Student) -> float:
    """What the student's processes take, MiB: their proportional set size, shared pages divided among all."""
    total = 0
    for process in processes(student.home):
        try:
            total += process.memory_full_info().pss
        except psutil.Error:
            continue
    return total / 2**20
