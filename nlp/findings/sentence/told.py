"""Plain statements: who did what to which outcome, read from the grammar of one clause.

"X reduced A", "A was prevented by X", "A was rarer with X than with Y", "X had a higher rate of A", "no difference
in A between X and Y". Spans are written over by one letter each and brackets are left out, so that the forms
(`nlp/cues/told_forms.toml`) see subject, verb and outcome only. It answers where the grammar leaves one reading and is
silent elsewhere.
"""

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from nlp.cues import FOLDER, patterns
from nlp.cues.sought import SoughtPattern
from nlp.findings.asides import is_withheld
from nlp.findings.sentence.exceptions import left_out
from nlp.findings.sentence.signs import (
    DOWN,
    NEGATED,
    NO_DENIAL,
    NONE,
    UP,
    is_lost,
    tells_of_absence,
    tells_of_low,
)
from nlp.findings.sentence.view import Context, once_a_record
from nlp.spans.tagging import Span
from nlp.text.numbers import NUMBER_WORDS, read_count

#: Spans in a shadow are letters of the private area, a block a kind, in order of the sentence.
_BLOCKS = {"intervention": 0xE000, "risk factor": 0xE400, "outcome": 0xE800}
_SIZE = 0x400
_SUBJECT, _OUTCOME, _ANY = "[\ue000-\ue7ff]", "[\ue800-\uebff]", "[\ue000-\uebff]"
_FACTOR = "[\ue400-\ue7ff]"
_PART = re.compile(r"\{([a-z_]+\d?)\}")
_BRACKET = re.compile(r"\s?(?:\([^()]*\)|\[[^\[\]]*\])")
#: Behind a statement these say that its figures are set against another arm's, or that it is told of parts only.
_ELSEWHERE = re.compile(r"[^.;,]{0,15} and (?:(?:by|in|only|of) )?\d| as (?:effectively|well|much|often) as\b")
#: The forms whose subject stands before its verb.
_ACTIVE = (
    "acts", "acts not", "acts not on it", "has no effect", "fails", "has less", "with less", "predicts",
    "predicts less", "leads to a change",
)  # fmt: skip
#: "X knock-out in Y", "X combined with Y", "X after Y", "an antibody neutralizing Y": what acts is X.
_IN_PART = re.compile(
    r"\b(?:in|after|before|during|from) (?:the |these |\S*\d\S* )?$"
    r"|(?<!\btreatment )(?<!\btreated )(?<!\btherapy )(?<!prophylaxis )(?<!injected )(?<!injection )"
    r"(?<!administration )(?<!incubation )(?<!supplementation )(?<!intervention )\bwith (?:\w+ )?$"
    r"|\b(?!increas|ris|advanc|grow|be)\w+ing (?:the )?$"
)
#: Somebody who did it, in the clause before "less of it after Y": then Y says only in whom.
_ACTOR = re.compile(rf"{_SUBJECT}(?:(?!, and |, but | whereas | while )[^;.])*$")
_DOUBTLESS = re.compile(rf" {NO_DENIAL.pattern}")
_NEITHER = re.compile(r"\bneither (?:\w+ ){0,2}$")
_FLIP = {UP: DOWN, DOWN: UP, NONE: NONE}


@dataclass(frozen=True, slots=True)
class Told:
    """A plain statement: intervention or risk factor, outcome, what became of it, against what, by which form."""

    subject: Span
    outcome: Span
    sign: str
    against: Span | None
    form: str


@dataclass(frozen=True, slots=True)
class Shadow:
    """A sentence without brackets, its spans as letters, and which span each letter is."""

    text: str
    spans: dict[str, Span]

    def named(self, stretch: str | None) -> list[Span]:
        """The spans of a stretch, in order."""
        return [self.spans[letter] for letter in stretch or "" if letter in self.spans]


def shadow_of(context: Context, number: int) -> Shadow:
    """Returns the shadow of a sentence."""
    text, spans, place = [], {}, 0
    sentence = context.texts[number]
    for count, span in enumerate(context.by_sentence.get(number, ())):
        start, end = context.bounds(span)
        if start < place or count >= _SIZE:
            continue
        letter = chr(_BLOCKS[span.kind] + count)
        spans[letter] = span
        text += [sentence[place:start], letter]
        place = end
    text.append(sentence[place:])
    return Shadow(_DOUBTLESS.sub("", _BRACKET.sub("", _BRACKET.sub("", "".join(text)))), spans)


@cache
def _words() -> dict[str, str]:
    return {name: f"(?:{pattern.pattern})" for name, pattern in patterns("told", re.NOFLAG).items()}


