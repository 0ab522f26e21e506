"""Which subjects an estimate may belong to at all: those of its own label, list item or clause.

A value that slips one place in a list makes a protective measure look harmful, so lists are read as a whole: every
estimate of a sentence gets the stretch of text between the estimate before it and itself (its item), and subjects of
other items are closed to it. Where one bracket holds several estimates with labels, the label decides.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from nlp.cues.disease import disease_pattern
from nlp.estimates import EstimateSpan
from nlp.findings.sentence.signs import is_reference
from nlp.findings.sentence.view import Context
from nlp.spans.tagging import Span
from nlp.text.normal import normal

_OUTCOME = r"\b(?:<outcome>|<grading>|recurrence|grade)\b"
_LAST = r"\b<whole>\s*$"
#: Behind an estimate these words lead to its subject; a label stands before it.
_OF_NEXT = re.compile(r"[\s)\]]*(?:for|in|with|after|among|of|by|if|when|on)\b")
_GRADED_BY = re.compile(r"\b(?:by(?: the)?|according to(?: the)?|as graded by(?: the)?) $")
_OUTER = re.compile(r"[\[(](?:[\d.,%/\s]|vs?\.?|versus|and|respectively)*$")
_WORD = re.compile(r"[^\W\d_]{3,}")
#: Words that may stand in an item without naming anything: of the statistics, of lists, of results.
_EMPTY = frozenset(
    "and the with for was were but also both respectively odds ratio ratios adjusted crude unadjusted hazard relative "
    "risk rate confidence interval intervals value values multivariate multivariable univariate univariable analysis "
    "model then still even after before adjustment remained significant significantly statistically "
    "respective corresponding that which this compared".split()
)
_RESPECTIVELY = re.compile(r"\brespectively\b|\bin (?:that|this) order\b")
#: Between two arms that are named side by side.
_AS_ARMS = re.compile(
    r"(?: groups?| approach| patients)?,? (?:and|versus|vs\.?|v|compared with|or)(?: (?:the|with|after))* "
)
_PAIR = re.compile(r"\bbetween [^();:]{3,80} and [^();:]{3,60}\s?$")
_BREAK = re.compile(r"; |: | whereas | but | while | although | however,? ")


@dataclass(frozen=True, slots=True)
class Allowed:
    """The spans that an estimate may be linked to; `certain` where its list or label leaves exactly one."""

    spans: tuple[Span, ...]
    certain: bool = False


def allowed_links(context: Context, number: int) -> dict[EstimateSpan, Allowed]:
    """Returns for each estimate of a sentence the risk factors and interventions that it may belong to."""
    shift = context.sentences[number].start
    estimates = context.estimates[number]
    subjects = [s for s in context.by_sentence.get(number, ()) if s.kind in ("risk factor", "intervention")]
    groups = _groups(context.texts[number], shift, estimates)
    found = _before_their_subjects(context, number, groups, subjects)
    if found:
        return found
    previous = 0
    for group in groups:
        anchor, end = group[0].anchor - shift, group[-1].end - shift
        before = _inside(context, subjects, previous, anchor)
        ordered = _in_order(context, number, group, before, end)
        if ordered is not None:
            found |= ordered
        elif len(group) > 1 and _labelled(context, number, group):
            found |= _by_label(context, number, group, subjects)
        else:
            # a further figure without words of its own is of the same thing: crude, then adjusted
            allowed = _by_item(context, number, group, previous, subjects, len(groups))
            found |= dict.fromkeys(group, allowed)
        previous = end
    return found


def of_another_outcome(context: Context, estimate: EstimateSpan) -> bool:
    """Returns whether the words right before an estimate name another outcome ("dislocation (OR 0.37)")."""
    nearest = own_outcome(context, estimate)
    return nearest is not None and not disease_pattern(_OUTCOME).search(nearest.text.lower())


def own_outcome(context: Context, estimate: EstimateSpan) -> Span | None:
    """Returns the outcome right before an estimate's bracket ("dislocation (OR 0.37)"), or None."""
    number = context.sentence_at(estimate.start)
    if number < 0:
        return None
    shift = context.sentences[number].start
    anchor = opening(context.texts[number], estimate.anchor - shift)
    previous = max((e.end - shift for e in context.estimates[number] if e.end - shift <= anchor), default=0)
    named = [s for s in context.by_sentence.get(number, ()) if s.kind == "outcome"]
    mine = [s for s in named if previous <= context.bounds(s)[0] and context.bounds(s)[1] <= anchor]
    nearest = max(mine, key=lambda s: context.bounds(s)[1], default=None)
    if nearest is None or anchor - context.bounds(nearest)[1] > 3:
        return None
    return graded_outcome(context, nearest) or nearest


