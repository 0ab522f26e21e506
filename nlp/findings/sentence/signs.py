"""What the words of a sentence say of a subject by themselves: the outcome goes up, down, or nothing is different.

This is a reader of plain statements, kept apart from the trained models so that the two can be held against each other:
it answers only where the words of the subject's clause agree with each other.
"""

import re
from functools import lru_cache

from db.topics import per_topic
from nlp.cues import patterns
from nlp.cues.disease import disease_pattern
from nlp.findings.sentence.view import Context
from nlp.spans.tagging import Span

#: Signs as the estimates have them, see `estimate_signs.estimate_sign`.
UP, DOWN, NONE = "up", "down", "none"
_IN_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_CLAUSE = re.compile(
    r"; |: | whereas | but | while | although | though | however,? "
    r"|, (?:with|and) (?=\w+ (?:\w+ )?(?:was|were|is|did|had) )"
    r"|, (?:with|and|but) (?=no (?:\w+ ){0,2}(?:differences?|effects?|changes?) (?:in|on|of) )"
)
_FACTORS = re.compile(r"\b(?:factors?|predictors?)\b")
#: "A went along with it, B did not": what is denied of the last is told of the others.
_DENIED_LAST = re.compile(r", (?!and |or |nor )[^,;:()]{3,60} (?:did|do|does|was|were|is|are|had) not ?\.?$")
_TOLD = re.compile(
    r"\b(?:was|were|is|are|had|has|went|did|showed|remained|led|predicted|increased|reduced|raised|lowered|correlated)\b"
)
_DOUBLE = re.compile(r"\bnot (?:un\w+|without|in\w*frequent\w*|negligible|fail)")
#: Words that look like a denial and are none.
NO_DENIAL = re.compile(r"\b(?:not only|without (?:a )?doubt|no doubt(?: that)?|not surprisingly)\b")
NEGATED = re.compile(
    r"\b(?:not|no|never|hardly|barely|scarcely|without|cannot|neither|nor|fail\w* to|rather than|argu\w+ against)"
    r"(?: \w+){0,2} ?$"
    r"|\bneither\b[^,;]* nor (?:[\w-]+ ){1,5}(?:was|were|is|are|had|has|showed)(?: (?:an?|the|any))? ?$"
)
_RISK_OF = re.compile(
    r"\b(?:at|with|carr\w+|has|had|have|showed?) (?:an? |the )?(?:significantly )?(high|higher|increased|greater|raised"
    r"|low|lower|reduced|decreased) (?:risk|rate|incidence|odds|frequency) of(?: the)? ?$"
)
_SUPERLATIVE = re.compile(
    r"\b(highest|greatest|largest|most|lowest|smallest|fewest|least)(?: (?:\w+ ){0,2}(?:of|in))?(?: the)? ?$"
)
_ADVERB = re.compile(r"[^,;]{0,60}?\b(positively|negatively|inversely)\b(?! (?:stain|charg))")
_ASSOCIATED = re.compile(r"\b(?:associat|correlat|relat)\w+")
_LOW = re.compile(
    r" ?(?:of |was )?(?:[<≤]|=<|less than|below|under|lower than|smaller than|no more than|not more than|at most) ?\d"
)
_LOWER = re.compile(
    r"(?:^|[,;(] |\b(?:an?|the|and|or|with|of|by|had|having) )(?:\w+ly )?"
    r"(?:lower|shorter|smaller|reduced|decreased|diminished)"
    r"(?: (?:pre-?operative|post-?operative|serum|plasma|mean|initial))? $"
)
_GOES_WITH = re.compile(
    r"\b(?:was|were|is|are|be|been)(?: \w+ly)* (?:(?:associated|correlated|linked) (?:with|to)"
    r"|(?:an? |the )?(?:\w+ )?(?:risk factors?|predictors?) (?:for|of))\b"
)
_REFERENCE = re.compile(
    r"(?:than|relative to|compar\w+ (?:with|to)|versus|vs\.?|against|as opposed to|reference(?: category| group)?:?)"
    r"(?: (?:the|those|that|patients|hips|with|in|after|of|who|had|given|receiving|a|an)){0,4}\s*$"
)
_LOST_BEHIND = re.compile(
    r"(?:-specific)?[- ](?:deficien\w+|knock-?out|null|lacking|deletion|depletion|ablation|inhibitors?|inhibition"
    r"|-/-)\b"
    r"|(?:(?:; [\w-]+)?\)?| \([^()]*\)) (?:was|were|is|are) (?:\w+ )?(?:deleted|knocked out|ablated|depleted|inhibited"
    r"|blocked|silenced|inactivated|lost)\b"
)
_SIGN_VERB = re.compile(
    r"\b(?:reduc|decreas|increas|inhibit(?!or)|prevent|promot|attenuat|suppress|facilitat|enhanc|abolish)\w*"
)
_HELD_BEHIND = re.compile(
    r"[^.;,]{0,60}\b(?:was|were) (?:controlled|adjusted|accounted|corrected) for\b"
    r"|[^.;]{0,100}\bas (?:co-?variates?|confounders?|adjustment)\b"
)
_WITH_OR = re.compile(r"\bwith(?: or| and| vs\.?| versus)? ?$")
_NOT_GIVEN = re.compile(
    r"\b(?:(?:did|do|had|were|was|have) )?not (?:been )?(?:receiv\w+|given|tak\w+|took|treated with|prescribed|on|had)"
    r"(?: (?:any|the|postoperative|prophylactic|routine))* ?$"
)
#: Behind a treatment: what is told is told of its absence.
_NOT_GIVEN_BEHIND = re.compile(
    r" (?:(?:was|were|is|had been) (?:not|never)(?: \w+ly)?"
    r" (?:given|used|taken|administered|prescribed|received|applied)"
    r"|(?:was|were|is|had been)(?: \w+ly)? (?:omitted|withheld|stopped|discontinued|withdrawn))\b"
)
_VERB = re.compile(r"\b(?:was|were|is|are|had|remained|did|predicted|increased)\b|[;.]")


