"""Which reported estimates may be pooled: never shown unasked, made from abstracts, and refused where it would mislead.

Some things are refused for good: another measure or outcome, a retracted article, a sentence whose signs disagree, an
estimate without an interval that fits it, an effect per unit, two estimates of one article. Some are done only when
told: adjusted with crude, several classes of comparator, several subjects, reviews with studies.
"""

import json
import math
import re
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

from db.errors import TrackerError
from db.evidence.effects.estimates import RATIOS, ReportedEstimate, read_estimates
from db.evidence.effects.estimates import Ranked as RankedEstimate
from db.evidence.effects.pooling import Pooled, Study, cumulative, leave_one_out, pool
from db.notices import gravest_mark
from db.terms import REVIEW_DESIGNS

#: Measures that can be pooled without knowing a unit.
POOLABLE = (*RATIOS, "SMD")
#: What is mixed only when told, with how a page says it.
MIXES = {
    "adjusted": "adjusted estimates with crude ones",
    "comparators": "different comparators",
    "subjects": "different treatments or factors",
    "reviews": "reviews with studies that they may contain",
}
MOST = 60
#: How far an estimate may stand off the middle of its interval, in half widths, besides what rounding explains.
_OFF_CENTRE = 0.12
_Z = NormalDist().inv_cdf(0.975)
_OTHER_LEVEL = re.compile(r"\b(?!95(?:\.0)?\s?%)(\d\d(?:\.\d+)?)\s?%\s?(?:CI|CrI|confidence|credib)", re.IGNORECASE)
_PER_UNIT = re.compile(
    r"\bper(?!\s*cent)[\s-](?:\d|one|additional|each|unit|year|decade|day|week|month|point|degree|mm|cm|kg|SD\b|standard)",
    re.IGNORECASE,
)


class PoolError(TrackerError):
    """Estimates that must not be pooled, with the reason and what to do."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """One estimate to pool: as reported, what it is compared with, and how it enters (`study`)."""

    estimate: ReportedEstimate
    comparator_class: str
    study: Study


@dataclass(frozen=True, slots=True)
class Pooling:
    """A pooled set: its estimates, the mean, the mean without each study and over the years, what to beware of."""

    measure: str
    chosen: tuple[Chosen, ...]
    pooled: Pooled
    without: tuple[Pooled, ...]
    by_year: tuple[tuple[int, Pooled], ...]
    mixed: tuple[str, ...]
    warnings: tuple[str, ...]

    def shown(self, value: float) -> float:
        """Returns a value on the measure's own scale."""
        return math.exp(value) if self.measure in RATIOS else value


def pool_findings(conn: sqlite3.Connection, findings: Sequence[int], told: Iterable[str] = ()) -> Pooling:
    """Returns the random-effects pooling of some findings' estimates; `told` names what of MIXES may be mixed.

    Raises PoolError, which names the findings, for what must not be pooled.
    """
    allowed = set(told)
    if unknown := sorted(allowed - set(MIXES)):
        raise PoolError(f"there is nothing to mix called {unknown[0][:40]!r}; it is one of {', '.join(MIXES)}")
    asked = list(dict.fromkeys(findings))
    if not 2 <= len(asked) <= MOST:
        raise PoolError(f"choose 2 to {MOST} estimates to pool; {len(asked)} were")
    chosen = _read(conn, asked)
    _refuse_for_good(chosen)
    mixed = _mixed(chosen)
    for name, words in mixed.items():
        if name not in allowed:
            raise PoolError(f"this would mix {MIXES[name]} ({words}); choose one kind, or tell it to mix {name}")
    studies = [entry.study for entry in chosen]
    pooled = pool(studies)
    measure = chosen[0].estimate.measure or ""
    return Pooling(
        measure,
        tuple(chosen),
        pooled,
        tuple(leave_one_out(studies)),
        tuple(cumulative(studies)),
        tuple(mixed),
        (*_warnings(pooled, mixed, chosen), *_notices(conn, chosen)),
    )


def _read(conn: sqlite3.Connection, findings: Sequence[int]) -> list[Chosen]:
    rows = {
        row[0]: row[1:]
        for row in conn.execute(
            "SELECT findings.id, findings.pmid, comparator_class, conflict FROM findings "
            "WHERE findings.id IN (SELECT value FROM json_each(?)) AND value IS NOT NULL AND subject_id IS NOT NULL",
            [json.dumps(list(findings))],
        )
    }
    missing = [finding for finding in findings if finding not in rows]
    if missing:
        raise PoolError(f"finding {missing[0]} is no estimate that is held here; choose from the list of estimates")
    estimates = read_estimates(conn, [RankedEstimate(finding, rows[finding][0]) for finding in findings])
    chosen = []
    for estimate in estimates:
        _, comparator, conflict = rows[estimate.finding_id]
        if conflict:
            raise PoolError(f"{_named(estimate)}: its sentence contradicts itself ({conflict}); leave it out")
        chosen.append(Chosen(estimate, comparator or "not read", _study(estimate)))
    return chosen


