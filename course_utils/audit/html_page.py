"""The report as one HTML page that holds everything it needs: no scripts, no pictures, nothing fetched."""

from __future__ import annotations

from html import escape

from course_utils.evaluation import Rate

from .asking import Answer
from .judging import VERDICTS
from .report import MEANING, Report, worst

EXAMPLES = 20
_FORM = {"plain": "plain questions", "cloze": "sentences with a blank"}

_STYLE = """
:root { color-scheme: light dark; --ink: #1b1f24; --soft: #5b6570; --paper: #fff; --card: #f5f6f8;
  --line: #dfe3e8; --current: #1a7f4b; --stale: #c2410c; --other: #8a6d0b; --silent: #64748b; }
@media (prefers-color-scheme: dark) { :root { --ink: #e7eaee; --soft: #a0aab5; --paper: #14171b;
  --card: #1d2127; --line: #323841; --current: #4ec98b; --stale: #fb8b5a; --other: #dcb94a;
  --silent: #94a3b8; } }
* { box-sizing: border-box }
body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); margin: 0 auto;
  max-width: 60rem; padding: 2.5rem 1.25rem 4rem }
h1 { font-size: 2.1rem; line-height: 1.2; margin: .2rem 0 .4rem; text-wrap: balance }
h2 { font-size: 1.2rem; margin: 2.6rem 0 .8rem }
p { margin: .4rem 0 } .soft { color: var(--soft) } .small { font-size: .875rem }
.bar { display: flex; height: 1.6rem; border-radius: .4rem; overflow: hidden; gap: 2px;
  margin: 1.4rem 0 .6rem }
.bar i { display: block; min-width: 2px } .legend { display: flex; flex-wrap: wrap; gap: .3rem 1.4rem }
.dot { display: inline-block; width: .7rem; height: .7rem; border-radius: 50%; margin-right: .4rem }
.wide { overflow-x: auto } table { border-collapse: collapse; width: 100% }
th { text-align: left; font-size: .8rem; color: var(--soft); font-weight: 600 }
th, td { padding: .5rem .8rem .5rem 0; border-bottom: 1px solid var(--line); vertical-align: top }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap }
td:first-child { min-width: 15rem }
svg { display: block; width: 9rem; height: 1.4rem }
article { background: var(--card); border-radius: .6rem; padding: 1rem 1.2rem; margin: .8rem 0;
  border-left: .3rem solid var(--edge); overflow-wrap: anywhere }
article header { display: flex; flex-wrap: wrap; justify-content: space-between; gap: .2rem 1rem }
dl { display: grid; grid-template-columns: 6rem 1fr; gap: .35rem 1rem; margin: .7rem 0 0 }
dt { color: var(--soft); font-size: .875rem; padding-top: .1rem } dd { margin: 0; white-space: pre-line }
del, ins { text-decoration: none; font-weight: 650 } del { color: var(--stale) } ins { color: var(--current) }
.notice { border: 1px solid var(--line); border-left: .3rem solid var(--other); padding: .7rem 1rem;
  border-radius: .4rem }
.verdict { font-weight: 650 } details { margin-top: 1rem }
@media (max-width: 36rem) { dl { grid-template-columns: 1fr; gap: .1rem } dd { margin-bottom: .5rem }
  h1 { font-size: 1.6rem } }
@media print { article { break-inside: avoid } body { padding: 0 } }
"""


def as_html(report: Report) -> str:
    """The whole page; everything that came from outside is escaped."""
    shown = [_head(report), *_notices(report)]
    if report.judged:
        shown += [_bar(report), _table(report), _examples(report)]
    shown.append(_method(report))
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(report.headline())}</title>\n<style>{_STYLE}</style></head>\n<body>\n"
        + "\n".join(shown).encode(errors="replace").decode()
        + "\n</body></html>\n"
    )


def _head(report: Report) -> str:
    rates = report.rates()
    interval = ""
    if rates:
        low, high = rates["stale"].interval
        facts = len({a.question.fact.id for a in report.judged})
        interval = (
            f"<p>{rates['stale'].hits} of {rates['stale'].n} answers about {facts} "
            f"changed fact{'s' * (facts > 1)} still state the old value. 95 % interval of the share: "
            f"{_percent(low)} to {_percent(high)}.</p>"
        )
    return (
        f'<p class="soft small">Audit of {escape(report.day)} · {escape(report.system)}</p>\n'
        f"<h1>{escape(report.headline())}</h1>\n{interval}"
        f'<p class="soft">Documents: {escape(report.old)} → {escape(report.new)}, {report.changes.pages:,} '
        f"pages in both, {report.changes.changed_pages:,} of them changed. {escape(report.sampled())}</p>"
    )


def _notices(report: Report) -> list[str]:
    said = []
    if report.ended:
        missing = report.planned - len(report.answers)
        said.append(
            f"Asking ended early; {missing} of {report.planned} questions were not asked. {report.ended}"
        )
    if report.errors:
        said.append(f"{len(report.errors)} questions failed. The first: {report.errors[0].text}")
    return [f'<p class="notice">{escape(text)}</p>' for text in said]


