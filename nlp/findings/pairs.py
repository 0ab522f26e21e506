"""Which intervention an outcome could be about: the pairs of a record, and those of which a sentence says nothing."""

import re

from nlp.estimates import EstimateSpan
from nlp.findings.asides import is_beside
from nlp.findings.links.alignment import graded_outcome
from nlp.findings.sentence.clauses import main_clause, own_stretch
from nlp.findings.sentence.context_features import DECISIVE
from nlp.findings.sentence.estimate_signs import significant
from nlp.findings.sentence.outcome_roles import (
    compares_by_disease,
    did_not_happen,
    is_cause,
    is_population,
    is_reason_of_operation,
)
from nlp.findings.sentence.pair_features import Pair, Reading, distinct, is_control
from nlp.findings.sentence.signs import (
    NONE,
    clause_bounds,
    clause_of,
    is_inconclusive,
    signs_in,
    without_intentions,
)
from nlp.findings.sentence.view import Context
from nlp.spans.tagging import Span
from nlp.text.normal import normal

#: Patients who had several treatments: what is told of them is not told of one of the treatments.
_COMBINED = re.compile(r"\bcombin\w+")
_WITHOUT = re.compile(r"(?:no|without) ")
_COMPARISON = re.compile(
    r"\b(?:than|versus|vs?\.?|compared|between|both|either|groups?|arms?|respectively|from .{1,40} to)\b|%.*%"
)
#: Words that speak of the arms of a record, of its treatment, or of a course, without naming them.
_OF_ARMS = re.compile(
    r"\b(?:groups?|arms?|treat\w+|drugs?|therap\w+|prophyla\w+|it|they|this|these|both|either|baseline|pre-?operative\w*"
    r"|from [^,;]{0,20}\d[^,;]{0,30} to|intervention|effects?)\b"
)
_SHARE_OF = re.compile(r"\d\s?(?:%|per cent) of (?:the |all |these )?$")
_TREATED = re.compile(r" (?:(?:that were |which were )?(?:treated|managed)|given|in which|with)\b")
_NOR_DID = re.compile(r"\b(?:neither|nor) (?:did|does|was|were|had|has)(?: (?:an?|the|elevated|raised|high|low))* ?$")
_SEEN_IN = re.compile(
    r"\b(?:(?:was|were)(?: \w+ly)? (?:seen|reported|found|observed|noted|recorded)|occurred|developed|appeared)"
    r" in (?:\w+ )?\d"
)
#: Words that weigh what they tell, or set it against something.
_WEIGHED = re.compile(
    r"\b(?:only|none|no|not|without|alone|never|all|every|free|rare\w*|few|than|versus|vs|compared|against|and|both|either"
    r"|after .* before|before .* after)\b|%.*%.*%"
)
#: Words that tell more than what was meant.
_TELLING = re.compile(
    r"\d|\b(?:only|none|no|not|never|all|every|than|alone|one|two|three|few|most|safe\w*|effective\w*|superior|inferior|equivalent|better|worse)\b"
)
_SIGNIFICANT = re.compile(r"\b(?:is|was|were|being)(?: (?!not\b|no\b)\w+)? significant(?! (?:risk|factor|predict))")
#: Two arms that a sentence names ("between the low and the high dose groups").
_NAMED_ARMS = re.compile(
    r"\bbetween(?: the)? ([^.;,]{2,40}?) and(?: the)? ([^.;,]{0,40}?) ?(?:groups?|arms?|doses?|regimens?)\b"
)
_ANY_ARMS = re.compile(
    r"(?:two|three|both|treatment|treated|study|control|experimental|placebo|these|other|untreated|\W)*"
)
_MORE_WITH = re.compile(
    r"\b(?:was|were)(?: \w+)? (?:higher|lower|better|worse|greater|smaller|rarer|commoner|(?:more|less) \w+) "
    r"(with|after|under|on) (?:the )?(?!time|age|day|week|month)[a-z]"
)
#: Of those who had nothing a sentence tells nothing of a treatment, unless it compares.
_OF_CONTROLS = re.compile(
    r"(?:from|in|of|among) (?:the |a |\w+ )?control(?:s| group| arm)\b"
    r"(?!.*\b(?:than|versus|vs|compared|whereas|while|but)\b)"
)
_IN_GROUP = re.compile(r"(?:in|among|within|with)(?: (?:the|those|patients|hips|with|given|on|both))* ")
_RELATED = re.compile(r"\b(?:associated|correlated|related|predict\w+|risk factors?)\b")
_SCALE = re.compile(r"\b(?:scale|classification|grading|system|score|criteria)\b")


