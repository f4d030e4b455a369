"""What ``make scale`` measured, as a table, and what follows from it for ten million pages."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from course_utils.costs.prices import price_table
from course_utils.paths import write_whole
from course_utils.recorded import retrieval

RECORD = Path(__file__).with_name("measured.json")
DOCS = Path(__file__).parents[2] / "docs" / "scale.md"
BEGIN, END = "<!-- generated: `python -m examples.scale.measure --record` -->", "<!-- end of generated -->"

PAGES = 10_000_000
WORKERS = 64  # cores that embed
USD_PER_CORE_HOUR = 0.05  # an assumption: change it to yours
CHARACTERS_A_TOKEN = 4  # of English; only for the price of a service that embeds
SERVER_GB = 64  # memory of one large but ordinary machine


@dataclass(frozen=True)
class Plan:
    """``PAGES`` pages from measured rates: nothing here was run."""

    chunks: float
    core_hours: float
    embedding_hours: float  # by WORKERS workers
    writing_hours: float  # if one server writes as fast as here, one batch after the other
    memory_gb: float  # of the server, with the graph
    disk_gb: float
    usd: float  # of the cores
    usd_by_service: float  # if a service embeds, by the course's price table

    @property
    def pages_that_fit(self) -> float:
        """Pages whose graph a server of SERVER_GB holds."""
        return PAGES * SERVER_GB / self.memory_gb


def plan(record: dict[str, Any]) -> Plan:
    """Straight proportion: as many chunks a page, as fast a worker, as large a row as was measured."""
    chunks = PAGES * record["chunks"] / record["pages"]
    fastest = max(record["speeds"], key=lambda speed: speed["workers"])
    core_hours = chunks / (fastest["chunks_a_second"] / fastest["workers"]) / 3600
    tokens = chunks * record["characters_a_chunk"] / CHARACTERS_A_TOKEN
    return Plan(
        chunks=chunks,
        core_hours=core_hours,
        embedding_hours=core_hours / WORKERS,
        writing_hours=chunks / record["rows_written_a_second"] / 3600,
        memory_gb=chunks * bytes_a_chunk()[1] / 1e9,
        disk_gb=chunks * record["disk_bytes_a_chunk"] / 1e9,
        usd=core_hours * USD_PER_CORE_HOUR,
        usd_by_service=tokens / 1e6 * price_table()["embedding_usd_per_million_tokens"].value,
    )


def bytes_a_chunk() -> tuple[int, float]:
    """The largest collection whose graph the course measured: chunks, and bytes of memory for each."""
    largest = max(retrieval()["growth"], key=lambda row: row["chunks"])
    return largest["chunks"], 1e6 * largest["hnsw_mb"] / largest["chunks"]


def as_markdown(record: dict[str, Any]) -> str:
    """The record in words and tables."""
    versions = ", ".join(f"{name} {version}" for name, version in record["versions"].items())
    base = record["speeds"][0]["chunks_a_second"]
    rows = [
        f"| {s['name']} | {s['chunks']:,} | {s['chunks_a_second']:.1f} | {s['chunks_a_second'] / base:.2f} | "
        f"{s['seconds']:.0f} s |"
        for s in record["speeds"]
    ]
    killed, gone, paper = record["node_killed"], record["server_killed"], plan(record)
    fifty = 50_000 / record["speeds"][-1]["chunks_a_second"] / 60
    return "\n".join(
        [
            f"Recorded on {record['date']}: {record['machine']}; {versions}. {record['pages']:,} pages, "
            f"{record['chunks']:,} chunks of {record['characters_a_chunk']:.0f} characters.",
            "",
            "| the same pages by | chunks | chunks a second | to one process | with start-up |",
            "|---|---|---|---|---|",
            *rows,
            "",
            _speed_up(record["speeds"]),
            "",
            f"At the last rate 50,000 chunks take {fifty:.0f} minutes on such a machine, and 50,000 pages "
            f"{fifty * record['chunks'] / record['pages'] / 60:.1f} hours.",
            "",
            "| fault | what happened |",
            "|---|---|",
            f"| the server is killed | the run ends and says: *{gone['said']}* "
            f"{gone['chunks_there_after']:,} chunks were written. |",
            f"| the server is started again, the same command run again, and a whole node killed after "
            f"{killed['after_chunks']:,} chunks | {killed['embedded']:,} chunks reported as "
            f"embedded in {killed['seconds']:.0f} s; of the {record['chunks']:,} that the server then has to "
            f"hold, {killed['lost']} are lost, {killed['doubled']} doubled |",
            "",
            "What the killed node had written without reporting it is found on the server and not embedded "
            "again, so the two numbers need not add up; what is stored is compared with what should be.",
            "",
            f"**On paper: {PAGES:,} pages**, by proportion from these rates; nothing of it was run.",
            "",
            "| | |",
            "|---|---|",
            f"| chunks | {paper.chunks / 1e6:.0f} million |",
            f"| embedding | {paper.core_hours:,.0f} core hours: {paper.embedding_hours:,.0f} hours with "
            f"{WORKERS} workers, ${paper.usd:,.0f} at ${USD_PER_CORE_HOUR:.2f} a core hour (an assumption) |",
            f"| … by a service, at the price in the course's table | ${paper.usd_by_service:,.0f} |",
            f"| writing, one batch after the other | {paper.writing_hours:,.0f} hours |",
            f"| the server's memory, as with {bytes_a_chunk()[0]:,} chunks | {paper.memory_gb:,.0f} GB |",
            f"| its disk | {paper.disk_gb:,.0f} GB |",
            "",
            f"**What breaks first** is the one server: its graph lives in memory, and {SERVER_GB} GB are "
            f"full at about {paper.pages_that_fit / 1e6:.1f} million pages. Embedding wants more workers; "
            "writing does not get faster by them, and takes "
            f"{paper.writing_hours / paper.embedding_hours:.1f} times as long as embedding with {WORKERS}.",
        ]
    )


def _speed_up(speeds: list[dict[str, Any]]) -> str:
    """What the speeds say about more workers."""
    times = speeds[-1]["chunks_a_second"] / speeds[0]["chunks_a_second"]
    if times >= 1.2:
        return f"{speeds[-1]['workers']} workers were {times:.1f} times as fast as one process."
    return (
        f"**No gain in speed here**: {speeds[-1]['workers']} workers were {times:.2f} times as fast as one "
        "process; the same cores also carried the server and Ray. This run shows that faults lose nothing. "
        "That more workers are faster it does not show: for that they need cores that are free."
    )


def between(text: str, new: str) -> str:
    """``text`` with what stands between the marks replaced."""
    head, rest = text.split(BEGIN)
    return f"{head}{BEGIN}\n\n{new}\n\n{END}{rest.split(END)[1]}"


def shown() -> str:
    """What stands between the marks: the recorded run, where there is one."""
    if not RECORD.exists():
        return "No run is recorded here yet. `make scale` measures yours and prints it."
    return as_markdown(json.loads(RECORD.read_text(encoding="utf-8")))


def write_docs() -> None:
    write_whole(DOCS, between(DOCS.read_text(encoding="utf-8"), shown()))


if __name__ == "__main__":
    write_docs()
