"""How open the tagger is to medicine it was not made for: scores on public corpora of other fields.

    python -m benchmarks.external_corpora ../shared/data

Reads `evidence_map_train.jsonl` (interventions and outcomes of trials), `risk_factors_clerx_train.jsonl` (risk factors
and ratios) and `evidence_inference_train.jsonl` (directions of findings) where the folder holds them. The tagger for
other fields was trained on EvidenceMap's training part: score it on another part. Topics are ignored (`predict
--any-topic`), since none of these records is about HO.
"""

import argparse
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from spacy.tokens import Doc

from nlp.document import attribute, make_document
from nlp.estimates import EstimateSpan
from nlp.findings.component import result_models
from nlp.findings.effects import EFFECTS
from nlp.findings.links.estimate_links import link_estimates
from nlp.findings.pairs import read_record
from nlp.findings.sentence.pair_features import Pair, pair_features
from nlp.findings.sentence.view import Context
from nlp.pipeline import build_pipeline, tag_one
from nlp.scoring.evaluate import pairing, similarity
from nlp.scoring.predict import to_prediction
from nlp.scoring.records import to_tag_input
from nlp.spans.tagging import Span
from nlp.text.normal import normal
from nlp.text.tokenizer import split_words

Record = Mapping[str, Any]


def read(path: Path) -> Iterator[dict[str, Any]]:
    """Yields the records of a JSON-lines file."""
    with path.open(encoding="utf-8") as file:
        yield from map(json.loads, file)


