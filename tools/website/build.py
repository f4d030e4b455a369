"""Build the site from what the repository holds: ``make site``. It lands in build/site/html.

Sphinx has an environment of its own in build/site/environment, so that the course's stays as it is. Nothing
is executed. A warning, a link that leads nowhere and anything loaded from elsewhere are errors.
"""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from pathlib import Path

from tools.notebooks.catalogue import ROOT
from tools.website import links, pages

SITE = ROOT / "build" / "site"
CONFIGURATION = ROOT / "site"
HTML = SITE / "html"


def environment(folder: Path = SITE / "environment") -> Path:
    """The Python of Sphinx's environment, made anew when site/requirements.txt changed."""
    wanted = (CONFIGURATION / "requirements.txt").read_text(encoding="utf-8")
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    stamp = folder / "installed.txt"
    if not stamp.is_file() or stamp.read_text(encoding="utf-8") != wanted:
        venv.create(folder, clear=True, with_pip=True)
        command = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r"]
        subprocess.run([*command, str(CONFIGURATION / "requirements.txt")], check=True)
        stamp.write_text(wanted, encoding="utf-8")
    return python


def main() -> int:
    try:
        python = environment()
    except subprocess.CalledProcessError:
        print(
            "Sphinx could not be installed (see above); the site needs a package index once.", file=sys.stderr
        )
        return 1
    try:
        made = pages.assemble(SITE / "pages")
    except pages.PageError as problem:
        print(problem, file=sys.stderr)
        return 1
    sphinx = [str(python), "-m", "sphinx", "--builder", "html", "--quiet", "--fail-on-warning", "--fresh-env"]
    built = subprocess.run(
        [*sphinx, "--keep-going", "--conf-dir", str(CONFIGURATION), str(SITE / "pages"), str(HTML)], cwd=ROOT
    )
    if built.returncode:
        return built.returncode
    wrong = links.faults(HTML)
    print("\n".join(wrong) if wrong else f"{len(made)} pages: {HTML.relative_to(ROOT)}/index.html")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
