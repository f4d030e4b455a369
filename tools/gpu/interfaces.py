"""What the libraries of the GPU lane offer, read from their source without importing them.

Unsloth cannot be imported without a GPU and Axolotl does not fit into the course's environment, yet every
call and every configuration key has to be right. So both are read as text.

    python -m tools.gpu.interfaces record    read the pinned wheels, write tests/unit/interfaces.json
    python -m tools.gpu.interfaces drift     compare our calls with the newest releases; exit 1 on a misfit

Both fetch wheels with pip. The tests need neither: they compare the calls with the recorded interfaces, and
with the installed transformers, TRL and PEFT.
"""

from __future__ import annotations

import argparse
import ast
import email
import hashlib
import json
import re
import subprocess
import sys
import tempfile
import tomllib
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.notebooks.catalogue import ROOT

RECORDED = ROOT / "tests" / "unit" / "interfaces.json"
AXOLOTL = "0.21.0"  # the release that lessons/axolotl/qlora.yml is written for
SOURCES = (
    *sorted((ROOT / "course_utils" / "finetuning").glob("*.py")),
    ROOT / "tools" / "gpu" / "record.py",
    ROOT / "solutions" / "10_gpu_lab.py",
)
PACKAGES = (
    "unsloth",
    "unsloth_zoo",
    "trl",
    "transformers",
    "peft",
    "bitsandbytes",
    "datasets",
    "safetensors",
)

# Methods of objects that these libraries make: the source does not say whose method it is.
METHODS = {
    "save_pretrained": "peft.PeftModel.save_pretrained",
    "load_adapter": "peft.PeftModel.load_adapter",
    "set_adapter": "peft.PeftModel.set_adapter",
    "get_base_model": "peft.PeftModel.get_base_model",
    "num_parameters": "transformers.PreTrainedModel.num_parameters",
    "apply_chat_template": "transformers.PreTrainedTokenizerBase.apply_chat_template",
}
# Where Unsloth defines what it exports: the names it exports are wrappers that take anything.
UNSLOTH = {
    "unsloth.FastLanguageModel.from_pretrained": ("unsloth/models/loader.py", "FastLanguageModel"),
    "unsloth.FastLanguageModel.get_peft_model": ("unsloth/models/llama.py", "FastLlamaModel"),
}
# Its backend for machines without a GPU has to take the same calls, or it could not stand in for it in tests.
UNSLOTH_CPU = {name: ("unsloth_zoo/cpu/loader.py", "FastCPUModel") for name in UNSLOTH}


class InterfaceError(Exception):
    """Something cannot be read; the message says what to do."""


# --- what the course calls ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Call:
    name: str  # dotted, as exported: "trl.SFTConfig"
    positional: int
    keywords: tuple[str, ...]
    where: str  # "recipe.py:57"

    def __str__(self) -> str:
        return f"{self.where}: {self.name}({', '.join([*'_' * self.positional, *self.keywords])})"


def calls(paths: Sequence[Path] = SOURCES) -> list[Call]:
    """Every call of one of ``PACKAGES`` in the sources, and of the methods in ``METHODS``."""
    return [call for path in paths for call in _calls(ast.parse(path.read_text(encoding="utf-8")), path.name)]


def _calls(tree: ast.Module, file: str) -> Iterator[Call]:
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names |= {a.asname or a.name: f"{node.module}.{a.name}" for a in node.names}
        elif isinstance(node, ast.Import):
            names |= {a.asname or a.name: a.name for a in node.names}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = _dotted(node.func, names)
        if name is None:
            continue
        keywords = tuple(k.arg if k.arg is not None else "**" for k in node.keywords)
        yield Call(name, len(node.args), keywords, f"{file}:{node.lineno}")


def _dotted(function: ast.expr, names: dict[str, str]) -> str | None:
    parts: list[str] = []
    while isinstance(function, ast.Attribute):
        parts.insert(0, function.attr)
        function = function.value
    if isinstance(function, ast.Name) and function.id in names:
        name = ".".join([names[function.id], *parts])
        if name.split(".")[0] in PACKAGES:
            return name
    return METHODS.get(parts[-1]) if parts else None


