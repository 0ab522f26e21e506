"""A finding in words: who, against what, what it means, its estimate. Pages, digests and feeds say it with these."""

import re
from collections.abc import Mapping
from typing import Any

from db.topics import current

#: Between thousands: narrow, and never broken at the end of a line.
THIN_SPACE = "\u202f"
#: How an effect is said of an intervention and of a risk factor ("{}" is the disease), and its short sign.
_EFFECT_WORDS: Mapping[str, tuple[str, str, str]] = {
    "better": ("better", "less {}", "+"),
    "worse": ("worse", "more {}", "−"),
    "no difference": ("no difference", "no association", "="),
    "unclear": ("unclear", "unclear", "?"),
    "conflict": ("conflicting", "conflicting", "≠"),
}
#: How a class of comparators is said, and its short name where there is little room.
AGAINST: Mapping[str | None, tuple[str, str]] = {
    "none or placebo": ("against nothing or placebo", "v none"),
    "active": ("against another treatment", "v active"),
    "dose or timing": ("another dose or time of the same", "dose, time"),
    "before": ("against before", "v before"),
    "not read": ("comparator not read", "v ?"),
    None: ("as a risk factor", "risk"),
}


def effect_words(effect: str, comparator_class: str | None = "active") -> str:
    """Returns what an effect means for the patient; for a risk factor (no comparator class), for the disease."""
    return _EFFECT_WORDS[effect][1 if comparator_class is None else 0].format(current().short_name)


def effect_sign(effect: str) -> str:
    """Returns the sign of an effect where there is little room."""
    return _EFFECT_WORDS[effect][2]


def effect_legend() -> list[tuple[str, str, str, str]]:
    """Returns each effect with its words for an intervention, for a risk factor, and its sign."""
    return [(name, effect_words(name), effect_words(name, None), effect_sign(name)) for name in _EFFECT_WORDS]


def against(comparator_class: str | None) -> str:
    """Returns how a class of comparators is said."""
    return AGAINST[comparator_class][0]


def against_short(comparator_class: str | None) -> str:
    """Returns the short name of a class of comparators."""
    return AGAINST[comparator_class][1]


def number(value: float | int | None) -> str:
    """Returns a number with narrow spaces in its thousands: 12 345, 0.46; an empty text for None."""
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.10g}".replace("-", "−")
    return f"{value:,}".replace(",", THIN_SPACE)


def estimate(finding: Mapping[str, Any]) -> str:
    """Returns a reported estimate as "OR 0.46 (0.29–0.72), p 0.008", as much of it as there is."""
    parts = []
    if finding["value"] is not None:
        shown = " ".join(filter(None, (finding["measure"], number(float(finding["value"])))))
        if finding["ci_low"] is not None and finding["ci_high"] is not None:
            low, high = float(finding["ci_low"]), float(finding["ci_high"])
            shown += f" ({number(low)}{'–' if low >= 0 else ' to '}{number(high)})"
        parts.append(shown)
    if finding["p_value"]:
        text = str(finding["p_value"])
        parts.append(f"p {text[0]} {text[1:].strip()}" if text[0] in "<>≤≥=" else f"p {text}")
    if finding["adjusted"] is not None:
        parts.append("adjusted" if finding["adjusted"] else "not adjusted")
    return ", ".join(parts)


def finding_text(finding: Mapping[str, Any]) -> str:
    """Returns a finding (a row of `db.evidence.articles.findings`) in one line of plain text.

    "aspirin v ibuprofen: better on pain (decreases); OR 0.46 (0.29–0.72)". Where the words and figures of
    its sentence disagree, that is said, and which.
    """
    outcome = finding["outcome"] or finding["outcome_text"] or current().short_name
    told = effect_words(finding["means"], finding["against"])
    said = f"{arm(finding['subject'], finding['subject_text'])} {compared_with(finding)}: {told}"
    if finding["against"] is not None:
        said += f" on {outcome}"
    said += f" ({finding['direction']})"
    if finding["means"] == "conflict":
        said += f"; words and figures disagree, counted nowhere: {finding['conflict']}"
    stated = estimate(finding)
    return f"{said}; {stated}" if stated else said


def arm(concept: str | None, text: str | None) -> str:
    """Returns how a finding names what it is about: its concept, or the article's words where these hold it and more.

    What was found on a drug that was begun late is not said of the drug.
    """
    if not (concept and text) or text.lower() == concept.lower():
        return concept or text or ""
    return text if re.search(rf"(?<!\w){re.escape(concept.lower())}(?!\w)", text.lower()) else concept


def compared_with(finding: Mapping[str, Any]) -> str:
    """Returns what a finding was compared with: "v ibuprofen", "against nothing or placebo", "as a risk factor"."""
    named = arm(finding["comparator"], finding["comparator_text"])
    if finding["against"] is not None and named:
        return f"v {named}"
    return against(finding["against"])
