"""How values are shown: numbers, dates, estimates, directions, authors, chips. Text in, text out; templates escape."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from markupsafe import Markup, escape

from db.evidence.effects.finding_words import arm, estimate, number
from db.terms import DIRECTION, MONTH_NAMES
from db.terms import language as known_language
from db.topics import current

#: What PubMed puts before the title of a retracted article.
_RETRACTED = re.compile(r"^(?:\[?retracted(?: article)?\]?|withdrawn)\s*[:.]\s*", re.IGNORECASE)
#: Citation formats as pages offer them, the most used first.
FORMAT_LABELS: Mapping[str, str] = {
    "ris": "RIS (Zotero, EndNote, Mendeley)",
    "bibtex": "BibTeX",
    "nbib": "NBIB, as PubMed writes it",
    "csljson": "CSL-JSON",
    "endnote": "EndNote XML",
    "csv": "CSV table",
    "jsonl": "JSON Lines",
    "vancouver": "Vancouver",
    "ama": "AMA",
    "apa": "APA",
}


#: What stands between a direction and the outcome that it is about, where more than a blank does.
_BEFORE_OUTCOME = {"no difference": " in", "no association": " with", "unclear": " for"}


def statement_text(finding: Mapping[str, Any]) -> str:
    """Returns who changed or went with what in which direction ("aspirin decreases pain"), as plain text."""
    outcome = finding["outcome_text"] or current().short_name
    return f"{finding['subject_text']} {finding['direction']}{_BEFORE_OUTCOME.get(finding['direction'], '')} {outcome}"


def direction(value: str) -> Markup:
    """Returns a direction's sign and word; the sign is hidden from screen readers, which read the word."""
    sign = DIRECTION[value].sign if value in DIRECTION else "?"
    name = re.sub(r"[^a-z]", "-", value)
    return Markup('<span class="dir d-{}"><span aria-hidden="true">{}</span> {}</span>').format(name, sign, value)


def kind_class(kind: str | None) -> str:
    """Returns the class that gives a kind its colour."""
    return f"k-{kind.replace(' ', '-')}" if kind else "k-none"


def short_authors(authors: str | None) -> str:
    """Returns the first three authors, "et al." for the rest."""
    names = (authors or "").split(", ")
    return ", ".join(names[:3]) + (" et al." if len(names) > 3 else "")


def language(code: str | None) -> str:
    """Returns a language's name for MEDLINE's code."""
    return ", ".join(known_language(part).name for part in (code or "").split(";")) or "not stated"


def day(value: str | None) -> str:
    """Returns an ISO date or time as "4 March 2016", as far as it is known."""
    match = re.match(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?", value or "")
    if not match:
        return value or ""
    year, month, date = match.groups()
    if not month or not 1 <= int(month) <= 12:
        return str(year)
    return f"{f'{int(date)} ' if date else ''}{MONTH_NAMES[int(month) - 1]} {year}"


def plural(count: int, word: str, more: str | None = None) -> str:
    """Returns a count with its noun: "1 article", "12 345 articles"."""
    return f"{number(count)} {word if count == 1 else more or f'{word}s'}"


def facet_value(value: str, facet: str) -> str:
    """Returns how a facet's value that is no concept is shown."""
    if facet == "language":
        return known_language(value).name
    return f"level {value}" if facet == "level" and len(value) <= 2 else value


def journal(row: Mapping[str, Any]) -> str:
    """Returns the short name of what an article stands in."""
    return str(row["iso_abbreviation"] or row["journal"] or row["book_title"] or "")


def title(value: str | None, retracted: object = False) -> str:
    """Returns a title, or words that say that PubMed sent none.

    `retracted`: the page says so itself before the title, which then doesn't say it again.
    """
    text = (value or "").strip()
    if retracted:
        text = _RETRACTED.sub("", text)
    return text or "[no title]"


def shortened(value: str, limit: int = 300) -> str:
    """Returns a text cut at a word near the limit."""
    if len(value) <= limit:
        return value
    return value[:limit].rsplit(" ", 1)[0] + " …"


def lines(value: str | None) -> Markup:
    """Returns a text with its line ends kept."""
    return Markup("<br>").join(escape(line) for line in (value or "").splitlines())


def lit(text: str, words: Sequence[str]) -> Markup:
    """Returns a text with the words of a search marked, wherever a word of it begins so."""
    if not words:
        return escape(text)
    pattern = re.compile(r"\b(" + "|".join(re.escape(word) for word in words) + ")", re.IGNORECASE)
    pieces = pattern.split(text)
    marked = [escape(piece) if place % 2 == 0 else Markup('<mark class="hit">{}</mark>').format(piece)
              for place, piece in enumerate(pieces)]  # fmt: skip
    return Markup("").join(marked)


FILTERS: dict[str, Callable[..., Any]] = {
    "number": number,
    "arm": arm,
    "estimate": estimate,
    "direction": direction,
    "kind_class": kind_class,
    "short_authors": short_authors,
    "language": language,
    "day": day,
    "plural": plural,
    "facet_value": facet_value,
    "journal": journal,
    "shown_title": title,
    "shortened": shortened,
    "lines": lines,
    "lit": lit,
}
