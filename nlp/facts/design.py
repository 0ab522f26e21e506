"""The study design: from PubMed's publication types first, from the text second; both are kept.

Types decide where they are specific (a meta-analysis, a randomised trial, a guideline); "Review" and "Case Reports"
are refined by the text, and most observational work has no type, so that title and methods decide.
"""

import re

from nlp.facts.reading import Reading

_I = re.IGNORECASE

#: Publication types that name a design, most specific first.
TYPE_DESIGNS = (
    ("meta-analysis", ("Meta-Analysis", "Network Meta-Analysis")),
    ("systematic review", ("Systematic Review", "Scoping Review")),
    ("guideline", ("Practice Guideline", "Guideline", "Consensus Statement", "Consensus Development Conference",
                   "Consensus Development Conference, NIH")),
    ("randomized controlled trial", ("Randomized Controlled Trial", "Pragmatic Clinical Trial", "Equivalence Trial")),
    ("case report", ("Case Reports",)),
    ("non-randomized trial", ("Controlled Clinical Trial",)),
    ("review", ("Review", "Study Guide")),  # StatPearls chapters are study guides
    ("other", ("Letter", "Comment", "Editorial", "News", "Interview", "Biography", "Published Erratum")),
)  # fmt: skip

_NOT_RANDOM = re.compile(r"\b(?:non|not|without|quasi)[- ]?randomi[sz]", _I)
_RANDOM = re.compile(
    r"\brandomi[sz](?:ed|ation)\b(?! (?:trials|controlled trials|studies|clinical trials|and controlled trials))|"
    r"\b(?:randomly|at random|by lot)\b.{0,40}\b(?:allocated|assigned|divided|split|received)|"
    r"\b(?:allocated|assigned|divided|split)\b.{0,60}\b(?:randomly|at random|by lot|random number)|"
    r"\bdouble[- ]blind\b.{0,60}\b(?:trial|study)|placebo[- ]controlled (?:clinical )?trial",
    _I,
)
_META = re.compile(
    r"\bmeta-?analy|\bpooled analysis of \w+ (?:randomi[sz]ed )?(?:trials|studies)|individual patient data", _I
)
_SYSTEMATIC = re.compile(
    r"\bsystematic(?:ally)? (?:literature )?(?:review|search)|\bscoping review|\bumbrella review", _I
)
_SEARCHED = re.compile(r"\b(?:PubMed|MEDLINE|Embase|Scopus|CENTRAL|Cochrane)\b.{0,120}\bsearched", _I)
_GUIDELINE = re.compile(r"\b(?:consensus (?:recommendation|statement|guideline)|practice guideline"
    r"|clinical guideline|"
                        r"guideline(?:s)? (?:for|on|of)|Delphi|position statement"
                        r"|recommendations of)", _I)  # fmt: skip
_REVIEW = re.compile(
    r"\b(?:narrative review|this review|review of the literature|literature review|we (?:then )?(?:review"
    r"|discuss|summari[sz]e|"
    r"outline)|this article (?:reviews|discusses)|current concepts|an? (?:over|up)(?:view|date)|state of the art|"
    r"(?:is|are) (?:reviewed|discussed))\b",
    _I,
)
_CASE_CONTROL = re.compile(
    r"\bcase[- ]control|\bcases and controls\b|\bmatched (?:1:\d )?(?:to|with) .{0,40}controls|"
    r"\bmatched 1:\d\b[^.]{0,60}\bcontrols\b|\bcompared cases with controls\b|"
    r"\b\d+ cases (?:with|of)\b[^.]{0,60}\b\d+ (?:\w+ )?controls\b",
    _I,
)
_EXTENSION = re.compile(r"\bopen[- ]label extension\b", _I)
_ACCURACY = re.compile(r"\breference standard\b|\bsensitivity (?:of|was)\b[^.]{0,60}\bspecificity\b|"
                       r"\barea under the (?:ROC )?curve\b[^.]{0,80}\breference\b", _I)  # fmt: skip
_ANSWERED = re.compile(r"\bquestionnaire\b[^.]{0,80}\b(?:answered|returned|sent)\b|\brespondents\b|"
                       r"\bpatient[- ]reported registry\b", _I)  # fmt: skip
