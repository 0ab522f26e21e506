"""A digest as plain text and as Markdown."""

from collections.abc import Iterator

from db.evidence.digests.lines import Links, cited, facts, found, remarks
from db.evidence.digests.model import Digest, Entry, Section

_NO_LINKS = Links()


def as_text(digest: Digest, links: Links = _NO_LINKS) -> str:
    """Returns the digest as plain text."""
    lines = [f"{digest.search.name} ({digest.search.words})"] if digest.search else []
    lines.append(f"Since {digest.since}: {digest.summary}")
    for section in digest.sections():
        lines += ["", f"{section.heading} ({len(section)})", *_text_lines(section, links)]
    return "\n".join(map(_one_line, lines)) + "\n"


def as_markdown(digest: Digest, links: Links = _NO_LINKS) -> str:
    """Returns the digest as Markdown."""
    lines = [f"# {_escaped(digest.title)}", "", _escaped(digest.summary)]
    if digest.search:
        lines += ["", _escaped(digest.search.words)]
    for section in digest.sections():
        lines += ["", f"## {section.heading} ({len(section)})", "", *_markdown_lines(section, links)]
    return "\n".join(map(_one_line, lines)) + "\n"


def _text_lines(section: Section, links: Links) -> Iterator[str]:
    for entry in section.articles:
        yield f"  {entry.pmid}  {cited(entry)}"
        yield from (f"      {line}" for line in _more(entry))
        yield f"      {links.article(entry.pmid)}"
    for trial in section.trials:
        yield f"  {trial.nct_id}  {trial.first.line}"
        yield from (f"      {line}" for line in trial.more)
        yield from (f"      {paper.line} {links.paper(paper)}" for paper in trial.first.papers)
        yield f"      {trial.url}"
    yield from (f"  {standing.unsigned}" for standing in section.reviews)


def _more(entry: Entry) -> Iterator[str]:
    if entry.listed is not None:
        yield facts(entry)
    yield from remarks(entry)
    if shown := found(entry):
        yield f"{shown[0]}."
        yield f"“{shown[1]}”"


def _markdown_lines(section: Section, links: Links) -> Iterator[str]:
    for entry in section.articles:
        address, source = links.record(entry.pmid)
        own = links.article(entry.pmid)
        here = f" [here]({own})" if own != address else ""
        yield f"- {_escaped(cited(entry))} [{source} {entry.pmid}]({address}){here}"
        yield from (f"  {'> ' if line.startswith('“') else ''}{_escaped(line)}  " for line in _more(entry))
    for trial in section.trials:
        page = links.page(f"trials/{trial.nct_id}")
        here = f" [here]({page})" if page else ""
        yield f"- {_escaped(trial.first.line)} [{trial.nct_id}]({trial.url}){here}"
        yield from (f"  {_escaped(line)}  " for line in trial.more)
        yield from (f"  [{_escaped(paper.line)}]({links.paper(paper)})  " for paper in trial.first.papers)
    yield from (f"- {_escaped(standing.unsigned)}" for standing in section.reviews)


def _one_line(text: str) -> str:
    return text if text.isprintable() else " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _escaped(text: str) -> str:
    return "".join(f"\\{char}" if char in "\\`*_[]<>#|" else char for char in text)
