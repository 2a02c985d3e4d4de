"""Sections as one HTML file: nothing is fetched, nothing runs; light and dark, and readable on a phone."""

from __future__ import annotations

from collections.abc import Sequence

from netc.runtime.charts import svg
from netc.runtime.charts.lines import histogram
from netc.runtime.charts.marks import escaped
from netc.runtime.charts.style import CHARTS
from netc.runtime.inspect.model import Section, Table

_STYLE = """
:root{color-scheme:light dark;--ground:#fff;--ink:#1f2933;--quiet:#5b6875;--rule:#dfe4ea;--panel:#f7f9fb}
@media(prefers-color-scheme:dark){:root{--ground:#14181d;--ink:#e6ebf0;--quiet:#9aa7b4;--rule:#303942;--panel:#1b2128}}
*{box-sizing:border-box}
body{margin:0 auto;padding:24px 20px 60px;max-width:1180px;background:var(--ground);color:var(--ink);
font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
h1{font-size:24px;margin:0 0 2px}h2{font-size:18px;margin:36px 0 2px;padding-top:14px;border-top:1px solid var(--rule)}
p{margin:0 0 12px;color:var(--quiet);max-width:76ch;overflow-wrap:anywhere}
nav{margin:12px 0 0;display:flex;flex-wrap:wrap;gap:4px 16px}a{color:inherit;text-underline-offset:3px}
.pictures{display:flex;flex-wrap:wrap;gap:14px;align-items:flex-start}
figure,.table{margin:0;width:fit-content;padding:12px;max-width:100%;overflow-x:auto;background:var(--panel);border:1px solid var(--rule);border-radius:8px}
figure svg{display:block}
table{border-collapse:collapse;font-size:13px;font-variant-numeric:tabular-nums;white-space:nowrap}
th,td{padding:4px 10px;text-align:left;border-bottom:1px solid var(--rule)}tr:last-child td{border-bottom:0}
th{color:var(--quiet);font-weight:500}.right{text-align:right}
td:first-child,th:first-child{position:sticky;left:-12px;background:var(--panel);font-weight:600}
td svg{display:block}.pictures+.table{margin-top:14px}
@media(max-width:600px){body{padding:16px 12px 40px}figure,.table{padding:9px}h1{font-size:21px}}
"""


def page(title: str, about: str, sections: Sequence[Section]) -> str:
    """The whole file."""
    links = "".join(f'<a href="#s{k}">{escaped(s.title)}</a>' for k, s in enumerate(sections))
    body = "".join(_section(k, s) for k, s in enumerate(sections)) or "<p>There is nothing to see in this net.</p>"
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:\">"
        f"<title>{escaped(title)}</title><style>{_STYLE}{CHARTS}</style></head><body class='netc'>\n"
        f"<h1>{escaped(title)}</h1><p>{escaped(about)}</p><nav>{links}</nav>\n{body}</body></html>\n"
    )


def _section(k: int, section: Section) -> str:
    figures = "\n".join(f"<figure>{svg(p)}</figure>" for p in section.pictures)
    pictures = f'<div class="pictures">\n{figures}\n</div>' if figures else ""
    table = _table(section.table) if section.table is not None else ""
    return f'<section id="s{k}"><h2>{escaped(section.title)}</h2><p>{escaped(section.about)}</p>\n{pictures}{table}</section>\n'


def _table(table: Table) -> str:
    def cells(row: Sequence[str], tag: str) -> str:
        sides = [' class="right"' if k in table.right else "" for k in range(len(row))]
        return "".join(f"<{tag}{side}>{escaped(c)}</{tag}>" for side, c in zip(sides, row, strict=True))

    lines = [f"<tr>{cells(table.header, 'th')}</tr>"]
    for k, row in enumerate(table.rows):
        strip = f"<td>{histogram(table.strips[k])}</td>" if table.strips else ""
        lines.append(f"<tr>{cells(row, 'td')}{strip}</tr>")
    return '<div class="table"><table>\n' + "\n".join(lines) + "\n</table></div>"