def _bar(report: Report) -> str:
    rates = report.rates()
    order = ("stale", "other", "silent", "current")
    parts = "".join(
        f'<i style="flex:{rates[name].hits};background:var(--{name})" title="{name}"></i>'
        for name in order
        if rates[name].hits
    )
    legend = "".join(f"<span>{_dot(name)}{name} {_percent(rates[name].value)}</span>" for name in order)
    spoken = ", ".join(f"{name} {_percent(rates[name].value)}" for name in order)
    bar = f'<div class="bar" role="img" aria-label="{spoken}">{parts}</div>'
    return f'{bar}<div class="legend small">{legend}</div>'


def _dot(name: str) -> str:
    return f'<i class="dot" style="background:var(--{name})"></i>'


def _table(report: Report) -> str:
    rows = []
    for name in VERDICTS:
        rate = report.rates()[name]
        forms = "".join(f'<td class="n">{_form_cell(report, form, name)}</td>' for form in _FORM)
        low, high = rate.interval
        rows.append(
            f"<tr><td>{_dot(name)}<b>{name}</b><br>"
            f'<span class="soft small">{MEANING[name]}</span></td><td class="n">{rate.hits} of {rate.n}</td>'
            f'<td class="n"><b>{_percent(rate.value)}</b></td>'
            f'<td class="n">{_percent(low)} – {_percent(high)}</td>'
            f"<td>{_whisker(rate, name)}</td>{forms}</tr>"
        )
    heads = "".join(f'<th class="n">{text}</th>' for text in _FORM.values())
    return (
        '<h2>What the answers state</h2><div class="wide"><table><thead><tr><th>verdict</th>'
        '<th class="n">answers</th><th class="n">share</th><th class="n">95 % interval</th><th>0 – 100 %</th>'
        f"{heads}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
    )


def _form_cell(report: Report, form: str, name: str) -> str:
    rates = report.rates(form)
    return _percent(rates[name].value) if rates else "–"


def _whisker(rate: Rate, name: str) -> str:
    """A dot with its interval on a line from 0 to 100 %."""
    low, high = (100 * end for end in rate.interval)
    return (
        f'<svg viewBox="-3 0 106 12" preserveAspectRatio="none" role="img" aria-label="{rate.value:.0%}">'
        '<line x1="0" x2="100" y1="6" y2="6" stroke="var(--line)"/>'
        f'<line x1="{low:.1f}" x2="{high:.1f}" y1="6" y2="6" stroke="var(--{name})" stroke-width="2"/>'
        f'<circle cx="{100 * rate.value:.1f}" cy="6" r="3" fill="var(--{name})"/></svg>'
    )


def _examples(report: Report) -> str:
    found = worst(report.answers, EXAMPLES)
    if not found:
        return "<h2>Wrong answers</h2><p>None.</p>"
    total = len(worst(report.answers, len(report.answers)))
    more = f" ({len(found)} of {total} facts)" if total > len(found) else ""
    return f"<h2>Wrong answers, stale ones first{more}</h2>" + "\n".join(map(_example, found))


def _example(answer: Answer) -> str:
    fact = answer.question.fact
    pages = escape(fact.page) + (f" and {len(fact.pages) - 1} more" if len(fact.pages) > 1 else "")
    heading = f" › {escape(fact.heading)}" if fact.heading else ""
    before = escape(fact.before).replace(escape(fact.old), f"<del>{escape(fact.old)}</del>", 1)
    after = (
        escape(fact.after[: fact.start])
        + f"<ins>{escape(fact.new)}</ins>"
        + escape(fact.after[fact.start + len(fact.new) :])
    )
    answered = escape(_cut(answer.text, 600)) or "<i>nothing</i>"
    return (
        f'<article style="--edge:var(--{answer.verdict})"><header><span><b>{escape(fact.old)} → '
        f'{escape(fact.new)}</b></span><span class="verdict" style="color:var(--{answer.verdict})">'
        f'{answer.verdict}</span></header><p class="soft small">{pages}{heading}</p>'
        f"<dl><dt>before</dt><dd>{before}</dd><dt>now</dt><dd>{after}</dd>"
        f"<dt>question</dt><dd>{escape(answer.question.text)}</dd><dt>answer</dt><dd>{answered}</dd></dl>"
        "</article>"
    )


def _method(report: Report) -> str:
    said = [
        "Facts are values that differ between the two versions in otherwise equal sentences or table rows. "
        "Each was asked for in fixed wordings, and each answer compared with the old and the new value by "
        "rule; no model made the questions or judged the answers. Several questions about one fact count by "
        "how alike their answers are; the intervals are Wilson's."
    ]
    said += [f"Left out: {number:,} {reason}." for reason, number in report.changes.left_out.items()]
    items = "".join(f"<p>{escape(text)}</p>" for text in said)
    problems = "".join(f"<li>{escape(text)}</li>" for text in report.problems[:50])
    details = (
        f"<details><summary>{len(report.problems)} remarks on the documents</summary>"
        f"<ul>{problems}</ul></details>"
        if problems
        else ""
    )
    return f'<h2>How this was measured</h2><div class="soft small">{items}{details}</div>'


def _percent(share: float) -> str:
    return (
        f"{share:.0%}".replace("%", " %")
        if share in (0, 1) or share >= 0.1
        else f"{share:.1%}".replace("%", " %")
    )


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
