"""What an estimate says by itself: on which side of no effect it lies, and whether its p value is below .05."""

import re

from nlp.estimates import EstimateSpan


def estimate_sign(estimate: EstimateSpan) -> str:
    """Returns up, down, none or unknown: on which side of no effect the estimate lies, by interval, then by p.

    An interval that touches no effect counts as beside it, as its sentence calls such a limit significant; a value
    outside of its own interval was misread or misprinted and says nothing.
    """
    if estimate.measure is None or estimate.value is None:
        return "unknown"
    middle = 0.0 if estimate.measure in ("MD", "SMD") else 1.0
    low, high = estimate.low, estimate.high
    if low is not None and high is not None:
        if low < middle < high:
            return "none"
        if not low <= estimate.value <= high:
            return "unknown"
        return "none" if low == high == middle else "up" if low >= middle else "down"
    if estimate.p_value and not significant(estimate.p_value):
        return "none"
    return _side(estimate.value, middle)


def _side(value: float, middle: float) -> str:
    return "none" if value == middle else "up" if value > middle else "down"


def estimate_side(estimate: EstimateSpan | None) -> str:
    """Returns up, down or none: on which side of no effect a value lies, whatever its interval; none without one."""
    if estimate is None or estimate.value is None:
        return "none"
    return _side(estimate.value, 0.0 if estimate.measure in ("MD", "SMD") else 1.0)


def significant(p_value: str) -> bool:
    """Returns whether a p value such as "<0.001" or "0.048" is below .05."""
    match = re.match(r"([<>≤≥]?)\s*(\d*\.?\d+)", p_value)
    if not match:
        return False
    value = float(match.group(2))
    return value <= 0.05 if match.group(1) in ("<", "≤") else False if match.group(1) in (">", "≥") else value < 0.05