def graded_outcome(context: Context, scale: Span) -> Span | None:
    """Returns the outcome that a scale only grades ("its incidence by a scale": the incidence), or None."""
    text = context.texts[scale.sentence]
    if not _GRADED_BY.search(text, 0, context.bounds(scale)[0]):
        return None
    before = [s for s in context.by_sentence[scale.sentence] if s.kind == "outcome" and s.first < scale.first]
    return next((s for s in reversed(before) if not _GRADED_BY.search(text, 0, context.bounds(s)[0])), None)


def opening(text: str, anchor: int) -> int:
    """Returns where the brackets of an estimate open: "[12% vs 26% (OR 0.46)]" opens before its figures."""
    outer = _OUTER.search(text, 0, anchor)
    return outer.start() if outer else anchor


def _groups(text: str, shift: int, estimates: Sequence[EstimateSpan]) -> list[list[EstimateSpan]]:
    """The estimates of a sentence: those of one bracket, or with no word between them, together."""
    groups: list[list[EstimateSpan]] = []
    for estimate in estimates:
        opened = estimate.anchor < estimate.start
        if groups and (
            (opened and groups[-1][0].anchor == estimate.anchor)
            or not _says(text[groups[-1][-1].end - shift : estimate.start - shift])
        ):
            groups[-1].append(estimate)
        else:
            groups.append([estimate])
    return groups


def _inside(context: Context, subjects: Sequence[Span], start: int, end: int) -> list[Span]:
    return [s for s in subjects if start <= context.bounds(s)[0] and context.bounds(s)[1] <= end]


def _in_order(
    context: Context, number: int, group: Sequence[EstimateSpan], before: Sequence[Span], end: int
) -> dict[EstimateSpan, Allowed] | None:
    """As many values as subjects and "respectively": the first belongs to the first; of other counts, none to any."""
    text = context.texts[number]
    if len(group) < 2 or not _RESPECTIVELY.search(text, end, end + 40) or _labelled(context, number, group):
        return None
    if len(before) != len(group):
        return {estimate: Allowed(()) for estimate in group} if len(before) > 1 else None
    return {estimate: Allowed((span,), True) for estimate, span in zip(group, before, strict=True)}


def _before_their_subjects(
    context: Context, number: int, groups: Sequence[Sequence[EstimateSpan]], subjects: Sequence[Span]
) -> dict[EstimateSpan, Allowed]:
    """Several estimates, each before its own subject: "0.4 (0.2-0.8) for A and 0.5 (0.3-0.9) for B"; else none.

    One before a subject without a known name belongs to none.
    """
    text, shift = context.texts[number], context.sentences[number].start
    if len(groups) < 2 or _inside(context, subjects, 0, groups[0][0].anchor - shift):
        return {}
    found: dict[EstimateSpan, Allowed] = {}
    stops = [group[0].anchor - shift for group in groups[1:]] + [len(text)]
    for group, stop in zip(groups, stops, strict=True):
        end = group[-1].end - shift
        mine = _inside(context, subjects, end, stop)
        if not _OF_NEXT.match(text, end):
            return {}
        found |= dict.fromkeys(group, Allowed(tuple(mine[:1]), bool(mine)))
    return found if any(allowed.certain for allowed in found.values()) else {}


def _item(context: Context, number: int, group: Sequence[EstimateSpan], place: int) -> tuple[int, int]:
    """Characters between the bracket's opening or the estimate before and an estimate of the bracket."""
    shift = context.sentences[number].start
    start = group[place - 1].end if place else group[0].anchor + 1
    return start - shift, group[place].start - shift


def _labelled(context: Context, number: int, group: Sequence[EstimateSpan]) -> bool:
    """True where at least one estimate of a bracket has words of its own before it."""
    items = (_item(context, number, group, place) for place in range(len(group)))
    return any(_says(context.texts[number][start:end]) for start, end in items)


def _says(text: str) -> bool:
    return any(word not in _EMPTY for word in _WORD.findall(text)) or bool(re.search(r"\d", text))


def _by_label(
    context: Context, number: int, group: Sequence[EstimateSpan], subjects: Sequence[Span]
) -> dict[EstimateSpan, Allowed]:
    found: dict[EstimateSpan, Allowed] = {}
    text = context.texts[number]
    for place, estimate in enumerate(group):
        start, end = _item(context, number, group, place)
        mine = _inside(context, subjects, start, end)
        if not mine and _says(text[start:end]):
            words = set(_WORD.findall(text[start:end])) - _EMPTY
            named = [s for s in subjects if words and words <= set(_WORD.findall(s.text.lower()))]
            mine = named if len(named) == 1 else []
        elif not mine and place:
            mine = list(found[group[place - 1]].spans)  # another figure of the same thing: crude, then adjusted
        mine = _without_references(context, mine)
        found[estimate] = Allowed(tuple(mine[-1:]), bool(mine))
    return found