def _list_of(one: str) -> str:
    """Members of one list: "X, Y and the Z", "X but not Y"."""
    words = _words()
    joint = r"(?:, and |, or |,? nor | and | or |, but not | but not |, |/| as well as | plus )"
    lead = r"(?:by |with |the |a |an |of |in |to |on |for |both ){0,2}"
    verbs = "|".join(words[name] for name in ("stop", "down", "up", "less", "more", "fell", "rose"))
    return rf"{one}(?:{joint}{lead}(?:(?!(?:{verbs})\b|\d)[\w°'-]+ ){{0,2}}{one})*"


@dataclass(frozen=True, slots=True)
class Grammar:
    """The forms by name, with the sign that they give (None: their verb or degree does), and what may follow one."""

    forms: tuple[tuple[str, str | None, SoughtPattern], ...]
    courses: tuple[tuple[str, str | None, SoughtPattern], ...]
    then: re.Pattern[str]
    also: re.Pattern[str]


@cache
def grammar() -> Grammar:
    """Returns the forms of plain statements and of courses."""
    table = tomllib.loads((FOLDER / "told_forms.toml").read_text(encoding="utf-8"))
    parts = _words()
    parts |= {
        "word": rf"(?!{parts['stop']}\b)[\w%°'+./-]+",
        "one": _SUBJECT,
        "thing": _OUTCOME,
        "letters": _ANY[1:-1],
    }
    parts |= {f"gap{most}": rf"(?: {parts['word']}){{0,{most}}}?" for most in range(1, 9)}
    parts["count"] = rf"(?:{NUMBER_WORDS})"
    parts |= {"subjects": _list_of(_SUBJECT), "factors": _list_of(_FACTOR), "outcomes": _list_of(_OUTCOME)}

    def whole(pieces: list[str]) -> str:
        return _PART.sub(lambda part: parts[part[1]], "".join(pieces))

    def sought(pieces: list[str]) -> SoughtPattern:
        return SoughtPattern.of(re.compile(whole(pieces)))

    for name, pieces in table["parts"].items():
        parts[name] = whole(pieces)
    forms, courses = (
        tuple((form["name"], form.get("sign"), sought(form["pattern"])) for form in table[kind])
        for kind in ("forms", "courses")
    )
    return Grammar(forms, courses, *(re.compile(whole(table[name]["pattern"])) for name in ("then", "also")))


#: Old knowledge, aims and methods of sections that an abstract labels say nothing of its results.
_OPEN = ("results", "conclusion", "title")
FOUND = re.compile(r"\bwe (?:show|find|found|report|demonstrate|observed|saw)\w*|\bhere\b|\b(?:was|were|\w+ed)\b")


def told_of_results(context: Context) -> Iterator[Told]:
    """Yields the plain statements of a record's own results, in order of the text.

    Abstracts without labels tell results anywhere: there what is told in the past tense counts.
    """
    for number, sentence in enumerate(context.sentences):
        if sentence.category in _OPEN or (not sentence.label and FOUND.search(context.texts[number])):
            yield from told_in(context, number)


@once_a_record
def told_in(context: Context, number: int) -> tuple[Told, ...]:
    """Returns the plain statements of a sentence: each form of them has a subject and an outcome."""
    kinds = {span.kind for span in context.by_sentence.get(number, ())}
    if "outcome" not in kinds or len(kinds) < 2 or len(context.texts[number]) > 1500:
        return ()
    shadow = shadow_of(context, number)
    found: dict[tuple[Span, Span], Told] = {}
    for name, sign, pattern in grammar().forms:
        for match in pattern.finditer(shadow.text):
            for told in _of_match(context, shadow, match, name, sign):
                found.setdefault((told.subject, told.outcome), told)
    return tuple(found.values())


@cache
def _object_of_another() -> re.Pattern[str]:
    """A verb of its own right before a subject: it is what another one changed ("X attenuated Y and inhibited Z")."""
    return re.compile(rf"\b(?:{_words()['down']}|{_words()['up']})(?: (?:the|both|its|their|local|serum))* $")


@cache
def _not_the_subject() -> re.Pattern[str]:
    words = _words()["not_the_subject"]
    between = r"(?:the|a|an|that|those|with|of|patients|given|treatment|in|use|had|after|receiv\w+|tak\w+)"
    return re.compile(rf"\b{words}(?: {between}){{0,4}} $")


@cache
def _no_result() -> re.Pattern[str]:
    return re.compile(rf"(?<![\w-]){_words()['no_result']}(?![\w-])")


