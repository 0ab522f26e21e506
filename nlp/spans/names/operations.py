"""Operations on the disease: "surgery for it" by name, and what a case tells by a verb alone ("the mass was excised").

The noun is the name of an operation; a verb is one where a record of cases has no noun for it. Elsewhere verbs tell how
patients came to be studied ("patients whose lesion had been excised").
"""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence

from spacy.tokens import Doc

from db.topics import per_topic
from nlp.cues import patterns
from nlp.cues.disease import disease_pattern
from nlp.document import Sentence, attribute
from nlp.spans.tagging import Span, span_text

#: As many characters before a verb say what was taken away.
_HEAD = 200
_CASES = frozenset(("case report", "case series"))


@per_topic
def _cues() -> dict[str, re.Pattern[str]]:
    """The verbs, the nouns, and what stands before a verb: "the mass was", "the mass was explored and", "had it"."""
    words = {name: f"(?:{pattern.pattern})" for name, pattern in patterns("operations", re.NOFLAG).items()}
    adverb = r"(?: (?:then|thus|therefore|finally|later|\w+ly))*"
    passive = rf"(?:(?!\b{words['parted']}\b)[^.;:]){{0,60}}?\b(?:was|were|be|been){adverb}(?: \w+ed and)?"
    adjective = r"(?:(?:\w+(?:al|ic|ous|ar|ed|ing|ure|ive|ent|ior|some)|stump|hip|elbow|knee|limb) )?"
    return {
        "verb": re.compile(rf"(?<![\w-]){words['verb']}(?![\w-])"),
        "noun": re.compile(rf"(?<![\w-]){words['noun']}(?![\w-])"),
        "passive": disease_pattern(rf"\b{words['thing']}\b{passive} $"),
        "had": disease_pattern(rf"\bha(?:d|ve) (?:\w+ )?{words['thing']}(?: \w+)? $"),
        "of_it": disease_pattern(
            rf"(?<![\w-])({words['of_it']})s? (?:of|for) (?:the |an? |any |this |their )?{adjective}<outcome>"
        ),
        "beside": re.compile(rf"\b{words['beside']}(?: (?:the|this|that|an?|its|his|her|any))? $"),
    }


def with_operations(document: Doc, found: Sequence[Span]) -> list[Span]:
    """Returns the spans with "excision of" the disease, and with the verbs of cases that have no noun for it.

    Beside nouns bare verbs are left out, but for case reports, which speak of other cases' operations by nouns.
    """
    low: str = attribute(document, "plain").lower()
    found = [*found, *_at(document, found, _cues()["of_it"].finditer(low), "operation")]
    verbs = list(_cues()["verb"].finditer(low))
    if not verbs:
        return found
    is_case = document._.facts.study_design in _CASES
    named = any(span.kind == "intervention" and _cues()["noun"].search(span.text.lower()) for span in found)
    if named and document._.facts.study_design != "case report":
        return [s for s in found if s.kind != "intervention" or " " in s.text or not _is_verb(s)]
    if not is_case or named:
        return found
    sentences: tuple[Sentence, ...] = attribute(document, "sentences")
    ends = [sentence.end for sentence in sentences]
    told = []
    for verb in verbs:
        first = sentences[bisect_left(ends, verb.end())].start
        if _is_taken_away(low[max(first, verb.start() - _HEAD) : verb.start()]):
            told.append(verb)
    return [*found, *_at(document, found, told, "verb")]


def _at(document: Doc, found: Sequence[Span], matches: Iterable[re.Match[str]], source: str) -> Iterator[Span]:
    """The interventions at matches (their first group, if any) where nothing was found."""
    taken = {index for span in found for index in range(span.first, span.last)}
    starts: list[int] = attribute(document, "starts")
    sentences: tuple[Sentence, ...] = attribute(document, "sentences")
    for match in matches:
        start, end = match.span(match.re.groups)
        first, last = bisect_left(starts, start), bisect_left(starts, end)
        if taken.isdisjoint(range(first, last)):
            number = bisect_left(sentences, end, key=lambda sentence: sentence.end)
            yield Span(first, last, "intervention", number, 0.5, source, span_text(document, first, last))


def _is_verb(span: Span) -> bool:
    return bool(_cues()["verb"].fullmatch(span.text.lower()))


def _is_taken_away(before: str) -> bool:
    """Whether the words before a verb make the disease what was taken away, not something near it."""
    if _cues()["had"].search(before):
        return True
    thing = _cues()["passive"].search(before)
    return thing is not None and not _cues()["beside"].search(before, 0, thing.start())