#: Words of a comparison or of modelling: a group of patients described without them is a series.
_ANALYTIC = re.compile(
    r"\bcohorts?\b|\bprospective|\bregist(?:ry|er)|\bdatabase|\bgroups?\b|\bcontrols?\b|\bmatched\b|"
    r"\bpropensity|\bregression|\bmultivaria|\bodds ratio|\bhazard ratio|\b[aA]?[OHR]R\b|\brisk ratio|"
    r"\brelative risk|\b95\s?% ?CI|\bconfidence interval|\bcompar(?:ed|ison|e)\b|\bversus\b",
    _I,
)
_SERIES_LIMIT = 110
_COHORT_NAMED = re.compile(r"\bcohorts?\b|\bprospective(?:ly)?\b|\bfollow(?:ed|-up)\b", _I)
_MATCHED_GROUPS = re.compile(r"\bpropensity\b|\bmatched?\b", _I)
_CROSS = re.compile(r"\bcross[- ]sectional|\bsurvey(?:ed)?\b|\bquestionnaire|\bprevalence study|\bradiographic audit|"
                    r"\bpoint prevalence|\baudit\b", _I)  # fmt: skip
_COHORT = re.compile(
    r"\bcohorts?\b|\bprospective(?:ly)?\b|\bretrospective(?:ly)?\b|\bpropensity|\bfollow(?:ed"
    r"|-up)\b|\bregist(?:ry|er)\b|"
    r"\bconsecutive(?:ly)?\b|\bdatabase\b|\bcompared\b|\bhistorical controls?\b|\bbefore-and-after\b",
    _I,
)
_SERIES = re.compile(
    r"\bcase[- ]series|\bseries of \w+|\ba series\b|\blevel IV\b|\bLevel of evidence,? (?:4"
    r"|IV)\b|\bevidence: (?:level )?(?:IV|4)\b|"
    r"\bconsecutive series\b|\bevidence\W{1,4}IV\b|^IV\b|^Level 4",
    _I,
)
_CASE = re.compile(r"\bcase report|\ba case of\b|\breport of (?:a|one) case|\bwe (?:report|describe"
    r"|present) (?:the case of )?an? "
                   r"(?:\w+ )?(?:\d+|\w+)-year-old|\b\d+-(?:year|month)-old\b", _I)  # fmt: skip
_CASES = re.compile(
    r"\b(?:(?:two|three|four|five|six|seven|eight|nine|ten|[2-9]|1\d)\s+(?:\w+\s){0,3}(?:cases|patients"
    r"|brothers|sisters|siblings|men|"
    r"women|children|girls|boys|athletes|soldiers|servicemen|people|individuals)|case series)\b",
    _I,
)
_TRIAL = re.compile(
    r"\bnon-?randomi[sz]ed\b|\bquasi-?randomi[sz]ed|\balternat(?:e|ing|ely)\b.{0,40}\b(?:allocat|assign|week"
    r"|month|basis|day)|"
    r"\ballocated alternately|\bopen[- ]label\b|\bsingle[- ]arm\b|\bcontrolled (?:clinical )?trial\b|"
    r"\bphase (?:1|2|3|I|II|III)b?\b|"
    r"\bby date of (?:birth|surgery|admission)|\bpilot trial\b",
    _I,
)
_COST = re.compile(
    r"\bcost[- ](?:effective|utility|benefit|analysis)|\bMarkov\b|\bdecision[- ](?:analy|model)|"
    r"\beconomic (?:evaluation|analysis|model)|\b(?:study|trial|review) protocol\b|\bprotocol (?:for|of) an?\b|"
    r"\bprotocol$",
    _I,
)


def design_from_types(reading: Reading) -> str | None:
    """Returns the design that PubMed's publication types name, or None."""
    for design, names in TYPE_DESIGNS:
        if reading.types.intersection(names):
            return design
    return None


def design_from_text(reading: Reading, species: str) -> str | None:
    """Returns the design that title, labels and methods name, or None. `species` is the value of that fact."""
    title, body = reading.title, reading.abstract
    head = reading.category_text("methods", "aim", "conclusion") if body else ""
    if _META.search(title):
        return "meta-analysis"
    if _SYSTEMATIC.search(title):
        return "meta-analysis" if _META.search(body) else "systematic review"
    if _GUIDELINE.search(title):
        return "guideline"
    if species.startswith("in vitro"):
        return "in vitro study"
    if species.startswith("animal"):
        return "animal study"
    if not body:
        return "case report" if _CASE.search(title) else None
    if _SEARCHED.search(body) or _SYSTEMATIC.search(head):
        return "meta-analysis" if _META.search(body) or re.search(r"\bpooled\b", body) else "systematic review"
    return _clinical_design(title, body, head)