def says_no_result(shadow: Shadow, match: re.Match[str]) -> bool:
    """Whether the words up to the end of a statement make it an aim, a question, a guess or old knowledge."""
    head = shadow.text[: match.end()]
    return shadow.text.rstrip().endswith("?") or bool(_no_result().search(head))


def _is_told(shadow: Shadow, match: re.Match[str], name: str) -> bool:
    """Whether what stands before and behind a match leaves it a statement of its own subject."""
    text = shadow.text
    if name == "less with" and (NEGATED.search(text, 0, match.start()) or _ACTOR.search(text, 0, match.start())):
        return False
    return not (
        _not_the_subject().search(text, 0, match.start("subject"))
        or _ELSEWHERE.match(text, match.end())
        or says_no_result(shadow, match)
    )


def _of_match(context: Context, shadow: Shadow, match: re.Match[str], name: str, sign: str | None) -> Iterator[Told]:
    groups = match.groupdict()
    stated = sign or (DOWN if groups.get("down") else UP)
    if groups.get("first"):
        stated = _less_moved(stated, float(match["first"]), float(match["second"]))
    if not _is_told(shadow, match, name) or (groups.get("part") and not _most(match["part"], match["whole"])):
        return
    before, listed = shadow.text[: match.start("subject")], match["subject"]
    if _NEITHER.search(before) or " nor " in listed:
        if name == "fails":
            return  # none of them failed
        stated = NONE
    against = next(iter(shadow.named(groups.get("against"))), None)
    if groups.get("earlier"):
        named = [span for span in shadow.named(shadow.text[: match.start()]) if span.kind == "outcome"]
        yield from (Told(subject, outcome, stated, None, name) for subject in shadow.named(listed) for outcome in named)
        return
    outcome = match["outcome"]
    if _object_of_another().search(shadow.text, 0, match.start("outcome")) and match.start("outcome") == match.start():
        # "X raised Y, and Z was lower with W": Y is X's, Z is W's
        outcome = outcome.rpartition(", and ")[2]
    changed, _, unchanged = outcome.partition("but not ")
    told = [(stated, shadow.named(changed))]
    if unchanged:
        told.append((NONE, shadow.named(unchanged)))
    if name in _ACTIVE:
        told += _then(shadow, match)
    yield from _of_subjects(context, shadow, match, name, told, against)
    for subject in shadow.named(groups.get("next")):
        yield from (Told(subject, outcome, stated, None, name) for outcome in told[0][1])


def _of_subjects(
    context: Context,
    shadow: Shadow,
    match: re.Match[str],
    name: str,
    told: Sequence[tuple[str, list[Span]]],
    against: Span | None,
) -> Iterator[Told]:
    """What is told of each subject of a match, that is of no other one's doing and not left out."""
    before, listed = shadow.text[: match.start("subject")], match["subject"]
    for subject in shadow.named(listed):
        if left_out(context, subject) or (
            subject.kind == "intervention" and (is_withheld(context, subject) or tells_of_absence(context, subject))
        ):
            continue
        lost = subject.kind == "risk factor" and (is_lost(context, subject) or tells_of_low(context, subject))
        if name in _ACTIVE and (_object_of_another().search(before) or (not lost and _IN_PART.search(before))):
            continue
        place = listed.index(next(letter for letter, span in shadow.spans.items() if span is subject))
        for read, outcomes in told:
            own = NONE if "but not " in listed[:place] else _FLIP[read] if lost else read
            for outcome in outcomes:
                lesser = name == "predicts" and patterns("judged", re.NOFLAG)["lesser"].match(outcome.text.lower())
                yield Told(subject, outcome, _FLIP[own] if lesser else own, against, name)


def _most(part: str, whole: str) -> bool:
    """Whether one count, in digits or words, is more than half of another."""
    few, all_ = read_count(part), read_count(whole)
    return few is not None and all_ is not None and all_ >= few > all_ / 2


def _less_moved(sign: str, first: float, second: float) -> str:
    """What fell by less with one than with the other is more with it: "fell by 2% with X and by 18% with Y"."""
    return NONE if first == second else sign if first > second else _FLIP[sign]


def _then(shadow: Shadow, match: re.Match[str]) -> list[tuple[str, list[Span]]]:
    """What the subject of a match did besides, to which outcomes: "lowered X and raised Y, but did not change Z"."""
    found = []
    end = match.end()
    while more := grammar().then.match(shadow.text, end):
        sign = NONE if more["none"] else DOWN if more["down"] else UP
        found.append((sign, shadow.named(more["outcome"])))
        end = more.end()
    if also := grammar().also.match(shadow.text, end):
        found.append((DOWN if also["down"] else UP, shadow.named(also["outcome"])))
    return found
