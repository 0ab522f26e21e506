"""What a form of the review page decides: fields in, one decision out, written by the store as every other one is."""

import json
from collections.abc import Mapping
from typing import Any

from db.curation.items import Item, ItemError, LookedAt, look_at, read_item
from db.curation.names import concept_named
from db.select.suggest import shown
from db.store.people.decisions import next_time, record_decisions
from db.store.people.readings import mark_key
from db.store.people.rules import ASSERTIONS
from db.store.people.verdicts import Decision, DecisionError, Standing, Verdict, last_words
from db.store.store import Store
from db.store.tags import known_concepts
from db.terms import COMPARATOR_CLASSES, DIRECTION, EFFECT_DIRECTIONS, EFFECTS, RISK_DIRECTIONS, effect_of

Fields = Mapping[str, str]
_FIGURES = ("measure", "value", "ci_low", "ci_high", "p_value", "adjusted")
_SUBJECT_KIND = {"effect": "intervention", "risk": "risk factor"}


def decide(store: Store, who: str, fields: Fields, software: str = "ho-tracker") -> Standing | None:
    """Keeps what a form decides and returns the decision; None where the person had decided the same already.

    Raises ItemError or DecisionError in one line. Runs in a transaction of the caller.
    """
    seen, item = read_item(store, _pmid(fields), fields.get("item", ""))
    _same_text(seen, fields)
    verdict = fields.get("verdict", "")
    values: dict[str, Any] | None
    if verdict == "withdraw":
        return _keep(store, who, item, "withdraw", None, fields, software)
    if verdict == "again":
        return _again(store, who, item, fields, software)
    if verdict == "reject":
        return _keep(store, who, item, "reject", None, fields, software)
    if verdict not in ("accept", "correct"):
        raise DecisionError("choose one of the buttons: accept, reject, correct or undo")
    if item.sort == "tag":
        values = _tag_values(store, item, fields, verdict)
        read = any(mention.concept_id == item.key for mention in seen.reading.mentions)
        accepted: Verdict = "accept" if read else "add"
    else:
        values = _finding_values(store, seen, item, fields, verdict)
        accepted = "accept" if _as_tagger_read(item) else "correct"
    return _keep(store, who, item, accepted if verdict == "accept" else "correct", values, fields, software)


def _as_tagger_read(item: Item) -> bool:
    """False where what is accepted is somebody's correction: who accepts it corrects the tagger in the same way."""
    read = next((one.was_values for one in item.words if one.was), None)
    places = ("sentence_start", "sentence_end")
    return read is None or all(read[name] == value for name, value in item.said.items() if name not in places)


def mark_words(store: Store, who: str, fields: Fields, software: str = "ho-tracker") -> Standing | None:
    """Keeps words of a text as a mention of a concept and returns the decision; raises ItemError or DecisionError."""
    seen = look_at(store, _pmid(fields))
    _same_text(seen, fields)
    words = fields.get("words", "").strip()
    if not words:
        raise DecisionError("mark or type the words that name it, as they stand in the text")
    field, start = _place(seen, words, fields)
    kind, concept = concept_named(store, fields.get("concept", ""), fields.get("kind") or None)
    value = {"field": field, "start": start, "text": words, "assertion": _assertion(fields) or "affirmed"}
    target = mark_key(concept, field, start, words)
    made = Decision(
        seen.pmid, "add", who, next_time(store, seen.pmid, concept, target), concept, kind, _reason(fields),
        "review page", seen.row["text_hash"], target, _text(value),
    )  # fmt: skip
    return _record(store, made, software)


def undo(store: Store, who: str, fields: Fields, software: str = "ho-tracker") -> Standing:
    """Takes a person's own last word on something back, and returns it; raises ItemError where there is none."""
    number = fields.get("decision", "")
    pmid = _pmid(fields)
    mine = [one for one in last_words(store, pmid) if one.who == who and str(one.id) == number]
    if not mine:
        raise ItemError("there is nothing of yours to undo here; it was undone already, or decided anew since")
    one = mine[0]
    made = Decision(
        pmid, "withdraw", who, next_time(store, pmid, one.concept_id, one.target), one.concept_id, one.kind,
        _reason(fields), "review page", "", one.target,
    )  # fmt: skip
    record_decisions(store, [made], software)
    return one


