"""A digest as an HTML page of its own, which mail programs show too: no script, no style sheet, nothing fetched."""

from collections.abc import Iterator
from html import escape

from db.evidence.digests.lines import Links, cited, facts, found, remarks
from db.evidence.digests.model import Digest, Entry, Section, TrialEntry

_NO_LINKS = Links()
_SMALL = ' style="color:#444;font-size:90%"'
_QUOTE = ' style="margin:.2em 0 .2em 1em;font-style:italic"'


def as_html(digest: Digest, links: Links = _NO_LINKS) -> str:
    """Returns the digest as an HTML page of its own."""
    title = escape(digest.title)
    parts = [f"<h1>{title}</h1>"]
    if digest.search:
        parts.append(f"<p{_SMALL}>{escape(digest.search.words)}</p>")
    parts.append(f"<p>{escape(digest.summary)}</p>")
    for section in digest.sections():
        items = "\n".join(_items(section, links))
        parts.append(f"<h2>{escape(section.heading)} ({len(section)})</h2>\n<ul>\n{items}\n</ul>")
    body = "\n".join(parts)
    return (
        f'<!DOCTYPE html>\n<html lang="en">\n<head><meta charset="utf-8"><title>{title}</title></head>\n'
        f"<body>\n{body}\n</body>\n</html>\n"
    )


def _items(section: Section, links: Links) -> Iterator[str]:
    for entry in section.articles:
        yield f"<li>{_article(entry, links)}</li>"
    for trial in section.trials:
        yield f"<li>{_trial(trial, links)}</li>"
    for standing in section.reviews:
        yield f"<li>{escape(standing.unsigned)}</li>"


def _article(entry: Entry, links: Links) -> str:
    address, source = links.record(entry.pmid)
    own = links.article(entry.pmid)
    here = f' · <a href="{escape(own)}">here</a>' if own != address else ""
    parts = [f'{escape(cited(entry))} <a href="{escape(address)}">{escape(source)} {entry.pmid}</a>{here}']
    if entry.listed is not None:
        parts.append(f"<br><span{_SMALL}>{escape(facts(entry))}</span>")
    parts += [f"<br><span{_SMALL}>{escape(line)}</span>" for line in remarks(entry)]
    if shown := found(entry):
        parts.append(f"<br>{escape(shown[0])}.<blockquote{_QUOTE}>“{escape(shown[1])}”</blockquote>")
    return "".join(parts)


def _trial(trial: TrialEntry, links: Links) -> str:
    address = escape(trial.url)
    own = links.page(f"trials/{trial.nct_id}")
    here = f' · <a href="{escape(own)}">here</a>' if own else ""
    parts = [f'{escape(trial.first.line)} <a href="{address}">{escape(trial.nct_id)}</a>{here}']
    parts += [f"<br><span{_SMALL}>{escape(line)}</span>" for line in trial.more]
    parts += [f'<br><a href="{escape(links.paper(paper))}">{escape(paper.line)}</a>' for paper in trial.first.papers]
    return "".join(parts)