# --- what a library offers ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Offer:
    """The parameters of a function or class, without ``self``.

    ``many``: it takes ``*args`` too; ``anything``: ``**kwargs`` too.
    """

    parameters: tuple[str, ...]
    required: tuple[str, ...] = ()
    many: bool = False
    anything: bool = False

    def misfit(self, call: Call, passed_through: frozenset[str] = frozenset()) -> str | None:
        """What is wrong with ``call``, None when it fits.

        A keyword that only ``**kwargs`` would take is wrong unless it is named in ``passed_through``: a name
        that the library has dropped would vanish there without an error.
        """
        if "**" in call.keywords:
            return f"{call}: unpacks a dictionary, which cannot be checked; write the keywords out"
        unknown = set(call.keywords) - set(self.parameters) - passed_through
        if unknown:
            return f"{call}: no parameter {', '.join(sorted(unknown))}"
        if call.positional > len(self.parameters) and not self.many:
            return f"{call}: takes at most {len(self.parameters)} positional arguments"
        missing = set(self.required) - set(self.parameters[: call.positional]) - set(call.keywords)
        return f"{call}: needs {', '.join(sorted(missing))}" if missing else None


class Library:
    """The sources below ``root``: an unpacked wheel, or an environment's site-packages."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def offer(self, name: str) -> Offer:
        """The signature behind the exported ``name``, such as ``peft.PeftModel.from_pretrained``."""
        package, path = self._place(name)
        for node in self._definitions(package, path[0]):
            if isinstance(node, ast.ClassDef):
                if len(path) > 1:
                    method = self._method(package, node, path[1])
                    if method is not None:
                        return signature(method)
                    continue
                made = self._method(package, node, "__init__")
                return signature(made) if made is not None else self.fields(package, node)
            if len(path) == 1:
                return signature(node)
        raise InterfaceError(f"{package} no longer has {'.'.join(path)}.")

    def exported(self, name: str) -> bool:
        """Whether the package's ``__init__`` mentions the exported name at all, or its module defines it."""
        package, (owner, *_) = self._place(name)
        if package.endswith(".py"):
            return any(self._definitions(package, owner))
        text = (self.root / package / "__init__.py").read_text(encoding="utf-8")
        if re.search(rf"\b{owner}\b", text):
            return True
        # transformers collects its names from its modules' __all__ when it is imported.
        return "define_import_structure" in text and any(self._definitions(package, owner))

    def method_of(self, file: str, owner: str, method: str) -> Offer:
        """The signature of a method where its file is known."""
        path = self.root / file
        if path.is_file():
            for node in ast.parse(path.read_text(encoding="utf-8")).body:
                if isinstance(node, ast.ClassDef) and node.name == owner:
                    for item in node.body:
                        if isinstance(item, ast.FunctionDef) and item.name == method:
                            return signature(item)
        raise InterfaceError(f"{file} no longer has {owner}.{method}.")

    def fields(self, package: str, node: ast.ClassDef) -> Offer:
        """The fields of a dataclass or pydantic model, inherited ones first; an alias counts as a name."""
        names: dict[str, None] = {}
        for base in node.bases:
            name = base.attr if isinstance(base, ast.Attribute) else getattr(base, "id", None)
            for other in [package, *(p for p in PACKAGES if p != package)]:
                found = next((d for d in self._definitions(other, name) if isinstance(d, ast.ClassDef)), None)
                if name and found is not None:
                    names |= dict.fromkeys(self.fields(other, found).parameters)
                    break
        for item in node.body:
            if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name):
                names[item.target.id] = None
                if isinstance(item.value, ast.Call):
                    aliases = [k.value for k in item.value.keywords if k.arg == "alias"]
                    names |= {a.value: None for a in aliases if isinstance(a, ast.Constant)}
        return Offer(tuple(names))

    def _place(self, name: str) -> tuple[str, list[str]]:
        """Where to look for a dotted name, in a package or in the one module that it names, and for what."""
        package, *path = name.split(".")
        module = f"{package}/{path[0]}.py"
        return (module, path[1:]) if (self.root / module).is_file() else (package, path)

    def _method(self, package: str, node: ast.ClassDef, name: str) -> ast.FunctionDef | None:
        found = [i for i in node.body if isinstance(i, ast.FunctionDef) and i.name == name]
        if found:
            return found[-1]
        for base in node.bases:
            for parent in self._definitions(package, getattr(base, "id", "")):
                if isinstance(parent, ast.ClassDef) and parent is not node:
                    inherited = self._method(package, parent, name)
                    if inherited is not None:
                        return inherited
        return None

    def _definitions(self, package: str, name: str | None) -> Iterator[ast.ClassDef | ast.FunctionDef]:
        """The top-level definitions of ``name`` in a package or module; of an overloaded one the last."""
        if not name:
            return
        place = self.root / package
        wanted = re.compile(rf"^(?:class|def) {re.escape(name)}\b", re.MULTILINE)
        for path in [place] if place.is_file() else sorted(place.rglob("*.py")):
            text = path.read_text(encoding="utf-8", errors="replace")
            if not wanted.search(text):
                continue
            kinds = (ast.ClassDef, ast.FunctionDef)
            body = [n for n in ast.parse(text).body if isinstance(n, kinds) and n.name == name]
            yield from body[-1:]