def _keep(
    store: Store,
    who: str,
    item: Item,
    verdict: Verdict,
    values: Mapping[str, Any] | None,
    fields: Fields,
    software: str,
) -> Standing | None:
    concept = item.key if item.sort == "tag" else None
    target = item.key if item.sort == "finding" else None
    if verdict == "withdraw" and not any(one.who == who for one in item.words):
        raise ItemError("there is nothing of yours to undo here")
    earlier = next((one.was for one in item.words if one.was), None)
    was = earlier or _text(item.said)
    made = Decision(
        item.pmid, verdict, who, next_time(store, item.pmid, concept, target), concept, None, _reason(fields),
        "review page", item.text_hash, target, _text(values) if values else None,
        None if verdict == "withdraw" else was,
    )  # fmt: skip
    return _record(store, made, software)


def _record(store: Store, made: Decision, software: str) -> Standing | None:
    if not record_decisions(store, [made], software).added:
        return None
    key = made.target or made.concept_id
    mine = [one for one in last_words(store, made.pmid) if one.who == made.who and one.key == key]
    return mine[-1] if mine else None


def _again(store: Store, who: str, item: Item, fields: Fields, software: str) -> Standing | None:
    """The decision in force, made once more on the text as it is now."""
    one = item.in_force
    if one is None:
        raise ItemError("nobody has decided on this any more")
    made = Decision(
        item.pmid, one.verdict, who, next_time(store, item.pmid, one.concept_id, one.target), one.concept_id, one.kind,
        _reason(fields) or one.reason, "review page", item.text_hash, one.target, one.value, one.was,
    )  # fmt: skip
    return _record(store, made, software)


def _tag_values(store: Store, item: Item, fields: Fields, verdict: str) -> dict[str, Any] | None:
    tag = item.tag
    if tag is None:
        raise ItemError("this is no tag")
    asked = fields.get("concept", "").strip()
    concept = tag.concept_id
    if asked and asked.casefold() != tag.name.casefold():
        _, concept = concept_named(store, asked, fields.get("kind") or None)
    assertion = _assertion(fields) or tag.assertion
    changed = {"concept_id": concept} if concept != tag.concept_id else {}
    changed |= {"assertion": assertion} if assertion != tag.assertion else {}
    if verdict == "accept":
        _unchanged(changed)
        return None
    if not changed:
        raise DecisionError("nothing was changed; accept the tag, or choose another concept or assertion")
    return changed


def _finding_values(store: Store, seen: LookedAt, item: Item, fields: Fields, verdict: str) -> dict[str, Any]:
    said = dict(item.said)
    changed = _changed_fields(store, seen, said, fields)
    if changed.keys() == {"effect"} and not fields.get("effect") and (verdict == "accept" or not said["conflict"]):
        changed = {}  # nobody chose it: it only follows from the rest
    if verdict == "accept":
        _unchanged(changed)
        return said
    if not changed:
        raise DecisionError("nothing was changed; accept the finding, or choose what it should say")
    return {**said, **changed, "conflict": None}


def _unchanged(changed: Mapping[str, Any]) -> None:
    if changed:
        names = ", ".join(sorted({name.split("_")[0] for name in changed}))
        raise DecisionError(f"you changed the {names}; save the correction, or leave the fields as they were to accept")


def _changed_fields(store: Store, seen: LookedAt, said: Mapping[str, Any], fields: Fields) -> dict[str, Any]:
    new: dict[str, Any] = {}
    new |= _named(store, seen, said, fields, "subject", _SUBJECT_KIND[said["kind"]])
    if said["kind"] == "effect":
        new |= _named(store, seen, said, fields, "comparator", "intervention")
        new |= _named(store, seen, said, fields, "outcome", "outcome")
        against = fields.get("comparator_class") or said["comparator_class"]
        if against not in (None, *COMPARATOR_CLASSES):
            raise DecisionError(f"the comparator is one of {', '.join(COMPARATOR_CLASSES)}")
        if new.get("comparator_id") and against in (None, "not read", "before"):
            raise DecisionError("say what kind the comparator is: none or placebo, active, dose or timing")
        new["comparator_class"] = against
    directions = EFFECT_DIRECTIONS if said["kind"] == "effect" else RISK_DIRECTIONS
    direction = fields.get("direction") or said["direction"]
    if direction not in directions:
        raise DecisionError(f"the direction is one of {', '.join(directions)}")
    new["direction"] = direction
    if fields.get("figures") == "no":
        new |= dict.fromkeys(_FIGURES)
    if said["kind"] == "effect":
        new["effect"] = _effect(store, {**said, **new}, said, fields)
    return {name: value for name, value in new.items() if value != said[name]}