def _study(estimate: ReportedEstimate) -> Study:
    """Returns an estimate on the scale on which it is pooled; raises PoolError where its numbers do not fit."""
    named = _named(estimate)
    if estimate.retracted:
        raise PoolError(f"{named}: this article was retracted; leave it out")
    if estimate.measure not in POOLABLE:
        raise PoolError(
            f"{named}: {estimate.measure or 'a number without a measure'} cannot be pooled from an abstract, for its "
            f"unit is not known; choose {', '.join(POOLABLE)}"
        )
    interval = estimate.interval
    if interval is None:
        raise PoolError(f"{named}: no confidence interval is stated; leave it out")
    if other := _OTHER_LEVEL.search(estimate.sentence):
        raise PoolError(f"{named}: its interval is one of {other[1]} %, not 95 %; leave it out")
    if _PER_UNIT.search(estimate.sentence):
        raise PoolError(f"{named}: it is an effect per unit, which no other need share; leave it out")
    scale: Callable[[float], float] = math.log if estimate.measure in RATIOS else float
    if estimate.measure in RATIOS and min(estimate.value, *interval) <= 0:
        raise PoolError(f"{named}: a ratio of zero or less has no logarithm; leave it out")
    y, low, high = scale(estimate.value), scale(interval[0]), scale(interval[1])
    half = (high - low) / 2
    if half <= 0 or not low <= y <= high or abs(y - (low + high) / 2) > _OFF_CENTRE * half + _rounding(estimate):
        raise PoolError(f"{named}: the estimate does not stand in the middle of its interval; leave it out")
    return Study(y, (half / _Z) ** 2, estimate.study, estimate.year)


def _rounding(estimate: ReportedEstimate) -> float:
    """Returns by how much rounding alone can move an estimate off the middle, on the scale of pooling."""
    low, high = estimate.interval or (0.0, 0.0)
    steps = [_step(value) for value in (estimate.value, low, high)]
    if estimate.measure not in RATIOS:
        return steps[0] + max(steps[1:])
    return steps[0] / estimate.value + (steps[1] / low + steps[2] / high) / 2


def _step(value: float) -> float:
    """Returns half a unit of the last digit of a number as it is printed."""
    digits = len(f"{value:.6f}".rstrip("0").partition(".")[2])
    return float(0.5 * 10.0 ** -max(digits, 1))


def _refuse_for_good(chosen: Sequence[Chosen]) -> None:
    for what, value in (("measures", lambda e: e.measure), ("outcomes", lambda e: e.outcome or "not read")):
        found = _values(chosen, value)
        if len(found) > 1:
            raise PoolError(f"different {what} are never pooled: {', '.join(found)}; choose one")
    if any(entry.estimate.outcome_id is None for entry in chosen):
        raise PoolError(
            "an outcome was not read, so that it cannot be said to be the same; choose estimates of one outcome"
        )
    seen: dict[int, ReportedEstimate] = {}
    for entry in chosen:
        if entry.estimate.pmid in seen:
            raise PoolError(
                f"{_named(entry.estimate)}: two estimates of one article count its patients twice; keep one"
            )
        seen[entry.estimate.pmid] = entry.estimate


def _mixed(chosen: Sequence[Chosen]) -> dict[str, str]:
    """Returns what of MIXES the chosen estimates mix, with the words for it."""
    words = {True: "adjusted", False: "crude", None: "not stated"}
    reviews = [entry for entry in chosen if entry.estimate.study_design in REVIEW_DESIGNS]
    found = {
        "adjusted": _values(chosen, lambda e: words[e.adjusted]),
        "comparators": sorted({entry.comparator_class for entry in chosen}),
        "subjects": _values(chosen, lambda e: e.subject),
        "reviews": [entry.estimate.study for entry in reviews] if reviews and len(chosen) > 1 else [],
    }
    least = {"reviews": 1}
    return {name: ", ".join(values) for name, values in found.items() if len(values) >= least.get(name, 2)}


def _values(chosen: Sequence[Chosen], of: Callable[[ReportedEstimate], Any]) -> list[str]:
    return sorted({str(of(entry.estimate)) for entry in chosen})


def _warnings(pooled: Pooled, mixed: Iterable[str], chosen: Sequence[Chosen]) -> list[str]:
    found = [f"It mixes {MIXES[name]}, as told." for name in mixed]
    if pooled.k < 5:
        found.append(
            f"It rests on {pooled.k} estimates: the interval is wide for a reason, and may still be too narrow."
        )
    if pooled.i2 >= 50:
        found.append(f"The studies differ more than chance explains (I² {pooled.i2:.0f} %): one mean may say little.")
    if (
        pooled.prediction is not None
        and pooled.prediction[0] < 0 < pooled.prediction[1]
        and not pooled.low < 0 < pooled.high
    ):
        found.append(
            "A further study may well find the opposite: the prediction interval crosses the line of no effect."
        )
    if any(entry.comparator_class == "not read" for entry in chosen):
        found.append("What an estimate was compared with was not read for all of them; look at the sentences.")
    return found


def _notices(conn: sqlite3.Connection, chosen: Sequence[Chosen]) -> list[str]:
    """Returns a warning for each article that is questioned or corrected; raises PoolError for a partial retraction."""
    found = []
    for entry in chosen:
        rows = conn.execute("SELECT kind FROM notices WHERE pmid = ?", [entry.estimate.pmid])
        mark = gravest_mark(row[0] for row in rows)
        if mark == "PARTIALLY RETRACTED":
            raise PoolError(f"{_named(entry.estimate)}: this article was retracted in part; leave it out")
        if mark is not None:
            found.append(f"{_named(entry.estimate)}: {mark.lower()}; read the notice before you trust the number.")
    return found


def _named(estimate: ReportedEstimate) -> str:
    return f"{estimate.study}, PMID {estimate.pmid}"
