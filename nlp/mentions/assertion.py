"""Whether a mention is affirmed, negated or only considered, and the words that say so.

A cue counts within its clause: negation before the mention ("no", "without", "neither"), hedging anywhere in it
("may", "hypothesised"). "No difference" cues are results, not negation of the thing measured.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from db.tagged import Assertion
from nlp.cues import Cue, patterns

_CLAUSE_END = re.compile(r"[;:]| but | whereas | although | while |\)|, and ")
_CUES = patterns("assertion", re.NOFLAG)


@dataclass(frozen=True, slots=True)
class Judgement:
    """An assertion and the words that made it, as characters of the sentence."""

    assertion: Assertion
    start: int = 0
    end: int = 0


AFFIRMED = Judgement("affirmed")


def _last(pattern: re.Pattern[str], text: str, start: int, end: int) -> re.Match[str] | None:
    """The match of a pattern that ends where the mention begins."""
    return next((m for m in pattern.finditer(text, start, end) if not text[m.end() : end].strip()), None)


def _reaches(text: str, cue: Cue, start: int) -> bool:
    """Whether a negation reaches the mention: nothing makes it good, no verb of its own subject is between."""
    if _CUES["no_negation"].match(text, cue.start) or _CUES["double"].match(text, cue.start):
        return False
    if any(match.end() >= cue.start for match in _CUES["double"].finditer(text, 0, cue.end)):
        return False
    return not (_CUES["absence"].match(text, cue.start) and _CUES["verb"].search(text, cue.end, start))


def judge(text: str, cues: Sequence[Cue], start: int, end: int) -> Judgement:
    """Returns the assertion of the mention at `start` to `end` of a sentence's plain lower-case text."""
    clause = 0
    for match in _CLAUSE_END.finditer(text, 0, start):
        clause = match.end()
    for cue in reversed(cues):
        if cue.end > start or cue.start < clause:
            continue
        if cue.group == "negation" and start - cue.end <= 60 and _reaches(text, cue, start):
            return Judgement("negated", cue.start, cue.end)
    denied = _last(_CUES["before"], text, clause, start) or _CUES["after"].match(text, end)
    if denied:
        return Judgement("negated", denied.start(), denied.end())
    for cue in cues:
        near = (clause <= cue.start and cue.end <= start) or end <= cue.start <= end + 40
        if cue.group == "hedge" and near and not _CLAUSE_END.search(text, end, max(end, cue.start)):
            return Judgement("hedged", cue.start, cue.end)
    return AFFIRMED