def _clinical_design(title: str, body: str, head: str) -> str | None:
    if _COST.search(title):
        return "other"
    if _EXTENSION.search(title):
        return "non-randomized trial"
    named = _named_in(title)
    if named:
        return named
    if (
        _RANDOM.search(head)
        and not _NOT_RANDOM.search(head)
        and not re.search(r"post hoc|secondary analysis", head, _I)
    ):
        return "randomized controlled trial"
    for text in (head, body):
        if _CASE_CONTROL.search(text):
            return "case-control"
        if _TRIAL.search(text) and not re.search(r"registry|retrospective", text, _I):
            return "non-randomized trial"
    if _REVIEW.search(body) and not re.search(
        r"\bpatients (?:were|with|who)\b.{0,80}\b(?:n ?=|were (?:reviewed|included))", body, _I
    ):
        return "review"
    accuracy = _ACCURACY.search(body) and not _COHORT_NAMED.search(body)
    if accuracy or _ANSWERED.search(body) or (_CROSS.search(head) and not _MATCHED_GROUPS.search(head)):
        return "cross-sectional"
    if _SERIES.search(head) or _SERIES.search(body[-200:]):
        return "case series"
    if _CASE.search(body) and not re.search(r"\bcohort|\bgroups?\b", body, _I):
        return "case report"
    return "cohort" if _COHORT.search(body) else None


def _named_in(title: str) -> str | None:
    """The design that a title names outright."""
    if _RANDOM.search(title) and not _NOT_RANDOM.search(title):
        return "randomized controlled trial"
    for design, pattern in (
        ("case-control", _CASE_CONTROL),
        ("non-randomized trial", _TRIAL),
        ("cross-sectional", re.compile(r"\bcross[- ]sectional|\bsurvey\b|\bprevalence study", _I)),
        ("case series", re.compile(r"\bcase series|\bseries of\b|\breport of (?:two|three|four|five|six)\b", _I)),
        ("case report", re.compile(r"\bcase report|\breport of (?:a|one) case|\ba case of\b", _I)),
        ("cohort", re.compile(r"\bcohort|\bretrospective|\bpropensity|\bregistry|\bdatabase", _I)),
    ):
        if pattern.search(title):
            return design
    return None


def decide(reading: Reading, from_types: str | None, from_text: str | None, size: int | None) -> str:
    """Returns the design: the types' where specific, refined by the text, else the text's, else cohort or other."""
    if from_types == "case report":
        several = size is not None and size > 1
        return "case series" if several or (size is None and _CASES.search(reading.title)) else "case report"
    if from_types in ("meta-analysis", "guideline", "randomized controlled trial", "systematic review"):
        if from_text in ("animal study", "in vitro study") and from_types == "randomized controlled trial":
            return from_text
        pools = _META.search(reading.title) and not re.search(r"\bumbrella review|\boverview of", reading.title, _I)
        if from_types == "systematic review" and from_text == "meta-analysis" and pools:
            return "meta-analysis"
        return from_types
    if from_types == "review":
        return from_text if from_text in ("systematic review", "meta-analysis", "guideline") else "review"
    if from_types == "non-randomized trial":
        return from_text if from_text in ("randomized controlled trial", "animal study") else "non-randomized trial"
    if from_types == "other":
        return from_text if reading.abstract and from_text in ("case report", "case series", "cohort") else "other"
    if from_text == "case report" and size is not None and size > 1:
        return "case series"
    if from_text in (None, "cohort") and _is_series(reading, size):
        return "case series"
    return from_text or ("cohort" if reading.abstract else "other")


def _is_series(reading: Reading, size: int | None) -> bool:
    """True for some patients described after one treatment, without a comparison, a model or a cohort's words."""
    return size is not None and 1 < size <= _SERIES_LIMIT and not _ANALYTIC.search(reading.text)