@per_topic
def _cues() -> dict[str, re.Pattern[str]]:
    return {
        name: disease_pattern(rf"(?<![\w-])(?:{pattern.pattern})(?![\w-])")
        for name, pattern in patterns("signs", re.NOFLAG).items()
    }


@lru_cache(maxsize=1 << 9)  # most rules of a span ask for its clause
def clause_bounds(text: str, start: int, end: int) -> tuple[int, int]:
    """Returns the clause of a lower-case sentence in which the stretch `start` to `end` stands."""
    begins = [match.end() for match in _CLAUSE.finditer(text, 0, start)]
    stop = _CLAUSE.search(text, end)
    first, last = begins[-1] if begins else 0, stop.start() if stop else len(text)
    denied = _DENIED_LAST.search(text, first, last)
    if denied is None or not _TOLD.search(text, first, denied.start()):
        return first, last
    return (first, denied.start()) if end <= denied.start() else (denied.start() + 2, last)


def clause_of(context: Context, span: Span) -> str:
    """Returns the clause in which a span stands, in lower case."""
    text = context.texts[span.sentence]
    first, last = clause_bounds(text, *context.bounds(span))
    return text[first:last]


@per_topic
def signs_in(text: str) -> frozenset[str]:
    """Returns the signs that the words of a clause give; a negated "reduced" or "risk factor" is no sign but NONE."""
    found = set()
    text = NO_DENIAL.sub(lambda match: " " * len(match.group()), text)
    double = [match.span() for match in _DOUBLE.finditer(text)]
    taken: list[tuple[int, int]] = []
    for match in _cues()["none"].finditer(text):
        if not any(match.start() < b and a < match.end() for a, b in double):
            found.add(NONE)
            taken.append(match.span())
    for name in (DOWN, UP):
        for match in _cues()[name].finditer(text):
            if any(a <= match.start() < b for a, b in taken):
                continue
            if NEGATED.search(text, 0, match.start()) and not any(a <= match.start() <= b + 30 for a, b in double):
                found.add(NONE)
            else:
                found.add(name)
    return frozenset(found)


def word_sign(context: Context, span: Span) -> str | None:
    """Returns the one sign that the words of a span's clause give, or None where they give none or several."""
    text = context.texts[span.sentence]
    start, end = context.bounds(span)
    first, last = clause_bounds(text, start, end)
    own = text[start:end]
    if span.kind == "risk factor" and not _FACTORS.search(own):
        own = re.sub(r"\w", "x", own)  # "poor reduction" reduces nothing
    found = signs_in(_cues()["purpose"].sub(" ", text[first:start] + own + text[end:last]))
    return next(iter(found)) if len(found) == 1 else None


def sign_outside_brackets(context: Context, span: Span) -> str | None:
    """Returns the sign of a span's clause as if brackets, with what parts clauses in them, were not there."""
    text = _IN_BRACKETS.sub(lambda match: " " * len(match.group()), context.texts[span.sentence])
    first, last = clause_bounds(text, *context.bounds(span))
    found = signs_in(text[first:last])
    return next(iter(found)) if len(found) == 1 else None


def adverb_sign(context: Context, span: Span) -> str | None:
    """Returns the sign of an elliptical statement ("sex was associated positively, capsular closure negatively")."""
    text = context.texts[span.sentence]
    _, end = context.bounds(span)
    adverb = _ADVERB.match(text, end)
    if not adverb or not _ASSOCIATED.search(text):
        return None
    return UP if adverb.group(1) == "positively" else DOWN


def tells_of_low(context: Context, span: Span) -> bool:
    """Returns whether what is told of a measure is told of its low values ("a ratio < 0.9", "a lower level of it")."""
    start, end = context.bounds(span)
    text = context.texts[span.sentence]
    return bool(_LOW.match(text, end) or _LOWER.search(text, 0, start))


