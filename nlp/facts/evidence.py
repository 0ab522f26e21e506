"""Level of evidence and follow-up: what a reader sorts by.

The level follows the Oxford Centre for Evidence-Based Medicine's 2011 table for treatment and prognosis, from the
study design alone (docs/tagging.md names the rule); a level that the article states is not used: schemes differ.
"""

import re

from nlp.facts.reading import Reading

#: OCEBM 2011, question "Does this intervention help?", by design. Bench and animal work is level 5 (mechanism-based).
OXFORD_2011 = {
    "meta-analysis": "1",
    "systematic review": "1",
    "randomized controlled trial": "2",
    "non-randomized trial": "3",
    "cohort": "3",
    "case-control": "4",
    "cross-sectional": "4",
    "case series": "4",
    "case report": "4",
    "animal study": "5",
    "in vitro study": "5",
    "review": "5",
    "guideline": None,
    "other": None,
}
_OBSERVATIONAL = re.compile(
    r"(?:systematic review|meta-analysis)[^.]{0,60}(?:observational|cohort"
    r"|case series)",
    re.I,
)
_FOLLOW_UP = re.compile(
    r"(?:minimum |median |mean |average |maximum )?follow(?:ed)?[- ]?up(?: period| time)? (?:of|was|averaged|at"
    r"|ranged from|for)[^.;]{0,12}?"
    r"(?P<a>\d+(?:\.\d+)?|one|two|three|four|five|six|ten|twelve)\s*(?:-"
    r"|to)?\s*(?:\d+(?:\.\d+)?)?\s?(?P<ua>years?|months?|weeks?|days?)|"
    r"(?P<b>\d+(?:\.\d+)?|one|two|three|four|five|six|ten|twelve)[ -](?P<ub>years?|months?"
    r"|weeks?)(?:'s?)? (?:of )?follow-?up|"
    r"followed(?: up)?(?: for)? (?:at least |a (?:mean|median|minimum) of )?(?P<c>\d+(?:\.\d+)?|one|two|three"
    r"|four|five|six|ten|twelve)"
    r" (?P<uc>years?|months?|weeks?)|at (?:a )?(?:median |mean |minimum )?(?:of )?(?P<d>\d+|one|two|three|six"
    r"|nine|twelve) (?P<ud>years?|months?|weeks?)",
    re.I,
)


def evidence_level(design: str, reading: Reading) -> str | None:
    """Returns the OCEBM 2011 level of a design, one lower for syntheses of observational studies; None for none."""
    level = OXFORD_2011.get(design)
    if level == "1" and _OBSERVATIONAL.search(reading.text):
        return "3"
    return level


def follow_up(reading: Reading) -> str | None:
    """Returns the first stated follow-up ("2 years", "12 months") as the text has it, or None."""
    for categories in (("methods",), ("results",), ("aim", "background", "conclusion")):
        match = _FOLLOW_UP.search(reading.category_text(*categories))
        if match:
            for value, unit in (("a", "ua"), ("b", "ub"), ("c", "uc"), ("d", "ud")):
                if match.group(value):
                    return f"{match.group(value)} {match.group(unit)}".lower()
    return None
