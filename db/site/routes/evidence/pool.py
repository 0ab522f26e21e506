"""Pooling on request: estimates to choose from, and what comes of those chosen; linked from nowhere unasked."""

from typing import Any

from datasette.utils.asgi import Response

from db.evidence.effects.estimates import rank_estimates, read_estimates
from db.evidence.effects.pool_choice import MIXES, MOST, POOLABLE, PoolError, Pooling, pool_findings
from db.evidence.effects.pooling import Pooled
from db.select.addresses.resolve import resolve_concept
from db.select.filter import ArticleFilter
from db.site.answers import json_answer, json_page
from db.site.page import PageContext, page

LABEL = "Made from abstracts on request; not a systematic review"


@page
def pool(context: PageContext) -> Response:
    """The pooled estimates of an address, or estimates to choose."""
    findings = _findings(context)
    if not findings:
        return _choice(context)
    found = pool_findings(context.conn, findings, _told(context))
    return context.render("pool.html", found=found, label=LABEL, null=1 if found.shown(0) == 1 else 0, mixes=MIXES)


@json_page
def pool_json(context: PageContext) -> Response:
    """The pooled estimates of an address as JSON."""
    found = pool_findings(context.conn, _findings(context), _told(context))
    return json_answer(
        {
            "label": LABEL,
            "measure": found.measure,
            "pooled": _pooled(found, found.pooled),
            "warnings": found.warnings,
            "mixed": found.mixed,
            "estimates": [
                {
                    "finding": entry.estimate.finding_id,
                    "pmid": entry.estimate.pmid,
                    "study": entry.estimate.study,
                    "value": entry.estimate.value,
                    "interval": entry.estimate.interval,
                    "adjusted": entry.estimate.adjusted,
                    "comparator_class": entry.comparator_class,
                    "sentence": entry.estimate.sentence,
                    "without_it": _pooled(found, without) if without else None,
                }
                for entry, without in _with_rest(found)
            ],
            "by_year": [{"year": year, **_pooled(found, pooled)} for year, pooled in found.by_year],
        }
    )


def _choice(context: PageContext) -> Response:
    subject, outcome = context.parameter("subject"), context.parameter("outcome")
    if not subject or not outcome:
        raise PoolError("name what to pool, such as /pool?subject=aspirin&outcome=pain, and choose estimates there")
    subject = resolve_concept(context.conn, None, subject)
    outcome = resolve_concept(context.conn, "outcome", outcome)
    ranked = rank_estimates(context.conn, ArticleFilter(), subject, outcome)
    estimates = [
        estimate
        for estimate in read_estimates(context.conn, ranked)
        if estimate.interval is not None and estimate.measure in POOLABLE
    ]
    return context.render("pool_choice.html", estimates=estimates[: 2 * MOST], most=MOST, mixes=MIXES, label=LABEL)


def _findings(context: PageContext) -> list[int]:
    given = [value.strip() for name, value in context.pairs if name == "finding"]
    for value in given:
        if not (value.isascii() and value.isdigit() and len(value) <= 18):
            raise PoolError(f"a finding is a number, and {value[:40]!r} is none; choose from the list of estimates")
    return [int(value) for value in given]


def _told(context: PageContext) -> list[str]:
    return [value.strip() for name, value in context.pairs if name == "mix" and value.strip()]


def _with_rest(found: Pooling) -> list[tuple[Any, Pooled | None]]:
    """Each chosen estimate with what is left without it."""
    without: list[Pooled | None] = [*found.without] or [None] * len(found.chosen)
    return list(zip(found.chosen, without, strict=True))


def _pooled(found: Pooling, pooled: Pooled) -> dict[str, Any]:
    return {
        "k": pooled.k,
        "value": found.shown(pooled.mean),
        "low": found.shown(pooled.low),
        "high": found.shown(pooled.high),
        "prediction": [found.shown(bound) for bound in pooled.prediction] if pooled.prediction else None,
        "tau2": pooled.tau2,
        "i2": pooled.i2,
        "q": pooled.q,
    }


ROUTES = [(r"^/pool$", pool), (r"^/pool\.json$", pool_json)]