def _by_item(
    context: Context, number: int, group: Sequence[EstimateSpan], previous: int, subjects: Sequence[Span], groups: int
) -> Allowed:
    """The subjects of a group's own item; those of the clause where it opens the sentence's figures."""
    text = context.texts[number]
    shift = context.sentences[number].start
    anchor, end = group[0].anchor - shift, group[-1].end - shift
    mine = _without_references(context, _inside(context, subjects, previous, anchor))
    behind = [s for s in subjects if context.bounds(s)[0] >= end]
    if all(estimate.measure is None for estimate in group):
        pair = _PAIR.search(text, 0, anchor)
        if pair is not None:  # "between A and B (p = 0.04)" is told of these two alone
            return Allowed(tuple(_inside(context, subjects, pair.start(), anchor)))
        return Allowed(tuple(mine or subjects))
    if groups > 1 and mine:
        return Allowed(tuple(_of_clause(context, text, mine, anchor)), len(mine) == 1)
    if groups > 1 and previous:
        names_outcome = any(
            s.kind == "outcome" and previous <= context.bounds(s)[0] < anchor
            for s in context.by_sentence.get(number, ())
        )
        if not names_outcome and _says(text[previous:anchor]):
            return Allowed(tuple(behind) if _OF_NEXT.match(text, end) else ())
        return Allowed(tuple(subjects))
    return Allowed(tuple(_of_clause(context, text, mine, anchor)) + tuple(behind) if mine else tuple(subjects))


def _without_references(context: Context, spans: Sequence[Span]) -> list[Span]:
    """The spans without what they are compared with, where anything is left: a ratio is told of the compared level."""
    kept = [span for span in spans if not is_reference(context, span)]
    return kept or list(spans)


def by_outcomes(context: Context, number: int) -> list[EstimateSpan]:
    """Returns the estimates right behind the disease in a sentence with several outcomes' estimates, else none.

    "The approach reduced dislocation (OR 0.37) and the disease (OR 0.41)" has one estimate of it.
    """
    shift = context.sentences[number].start
    text = context.texts[number]
    measured = [e for e in context.estimates[number] if e.measure]
    last = disease_pattern(_LAST)
    mine = [
        e
        for e in measured
        if last.search(text, 0, opening(text, e.anchor - shift)) and not _ends_factor(context, number, e)
    ]
    return mine if len(measured) > len(mine) else []


def ratios_of_two_arms(context: Context, number: int) -> dict[EstimateSpan, Span]:
    """Returns the ratio of the disease in a list of outcomes that two levels, named once, are compared by, if any.

    "No difference was seen in infection (OR 0.98) and stiffness (OR 0.46) between A and B" is told of A.
    """
    subjects: dict[str, Span] = {}
    for span in context.by_sentence.get(number, ()):
        if span.kind != "outcome":
            subjects.setdefault(normal(span.text), span)
    ratios = by_outcomes(context, number)
    if len(subjects) != 2 or len(ratios) != 1 or any(span.kind != "risk factor" for span in subjects.values()):
        return {}
    first, second = subjects.values()
    shift = context.sentences[number].start
    figures = [e for e in context.estimates[number] if e.measure]
    places = [context.bounds(span)[0] + shift for span in (first, second)]
    outside = all(p < figures[0].start for p in places) or all(p > figures[-1].end for p in places)
    between = context.texts[number][context.bounds(first)[1] : context.bounds(second)[0]]
    return {ratios[0]: first} if outside and _AS_ARMS.fullmatch(between) else {}


def _ends_factor(context: Context, number: int, estimate: EstimateSpan) -> bool:
    """Whether the words before an estimate end a factor's or treatment's name: "prior resection (HR 2.4)"."""
    anchor = estimate.anchor - context.sentences[number].start
    named = [s for s in context.by_sentence.get(number, ()) if s.kind != "outcome"]
    return any(0 <= anchor - context.bounds(s)[1] <= 2 for s in named)


def _of_clause(context: Context, text: str, spans: Sequence[Span], anchor: int) -> list[Span]:
    """Those of the spans that no clause end parts from the estimate, if any; else all."""
    near = [s for s in spans if not _BREAK.search(text, context.bounds(s)[1], anchor)]
    return near or list(spans)
