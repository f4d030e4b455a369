"""nbgitpuller links, one a lesson: a click puts the course into the student's home and opens the lesson.

    python -m tools.hub.links https://hub.example.org

A second click brings what changed since; what a student has changed stays as it is.
"""

from __future__ import annotations

import sys
from urllib.parse import urlencode

from tools.notebooks.catalogue import Catalogue, load


def link(hub: str, catalogue: Catalogue, path: str) -> str:
    """The link on ``hub`` that opens ``path`` of the course's repository in JupyterLab."""
    folder = catalogue.repository.rpartition("/")[2]
    query = {
        "repo": catalogue.repository_url(),
        "branch": catalogue.branch,  # left out, older nbgitpullers look for "master"
        "urlpath": f"lab/tree/{folder}/{path}",
    }
    return f"{hub.rstrip('/')}/hub/user-redirect/git-pull?{urlencode(query)}"


def lines(hub: str, catalogue: Catalogue) -> list[str]:
    """One line of Markdown for each lesson that is ready."""
    return [
        f"- [{lesson.number} · {lesson.title}]({link(hub, catalogue, f'lessons/{lesson.name}.ipynb')})"
        for lesson in catalogue.ready()
    ]


def main(arguments: list[str] | None = None) -> int:
    asked = sys.argv[1:] if arguments is None else arguments
    if len(asked) != 1 or not asked[0].startswith(("https://", "http://")):
        print("Name your hub: python -m tools.hub.links https://hub.example.org", file=sys.stderr)
        return 2
    print("\n".join(lines(asked[0], load())))
    return 0


if __name__ == "__main__":
    sys.exit(main())
