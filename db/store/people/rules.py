"""What a decision may say: checked the same way whoever brings it, a page, a command or a file."""

import json
from collections.abc import Mapping
from typing import Any

from db.store.people.readings import finding_of
from db.store.people.verdicts import SCREENING_VERDICTS, Decision, DecisionError
from db.store.store import Store
from db.terms import COMPARATOR_CLASSES, EFFECT_DIRECTIONS, EFFECTS, RISK_DIRECTIONS

#: More of a text than a decision ever needs; a name or a reason is shorter than a value.
MOST_WORDS, MOST_VALUE = 500, 20_000
ASSERTIONS = ("affirmed", "negated", "hedged")
FIELDS = ("title", "abstract")
_OF_KIND = {"effect": "intervention", "risk": "risk factor"}
_DIRECTIONS = {"effect": EFFECT_DIRECTIONS, "risk": RISK_DIRECTIONS}
_TEXTS = ("subject_text", "outcome_text", "comparator_text", "sentence", "section", "cue", "measure", "p_value")
_NUMBERS = ("value", "ci_low", "ci_high")
_RATIOS = ("OR", "RR", "HR", "IRR")


def check_decision(store: Store, decision: Decision) -> None:
    """Raises DecisionError with what is wrong in one line where a decision cannot be kept."""
    if decision.verdict in SCREENING_VERDICTS:
        if decision.concept_id is not None or decision.target is not None:
            raise _wrong(decision, f"{decision.verdict} is said of an article, not of a tag")
        return
    for name, text in (("name", decision.who), ("reason", decision.reason)):
        if text and len(text) > MOST_WORDS:
            raise _wrong(decision, f"the {name} is longer than {MOST_WORDS} characters")
    values = _object(decision, decision.value)
    _object(decision, decision.was)
    if decision.target is None:
        _check_tag(store, decision, values)
    elif decision.concept_id is not None:
        _check_mark(decision, values)
    else:
        _check_finding(store, decision, values)


def _check_tag(store: Store, decision: Decision, values: Mapping[str, Any] | None) -> None:
    if decision.verdict != "correct":
        return
    if not values or not (values.get("concept_id") or values.get("assertion")):
        raise _wrong(decision, "a correction says which concept or assertion is right")
    _check_assertion(decision, values)
    _kind_of(store, decision, values.get("concept_id"))


def _check_mark(decision: Decision, values: Mapping[str, Any] | None) -> None:
    if decision.verdict not in ("add", "reject", "withdraw"):
        raise _wrong(decision, "marked words are added, rejected or withdrawn")
    if decision.verdict == "withdraw":
        return
    if not values or values.get("field") not in FIELDS or not isinstance(values.get("start"), int):
        raise _wrong(decision, "marked words need their field and place")
    text = values.get("text")
    if not isinstance(text, str) or not text.strip() or len(text) > MOST_WORDS:
        raise _wrong(decision, f"mark 1 to {MOST_WORDS} characters")
    _check_assertion(decision, values)


def _check_finding(store: Store, decision: Decision, values: Mapping[str, Any] | None) -> None:
    if not str(decision.target).startswith("finding:"):
        raise _wrong(decision, "it names neither a tag nor a finding")
    if decision.verdict == "withdraw":
        return
    said = _object(decision, decision.was) if decision.verdict == "reject" else values
    if said is None:
        raise _wrong(decision, "a decision on a finding says which finding")
    _check_said(decision, said)
    if decision.verdict in ("correct", "add"):
        _check_concepts(store, decision, said)
        if problem := against_interval(said):
            raise _wrong(decision, problem)


def _check_said(decision: Decision, said: Mapping[str, Any]) -> None:
    try:
        finding_of(said)
    except KeyError as error:
        raise _wrong(decision, f"the finding lacks {error}") from error
    kind = said["kind"]
    if kind not in _DIRECTIONS or said["direction"] not in _DIRECTIONS[kind]:
        raise _wrong(decision, f"{said['direction']!r} is no direction of {kind!r}")
    if said["field"] not in FIELDS or not isinstance(said["sentence_start"], int):
        raise _wrong(decision, "the finding has no place")
    if said["comparator_class"] not in (None, *COMPARATOR_CLASSES) or said["effect"] not in (None, *EFFECTS):
        raise _wrong(decision, "its comparator or effect is none of the list")
    if not all(said.get(name) is None or isinstance(said[name], str) for name in _TEXTS) or not said.get("sentence"):
        raise _wrong(decision, "its words are no texts")
    if not all(said.get(name) is None or isinstance(said[name], (int, float)) for name in _NUMBERS):
        raise _wrong(decision, "its figures are no numbers")
    if not said["subject_text"]:
        raise _wrong(decision, "the finding is about nothing")


def _check_concepts(store: Store, decision: Decision, said: Mapping[str, Any]) -> None:
    wanted = {"subject_id": _OF_KIND[said["kind"]], "outcome_id": "outcome", "comparator_id": "intervention"}
    for name, kind in wanted.items():
        found = _kind_of(store, decision, said[name])
        if found not in (None, kind):
            raise _wrong(decision, f"{said[name]} is of the kind {found}; the {name[:-3]} is of the kind {kind}")


def against_interval(said: Mapping[str, Any]) -> str | None:
    """Returns why a direction cannot stand beside the interval of a ratio; None where it can."""
    low, high, direction = said["ci_low"], said["ci_high"], said["direction"]
    if said["measure"] not in _RATIOS or low is None or high is None or direction == "unclear":
        return None
    stated = "decreases" if high < 1 else "increases" if low > 1 else None
    if stated == (direction if direction in ("decreases", "increases") else None):
        return None
    shown = f"{said['measure']} {low} to {high} says {stated or 'no difference'}"
    return f"the interval ({shown}) does not go with {direction!r}; choose that direction, or leave the figures out"


def _check_assertion(decision: Decision, values: Mapping[str, Any]) -> None:
    if values.get("assertion") not in (None, *ASSERTIONS):
        raise _wrong(decision, f"the text says it as one of {', '.join(ASSERTIONS)}")


def _kind_of(store: Store, decision: Decision, concept: Any) -> str | None:
    if concept is None:
        return None
    row = store.db.execute("SELECT kind FROM concepts WHERE id = ?", [str(concept)]).fetchone()
    if row is None:
        raise _wrong(decision, f"concept {str(concept)[:80]!r} is not in the vocabulary of this store")
    return str(row[0])


def _object(decision: Decision, text: str | None) -> Mapping[str, Any] | None:
    if not text:
        return None
    if len(text) > MOST_VALUE:
        raise _wrong(decision, "it says more than a decision can hold")
    try:
        found = json.loads(text, parse_constant=_no_number)
    except ValueError as error:
        raise _wrong(decision, "what it says is no JSON") from error
    if not isinstance(found, dict):
        raise _wrong(decision, "what it says is no JSON object")
    return found


def _wrong(decision: Decision, words: str) -> DecisionError:
    return DecisionError(f"PMID {decision.pmid}: {words}")


def _no_number(word: str) -> None:
    raise ValueError(f"{word} is no number")