def candidate_pairs(context: Context) -> list[Pair]:
    """Returns every pair of the record, sentence by sentence."""
    outcomes: dict[int, list[Span]] = {}
    interventions: dict[int, list[Span]] = {}
    for span in context.spans:
        if span.kind == "outcome":
            outcomes.setdefault(span.sentence, []).append(span)
        elif span.kind == "intervention":
            interventions.setdefault(span.sentence, []).append(span)
    main = main_interventions(context)
    pairs = []
    for number, found in sorted(outcomes.items()):
        category = context.sentences[number].category
        if category == "methods":
            continue
        mine = distinct(interventions.get(number, []))
        source = "here"
        pool = [(span, source) for span in mine]
        if category in ("results", "conclusion"):
            here = {normal(s.text) for s in mine}
            previous = [s for s in distinct(interventions.get(number - 1, [])) if normal(s.text) not in here]
            if len(mine) < 2 and compares(context, number):
                pool += [(s, "previous") for s in previous]
                known = here | {normal(s.text) for s in previous}
                pool += [(s, "main") for s in main if normal(s.text) not in known]
        pairs += [Pair(span, outcome, source) for outcome in distinct(found) for span, source in pool]
    return pairs


def compares(context: Context, number: int) -> bool:
    """Returns whether a sentence compares or weighs anything; one that does not says nothing of what it does not name.

    "The disease developed in 68 patients (12.8%)" is no result of the drug that the record is about.
    """
    return bool(
        context.estimates[number]
        or any(cue.group in DECISIVE for cue in context.cues[number])
        or _COMPARISON.search(context.texts[number])
    )


def main_interventions(context: Context) -> list[Span]:
    """The interventions of the title, else the two most often named ones outside the background."""
    named = [s for s in context.spans if s.kind == "intervention"]
    counts: dict[str, int] = {}
    for span in named:
        if context.sentences[span.sentence].category != "background":
            counts[normal(span.text)] = counts.get(normal(span.text), 0) + 1
    titled = {normal(s.text) for s in named if context.sentences[s.sentence].category == "title"}
    ranked = sorted(counts, key=lambda key: (key not in titled, is_control(key), -counts[key], key))
    first = {normal(s.text): s for s in reversed(named)}
    return [first[key] for key in ranked[:3]]


def read_record(context: Context, links: dict[EstimateSpan, Span]) -> Reading:
    """Returns what the pairs of a record share."""
    return Reading(context, links, [normal(s.text) for s in main_interventions(context)])


def says_nothing(context: Context, pair: Pair) -> bool:
    """Whether a sentence cannot be about a pair: the disease as the population, no conclusion, or another arm in it."""
    number = pair.outcome.sentence
    outcome = pair.outcome
    if _is_only_meant(context, outcome):
        return True
    if is_population(context, outcome) or is_inconclusive(context, outcome) or is_reason_of_operation(context, outcome):
        return True
    if is_cause(context, outcome) or (_SCALE.search(outcome.text.lower()) and graded_outcome(context, outcome)):
        return True
    if _is_share_of(context, outcome) or _is_subject(context, outcome) or is_beside(context, pair):
        return True
    if did_not_happen(context, outcome) and normal(pair.intervention.text) not in clause_of(context, outcome):
        return True
    if pair.source == "here" and _is_stratum(context, pair):
        return True
    if pair.source == "here":
        return _is_of_another_clause(context, pair) or _is_in_both_arms(context, pair) or _only_occurs(context, pair)
    absent = any(
        span.kind == "intervention" and _WITHOUT.match(normal(span.text))
        for span in context.by_sentence.get(number, ())
    )
    if (
        _is_of_named_arms(context, pair)
        or _is_of_something_unknown(context, number)
        or _OF_CONTROLS.match(context.texts[number])
    ):
        return True
    another = bool(_COMBINED.search(context.texts[number])) and not _COMBINED.search(normal(pair.intervention.text))
    return absent or another or compares_by_disease(context.texts[number]) or _is_of_a_factor(context, pair)


def _is_only_meant(context: Context, outcome: Span) -> bool:
    """Whether a clause only says what was asked, meant or thought possible ("may reduce it", "given to reduce it")."""
    if context.estimates[outcome.sentence]:
        return False
    left = without_intentions(clause_of(context, outcome))
    return left is not None and not signs_in(left) and not _TELLING.search(left)


def _is_stratum(context: Context, pair: Pair) -> bool:
    """Whether a sentence only says in whom something was related to an outcome ("in the X group age was")."""
    text, start = context.texts[pair.outcome.sentence], context.bounds(pair.intervention)[0]
    factors = [s for s in context.by_sentence[pair.outcome.sentence] if s.kind == "risk factor"]
    return bool(factors and _IN_GROUP.fullmatch(text, 0, start) and _RELATED.search(text, start))


