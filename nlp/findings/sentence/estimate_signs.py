"""What an estimate says by itself: on which side of no effect it lies, and whether its p value is below .05."""

import re

from nlp.estimates import EstimateSpan


def estimate_sign(estimate: EstimateSpan) -> str:
    """Returns up, down, none or unknown: on which side of no effect the estimate lies, by interval, then by p."""
    if estimate.measure is None or estimate.value is None:
        return "unknown"
    middle = 0.0 if estimate.measure in ("MD", "SMD") else 1.0
    if estimate.low is not None and estimate.high is not None:
        if estimate.low < middle < estimate.high:
            return "none"
        return "up" if estimate.value > middle else "down"
    if estimate.p_value and not significant(estimate.p_value):
        return "none"
    return "up" if estimate.value > middle else "down"


def significant(p_value: str) -> bool:
    """Returns whether a p value such as "<0.001" or "0.048" is below .05."""
    match = re.match(r"([<>≤≥]?)\s*(\d*\.?\d+)", p_value)
    if not match:
        return False
    value = float(match.group(2))
    return value <= 0.05 if match.group(1) in ("<", "≤") else False if match.group(1) in (">", "≥") else value < 0.05
