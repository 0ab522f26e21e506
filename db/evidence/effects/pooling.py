"""Random-effects meta-analysis of estimates with their variances: restricted maximum likelihood, Hartung-Knapp.

Between-study variance by REML (Viechtbauer 2005, doi:10.3102/10769986030003261); standard error by Hartung and Knapp
(2001, doi:10.1002/sim.791), never smaller than the conventional one (Jackson et al. 2017, doi:10.1002/sim.7411), with
Student's t on k - 1 degrees of freedom; prediction interval on the same (Veroniki et al. 2019, doi:10.1002/jrsm.1319).
Small enough to be read whole: PyMARE brings pandas, scipy and sympy and has no Hartung-Knapp, statsmodels no REML.
Checked against metafor's published examples to four digits.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

_LEVEL = 0.95
_BISECTIONS = 200


@dataclass(frozen=True, slots=True)
class Study:
    """What one study adds: its estimate `y` (of a ratio the natural logarithm), the variance `v` of it, label, year."""

    y: float
    v: float
    label: str = ""
    year: int | None = None


@dataclass(frozen=True, slots=True)
class Pooled:
    """The mean of k studies on the scale of `y`.

    `se`, `low` and `high` are Hartung and Knapp's; `prediction` is the interval of a new study's true effect, None for
    fewer than three; `tau2` is the variance between studies, `q` and `i2` (percent) say how far they differ.
    """

    k: int
    mean: float
    se: float
    low: float
    high: float
    prediction: tuple[float, float] | None
    tau2: float
    q: float
    i2: float


def pool(studies: Sequence[Study]) -> Pooled:
    """Returns the random-effects mean of at least two studies, each with a variance above zero."""
    k = len(studies)
    if k < 2 or any(study.v <= 0 for study in studies):
        raise ValueError("two studies with a variance above zero are the least that can be pooled")
    tau2 = reml(studies)
    weights = [1 / (study.v + tau2) for study in studies]
    whole = sum(weights)
    mean = sum(w * study.y for w, study in zip(weights, studies, strict=True)) / whole
    spread = sum(w * (study.y - mean) ** 2 for w, study in zip(weights, studies, strict=True)) / (k - 1)
    se = math.sqrt(max(spread, 1.0) / whole)
    quantile = t_quantile(k - 1)
    wide = quantile * math.sqrt(se**2 + tau2)
    q = _cochran_q(studies)
    return Pooled(
        k,
        mean,
        se,
        mean - quantile * se,
        mean + quantile * se,
        (mean - wide, mean + wide) if k > 2 else None,
        tau2,
        q,
        _i2(studies, tau2),
    )


def leave_one_out(studies: Sequence[Study]) -> list[Pooled]:
    """Returns what is left without each study, in their order; nothing where fewer than three are there."""
    if len(studies) < 3:
        return []
    return [pool([*studies[:place], *studies[place + 1 :]]) for place in range(len(studies))]


def cumulative(studies: Sequence[Study]) -> list[tuple[int, Pooled]]:
    """Returns the mean after each year from the second study on, oldest first; studies of one year come together.

    Studies without a year are left out.
    """
    dated = sorted((study for study in studies if study.year is not None), key=lambda study: study.year or 0)
    years = sorted({study.year for study in dated if study.year is not None})
    found = []
    for year in years:
        so_far = [study for study in dated if (study.year or 0) <= year]
        if len(so_far) > 1:
            found.append((year, pool(so_far)))
    return found


def reml(studies: Sequence[Study]) -> float:
    """Returns the variance between studies where the restricted likelihood is highest, 0 where that is at its edge."""

    def slope(tau2: float) -> float:
        weights = [1 / (study.v + tau2) for study in studies]
        whole = sum(weights)
        squares = sum(w**2 for w in weights)
        mean = sum(w * study.y for w, study in zip(weights, studies, strict=True)) / whole
        off = sum(w**2 * (study.y - mean) ** 2 for w, study in zip(weights, studies, strict=True))
        return off - (whole - squares / whole)

    if slope(0.0) <= 0:
        return 0.0
    high = max(study.v for study in studies)
    while slope(high) > 0:
        high *= 2
    return _root(slope, 0.0, high)


def t_quantile(df: int, level: float = _LEVEL) -> float:
    """Returns the value that Student's t with `df` degrees of freedom stays under in absolute value, 95 % of the time.

    By the finite sums of Abramowitz and Stegun 26.7.3 and 26.7.4, solved for the angle.
    """
    if df < 1:
        raise ValueError("Student's t needs one degree of freedom")
    angle = _root(lambda theta: level - _t_inside(theta, df), 0.0, math.pi / 2)
    return math.sqrt(df) * math.tan(angle)


def _t_inside(theta: float, df: int) -> float:
    """The chance that |t| stays under sqrt(df) * tan(theta)."""
    sine, cosine = math.sin(theta), math.cos(theta)
    term, total = (cosine, cosine) if df % 2 else (1.0, 1.0)
    if df == 1:
        return 2 * theta / math.pi
    for step in range(3 if df % 2 else 2, df - 1, 2):
        term *= cosine**2 * (step - 1) / step
        total += term
    return 2 / math.pi * (theta + sine * total) if df % 2 else sine * total


def _root(function: Callable[[float], float], low: float, high: float) -> float:
    """Returns where a function that is above zero at `low` and below it at `high` crosses."""
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        if function(middle) > 0:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _cochran_q(studies: Sequence[Study]) -> float:
    weights = [1 / study.v for study in studies]
    mean = sum(w * study.y for w, study in zip(weights, studies, strict=True)) / sum(weights)
    return sum(w * (study.y - mean) ** 2 for w, study in zip(weights, studies, strict=True))


def _i2(studies: Sequence[Study], tau2: float) -> float:
    """Returns the share of the spread that is between studies, in percent (Higgins and Thompson 2002)."""
    weights = [1 / study.v for study in studies]
    whole = sum(weights)
    typical = (len(studies) - 1) * whole / (whole**2 - sum(w**2 for w in weights))
    return 100 * tau2 / (tau2 + typical)
