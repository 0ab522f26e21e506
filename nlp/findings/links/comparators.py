"""What an intervention was compared with: from the clause, else from the arms of the record, else nothing.

The other arm that a sentence sets against it comes first, then the arms that title, aim and methods name ("X or Y",
"randomised to X or Y"), then the record's only control.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from db.terms import ComparatorClass
from nlp.cues import patterns
from nlp.findings.sentence.arms import arm_figures
from nlp.findings.sentence.pair_features import distinct, is_control
from nlp.findings.sentence.view import Context
from nlp.spans.tagging import Span
from nlp.text.figures import outside_brackets, proportions
from nlp.text.normal import normal

_AGAINST = re.compile(
    r"(?:than|versus|vs?\.?|compar\w+ (?:with|to)|relative to|against|over|as opposed to|rather than|superior to"
    r"|inferior to)"
    r"(?: (?:the|those|that|patients|hips|with|given|in|on|after|of|who|received|receiving|had)){0,4}\s*$"
)
_AND = re.compile(r"\b(?:between|either|differ\w*|compar\w+)\b.*\b(?:and|or)(?: (?:the|those|with|in|after)){0,2}\s*$")
_ARMS = re.compile(
    r"\b(?:versus|vs|compar\w+|randomi[sz]\w+|allocat\w+|assigned|divided|either|groups?|arms?|against|or)\b"
)
_JOINT = re.compile(r"\b(?:versus|vs|or|against|and|with|to|than)\b")
#: Two treatments that are given together are no arms.
_TOGETHER = re.compile(r"\b(?:combined with|together with|plus|in combination with|added to|in addition to)\b")
#: What may stand between two alternatives, and between an arm and what is listed or given with it.
_EITHER = re.compile(r"[^,;:]{0,40}\b(?:versus|vs?\.?|or|against|compared (?:with|to))\b[^,;:]{0,30}")
_LISTED = re.compile(rf"^[\s,]*(?:(?:and|or|versus|vs?\.?)\b.{{0,20}})?$|{_TOGETHER.pattern}")
_BRACKETS = re.compile(r"\([^()]*\)")
_BEFORE = re.compile(
    r"\bfrom (?:a (?:mean|median) (?:of )?)?-?\d[^;]{0,60}? to (?:a (?:mean|median) (?:of )?)?-?\d|\bbaseline\b"
    r"|\bbefore (?:and after|the|surgery|treatment|operation)|\bpre-?operative(?:ly)?\b|\bpre-?treatment\b"
    r"|\bcompared with before\b|\bpostoperatively\b|\bat (?:the )?(?:last|final|latest) follow-?up\b|\bimproved\b"
    r"|\d\S{0,8} before,? (?:and|then) [^;]{0,20}\d\S{0,8} after\b"
)
_SCHEME = re.compile(
    r"\d ?(?:c?gy|mg|days?|weeks?|fractions?|h\b)|\b(?:low|high|medium|single|multiple|early|late|delayed|short|long"
    r"|pre-?operative|post-?operative|days?|weeks?|one|two|three|six|dose|fractions?|started|immediate\w*)\b"
)
#: A treatment named by its side of the operation is compared with its other timing, never with itself before.
_TIMED = re.compile(r"\b(?:pre|post|peri|intra)-?operative(?:ly)?\b")
#: A course tells of patients before and after, whoever else the record has.
_COURSE = re.compile(
    r"\bfrom (?:a (?:mean|median) (?:of )?)?-?\d[^;]{0,60}? to (?:a (?:mean|median) (?:of )?)?-?\d"
    r"|\bcompared with (?:before|baseline)\b|\d\S{0,8} before,? (?:and|then) [^;]{0,20}\d\S{0,8} after\b"
)
_ALONE = re.compile(r" (?:alone|only)$")
_LACKING = re.compile(r"^(?:no|without)(?: any)? ")
_WORDS = re.compile(r"[a-z]{4,}")


@dataclass(frozen=True, slots=True)
class Arms:
    """What a record compares: its controls, the pairs of arms that title, aim and methods name; all its treatments."""

    controls: tuple[Span, ...]
    pairs: tuple[tuple[Span, Span], ...]
    names: frozenset[str]


def record_arms(context: Context) -> Arms:
    """Returns the record's controls, one a string, and the pairs of interventions that it sets against each other."""
    controls = distinct([s for s in context.spans if s.kind == "intervention" and is_control(normal(s.text))])
    pairs = []
    for number, sentence in enumerate(context.sentences):
        if sentence.category not in ("title", "aim", "methods") or not _ARMS.search(context.texts[number]):
            continue
        named: list[Span] = []
        for span in distinct(_interventions(context, number)):
            if all(_differs(normal(span.text), normal(other.text)) for other in named):
                named.append(span)
        elliptic = _elliptic(context, number, named[0]) if len(named) == 1 else None
        if elliptic is not None:
            pairs.append((elliptic, named[0]))
        if len(named) == 2 and _joined(context, number, named[0], named[1]):
            pairs.append((named[0], named[1]))
        elif len(named) > 2:
            pairs += _alternatives(context, number, named)
    names = frozenset(normal(span.text) for span in context.spans if span.kind == "intervention")
    return Arms(tuple(controls), tuple(pairs), names)


