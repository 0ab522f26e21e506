"""The study design: from PubMed's publication types first, from the text second; both are kept.

Types decide where they are specific (a meta-analysis, a randomised trial, a guideline); "Review" and "Case Reports"
are refined by the text, and most observational work has no type, so that title and methods decide.
"""

import re

from nlp.cues import patterns
from nlp.cues.sought import sought
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

_CUES = sought(patterns("design_rules"))
#: The design that a title names outright, first come first served; "randomised" comes before them.
_NAMED = (
    ("case-control", _CUES["case_control"]),
    ("non-randomized trial", _CUES["trial"]),
    ("cross-sectional", _CUES["cross_in_title"]),
    ("case series", re.compile(r"\bcase series|\bseries of\b|\breport of (?:two|three|four|five|six)\b", _I)),
    (
        "case report",
        re.compile(
            r"\bcase report|\breport of (?:a|one) case|\b(?:a|one) case of\b|: a case\b"
            r"|\ba (?:boy|girl|man|woman|child) (?:of|aged) ",
            _I,
        ),
    ),
    ("cohort", re.compile(r"\bcohort|\bretrospective|\bpropensity|\bregistry|\bdatabase", _I)),
)
#: A series is described without words of comparison or modelling ("analytic"), and has no more patients than this.
_SERIES_LIMIT = 110


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
    if _CUES["meta"].search(title):
        return "meta-analysis"
    if _CUES["systematic"].search(title):
        return "meta-analysis" if _CUES["pools"].search(body) else "systematic review"
    if _CUES["guideline"].search(title):
        return "guideline"
    if any(s.label and "genetic counseling" in s.label.lower() for s in reading.sentences):
        return "review"  # a chapter of GeneReviews
    if _tells_how(reading):
        return "other"
    if species.startswith("in vitro"):
        return "in vitro study"
    if species.startswith("animal"):
        return "animal study"
    if not body:
        return "case report" if _CUES["case"].search(title) else None
    if _CUES["searched"].search(body) or _CUES["systematic"].search(head):
        return "meta-analysis" if _CUES["pools"].search(body) else "systematic review"
    return _clinical_design(reading, head)


def _tells_how(reading: Reading) -> bool:
    """Whether a record is of a model, a calculation or a method, nobody being studied."""
    return bool(_CUES["cost"].search(reading.title) or _CUES["procedure"].search(reading.abstract))


def stated(reading: Reading) -> str | None:
    """Returns the design that a record says it has, in its title or in so many words; None where it says nothing.

    "Cohort" alone is not taken as stated: the word is used loosely.
    """
    if _tells_how(reading):
        return "other"
    named = named_in(reading.title)
    if named not in (None, "cohort"):
        return named
    kinds = (("case-control", "stated_case_control"), ("case series", "stated_series"), ("cohort", "stated_cohort"))
    for design, cue in kinds:
        if _CUES[cue].search(reading.abstract):
            return design
    return None


def names_trial(title: str) -> bool:
    """True for a title that speaks of a trial in patients, randomised or not."""
    return named_in(title) in ("randomized controlled trial", "non-randomized trial")


def _clinical_design(reading: Reading, head: str) -> str | None:
    title, body = reading.title, reading.abstract
    if _CUES["extension"].search(title):
        return "non-randomized trial"
    named = stated(reading) or named_in(title)
    if named:
        return named
    if (
        _CUES["random"].search(head)
        and not _CUES["not_random"].search(head)
        and not re.search(r"post hoc|secondary analysis", head, _I)
    ):
        return "randomized controlled trial"
    for text in (head, body):
        if _CUES["case_control"].search(text):
            return "case-control"
        if _CUES["trial"].search(text) and not re.search(r"registry|retrospective", text, _I):
            return "non-randomized trial"
    if _CUES["review"].search(body) and not re.search(
        r"\bpatients (?:were|with|who)\b.{0,80}\b(?:n ?=|were (?:reviewed|included))", body, _I
    ):
        return "review"
    accuracy = _CUES["accuracy"].search(body) and not _CUES["cohort_named"].search(body)
    cross = _CUES["cross"].search(head) and not _CUES["matched_groups"].search(head)
    if accuracy or _CUES["answered"].search(body) or cross:
        return "cross-sectional"
    return _described_cases(body, head) or ("cohort" if _CUES["cohort"].search(body) else None)


def _described_cases(body: str, head: str) -> str | None:
    if _CUES["series"].search(head) or _CUES["series"].search(body[-200:]):
        return "case series"
    if _CUES["case"].search(body) and not re.search(r"\bcohort|\bgroups?\b", body, _I):
        return "case report"
    return "case series" if _CUES["few"].search(body) and not _CUES["cohort"].search(body) else None


def named_in(title: str) -> str | None:
    """The design that a title names outright."""
    if _CUES["random"].search(title) and not _CUES["not_random"].search(title):
        return "randomized controlled trial"
    for design, pattern in _NAMED:
        if pattern.search(title):
            return design
    return None


def decide(reading: Reading, from_types: str | None, from_text: str | None, size: int | None) -> str:
    """Returns the design: the types' where specific, refined by the text, else the text's, else cohort or other."""
    if from_types == "case report":
        several = size is not None and size > 1
        return "case series" if several or (size is None and _CUES["cases"].search(reading.title)) else "case report"
    if from_types in ("meta-analysis", "guideline", "randomized controlled trial", "systematic review"):
        if from_text in ("animal study", "in vitro study") and from_types == "randomized controlled trial":
            return from_text
        umbrella = re.search(r"\bumbrella review|\boverview of", reading.title, _I)
        pools = _CUES["meta"].search(reading.title) and not umbrella
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
    if from_text is None and size is None:  # nothing speaks for a design, nobody was counted
        return "in vitro study" if _CUES["cells_made"].search(reading.abstract) else "other"
    return from_text or ("cohort" if reading.abstract else "other")


def _is_series(reading: Reading, size: int | None) -> bool:
    """True for some patients described after one treatment, without a comparison, a model or a cohort's words."""
    return size is not None and 1 < size <= _SERIES_LIMIT and not _CUES["analytic"].search(reading.text)
