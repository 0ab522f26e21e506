"""Risk factors of lists that a sentence tells of the disease by plain words, one item or many.

"It was associated with A, B and C", "it was commoner in A than in B", "A and B went along with it". The words are data
(`nlp/cues/told_lists.toml`); the disease stands on the other side of them in the same clause.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence

from spacy.tokens import Doc

from db.topics import per_topic
from nlp.concepts.matcher import ConceptSpan
from nlp.cues import patterns
from nlp.cues.disease import disease_pattern
from nlp.document import Sentence, attribute
from nlp.spans.tagging import Span, span_text

#: Kinds of words before or behind a list.
_KINDS = ("head", "between", "compared", "told", "studied", "studied_behind")
_BEHIND = ("told", "studied_behind")
#: Work with cells and animals tells of agents and their targets, whose verbs are the same.
_BENCH = ("animal study", "in vitro study")
_BRACKET = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_JOINT = re.compile(r",? (?:and|or|nor|as well as) |, ")
_CLAUSE = re.compile(r"[.;:]|, (?:and|but) (?!\w+ly )")
_IT = re.compile(
    r"\b(?:it|its (?:occurrence|incidence|severity|development|formation|prevalence|frequency)) "
    r"(?:(?:was|is|has been|did|does)(?: not)? )?(?:\w+ly )?$"
)
#: "Demographic and surgical factors" are no names.
_VAGUE = re.compile(r"\b(?:factors|variables|parameters|characteristics) $")
#: "X, a kind of Y" names one thing, "in all likelihood," none.
_APPOSED = re.compile(r"an? ")
_ASIDE = re.compile(r"(?:in|on|at|by|for|as) ")
_DISEASE = r"\b(?:<outcome>|<grading>|recurrence)\b"
#: The name of an item has no more words.
_LONGEST = 8
#: Between the disease and what is told of it stand no more characters.
_NEAR = 120


@per_topic
def _cues() -> dict[str, re.Pattern[str]]:
    words = {name: f"(?:{pattern.pattern})" for name, pattern in patterns("told_lists", re.NOFLAG).items()}
    words["told"] = rf"(?:{words['predicate']} (?:[\w-]+ ){{0,6}}?(?:{_DISEASE}|it\b)|{words['factors']})"
    kinds = [rf"(?P<{kind}>{words[kind]}{'' if kind in _BEHIND else ' '})" for kind in _KINDS]
    return {
        "any": disease_pattern(rf"\b(?:{'|'.join(kinds)})"),
        "than": re.compile(rf" ?\b{words['than']} "),
        "end": re.compile(words["end"]),
        "begin": re.compile(words["begin"]),
        "filling": re.compile(rf"(?:{words['filling']} )+"),
        "modal": re.compile(rf"(?:(?:^| ){words['modal']})+$"),
        "nothing": re.compile(words["nothing"]),
        "disease": disease_pattern(_DISEASE),
        "rest": re.compile(rf"\b(?:{patterns('signs', re.NOFLAG)['rest_is_null'].pattern})"),
    }


def with_told_lists(document: Doc, found: Sequence[Span]) -> list[Span]:
    """Returns the spans with the items of told lists in which nothing was found as risk factors."""
    facts = document._.facts
    if facts is not None and facts.study_design in _BENCH:
        return list(found)
    low: str = attribute(document, "plain").lower()
    sentences: tuple[Sentence, ...] = attribute(document, "sentences")
    ends = [sentence.end for sentence in sentences]
    taken = {index for span in found for index in range(span.first, span.last)}
    by_sentence: dict[int, list[Span]] = {}
    for span in found:
        by_sentence.setdefault(span.sentence, []).append(span)
    added = []
    for cue in _cues()["any"].finditer(low):
        number = bisect_left(ends, cue.end())
        if number == len(sentences) or cue.start() < sentences[number].start:
            continue
        for span in _listed(document, low, number, cue, by_sentence.get(number, [])):
            if taken.isdisjoint(range(span.first, span.last)):
                taken.update(range(span.first, span.last))
                added.append(span)
    return [*found, *added]


def _listed(document: Doc, low: str, number: int, cue: re.Match[str], beside: Sequence[Span]) -> Iterator[Span]:
    """The items of the list before or behind a cue."""
    sentence: Sentence = attribute(document, "sentences")[number]
    kind = cue.lastgroup or ""
    text = low[sentence.start : sentence.end]
    if text.rstrip().endswith("?"):
        return
    if kind in ("compared", "told") and any(span.kind == "intervention" for span in beside):
        return  # the sentence tells of a treatment
    text = _BRACKET.sub(lambda match: " " * len(match.group()), text)
    starts: list[int] = attribute(document, "starts")
    known = [starts[span.first] - sentence.start for span in beside if span.kind == "risk factor"]
    for begin, stop in _stretches(text, cue.start() - sentence.start, cue.end() - sentence.start, kind):
        if kind.startswith("studied") and not (_cues()["rest"].search(low) and any(begin <= at < stop for at in known)):
            continue  # what was looked at is a factor where others are, and the record tells of the rest
        for span in _items(document, number, text, begin, stop, kind):
            if kind != "compared" or not _is_site(document, span):
                yield span


def _stretches(text: str, start: int, end: int, kind: str) -> Iterator[tuple[int, int]]:
    """Where the list of a cue (`start` to `end`) begins and ends; of two levels compared, where each does."""
    if kind in _BEHIND:
        begin = max((match.end() for match in _cues()["begin"].finditer(text, 0, start)), default=0)
        if not _VAGUE.search(text[:start]):
            yield begin, start
        return
    if kind == "between" and not _cues()["disease"].search(text, start, end):
        return
    if kind in ("head", "compared") and not _tells_of_disease(text[: start if kind == "head" else end]):
        return
    while True:
        stop = _cues()["end"].search(text, end)
        last = stop.start() if stop else len(text)
        yield end, last
        than = _cues()["than"].match(text, last - 1) if kind == "compared" else None
        if than is None:
            return
        end = than.end()


def _tells_of_disease(before: str) -> bool:
    clause = before[max((match.end() for match in _CLAUSE.finditer(before)), default=0) :]
    return bool(_cues()["disease"].search(clause[-_NEAR:])) or bool(_IT.search(clause))


def _items(document: Doc, number: int, text: str, start: int, end: int, kind: str) -> Iterator[Span]:
    """The names of a list between two characters of a sentence."""
    starts: list[int] = attribute(document, "starts")
    shift = attribute(document, "sentences")[number].start
    at = start
    for joint in [*_JOINT.finditer(text, start, end), None]:
        stop = joint.start() if joint else end
        if joint and "between " in text[at:stop] and joint.group() == " and ":
            continue  # "the interval between A and B" is one thing
        while at < stop and text[at] == " ":
            at += 1
        no_item = (text.startswith(", ", at - 2) and _APPOSED.match(text, at)) or (
            kind in _BEHIND and _ASIDE.match(text, at)
        )
        filling = _cues()["filling"].match(text, at, stop)
        begin = filling.end() if filling else at
        name = _cues()["modal"].sub("", text[begin:stop].rstrip(" ,"))
        at = joint.end() if joint else end
        if not no_item and _is_name(name):
            first, last = (bisect_left(starts, shift + place) for place in (begin, begin + len(name)))
            yield Span(first, last, "risk factor", number, 0.5, "told", span_text(document, first, last))


def _is_name(name: str) -> bool:
    return (
        len(name) > 2
        and len(name.split()) <= _LONGEST
        and name[0].isalpha()
        and not _cues()["nothing"].search(name)
        and not _cues()["disease"].search(name)
    )


def _is_site(document: Doc, span: Span) -> bool:
    concepts: list[ConceptSpan] = attribute(document, "concepts")
    starts: list[int] = attribute(document, "concept_starts")
    return any(c.kind == "site" for c in concepts[bisect_left(starts, span.first) : bisect_left(starts, span.last)])