def _joined(context: Context, number: int, one: Span, other: Span) -> bool:
    """Whether a sentence names two interventions as alternatives of each other."""
    text = context.texts[number]
    between = text[context.bounds(one)[1] : context.bounds(other)[0]]
    together = _TOGETHER.search(between) and f"{normal(other.text)} alone" not in text
    return len(between) < 90 and bool(_JOINT.search(between)) and not together


def _alternatives(context: Context, number: int, named: Sequence[Span]) -> list[tuple[Span, Span]]:
    """The only two of several interventions that a sentence sets against each other ("X or Y after release"), if any.

    What stands beside them must be neither a further arm ("X, Y or Z") nor given with one of them ("W plus X or Y").
    """
    text = context.texts[number]
    places = [context.bounds(span) for span in named]
    between = [_BRACKETS.sub(" ", text[one[1] : other[0]]) for one, other in pairwise(places)]
    facing = [place for place, words in enumerate(between) if _EITHER.fullmatch(words)]
    if len(facing) != 1:
        return []
    [first] = facing
    beside = [between[place] for place in (first - 1, first + 1) if 0 <= place < len(between)]
    if any(_LISTED.search(words) for words in beside) or not _can_face(
        normal(named[first].text), normal(named[first + 1].text)
    ):
        return []
    return [(named[first], named[first + 1])]


def _can_face(name: str, other: str) -> bool:
    """Whether an arm can be set against another: X against "no X", not against "no Y"."""
    lacked = _LACKING.sub("", other)
    return lacked == other or bool(set(_WORDS.findall(lacked)) & set(_WORDS.findall(name)))


def _elliptic(context: Context, number: int, subject: Span) -> Span | None:
    """The intervention that a sentence names without its last word ("early and late surgery"), or None.

    The record must name it in full elsewhere.
    """
    words = normal(subject.text).split()
    text = context.texts[number]
    start, _ = context.bounds(subject)
    for span in distinct([s for s in context.spans if s.kind == "intervention"]):
        other = normal(span.text).split()
        if (
            len(words) < 2
            or len(other) < 2
            or other[-1] != words[-1]
            or other == words
            or is_control(normal(span.text))
        ):
            continue
        own = re.escape(" ".join(other[:-1]))
        if re.search(
            rf"(?<![\w-]){own}(?: or| and| with| to| than| v| vs\.?| versus)(?: (?:the|after|with))* ?$", text[:start]
        ):
            return span
    return None


def _other_arm(context: Context, number: int, key: str) -> Span | None:
    """The other of the two interventions of a sentence that gives each of them a proportion of its own, or None."""
    text = context.texts[number]
    open_text = outside_brackets(text)
    readings = (arm_figures(context, number, proportions(words)) for words in (text, open_text))
    arms = [span for span, _ in next(filter(None, readings), [])]
    others = [span for span in arms if normal(span.text) != key]
    return others[0] if len(arms) == 2 and len(others) == 1 and _differs(normal(others[0].text), key) else None


