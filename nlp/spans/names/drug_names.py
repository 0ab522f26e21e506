"""Names of treatments as they are: "X therapy" is X, and the receptor that a drug acts on is no drug."""

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import cache

from spacy.tokens import Doc

from nlp.cues import patterns
from nlp.spans.tagging import Span, span_text
from nlp.text.normal import normal


@cache
def _cues() -> dict[str, re.Pattern[str]]:
    words = {name: f"(?:{pattern.pattern})" for name, pattern in patterns("drug_names", re.NOFLAG).items()}
    return {
        "use": re.compile(rf"(?P<name>.+) {words['use']}"),
        "own_name": re.compile(rf"\b{words['own_name']}"),
        "target": re.compile(rf"(?:.* )?{words['target']}"),
        "acting": re.compile(words["acting"]),
    }


def with_plain_names(document: Doc, found: Sequence[Span]) -> list[Span]:
    """Returns the spans without targets as interventions, and drugs without "therapy" where they are named alone."""
    alone = {normal(span.text) for span in found if span.kind == "intervention"}
    return [_plainly(document, span, alone) for span in found if not _is_target(span)]


def _is_target(span: Span) -> bool:
    name = normal(span.text)
    return (
        span.kind == "intervention"
        and _cues()["target"].fullmatch(name) is not None
        and not _cues()["acting"].search(name)
    )


def _plainly(document: Doc, span: Span, alone: set[str]) -> Span:
    used = _cues()["use"].fullmatch(normal(span.text)) if span.kind == "intervention" else None
    if used is None or used["name"] not in alone or _cues()["own_name"].search(used["name"]):
        return span
    return replace(span, last=span.last - 1, text=span_text(document, span.first, span.last - 1))