def signature(node: ast.FunctionDef) -> Offer:
    given = node.args
    names = [a.arg for a in given.posonlyargs + given.args]
    defaults = len(given.defaults)
    required = names[: len(names) - defaults] if defaults else list(names)
    required += [a.arg for a, d in zip(given.kwonlyargs, given.kw_defaults, strict=True) if d is None]
    bound = names[:1] in (["self"], ["cls"])
    names = [*names[bound:], *(a.arg for a in given.kwonlyargs)]
    required = [name for name in required if name in names]
    return Offer(tuple(names), tuple(required), given.vararg is not None, given.kwarg is not None)


# --- wheels -------------------------------------------------------------------------------------------


def fetch(requirement: str, folder: Path, python: str | None = None) -> Path:
    """Download one wheel without its dependencies. Raises InterfaceError when it cannot be had."""
    # The version is asked for Python 3.12, Colab's; what is only read need not run here.
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
    command += ["--python-version", python or "3.12", "--dest", str(folder), requirement]
    before = set(folder.glob("*.whl"))
    done = subprocess.run(command, capture_output=True, text=True)
    new = set(folder.glob("*.whl")) - before
    if done.returncode or len(new) != 1:
        raise InterfaceError(f"pip cannot fetch {requirement}: {done.stderr.strip()[-300:]}")
    return new.pop()


def unpack(wheel: Path, root: Path) -> dict[str, object]:
    """Unpack the Python files of ``wheel`` into ``root``; its version, hash and requirements."""
    with zipfile.ZipFile(wheel) as archive:
        metadata = ""
        for name in archive.namelist():
            if name.endswith(".py"):
                archive.extract(name, root)
            elif name.endswith(".dist-info/METADATA"):
                metadata = archive.read(name).decode("utf-8")
    message = email.message_from_string(metadata)
    requires = [r for r in message.get_all("Requires-Dist", []) if "extra ==" not in r]
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    return {"version": message["Version"], "wheel_sha256": digest, "requires": requires}


def pinned_gpu() -> dict[str, str]:
    """Unsloth's two packages and their versions, from pyproject.toml's extra ``gpu``."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    pins = (requirement.split("==") for requirement in project["optional-dependencies"]["gpu"])
    return {name.strip(): version.strip() for name, version in pins}


def hub_ids(library: Library) -> set[str]:
    """The hub ids in Unsloth's model table."""
    text = (library.root / "unsloth/models/mapper.py").read_text(encoding="utf-8")
    return set(re.findall(r'"(unsloth/[^"]+)"', text))


def axolotl_keys(library: Library) -> dict[str, object]:
    """Axolotl's published keys, read from its schema: those of the whole, of a dataset, the deprecated."""
    schemas = library.root / "axolotl/utils/schemas"
    enums = ast.parse((schemas / "enums.py").read_text(encoding="utf-8"))
    constants = {
        node.targets[0].id: {n.value for n in ast.walk(node.value) if isinstance(n, ast.Constant)}
        for node in enums.body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }

    def fields(owner: str) -> list[str]:
        node = next(library._definitions("axolotl", owner))
        return sorted(library.fields("axolotl", node).parameters)

    text = (schemas / "config.py").read_text(encoding="utf-8") + (schemas / "deprecated.py").read_text(
        "utf-8"
    )
    commands = re.findall(r"^def (\w+)\(", (library.root / "axolotl/cli/main.py").read_text("utf-8"), re.M)
    return {
        "keys": fields("AxolotlInputConfig"),
        "dataset_keys": fields("SFTDataset"),
        "deprecated": sorted(
            set(re.findall(r"^    (\w+):[^=]+= Field\((?:[^()]*?)\bdeprecated=", text, re.M))
        ),
        "attention": sorted(constants["CANONICAL_ATTN_IMPLS"]),
        "commands": sorted(commands),
    }