def comparator(context: Context, number: int, subject: Span, record: Arms) -> Span | None:
    """Returns the intervention that a sentence compares `subject` with, or None.

    In the sentence: one behind "than", "versus" and the like, of several the one that faces it, else the only other one
    if it reads as a control. Where the sentence names no other, the arm that the record sets against it, else the
    record's only control.
    """
    key = normal(subject.text)
    here = [span for span in distinct(_interventions(context, number)) if _differs(normal(span.text), key)]
    text = context.texts[number]
    starts = [(s, context.bounds(s)[0]) for s in here]
    behind = [s for s, start in starts if _AGAINST.search(text, 0, start) or _AND.search(text, 0, start)]
    controls = [s for s in here if is_control(normal(s.text))]
    facing = _facing(context, number, key)
    if facing is not None:
        return facing
    if behind or controls:
        first = [s for s in behind if s in controls] or controls or behind
        return first[0] if not is_control(key) or first is behind else None
    elliptic = _elliptic(context, number, subject) or _other_arm(context, number, key)
    if elliptic is not None and not is_control(key):
        return elliptic
    if here or is_control(key):
        return None
    if _COURSE.search(text):
        return None
    for one, other in record.pairs:
        if normal(one.text) == key:
            return other
        if normal(other.text) == key and not is_control(normal(one.text)):
            return one
    known = [span for span in record.controls if _differs(normal(span.text), key) and _is_control_of(record, span, key)]
    return known[0] if len(known) == 1 else None


def of_two_alike(context: Context, number: int, subject: Span, alike: bool) -> Span | None:
    """Returns what a treatment was set against where a sentence calls two alike and sets both against a control.

    That is the other one where nothing differed, the control where something did; None in all other sentences.
    """
    text = context.texts[number]
    words = patterns("differs", re.NOFLAG)
    here = distinct(_interventions(context, number))
    controls = [span for span in here if is_control(normal(span.text))]
    drugs = [span for span in here if span not in controls]
    mine = normal(subject.text)
    if len(controls) != 1 or len(drugs) != 2 or mine not in {normal(span.text) for span in drugs}:
        return None
    if not words["alike"].search(text) or not words["apart"].search(text):
        return None
    return next(span for span in drugs if normal(span.text) != mine) if alike else controls[0]


def _is_control_of(record: Arms, control: Span, key: str) -> bool:
    """Whether a treatment can have been set against a control: X with something against "X alone", X against "no X"."""
    name = normal(control.text)
    alone = _ALONE.search(name)
    if alone:
        return f" {name[: alone.start()].strip()} " in f" {key} "
    lacked = _LACKING.sub("", name)
    another = lacked in record.names and lacked not in (name, key)
    return not another or _can_face(key, name)


def _facing(context: Context, number: int, key: str) -> Span | None:
    """Of a sentence that sets several arms against others the one across the "than" or "versus" from an intervention.

    "For X versus placebo and for Y versus Z" sets Y against Z, and Z against Y, though the sentence has a placebo.
    """
    text = context.texts[number]
    arms = sorted(_interventions(context, number), key=lambda span: span.first)
    against = [bool(_AGAINST.search(text, 0, context.bounds(span)[0])) for span in arms]
    if sum(against) < 2:
        return None
    for place, span in enumerate(arms):
        if normal(span.text) != key:
            continue
        other = place - 1 if against[place] else place + 1
        if 0 <= other < len(arms) and against[other] != against[place] and _differs(normal(arms[other].text), key):
            return arms[other]
    return None


def comparator_class(context: Context, number: int, subject: Span, against: Span | None) -> ComparatorClass:
    """Returns what kind of thing an intervention was compared with, by the comparator's name, else by the sentence."""
    if against is None:
        timed = _TIMED.search(normal(subject.text))
        return "before" if not timed and _BEFORE.search(context.texts[number]) else "not read"
    mine, theirs = normal(subject.text), normal(against.text)
    if is_control(theirs):
        return "none or placebo"
    shared = set(_WORDS.findall(mine)) & set(_WORDS.findall(theirs))
    if (_SCHEME.search(mine) or _SCHEME.search(theirs)) and (shared or mine in theirs or theirs in mine):
        return "dose or timing"
    if _SCHEME.search(mine) and _SCHEME.search(theirs) and not (set(_WORDS.findall(mine)) - _scheme_words(mine)):
        return "dose or timing"
    return "active"


def _scheme_words(text: str) -> set[str]:
    return {word for match in _SCHEME.finditer(text) for word in _WORDS.findall(match.group())}


def _interventions(context: Context, number: int) -> list[Span]:
    return [span for span in context.by_sentence.get(number, []) if span.kind == "intervention"]


def _differs(one: str, other: str) -> bool:
    """Two names of which one is part of the other are the same arm, but for "no aspirin"."""
    parts = f" {one} ", f" {other} "
    return is_control(one) != is_control(other) or (parts[0] not in parts[1] and parts[1] not in parts[0])