def _is_of_named_arms(context: Context, pair: Pair) -> bool:
    """Whether a sentence that does not name a treatment compares two arms by names that are none of its own."""
    match = _NAMED_ARMS.search(context.texts[pair.outcome.sentence])
    if match is None or any(_ANY_ARMS.fullmatch(name) for name in match.groups()):
        return False
    name = normal(pair.intervention.text)
    return name not in match.group() and not any(word[:5] in match.group() for word in name.split() if len(word) > 4)


def _is_of_something_unknown(context: Context, number: int) -> bool:
    """Whether a sentence that names no treatment says that an outcome was more or less with something."""
    text = context.texts[number]
    if any(span.kind == "intervention" for span in context.by_sentence.get(number, ())):
        return False
    match = _MORE_WITH.search(text)
    return match is not None and not _OF_ARMS.search(text, match.end(1)) and " than " not in text[match.end() :]


def is_denied_by_p(context: Context, outcome: Span) -> bool:
    """Returns whether words or all p values tell of a difference in an outcome and nothing says that there was none."""
    number = outcome.sentence
    text, shift = context.texts[number], context.sentences[number].start
    first, last = own_stretch(text, *context.bounds(outcome))
    mine = [e for e in context.estimates[number] if first <= e.start - shift < last]
    if _SIGNIFICANT.search(text, first, last) and NONE not in signs_in(text[first:last]):
        return True
    found = bool(mine) and all(e.measure is None and significant(e.p_value or "") for e in mine)
    return found and NONE not in signs_in(text[first:last])


def _is_share_of(context: Context, outcome: Span) -> bool:
    """Whether an outcome is only what a share is of ("after 43% of flare-ups treated with it")."""
    start, end = context.bounds(outcome)
    text = context.texts[outcome.sentence]
    return bool(_SHARE_OF.search(text, 0, start) and _TREATED.match(text, end))


def _is_subject(context: Context, outcome: Span) -> bool:
    """Whether a clause tells of an outcome that it did nothing itself ("and neither did an elevated level of it")."""
    start, _ = context.bounds(outcome)
    return bool(_NOR_DID.search(context.texts[outcome.sentence], 0, start))


def _is_of_another_clause(context: Context, pair: Pair) -> bool:
    """Whether an outcome's clause has a treatment of its own and the pair's stands in other clauses only."""
    number, outcome = pair.outcome.sentence, pair.outcome
    text = context.texts[number]
    first, last = main_clause(text, *context.bounds(outcome))
    arms = [s for s in context.by_sentence.get(number, ()) if s.kind == "intervention"]
    mine = [s for s in arms if first <= context.bounds(s)[0] < last]
    name = normal(pair.intervention.text)
    others = [s for s in mine if not is_control(normal(s.text))]
    if not others or any(normal(s.text) == name for s in mine):
        return False
    places = [context.bounds(s) for s in arms if normal(s.text) == name]
    return all(_has_outcome(context, number, main_clause(text, *place)) for place in places)


def _has_outcome(context: Context, number: int, bounds: tuple[int, int]) -> bool:
    spans = context.by_sentence.get(number, ())
    return any(s.kind == "outcome" and bounds[0] <= context.bounds(s)[0] < bounds[1] for s in spans)


def _only_occurs(context: Context, pair: Pair) -> bool:
    """Whether a sentence only says how often an outcome came with a treatment ("after X it was seen in 3 to 14%")."""
    number = pair.outcome.sentence
    text = context.texts[number]
    return (
        not context.estimates[number]
        and not any(cue.group in DECISIVE for cue in context.cues[number])
        and bool(_SEEN_IN.search(text))
        and not _WEIGHED.search(text)
    )


def _is_in_both_arms(context: Context, pair: Pair) -> bool:
    """Whether both arms had a treatment ("excision plus radiotherapy" and "excision alone"): nothing is told of it."""
    name = re.escape(normal(pair.intervention.text))
    text = context.texts[pair.outcome.sentence]
    joined = re.search(rf"\b{name} (?:plus|with|and|combined with|followed by)\b", text)
    return bool(joined and re.search(rf"\b{name} (?:alone|only)\b", text))


def _is_of_a_factor(context: Context, pair: Pair) -> bool:
    """Whether a sentence that does not name a treatment tells of a risk factor, and of no arms, course or drug."""
    if pair.source == "estimate":
        return False
    text = context.texts[pair.outcome.sentence]
    first, last = clause_bounds(text, *context.bounds(pair.outcome))
    factors = [s for s in context.by_sentence.get(pair.outcome.sentence, ()) if s.kind == "risk factor"]
    return not _OF_ARMS.search(text) and any(first <= context.bounds(span)[0] < last for span in factors)
