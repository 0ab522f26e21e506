"""The course of patients under one treatment, which a sentence tells without naming it.

"Pain was relieved", "the arc went from 20° to 95°": a result of the treatment where the sentence or the record leaves
one that it can be of. The forms are the `courses` of `nlp/cues/told_forms.toml`.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache

from nlp.cues import patterns
from nlp.cues.disease import names_disease
from nlp.document import attribute
from nlp.findings.sentence.pair_features import distinct, is_control
from nlp.findings.sentence.signs import DOWN, UP
from nlp.findings.sentence.told import FOUND, Shadow, Told, grammar, says_no_result, shadow_of
from nlp.findings.sentence.view import Context
from nlp.spans.tagging import Span
from nlp.text.normal import normal

#: Designs that follow patients under a treatment without setting it against another one.
_FOLLOWED = frozenset(("case report", "case series", "cohort", "non-randomized trial", "other", "cross-sectional"))
#: No abstract has more sentences; each result is held against all that was named before it.
LONGEST = 400
#: How many sentences back a case report's last treatment may stand.
_BACK = 2
_SIDES = ("preoperative", "postoperative")
_TAKEN = re.compile(r"\b(?:excised|resected|removed)\b")
_NAMES = re.compile(r"[^\W\d_]{3,}(?<!s)")


@cache
def _cues() -> dict[str, re.Pattern[str]]:
    found = patterns("course", re.NOFLAG)
    return {name: re.compile(rf"(?<![\w-])(?:{pattern.pattern})(?![\w-])") for name, pattern in found.items()}


def told_of_courses(context: Context) -> Iterator[Told]:
    """Yields what sentences of results tell of the course under the one treatment that they can be about.

    Abstracts without labels tell results anywhere but in title and aim: there what is told in the past tense counts.
    """
    if context.design not in _FOLLOWED or len(context.sentences) > LONGEST:
        return
    told: dict[tuple[str, str, str], Told] = {}
    for number, sentence in enumerate(context.sentences):
        text = context.texts[number]
        open_ = not sentence.label and sentence.category not in ("title", "aim") and FOUND.search(text)
        if len(text) > 1000 or not (open_ or sentence.category in ("results", "conclusion")):
            continue
        if all(span.kind != "outcome" for span in context.by_sentence.get(number, ())):
            continue
        for outcome, sign, name in _courses(context, number):
            subject = treatment_at(context, number, outcome)
            if subject is not None:  # of a long form and its abbreviation the one that results go on to use
                told[normal(subject.text), _full_name(context, outcome), sign] = Told(
                    subject, outcome, sign, None, name
                )
    yield from told.values()


def _courses(context: Context, number: int) -> list[tuple[Span, str, str]]:
    """The outcomes of which a sentence tells a course, each once, with their signs and the forms that tell them."""
    shadow = shadow_of(context, number)
    found: dict[Span, tuple[str, str]] = {}
    for name, sign, pattern in grammar().courses:
        for match in pattern.finditer(shadow.text):
            stated = _stated(match, sign)
            if stated is None or says_no_result(shadow, match) or _is_elsewhere(shadow, match):
                continue
            for outcome in shadow.named(match["outcome"]):
                read = _read(context, outcome, stated)
                measured = "before" not in match.re.groupindex or better_sign(context, outcome) is not None
                if read is not None and measured:
                    found.setdefault(outcome, (read, name))
    return [(outcome, *told) for outcome, told in found.items()]


def _is_elsewhere(shadow: Shadow, match: re.Match[str]) -> bool:
    """Whether the part of the sentence in which a course is told sets groups against each other."""
    first, last = shadow.text.rfind("; ", 0, match.start()) + 1, shadow.text.find("; ", match.end())
    part = shadow.text[first : last if last >= 0 else None]
    return bool(_cues()["elsewhere"].search(_cues()["everybody"].sub("", part)))


def _stated(match: re.Match[str], sign: str | None) -> str | None:
    groups = match.groupdict()
    if groups.get("before"):
        first, second = float(match["before"]), float(match["later"])
        return None if first == second else UP if second > first else DOWN
    return sign or (DOWN if groups.get("down") else UP)


def _read(context: Context, outcome: Span, stated: str) -> str | None:
    """The sign of an outcome, None where it cannot be told; the disease that grew is no result of its treatment."""
    if stated == UP and names_disease(normal(outcome.text)):
        return None
    if stated not in ("better", "free"):
        return stated
    sign = better_sign(context, outcome)
    return sign if stated == "better" or sign == DOWN else None


def better_sign(context: Context, outcome: Span) -> str | None:
    """Returns the sign of an outcome that got better: of pain less is better, of motion more; None for others."""
    words = _full_name(context, outcome)
    if _cues()["less_is_better"].search(words) or names_disease(words):
        return DOWN
    return UP if _cues()["more_is_better"].search(words) else None


def _full_name(context: Context, outcome: Span) -> str:
    long_forms: dict[str, str] = attribute(context.document, "abbreviations")
    return normal(long_forms.get(outcome.text, outcome.text))


def treatment_at(context: Context, number: int, outcome: Span) -> Span | None:
    """Returns the one treatment that a sentence's outcome can be about, or None where there are several.

    Its own treatment; in a case report the last one named before it; else that of title or aim, where the record has no
    other yet, or, of what patients can do, the removal of the disease.
    """
    here = _treatments(context, number)
    if here:
        return _one_of(context, here, outcome)
    if any(span.kind == "intervention" and is_control(normal(span.text)) for span in context.spans):
        return None
    if context.design == "case report":
        return _last_before(context, number, outcome)
    told = [n for n, s in enumerate(context.sentences[:number]) if s.category != "background" or not s.label]
    named = [span for n in told for span in _treatments(context, n) if not span.text[0].isdigit()]
    titles = [n for n in told if context.sentences[n].category == "title"]
    titled = [span for n in titles for span in _treatments(context, n)]
    removed = any(_matches("removal", span) for span in titled) or any(_TAKEN.search(context.texts[n]) for n in titles)
    if titled and not removed:
        named = [span for span in named if not _matches("removal", span)]  # an operation is what came before or after
    asked = [span for span in named if context.sentences[span.sentence].category in ("title", "aim")]
    found = _one_of(context, named, outcome)
    if found is None or _is_timed(context, named):
        return None
    often = len({span.sentence for span in named}) > 1
    if not _matches("removal", found) and not (often or (asked and _share_words(context, [found, *asked]))):
        return None
    both = [found] if not _matches("removal", found) else [s for s in named if _matches("removal", s)]
    alike = [s for s in named if _share_words(context, [found, s]) or s in both]
    return usual_name(context, alike)


def usual_name(context: Context, alike: Sequence[Span]) -> Span:
    """Returns of several names of one treatment that which the abstract uses most."""
    counts = Counter(
        normal(span.text) for span in context.spans if context.sentences[span.sentence].category != "title"
    )
    return max(alike, key=lambda span: (counts[normal(span.text)], -span.first))


def _is_timed(context: Context, named: Sequence[Span]) -> bool:
    """Whether a record sets arms against each other that differ by when the treatment was given."""
    sides = {side for span in named for side in _SIDES if normal(span.text).startswith(side)}
    return len(sides) > 1 or any(_cues()["timed"].search(text) for text in context.texts)


def _matches(cue: str, span: Span) -> bool:
    return bool(_cues()[cue].search(normal(span.text)))


def _share_words(context: Context, named: Sequence[Span]) -> bool:
    """Whether all names are of one treatment, in other words."""
    words = [frozenset(_NAMES.findall(_full_name(context, span))) for span in named]
    return bool(frozenset.intersection(*words)) or all(words[0] & other for other in words)


def _one_of(context: Context, named: Sequence[Span], outcome: Span) -> Span | None:
    """The only one of several treatments: in other words the same, or, of what patients can do, the only procedure."""
    able = better_sign(context, outcome) is not None and not names_disease(normal(outcome.text))
    done = [span for span in named if _matches("removal", span)]
    if done and not any(_matches("other_procedure", span) for span in named):
        return done[0] if able else None
    return named[0] if named and _share_words(context, named) else None


def _last_before(context: Context, number: int, outcome: Span) -> Span | None:
    """The last treatment before a case's result, unless something was done in between that only a verb tells."""
    acted = bool(_cues()["acted"].search(context.texts[number]))
    for earlier in range(number - 1, max(number - 1 - _BACK, -1), -1):
        before = _treatments(context, earlier)
        acted = acted or bool(_cues()["acted"].search(context.texts[earlier]))
        if before and context.sentences[earlier].category != "title":
            found = _one_of(context, before, outcome)
            by_hand = found is not None and (_matches("removal", found) or _matches("other_procedure", found))
            return found if by_hand or not acted else None
    return None


def _treatments(context: Context, number: int) -> list[Span]:
    spans = context.by_sentence.get(number, ())
    return distinct([s for s in spans if s.kind == "intervention" and not is_control(normal(s.text))])