def gold_form(pmid: object, title: str, sections: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Returns a record that the tagger reads."""
    return {"pmid": int(str(pmid or 0)), "title": title, "abstract": list(sections)}


def unique(texts: Iterable[str]) -> list[str]:
    """Returns the first of each string."""
    return list({normal(text): text for text in reversed(list(texts)) if normal(text)}.values())


def rates(found: Counter[str]) -> str:
    """Returns precision, recall and F1 of counts "both", "gold" and "found" in words."""
    precision = found["both"] / found["found"] if found["found"] else 0.0
    recall = found["both"] / found["gold"] if found["gold"] else 0.0
    middle = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    return f"precision {precision:.3f}  recall {recall:.3f}  F1 {middle:.3f}  ({found['gold']} in the gold)"


def evidence_map(path: Path) -> None:
    """Scores interventions and outcomes, relaxed, on trials of other fields."""
    pipeline = build_pipeline(any_topic=True)
    counts = {"interventions": Counter[str](), "outcomes": Counter[str]()}
    labels = {"interventions": "Intervention", "outcomes": "Outcome"}
    for record in read(path):
        title, _, body = record["text"].partition(" . ")
        article = to_tag_input(gold_form(record["pmid"], title, [{"label": None, "text": body}]))
        prediction = to_prediction(tag_one(article, pipeline))
        for name, found in counts.items():
            spans = [(start, end) for start, end, label in record["spans"] if label == labels[name]]
            gold, mine = unique(record["text"][a:b] for a, b in spans), prediction[name]
            both = pairing(len(gold), len(mine), lambda i, j: similarity(gold[i], mine[j]))  # noqa: B023
            found.update(both=len(both), gold=len(gold), found=len(mine))
    for name, found in counts.items():
        print(f"  {name}, relaxed: {rates(found)}")


def clerx(path: Path) -> None:
    """Scores the ratios read, how many were given to a finding, and the risk factors of sentences with ratios."""
    pipeline = build_pipeline(any_topic=True)
    values, attached, factors = Counter[str](), Counter[str](), Counter[str]()
    for record in read(path):
        sentences = record["sentences"]
        body = " ".join(sentence["text"] for sentence in sentences[1:])
        article = to_tag_input(gold_form(record["pmid"], record["title"], [{"label": None, "text": body}]))
        document = pipeline(make_document(pipeline, article))
        entities = [(s["text"][a:b], label) for s in sentences for a, b, label in s["entities"]]
        gold = Counter(number for text, label in entities if label.endswith("_ratio") and (number := _number(text)))
        read_ratios: list[EstimateSpan] = [e for e in document._.estimates if e.measure in ("OR", "HR", "RR")]
        mine = Counter(e.value for e in read_ratios if e.value is not None)
        given = Counter(f.estimate.value for f in document._.findings if f.estimate.measure in ("OR", "HR", "RR"))
        for found, numbers in ((values, mine), (attached, given)):
            found.update(both=(gold & numbers).total(), gold=gold.total(), found=numbers.total())
        wanted = unique(text for text, label in entities if label == "explanatory_var")
        named = unique(f.subject_text for f in document._.findings if f.kind == "risk")
        both = pairing(len(wanted), len(named), lambda i, j: similarity(wanted[i], named[j]))  # noqa: B023
        factors.update(both=len(both), gold=len(wanted), found=len(named))
    print(f"  ratios read: {rates(values)}")
    print(f"  ratios given to a finding: {rates(attached)}")
    print(f"  risk factors, relaxed: {rates(factors)}")


def _number(text: str) -> float | None:
    try:
        return float(text.replace("·", "."))
    except ValueError:
        return None


def evidence_inference(path: Path) -> None:
    """Scores directions: of findings as the tagger makes them, and with intervention, outcome and sentence given."""
    pipeline = build_pipeline(any_topic=True)
    made, given = Counter[str](), Counter[str]()
    for record in read(path):
        article = to_tag_input(gold_form(record["pmid"], record["title"], record["abstract"]))
        document = pipeline(make_document(pipeline, article))
        for finding in record["findings"]:
            made["all"] += 1
            theirs = [f for f in document._.findings if f.kind == "effect" and _same(f, finding)]
            made["made"] += bool(theirs)
            made["right"] += any(f.direction == finding["direction"] for f in theirs)
            direction = direction_given(document, finding)
            given["all"] += 1
            given["made"] += direction is not None
            given["right"] += direction == finding["direction"]
    for name, counts in (("findings made from the abstract", made), ("intervention, outcome, sentence given", given)):
        share = counts["right"] / counts["made"] if counts["made"] else 0.0
        print(f"  {name}: a direction for {counts['made']} of {counts['all']}, right in {share:.3f} of them")


def _same(finding: Any, gold: Record) -> bool:
    names = ((finding.subject_text, gold["intervention"]), (finding.outcome_text or "", gold["outcome"]))
    return all(similarity(a, b) >= 0.5 for a, b in names)


def direction_given(document: Doc, gold: Record) -> str | None:
    """Returns the direction of a finding whose words and sentence are given; None where the words do not stand there.

    The intervention, its comparator and the outcome become spans wherever their strings stand in the abstract; the
    outcome has to stand in a sentence of the evidence.
    """
    quotes = [normal(text) for text in gold["evidence"]]
    spans = sorted(
        (span for kind, text in (("intervention", gold["intervention"]), ("intervention", gold["comparator"]),
                                 ("outcome", gold["outcome"])) for span in _spans(document, kind, text)),
        key=lambda span: span.first,
    )  # fmt: skip
    context = Context.of(document, spans)
    models = result_models()
    reading = read_record(context, link_estimates(context, models["link"]))
    drugs = [s for s in spans if normal(s.text) == normal(gold["intervention"])]
    places = [s for s in spans if s.kind == "outcome" and _quoted(normal(_sentence(document, s.sentence)), quotes)]
    pairs = [
        Pair(drug, place, "here" if drug.sentence == place.sentence else "main")
        for place in places
        for drug in sorted(drugs, key=lambda s: (s.sentence != place.sentence, s.first))[:1]
    ]
    best: tuple[float, str] | None = None
    for chances in models["effect"].probabilities_of([pair_features(reading, pair) for pair in pairs]):
        found = max((chances[name], name) for name in EFFECTS)
        best = max(best, found) if best else found
    return best[1] if best else None


def _sentence(document: Doc, number: int) -> str:
    sentence = attribute(document, "sentences")[number]
    return str(attribute(document, "text")[sentence.start : sentence.end])


def _quoted(sentence: str, quotes: Sequence[str]) -> bool:
    return any(quote in sentence or sentence in quote for quote in quotes)


def _spans(document: Doc, kind: str, text: str) -> Iterator[Span]:
    words = [word.lower() for word in attribute(document, "words")]
    wanted = [word.lower() for word in split_words(text)]
    for number, sentence in enumerate(attribute(document, "sentences")):
        for first in range(sentence.first, sentence.last - len(wanted) + 1):
            if wanted and words[first : first + len(wanted)] == wanted:
                yield Span(first, first + len(wanted), kind, number, 1.0, "given", text)


CORPORA = {
    "evidence_map_train.jsonl": evidence_map,
    "risk_factors_clerx_train.jsonl": clerx,
    "evidence_inference_train.jsonl": evidence_inference,
}


def main() -> None:
    """Reads the command line and scores the corpora that are there."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    for name, run in CORPORA.items():
        if (folder / name).exists():
            print(name)
            run(folder / name)
        else:
            print(f"{name}: not in {folder}")


if __name__ == "__main__":
    main()
