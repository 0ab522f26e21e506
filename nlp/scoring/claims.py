"""Statements and contradictions: which predicted statements the gold denies, and estimates on the right subject.

A statement is a risk factor's direction or a finding's; a risk factor's outcome is the disease. The gold denies one
where it has statements on the same subject and outcome and none of them has its sign.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from nlp.cues.disease import names_disease

_SIGNS = {"increases": "+", "decreases": "-", "no association": "0", "no difference": "0"}
_WORDS = re.compile(r"[^\W_]+")
Similarity = Callable[[str, str], float]


@dataclass(frozen=True, slots=True)
class Claim:
    """A subject, its outcome (None for the disease itself), the sign ("+", "-", "0" or None) and the estimate's key."""

    subject: str
    outcome: str | None
    sign: str | None
    estimate: tuple[Any, ...] | None


def claims(tags: Mapping[str, Any], key: Callable[[Mapping[str, Any] | None], tuple[Any, ...] | None]) -> list[Claim]:
    """Returns every statement of gold or prediction; `key` gives what makes two estimates the same."""
    found = [
        Claim(factor["mention"], None, _SIGNS.get(factor.get("direction", "")), key(factor.get("estimate")))
        for factor in tags.get("risk_factors") or ()
    ]
    return found + [
        Claim(
            finding.get("intervention") or "",
            finding.get("outcome") or "",
            _SIGNS.get(finding.get("direction", "")),
            key(finding.get("estimate")),
        )
        for finding in tags.get("findings") or ()
    ]


def same_claim(one: Claim, other: Claim, similar: Similarity) -> bool:
    """Returns whether two statements are about one subject and one outcome."""
    words = [set(_WORDS.findall(claim.subject.casefold())) for claim in (one, other)]
    if not similar(one.subject, other.subject) or len(words[0] & words[1]) < len(words[0] | words[1]) / 3:
        return False  # not "rapamycin" and "mammalian target of rapamycin"
    if one.outcome is not None and other.outcome is not None:
        return bool(similar(one.outcome, other.outcome))
    outcome = one.outcome if other.outcome is None else other.outcome
    return outcome is None or names_disease(outcome.lower())


@dataclass(frozen=True, slots=True)
class Denied:
    """A predicted statement that the gold denies; `opposite` where the two say increases and decreases."""

    claim: Claim
    opposite: bool


def denied(gold: list[Claim], predicted: list[Claim], similar: Similarity) -> tuple[list[Denied], int]:
    """Returns the predicted statements that the gold denies, and on how many it has a statement at all."""
    found: list[Denied] = []
    count = 0
    for claim in predicted:
        signs = {other.sign for other in gold if other.sign and same_claim(claim, other, similar)}
        if claim.sign and signs:
            count += 1
            if claim.sign not in signs:
                found.append(Denied(claim, {claim.sign} | signs == {"+", "-"}))
    return found, count
