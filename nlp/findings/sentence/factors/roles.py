"""What a sentence does with a risk factor: whether it tells of the disease at all, or only of patients, arms, advice.

A factor makes no statement where all its sentences describe who was treated or what ought to be done; what is only
thought to matter is "unclear". The words are data (`nlp/cues/roles.toml`).
"""

import re
from collections.abc import Sequence

from db.topics import per_topic
from nlp.cues import patterns
from nlp.cues.disease import disease_pattern, disease_patterns
from nlp.document import attribute
from nlp.findings.sentence.factors.plain_factors import is_mutation
from nlp.findings.sentence.signs import clause_bounds, signs_in
from nlp.findings.sentence.view import Context
from nlp.spans.tagging import Span
from nlp.text.figures import proportions

_OF_DISEASE = r"\b(?:<outcome>|<grading>)\b|(?:<kin>)"
#: Between a list of factors and what is thought of them stands no verb of another statement.
_VERB = re.compile(r"\b(?:caus|increas|rais|predispos|reduc|lower|lead|result|demonstrat|show|follow)\w*|;")
_RATED = re.compile(r"\b(?:risks?|rates?|incidence|frequency|occurrence|likelihood) of\b")
_ASIDE = re.compile(r"(?:, (?:however|in turn|too),| also)? ")
_RISKS = re.compile(r"\b(?:risk factors?|predictors?)\b")
_BE = re.compile(r"\b(?:is|are|was|were)\b")

_CLAUSE = re.compile(r"\b(?:is|are|was|were|has|have|had|where|which|that|when|if|who|whose)\b")
_BRACKET = re.compile(r" ?\([^()]*\)")
#: A list goes on before a thing that it names.
_LISTED = re.compile(
    r"(?: (?:an?|the|severe|major|substantial))* (?:[^.;:]{0,80}(?:,| and| or)(?: (?:an?|the|of|after))* )?(?:[\w-]+ )?"
)
_AMONG = re.compile(r"(?:in|among|within|with|after|under)(?: (?:the|those|patients|hips|cases|with|who|had))* ")
_OTHERS_COMPARED = re.compile(
    r"[^,;.]{0,30}, [^.;]*\b(?:more|less|higher|lower|greater|rarer|commoner|larger|smaller)\b[^.;]* than\b"
)
_COMPARES = re.compile(r"\b(?:than in|more|less|higher|lower|greater|increased|reduced|compared|vs|versus)\b")
_MORE_THAN = re.compile(r"\b(?:more|less|fewer|higher|lower|greater)\b[^.;]*\bthan\b")
#: A list of all that was looked at is long.
_LONGEST_LIST = 320
#: Behind these stands whom advice is for.
_CASE = re.compile(r"\b(?:where|with|in|if|when|for|patients|those)(?: [\w-]+){0,3} ?$")


@per_topic
def _less_of_it() -> re.Pattern[str]:
    lessened = patterns("roles", re.NOFLAG)["lessened"].pattern
    return disease_pattern(rf"(?<![\w-])(?:{lessened}) (?:the )?(?:<outcome>|<grading>)\b")


@per_topic
def _free_of_it() -> re.Pattern[str]:
    return disease_pattern(r"\b(?:free of|freedom from) (?:the )?(?:<outcome>)\b")


def compares_the_free(context: Context, span: Span) -> bool:
    """Returns whether a sentence compares by words how many did not have the disease ("more often free of it")."""
    text = context.texts[span.sentence]
    return bool(_free_of_it().search(text) and _MORE_THAN.search(text)) and not proportions(text)


@per_topic
def _all_of_it() -> re.Pattern[str]:
    return disease_pattern(r"\b(?:<outcome>|<grading>)\b(?:[ -](?:<outcome>|<grading>)\b)*")


def goes_with_less(context: Context, span: Span) -> bool:
    """Returns whether a clause says of a factor that it goes along with less of the disease, or with none of it."""
    text = context.texts[span.sentence]
    first, last = clause_bounds(text, *context.bounds(span))
    clause = text[first:last]
    less = len(_less_of_it().findall(clause))
    if not less or less < len(_all_of_it().findall(clause)) or re.search(r"\b(?:than|not|no)\b", clause):
        return False
    return _cues()["goes_along"].search(clause) is not None


@per_topic
def _cues() -> dict[str, re.Pattern[str]]:
    cues = {
        name: re.compile(rf"(?<![\w-])(?:{pattern.pattern})(?![\w-])")
        for name, pattern in patterns("roles", re.NOFLAG).items()
    }
    for name, before in (("no_cause", r"(?<![\w-])"), ("no_cause_behind", "")):
        cues[name] = disease_pattern(rf"{before}(?:{patterns('roles', re.NOFLAG)[name].pattern})(?![\w-])")
    # "X-induced", "X-dependent"
    return cues | {"tells": re.compile(rf"(?<!\w)(?:{patterns('roles', re.NOFLAG)['tells'].pattern})(?!\w)")}


