"""Checks gold records against the annotation guidelines: form, closed lists, every mention in the text."""

import argparse
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

STUDY_DESIGNS = frozenset(
    "meta-analysis|systematic review|randomized controlled trial|non-randomized trial|cohort|case-control|"
    "cross-sectional|case series|case report|review|animal study|in vitro study|guideline|other".split("|")
)
SITES = frozenset("hip|knee|elbow|shoulder|spine|ankle|hand|jaw|generalised|other".split("|"))
AETIOLOGIES = frozenset(
    "arthroplasty|fracture/trauma|spinal cord injury|traumatic brain injury|burn|amputation|genetic|arthroscopy|"
    "other".split("|")
)
SPECIES = frozenset(("human", "animal", "in vitro"))
RISK_DIRECTIONS = frozenset(("increases", "decreases", "no association", "unclear"))
FINDING_DIRECTIONS = frozenset(("increases", "decreases", "no difference"))
MEASURES = frozenset(("OR", "RR", "HR", "MD", "SMD"))
GOLD_KEYS = frozenset(
    (
        "interventions",
        "risk_factors",
        "outcomes",
        "findings",
        "study_design",
        "sample_size",
        "species",
        "sites",
        "aetiologies",
    )
)


def text_of(record: dict[str, Any]) -> str:
    """Title and abstract of a gold record as one string, parts parted by a line end."""
    return "\n".join([record["title"], *(section["text"] for section in record["abstract"])])


def _folded(text: str) -> str:
    return re.sub(r"\s+", " ", text).casefold()


def _digits(text: str) -> str:
    """The text with every decimal sign and thousands space in one form, so that 0·42 and 0.42 meet."""
    text = re.sub(r"(?<=\d)[·,](?=\d)", ".", text)
    return re.sub(r"[−–]", "-", text)


def _estimate_problems(estimate: dict[str, Any], text: str) -> Iterator[str]:
    unknown = set(estimate) - {"measure", "value", "low", "high", "p"}
    if unknown:
        yield f"estimate has unknown keys {sorted(unknown)}"
    if "measure" in estimate and estimate["measure"] not in MEASURES:
        yield f"estimate measure {estimate['measure']!r} is not one of {sorted(MEASURES)}"
    if ("value" in estimate) != ("measure" in estimate):
        yield "estimate needs both measure and value, or neither"
    digits = _digits(text)
    for key in ("value", "low", "high"):
        number = estimate.get(key)
        if number is None:
            continue
        if not isinstance(number, int | float):
            yield f"estimate {key} {number!r} is not a number"
            continue
        whole, _, fraction = repr(abs(float(number))).partition(".")
        fraction = fraction.rstrip("0")
        pattern = (
            rf"(?<![\d.]){whole if whole != '0' else '0?'}"
            + (rf"\.{fraction}0*" if fraction else r"(?:\.0+)?")
            + r"(?!\d)"
        )
        if not re.search(pattern, digits):
            yield f"estimate {key} {number!r} does not stand in the text"


def _mention_problems(kind: str, mention: str, text: str) -> Iterator[str]:
    if not isinstance(mention, str) or not mention.strip():
        yield f"{kind}: empty mention"
    elif mention != mention.strip():
        yield f"{kind}: {mention!r} has outer blanks"
    elif _folded(mention) not in text:
        yield f"{kind}: {mention!r} does not stand in title or abstract"


def _list_problems(gold: dict[str, Any], text: str) -> Iterator[str]:
    folded = _folded(text)
    for kind in ("interventions", "outcomes"):
        seen: set[str] = set()
        for mention in gold[kind]:
            yield from _mention_problems(kind, mention, folded)
            if mention.casefold() in seen:
                yield f"{kind}: {mention!r} stands twice"
            seen.add(mention.casefold())
    for factor in gold["risk_factors"]:
        yield from _mention_problems("risk_factors", factor["mention"], folded)
        if factor["direction"] not in RISK_DIRECTIONS:
            yield f"risk factor {factor['mention']!r}: direction {factor['direction']!r}"
        yield from _estimate_problems(factor.get("estimate") or {}, text)
    for finding in gold["findings"]:
        for role in ("intervention", "comparator", "outcome"):
            if role == "comparator" and not finding.get(role):
                continue
            yield from _mention_problems(f"finding {role}", finding[role], folded)
        if finding["direction"] not in FINDING_DIRECTIONS:
            yield f"finding direction {finding['direction']!r}"
        yield from _estimate_problems(finding.get("estimate") or {}, text)


def problems(record: dict[str, Any]) -> Iterator[str]:
    """Yields one line for each thing in a gold record that the guidelines do not allow."""
    gold = record["gold"]
    if set(gold) != GOLD_KEYS:
        yield f"gold keys differ: {sorted(set(gold) ^ GOLD_KEYS)}"
        return
    if record["topic"] not in ("ho", "not_ho"):
        yield f"topic {record['topic']!r}"
    if record["topic"] == "not_ho":
        for key in ("interventions", "risk_factors", "outcomes", "findings", "sites", "aetiologies"):
            if gold[key]:
                yield f"not_ho, but gold {key} is not empty"
        return
    yield from _list_problems(gold, text_of(record))
    for kind, values, allowed in (("sites", gold["sites"], SITES), ("aetiologies", gold["aetiologies"], AETIOLOGIES)):
        for value in values:
            if value not in allowed:
                yield f"{kind}: {value!r} is not in the list"
    if gold["study_design"] not in STUDY_DESIGNS:
        yield f"study design {gold['study_design']!r}"
    if set((gold["species"] or "").split("+")) - SPECIES:
        yield f"species {gold['species']!r}"
    if gold["sample_size"] is not None and not isinstance(gold["sample_size"], int):
        yield f"sample size {gold['sample_size']!r}"


def main(arguments: list[str] | None = None) -> int:
    """Validates gold files; prints one line a problem and returns 1 if there is any."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", type=Path)
    count = records = 0
    pmids: set[str] = set()
    for path in parser.parse_args(arguments).files:
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if not line.strip():
                continue
            record = json.loads(line)
            records += 1
            found = list(problems(record))
            if record["pmid"] in pmids:
                found.append("PMID stands twice")
            pmids.add(record["pmid"])
            for problem in found:
                print(f"{path.name}:{number} {record['pmid']}: {problem}")
            count += len(found)
    print(f"{records} records, {count} problems", file=sys.stderr)
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main())
