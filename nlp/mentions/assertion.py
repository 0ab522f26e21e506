"""Whether a mention is affirmed, negated or only considered, and the words that say so.

A cue counts within its clause: negation before the mention ("no", "without", "neither"), hedging anywhere in it
("may", "hypothesised"). "No difference" cues are results, not negation of the thing measured.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from db.model import Assertion
from nlp.cues import Cue

_CLAUSE_END = re.compile(r"[;:]| but | whereas | although | while |\)|, and ")
_FALSE_NEGATION = re.compile(
    r"no (?:prophylaxis|treatment|drug|therapy|nsaid|radiotherapy)|not only|no (?:later|earlier|more than|less than)"
)


@dataclass(frozen=True, slots=True)
class Judgement:
    """An assertion and the words that made it, as characters of the sentence."""

    assertion: Assertion
    start: int = 0
    end: int = 0


AFFIRMED = Judgement("affirmed")


def judge(text: str, cues: Sequence[Cue], start: int, end: int) -> Judgement:
    """Returns the assertion of the mention at `start` to `end` of a sentence's plain lower-case text."""
    clause = 0
    for match in _CLAUSE_END.finditer(text, 0, start):
        clause = match.end()
    for cue in reversed(cues):
        if cue.end > start or cue.start < clause:
            continue
        if cue.group == "negation" and start - cue.end <= 60 and not _FALSE_NEGATION.match(text, cue.start):
            return Judgement("negated", cue.start, cue.end)
    for cue in cues:
        near = (clause <= cue.start and cue.end <= start) or end <= cue.start <= end + 40
        if cue.group == "hedge" and near and not _CLAUSE_END.search(text, end, max(end, cue.start)):
            return Judgement("hedged", cue.start, cue.end)
    return AFFIRMED