# --- the two commands ---------------------------------------------------------------------------------


def record() -> None:
    from course_utils.finetuning import hub_models

    found: dict[str, dict[str, object]] = {}
    with tempfile.TemporaryDirectory(prefix="stale-prices-") as folder:
        library = Library(Path(folder, "sources"))
        for package, version in {**pinned_gpu(), "axolotl": AXOLOTL}.items():
            found[package] = unpack(fetch(f"{package}=={version}", Path(folder)), library.root)
        for package, places in (("unsloth", UNSLOTH), ("unsloth_zoo", UNSLOTH_CPU)):
            offers = {n: library.method_of(*place, n.split(".")[-1]) for n, place in places.items()}
            found[package]["calls"] = {n: vars(offer) for n, offer in offers.items()}
        found["unsloth"]["hub_models"] = sorted({m.id for m in hub_models.MODELS} & hub_ids(library))
        found["axolotl"] |= axolotl_keys(library)
        del found["axolotl"]["requires"]  # it never shares an environment with the course
    RECORDED.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"wrote {RECORDED.relative_to(ROOT)}")


def drift() -> list[str]:
    """Fetch the newest releases and say what of the course no longer fits them."""
    problems: list[str] = []
    with tempfile.TemporaryDirectory(prefix="stale-prices-") as folder:
        library = Library(Path(folder, "sources"))
        for package in ("unsloth", "unsloth_zoo", "trl", "transformers", "peft", "axolotl"):
            found = unpack(fetch(package, Path(folder)), library.root)
            print(f"{package} {found['version']}")
        problems += misfits(library)
        missing = used_hub_ids() - hub_ids(library)
        problems += [f"Unsloth's model table no longer lists {name}" for name in sorted(missing)]
        problems += axolotl_problems(axolotl_keys(library))
    return problems


# AutoModel and AutoTokenizer hand everything on to the class they choose.
PASSED_THROUGH = {
    "transformers.AutoModelForCausalLM.from_pretrained": frozenset(
        {"quantization_config", "dtype", "device_map"}
    ),
}


def misfits(library: Library) -> list[str]:
    """What is wrong with the course's calls when the libraries are those in ``library``."""
    problems = []
    offers: dict[str, Offer] = {}
    for call in calls():
        if not (library.root / call.name.split(".")[0]).is_dir():
            continue
        try:
            if call.name not in offers:
                offers[call.name] = _offer(library, call.name)
        except InterfaceError as problem:
            problems.append(f"{call}: {problem}")
            continue
        problem = offers[call.name].misfit(call, PASSED_THROUGH.get(call.name, frozenset()))
        problems += [problem] if problem else []
    return problems


def _offer(library: Library, name: str) -> Offer:
    if name in UNSLOTH:
        return library.method_of(*UNSLOTH[name], name.split(".")[-1])
    if not library.exported(name):
        raise InterfaceError(f"{name.split('.')[0]} no longer exports it")
    return library.offer(name)


def used_hub_ids() -> set[str]:
    from course_utils.finetuning import hub_models

    return {model.id for model in hub_models.MODELS}


def axolotl_problems(published: dict) -> list[str]:
    """What of lessons/axolotl/qlora.yml does not fit the ``published`` keys (see :func:`axolotl_keys`)."""
    import yaml

    config = yaml.safe_load((ROOT / "lessons/axolotl/qlora.yml").read_text(encoding="utf-8"))
    problems = [f"Axolotl has no key {key}" for key in config if key not in published["keys"]]
    problems += [f"Axolotl calls {key} deprecated" for key in config if key in published["deprecated"]]
    for dataset in config["datasets"]:
        keys = published["dataset_keys"]
        problems += [f"Axolotl's datasets have no key {key}" for key in dataset if key not in keys]
    if config["attn_implementation"] not in published["attention"]:
        problems.append(f"Axolotl has no attention {config['attn_implementation']}")
    if "train" not in published["commands"]:
        problems.append("Axolotl has no command `train`")
    return problems


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tools.gpu.interfaces", description=__doc__.splitlines()[0]
    )
    parser.add_argument("command", choices=["record", "drift"])
    command = parser.parse_args(arguments).command
    try:
        if command == "record":
            record()
            return 0
        problems = drift()
    except InterfaceError as problem:
        print(problem, file=sys.stderr)
        return 2
    print("\n".join(problems) if problems else "Every call and every key fits the newest releases.")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