def _effect(store: Store, new: Mapping[str, Any], said: Mapping[str, Any], fields: Fields) -> str:
    """What a direction means for the patient: by the outcome, else as a person says, else as it was or its opposite."""
    asked = fields.get("effect") or None
    if asked not in (None, *EFFECTS):
        raise DecisionError(f"for the patient it is one of {', '.join(EFFECTS)}")
    known = known_concepts(store)
    outcome = known.get(new["outcome_id"] or "")
    polarity = outcome.polarity if outcome else None
    if polarity is not None or new["direction"] == "no difference":
        meant = effect_of(new["direction"], polarity)
        if asked not in (None, meant, said["effect"]):
            raise DecisionError(
                f"{new['direction']} of this outcome is {meant} for the patient; choose the direction instead"
            )
        return meant
    if asked is not None:
        return asked
    same = (new["outcome_id"], new["outcome_text"]) == (said["outcome_id"], said["outcome_text"])
    opposite = {"better": "worse", "worse": "better"}
    if same and said["effect"] in opposite and {new["direction"], said["direction"]} <= {"increases", "decreases"}:
        return str(said["effect"] if new["direction"] == said["direction"] else opposite[said["effect"]])
    return "unclear"


def _named(
    store: Store, seen: LookedAt, said: Mapping[str, Any], fields: Fields, part: str, kind: str
) -> dict[str, Any]:
    """A part of a finding as a form names it: the concept, and the words that name it in the sentence."""
    held, words = said[f"{part}_id"], said[f"{part}_text"]
    if part not in fields:
        return {}
    asked = fields[part].strip()
    if asked.casefold() == (seen.names.get(held or "") or words or "").casefold():
        return {}
    if not asked:
        if part != "comparator":
            raise DecisionError(f"name the {part}, or reject the finding")
        return {"comparator_id": None, "comparator_text": None}
    _, concept = concept_named(store, asked, kind)
    here = (
        mention.text
        for mention in seen.reading.mentions
        if mention.concept_id == concept
        and mention.field == said["field"]
        and mention.sentence_start == said["sentence_start"]
    )
    return {f"{part}_id": concept, f"{part}_text": next(here, seen.names[concept])}


def _place(seen: LookedAt, words: str, fields: Fields) -> tuple[str, int]:
    """Where marked words stand: at the place that is named, else at their only place in abstract or title."""
    given = fields.get("start", "")
    field = fields.get("field") or None
    if given.isdigit() and len(given) < 9 and field in ("title", "abstract"):
        if seen.texts.of(field).startswith(words, int(given)):
            return field, int(given)
        raise DecisionError("the marked words do not stand there; mark them again")
    for name in ("abstract", "title") if field is None else (field,):
        text = seen.texts.of(name)
        if text.count(words) == 1:
            return name, text.index(words)
        if words in text:
            raise DecisionError(f"{shown(words)} stands there {text.count(words)} times; add a word beside it")
    raise DecisionError(f"{shown(words)} does not stand in the title or abstract; copy the words as they stand")


def _same_text(seen: LookedAt, fields: Fields) -> None:
    if fields.get("text_hash") != seen.row["text_hash"]:
        raise ItemError("the text of this article has changed since you opened it; look again, then decide")


def _assertion(fields: Fields) -> str | None:
    asked = fields.get("assertion") or None
    if asked not in (None, *ASSERTIONS):
        raise DecisionError(f"the text says it as one of {', '.join(ASSERTIONS)}")
    return asked


def _pmid(fields: Fields) -> int:
    text = fields.get("pmid", "")
    if not (text.isascii() and text.isdigit() and len(text) <= 12):
        raise ItemError("the form names no article; open the page again")
    return int(text)


def _reason(fields: Fields) -> str | None:
    return " ".join(fields.get("reason", "").split()) or None


def _text(values: Mapping[str, Any]) -> str:
    return json.dumps(values, ensure_ascii=False, sort_keys=True)


#: Directions as buttons, in the order in which they are shown.
DIRECTIONS_OF: Mapping[str, tuple[str, ...]] = {"effect": EFFECT_DIRECTIONS, "risk": RISK_DIRECTIONS}
SIGNS: Mapping[str, str] = {name: one.sign for name, one in DIRECTION.items()}