def names_it(text: str) -> bool:
    """Returns whether a lower-case sentence names the disease, one of its forms, or what it is made of."""
    return bool(disease_pattern(_OF_DISEASE).search(text) or disease_patterns("about")["named"].search(text))


def tells_nothing(context: Context, group: Sequence[Span]) -> bool:
    """Returns whether no sentence of a factor names the disease or relates anything to anything.

    Where the title is about something else ("disorders of a gene"), what relates other things tells nothing either.
    """
    texts = {context.texts[span.sentence] for span in group}
    if any(names_it(text) or _RISKS.search(text) for text in texts):
        return False
    return _is_aside(context) or not any(_cues()["relation"].search(text) for text in texts)


def relates_nothing(context: Context, group: Sequence[Span]) -> bool:
    """Returns whether no sentence of a factor says what it does: it is only named beside the disease.

    Words of its own name ("increased load") say nothing, but those of a mutation do: it is told of in the affected.
    A title that names it makes it what the record is about.
    """
    return not any(_is_told(context, span) for span in group)


def _is_told(context: Context, span: Span) -> bool:
    if context.sentences[span.sentence].category == "title":
        return True
    text = context.texts[span.sentence]
    start, end = context.bounds(span)
    return is_mutation(span) or bool(_cues()["tells"].search(f"{text[:start]}_{text[end:]}"))


def _is_aside(context: Context) -> bool:
    """Whether a record's title names neither the disease nor one of its short forms, nor what it is made of."""
    titles = [n for n, sentence in enumerate(context.sentences) if sentence.category == "title"]
    short = disease_patterns("about")["short"]
    text = " ".join(context.texts[n] for n in titles)
    return bool(text) and not names_it(text) and not short.search(text)


def is_described(context: Context, span: Span) -> bool:
    """Returns whether a sentence names a factor to describe arms, patients or their laboratory values."""
    text = context.texts[span.sentence]
    start, end = clause_bounds(text, *context.bounds(span))
    clause = text[start:end]
    if names_it(clause):
        return False
    return any(_cues()[name].search(clause) for name in ("balance", "own_value"))


def is_met_with(context: Context, span: Span) -> bool:
    """Returns whether a clause names a factor only as where the disease is met with ("is common after X and Y")."""
    text = context.texts[span.sentence]
    start, end = context.bounds(span)
    first, last = clause_bounds(text, start, end)
    met = [match.end() for match in _cues()["setting"].finditer(text, 0, start)]
    return any(_LISTED.fullmatch(text, at, start) for at in met) and not _cues()["told_there"].search(text, first, last)


def is_advised_on(context: Context, span: Span) -> bool:
    """Returns whether a sentence only says what ought to be done where a factor is at hand ("with X we favour Y")."""
    text = context.texts[span.sentence]
    start, _ = context.bounds(span)
    return _only_advises(text) and bool(_CASE.search(text, 0, start))


def _only_advises(text: str) -> bool:
    return bool(_cues()["advice"].search(text)) and not names_it(text)


def is_guess(context: Context, span: Span) -> bool:
    """Returns whether a sentence only asks, guesses or advises on a factor ("X and Y are thought to trigger it")."""
    text = context.texts[span.sentence]
    if text.rstrip().endswith("?") or _only_advises(text):
        return True
    start, end = context.bounds(span)
    first, last = clause_bounds(text, start, end)
    if _cues()["guess_of"].search(text, first, start):
        return True
    behind = _cues()["guess"].search(text, end, last)
    near = _cues()["perhaps"].search(text, end, min(last, end + 80))
    if behind is not None and _BE.search(text, end, behind.start()):
        behind = None
    return any(match is not None and _is_list(text[end : match.start()]) for match in (behind, near))


def _is_list(between: str, longest: int = 120) -> bool:
    """Whether words between a factor and what is thought of it only go on with the list that it stands in."""
    return len(between) < longest and not _VERB.search(between) and not between.rstrip().endswith(" it")


#: What a sentence says that it lists the factors for, and names for the disease that every complication may have.
_FACTORS_FOR = re.compile(
    r"\b(?:factors?|predictors?|determinants?) (?:for|of) (?:the |an? )?([^.;,:]{3,40}?)"
    r" (?:were|was|are|is|included?|comprised)\b"
)
_ANY_OUTCOME = re.compile(
    r"\b(?:it|this|these|that|develop\w*|form\w*|occurr\w*|recurr\w*|complications?|disease|condition|bone)\b"
)


