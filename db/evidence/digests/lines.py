"""The words of a digest's lines, the same in every format."""

from dataclasses import dataclass
from typing import Any

from db.evidence.digests.model import Entry
from db.evidence.effects.finding_words import finding_text, number
from db.evidence.services.trial_papers import TrialPaper
from db.notices import ABOUT_ARTICLE, MARKED, NOTICES, says_mark
from db.preprints import article_address, source_of


@dataclass(frozen=True, slots=True)
class Links:
    """Where lines lead: the pages of the site where it has a public address, and the record where it came from."""

    site_url: str | None = None

    def article(self, pmid: int) -> str:
        """Returns the address of an article's page on the site, else of its record."""
        return f"{self.site_url.rstrip('/')}/articles/{pmid}" if self.site_url else article_address(pmid)

    def record(self, pmid: int) -> tuple[str, str]:
        """Returns the address of an article's record, and the name of the database that it stands in."""
        return article_address(pmid), source_of(pmid)

    def paper(self, paper: TrialPaper) -> str:
        """Returns the address of an article that is tied to a trial: its page where it is held, else its record."""
        return self.article(paper.pmid) if paper.held else article_address(paper.pmid)

    def page(self, path: str) -> str | None:
        """Returns the address of another page of the site; None where it has no public address."""
        return f"{self.site_url.rstrip('/')}/{path}" if self.site_url else None


def cited(entry: Entry) -> str:
    """Returns an article as one line: what was found wrong with it, authors, title, journal and year.

    A retraction, a partial one and an expression of concern are said as long as they stand, a correction when it came.
    """
    kinds = [kind for kind in MARKED if kind in entry.standing and _is_said(kind, entry)]
    marks = list(dict.fromkeys(str(NOTICES[kind].mark) for kind in kinds))
    if entry.retracted:
        marks = [] if says_mark(entry.title, "RETRACTED") else ["RETRACTED"]
    flag = "".join(f"{mark}. " for mark in marks)
    source = " ".join(str(part) for part in (entry.journal, entry.year) if part)
    parts = (_few(entry.authors), entry.title or "[no title]", source)
    return flag + " ".join(f"{part.rstrip('.')}." for part in parts if part)


def _is_said(kind: str, entry: Entry) -> bool:
    return NOTICES[kind].gravity == "grave" or kind in entry.notices


def facts(entry: Entry) -> str:
    """Returns the study of an article in a line: design, n, and what else must be known of it."""
    said = [entry.study_design or "design not stated"]
    if entry.sample_size is not None:
        said.append(f"n {number(entry.sample_size)}")
    if entry.listed is not None:
        row = entry.listed.row
        said += [str(row["species"])] if row["species"] and row["species"] != "human" else []
        said += ["preprint, not peer reviewed"] if row["preprint"] else []
        said += ["cites a retracted article"] if row["cites_retracted"] else []
    return " · ".join(said)


def noticed(entry: Entry) -> str | None:
    """Returns which notices came to an article that something is wrong with it, in words; None where none did."""
    came = ABOUT_ARTICLE.intersection(entry.notices, entry.standing)
    words = [NOTICES[kind].words for kind in NOTICES if kind in came]
    return ", ".join(words) or None


def found(entry: Entry) -> tuple[str, str] | None:
    """Returns the finding that is shown of an article and its sentence; None for a retracted one, or without any."""
    if entry.listed is None or entry.retracted or entry.listed.finding is None or not entry.listed.sentence:
        return None
    return finding_text(entry.listed.finding), entry.listed.sentence


def remarks(entry: Entry) -> list[str]:
    """Returns what else there is to say of an article, a line each: notices, first time here, effects, who cites it."""
    said = []
    if (words := noticed(entry)) and not entry.retracted:
        said.append(words)
    if entry.arrived and entry.change == "retracted":
        said.append("not told before; it came here as a retracted article")
    if not entry.retracted:
        said += entry.effects
    if entry.cited_by:
        said.append("cited by " + "; ".join(words for _, words in entry.cited_by))
    return said


def entry_json(entry: Entry, links: Links) -> dict[str, Any]:
    """Returns an article of a digest as a JSON object."""
    shown = found(entry)
    finding = dict(entry.listed.finding) if shown and entry.listed and entry.listed.finding else None
    return {
        "pmid": entry.pmid,
        "change": entry.change,
        "title": entry.title,
        "authors": entry.authors,
        "journal": entry.journal,
        "year": entry.year,
        "study_design": entry.study_design,
        "sample_size": entry.sample_size,
        "retracted": entry.retracted,
        "first_time": entry.arrived or entry.change in ("new", "returned", "matches"),
        "columns": list(entry.columns),
        "notices": list(entry.notices),
        "notices_standing": list(entry.standing),
        "effects": list(entry.effects),
        "cited_by": [{"pmid": pmid, "words": words} for pmid, words in entry.cited_by],
        "finding": {**{name: finding[name] for name in _FINDING}, "sentence": shown[1]} if finding and shown else None,
        "url": links.article(entry.pmid),
        "record": links.record(entry.pmid)[0],
    }


_FINDING = (
    "kind", "subject_id", "subject_text", "comparator_text", "comparator_class", "outcome_id", "outcome_text",
    "direction", "effect", "conflict", "measure", "value", "ci_low", "ci_high", "p_value", "adjusted",
)  # fmt: skip


def _few(authors: str | None) -> str:
    names = (authors or "").split(", ")
    return ", ".join(names) if len(names) <= 3 else f"{names[0]} et al"
