"""Outcomes that did not differ between arms which a sentence does not name by their treatment.

"No difference between the groups" is told of the two that the record sets against each other; "treated and untreated
patients", "the irradiated and the other hips" are named by what was done to them.
"""

import re
from collections.abc import Iterator, Sequence

from nlp.findings.links.costs import Effect
from nlp.findings.pairs import says_nothing
from nlp.findings.sentence.course import LONGEST, usual_name
from nlp.findings.sentence.pair_features import Pair, distinct, is_control
from nlp.findings.sentence.signs import NONE, word_sign
from nlp.findings.sentence.view import Context
from nlp.spans.tagging import Span
from nlp.text.normal import normal

_GROUPS = r"(?:the |these |both |all )?(?:two |three |four |treatment |study )*(?:groups|arms|treatments|regimens)\b"
#: Groups that are not named did not differ.
GROUPS_ALIKE = re.compile(
    rf"\bno(?: \w+){{0,3}} differences?\b[^;]*\b(?:between|among) {_GROUPS}|\b{_GROUPS} did not(?: \w+)? differ"
    rf"|\b(?:did not(?: \w+)? differ|(?:was|were)(?: \w+ly)? (?:similar|comparable|the same|not(?: \w+)? different))"
    rf"(?: \w+)? (?:between|in|among) {_GROUPS}"
)
_DEEDS = (
    r"(?:the )?([\w-]{5,}ed) and (?:the )?([\w-]{5,}ed) (?:groups?|patients|hips|elbows|knees|limbs|animals|mice)\b"
)
#: Groups that are named by what was done to them did not differ.
_DEEDS_ALIKE = re.compile(
    rf"\b(?:neither|no|not|similar|comparable)\b[^;]*\b(?:between|in|among) {_DEEDS}"
    rf"|^{_DEEDS} did not(?: \w+)? differ[^;]*"
)
#: Outcomes that only say how something is measured.
BARE_MEASURE = re.compile(r"(?:incidence|rates?|frequency|prevalence|severity|progression|extent|volume|amount)")
_BRACKETS = re.compile(r"\([^()]*\)")
_TREATED = re.compile(r"treated|medicated")
#: As many first letters make a deed and its noun one: "debrided" and "debridement".
_STEM = 5
#: How sure it is that groups did not differ.
SURE = 0.5


def of_unnamed_arms(context: Context, arms: Sequence[tuple[Span, Span]]) -> dict[tuple[str, str, str], Effect]:
    """Returns the effects "no difference" of arms that are not named, by subject, outcome and direction.

    `arms` are the pairs of treatments that the record sets against each other.
    """
    added = {}
    for subject, outcome in [*_of_groups(context, arms), *_of_deeds(context)]:
        pair = Pair(subject, outcome, "main")
        if not says_nothing(context, pair):
            key = (normal(subject.text), normal(outcome.text), "no difference")
            added[key] = Effect(pair, "no difference", SURE, None)
    return added


def _of_groups(context: Context, arms: Sequence[tuple[Span, Span]]) -> Iterator[tuple[Span, Span]]:
    subjects = {normal(one.text): one for one, _ in arms}
    if len(subjects) != 1 or is_control(next(iter(subjects))):
        return
    [subject] = subjects.values()
    for number in _telling(context):
        here = context.by_sentence.get(number, ())
        alike = GROUPS_ALIKE.search(_BRACKETS.sub("", context.texts[number]))
        if alike is not None and all(span.kind == "outcome" for span in here):
            null = [s for s in here if word_sign(context, s) == NONE or s.text.lower() in alike.group()]
            yield from ((subject, outcome) for outcome in distinct(null))


def _of_deeds(context: Context) -> Iterator[tuple[Span, Span]]:
    if len(context.sentences) > LONGEST:
        return
    for number in _telling(context):
        alike = _DEEDS_ALIKE.search(_BRACKETS.sub("", context.texts[number]))
        subject = _done(context, [word for word in alike.groups() if word]) if alike else None
        if alike is None or subject is None:
            continue
        here = [span for span in context.by_sentence.get(number, ()) if span.kind == "outcome"]
        told = [span for span in distinct(here) if span.text.lower() in alike.group()]
        yield from ((subject, span) for span in told if not BARE_MEASURE.fullmatch(normal(span.text)))


def _done(context: Context, deeds: Sequence[str]) -> Span | None:
    """The one treatment that deeds are of: by the stem of its name, or, of the treated, the record's only one."""
    drugs = [span for span in context.spans if span.kind == "intervention" and not is_control(normal(span.text))]
    stems = {deed.removeprefix("non-").removeprefix("un")[:_STEM] for deed in deeds}
    named = [s for s in drugs if any(word[:_STEM] in stems for word in normal(s.text).split())]
    if not named and all(_TREATED.search(deed) for deed in deeds):
        named = drugs if len({normal(span.text) for span in drugs}) == 1 else []
    return usual_name(context, named) if named else None


def _telling(context: Context) -> Iterator[int]:
    for number, sentence in enumerate(context.sentences):
        if sentence.category in ("results", "conclusion"):
            yield number