def is_of_another_outcome(context: Context, span: Span) -> bool:
    """Returns whether a sentence tells of a factor for something else than the disease ("related to nonunion")."""
    text = context.texts[span.sentence]
    if names_it(text):
        return False
    first = context.bounds(span)[0]
    named = _FACTORS_FOR.search(text, 0, first)
    if named is not None and not _cues()["same_outcome"].search(named[1]) and not _ANY_OUTCOME.search(named[1]):
        return True
    long_forms: dict[str, str] = attribute(context.document, "abbreviations")
    for outcome in context.by_sentence.get(span.sentence, ()):
        start, end = context.bounds(outcome)
        other = outcome.kind == "outcome" and not _cues()["same_outcome"].search(text, start, end)
        other = other and not names_it(long_forms.get(outcome.text, "").lower())
        if other and (_told_right_before(text, start) or _is_more_in(text, end, first)):
            return True
    return False


def _is_more_in(text: str, end: int, first: int) -> bool:
    """Whether words from an outcome to a factor say that the one was commoner or rarer with the other."""
    match = _cues()["more_in"].match(text, end + 1) if end < first else None
    return match is not None and match.end() <= first and not re.search("[.;,]|than", text[match.end() : first])


def is_asked(context: Context, span: Span) -> bool:
    """Returns whether a sentence only asks for a factor, or lists it among what was looked at."""
    text = context.texts[span.sentence]
    start, end = context.bounds(span)
    if text.rstrip().endswith("?") or _cues()["looked_at"].search(text) or _is_looked_at(text, start):
        return True
    first, _ = clause_bounds(text, start, end)
    return bool(_cues()["asked"].search(text, first, start))


def is_stratum(context: Context, span: Span) -> bool:
    """Returns whether a sentence only compares others among those with a factor ("with X more in A than B")."""
    text = context.texts[span.sentence]
    start, end = context.bounds(span)
    others = [s for s in context.by_sentence[span.sentence] if s.kind == "risk factor" and context.bounds(s)[0] > end]
    return len(others) > 1 and bool(_AMONG.fullmatch(text, 0, start) and _OTHERS_COMPARED.match(text, end))


def _is_looked_at(text: str, start: int) -> bool:
    """Whether a factor stands in a list of what was looked at, behind which nothing is told of it."""
    looks = _cues()["looks_at"].search(text, 0, start)
    if looks is None or signs_in(text[looks.end() :]):
        return False
    return _is_list(text[looks.end() : start], _LONGEST_LIST)


def is_set_aside(context: Context, span: Span) -> bool:
    """Returns whether a sentence says that something else than a factor mattered ("X rather than Y causes it")."""
    text = context.texts[span.sentence]
    start, _ = context.bounds(span)
    return bool(re.search(rf"(?:{_cues()['set_aside'].pattern}) (?:the |of ){{0,2}}$", text[:start])) and not (
        _COMPARES.search(text)
    )


def _told_right_before(text: str, start: int) -> bool:
    told = [match.end() for match in _cues()["told_of"].finditer(text, 0, start)]
    return bool(told) and start - told[-1] < 12


def is_event(context: Context, span: Span) -> bool:
    """Returns whether a sentence tells of a factor as of something that happens ("lowered the risk of dislocation")."""
    text = context.texts[span.sentence]
    start, end = context.bounds(span)
    before = [match.end() for match in _cues()["risk_of"].finditer(text, max(0, start - 40), start)]
    if before and not text[before[-1] : start].strip():
        return bool(_RATED.search(text, 0, start))
    aside = _ASIDE.match(text, end)
    return bool(_cues()["event"].match(text, aside.end() if aside else end)) and not names_it(text)


def is_no_cause(context: Context, span: Span) -> bool:
    """Returns whether a sentence names a thing as what is watched, treated, or comes of the disease, or as a tool.

    "Monitoring of X and Y", "a drug against X", "it can lead to X", "under the X promoter"; and "X and Y were not
    correlated", where neither is the disease.
    """
    text = context.texts[span.sentence]
    start, end = context.bounds(span)
    ahead = _BRACKET.sub("", text[:start])
    listed = (ahead[match.end() :] for match in _cues()["no_cause"].finditer(ahead))
    if any(_is_list(words) and not _CLAUSE.search(words) for words in listed):
        return True
    if _cues()["tool"].search(span.text.lower()):
        return True
    behind = _cues()["no_cause_behind"].match(text, end)
    return behind is not None and not names_it(text) and not re.search(r"\bit\b", text)