def goes_with(context: Context, span: Span) -> bool:
    """Returns whether a clause says of what stands before it that it goes along with something, and not how."""
    return bool(_GOES_WITH.search(clause_of(context, span)))


def superlative_sign(context: Context, outcome: Span) -> str | None:
    """Returns the sign of a ranking or level right before an outcome ("had the lowest rate of it"), or None."""
    start, _ = context.bounds(outcome)
    text = context.texts[outcome.sentence]
    match = _SUPERLATIVE.search(text, 0, start) or _RISK_OF.search(text, 0, start)
    if not match or NEGATED.search(text, 0, match.start()):
        return None
    return DOWN if match.group(1)[:3] in ("low", "sma", "few", "lea", "red", "dec") else UP


def absence_before(context: Context, span: Span) -> int | None:
    """Returns where the words begin ("lack of ", "without ") that turn a span into its absence, or None."""
    text = context.texts[span.sentence]
    start, _ = context.bounds(span)
    for match in _cues()["absence"].finditer(text, max(0, start - 30), start):
        if match.end() >= start - 1 and not text[match.end() : start].strip():
            return match.start()
    return None


def tells_of_absence(context: Context, span: Span) -> bool:
    """Returns whether what is told of a span is told of its absence ("higher with no X"), not of X against none."""
    start, end = context.bounds(span)
    whole = context.texts[span.sentence]
    if _NOT_GIVEN.search(whole, 0, start) or _NOT_GIVEN_BEHIND.match(whole, end):
        return True
    begin = absence_before(context, span)
    if begin is None:
        return False
    text = context.texts[span.sentence]
    joined = _WITH_OR.search(text, 0, begin)
    no_with = text.startswith("no ", begin)
    return not _REFERENCE.search(text, 0, begin) and (no_with or not joined)


def is_lost(context: Context, span: Span) -> bool:
    """Returns whether a sentence speaks of the loss of a thing ("deletion of X", "loss of checkpoints (X, Y)")."""
    text = context.texts[span.sentence]
    start, end = context.bounds(span)
    first, _ = clause_bounds(text, start, end)
    for match in _cues()["loss"].finditer(text, first, start):
        between = text[match.end() : start]
        if len(between) < 60 and not _VERB.search(between) and not _SIGN_VERB.search(between):
            return True
    return bool(_LOST_BEHIND.match(text, end))


def states_a_result(context: Context, span: Span) -> bool:
    """Returns whether the clause of a span says more than what something is meant for ("X to prevent it")."""
    text = context.texts[span.sentence]
    first, last = clause_bounds(text, *context.bounds(span))
    return bool(signs_in(_cues()["purpose"].sub(" ", text[first:last])))


def without_intentions(text: str) -> str | None:
    """Returns a lower-case clause without what was asked, meant or thought possible; None where there is no such."""
    left = _cues()["meant"].sub(" ", text)
    return left if left != text else None


def is_inconclusive(context: Context, span: Span) -> bool:
    """Returns whether the clause of a span says that nothing can be said ("the data were too scarce")."""
    return bool(_cues()["inconclusive"].search(clause_of(context, span)))


def is_reference(context: Context, span: Span) -> bool:
    """Returns whether a span is what its sentence compares with ("than X", "in comparison with X")."""
    start, _ = context.bounds(span)
    return bool(_REFERENCE.search(context.texts[span.sentence], 0, start))


def is_covariate(context: Context, span: Span) -> bool:
    """Returns whether a span stands among the variables that an analysis held constant ("adjusted for age and sex")."""
    text = context.texts[span.sentence]
    start, end = context.bounds(span)
    first, _ = clause_bounds(text, start, end)
    last = None
    for match in _cues()["covariate"].finditer(text, first, start):
        last = match
    if _HELD_BEHIND.match(text, end):
        return True
    if last is None:
        return False
    between = text[last.end() : start]
    if "," in between and _VERB.match(text[end:].lstrip()):
        return False  # "after adjusting for age, burn was ..." has a result of its own
    return len(between) < 160 and not _VERB.search(between)


def has_double_negation(context: Context, span: Span) -> bool:
    """Returns whether the clause of a span holds a double negation ("not without effect"), which is no null result."""
    text = context.texts[span.sentence]
    first, last = clause_bounds(text, *context.bounds(span))
    return bool(_DOUBLE.search(text[first:last]) or NO_DENIAL.search(text))


def takes_back(text: str) -> int:
    """Returns where a sentence takes back a difference as not significant ("but the difference was not"), or 0."""
    match = _cues()["taken_back"].search(text)
    return match.start() if match else 0


def says_rest_is_null(text: str) -> bool:
    """Returns whether a sentence says of all variables not named that they had no association."""
    return bool(_cues()["rest_is_null"].search(text))
