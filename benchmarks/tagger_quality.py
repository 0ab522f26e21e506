"""Measures the tagger and writes the figures that the methods page and docs/tag-quality.md show.

    python -m benchmarks.tagger_quality [--real FILE.jsonl ...] [-o nlp/scoring/quality.json]
    python -m benchmarks.tagger_quality --topic NAME --gold FILE.jsonl ... [-o FOLDER/quality.json]

Retold records (real abstracts written anew) come first: they are nearest to what new articles will get, with the real
ones, of which only figures are kept here, since their text is not ours. Made-up records come last. No model was trained
on any of them but where the row says so. Without --real the figures on real records stay as they are written. Another
topic is measured on gold of its own, and its figures stand in its folder. Run
`make docs` and publish afterwards.
"""

import argparse
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from db.topics import choose, current
from nlp.pipeline import tagger_version
from nlp.scoring.evaluate import evaluate
from nlp.scoring.predict import predict
from nlp.scoring.rates import Scores
from nlp.training.data import Record, dev_records, held_out_records, read_records, retold_dev_records
from nlp.vocabulary.loader import load_vocabulary

#: What a reader is told, and the score behind it.
_ROWS = {
    "interventions": "interventions relaxed",
    "risk factors": "risk_factors relaxed",
    "risk factors with direction": "risk_factors joint",
    "outcomes": "outcomes relaxed",
    "findings (who, outcome, direction)": "findings joint",
    "estimates": "estimates strict",
    "estimates on the right subject": "estimates bound",
    "statements not denied by the gold": "statements not denied",
    "statements not opposite to the gold": "statements not opposite",
    "sites": "sites strict",
    "aetiologies": "aetiologies strict",
    "study design": "study_design",
    "sample size": "sample_size",
    "species": "species",
    "about {} at all": "topic",
}


def main() -> None:
    """Reads the command line, measures every set and writes the file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--real", type=Path, nargs="*", default=[], help="gold files of real records")
    parser.add_argument("--topic", help="another topic: a folder or the name of a bundled one")
    parser.add_argument("--gold", type=Path, nargs="*", default=[], help="made-up gold of that topic")
    parser.add_argument("-o", "--output", type=Path)
    options = parser.parse_args()
    topic = choose(options.topic)
    if options.topic:
        made_up = read_records(options.gold)
        _write(
            measured({"made-up held out": (len(made_up), score(made_up))}),
            options.output or topic.home / "quality.json",
        )
        return
    options.output = options.output or Path("nlp/scoring/quality.json")
    sets = {"real": read_records(options.real)} if options.real else {}
    sets |= {"retold": retold_dev_records(), "made-up": dev_records(), "made-up held out": held_out_records()}
    now = measured({name: (len(found), score(found)) for name, found in sets.items()})
    if not options.real and options.output.exists():
        now = _with_real(now, json.loads(options.output.read_text(encoding="utf-8")))
    _write(now, options.output)


def _write(figures: dict[str, Any], output: Path) -> None:
    text = json.dumps(figures, indent=1)
    output.write_text(f"{text}\n", encoding="utf-8")
    print(text)


def _with_real(now: dict[str, Any], before: dict[str, Any]) -> dict[str, Any]:
    """The figures with those on real records as they were written before, which came first."""
    kinds = {
        kind: {
            **{column: value for column, value in before["kinds"].get(kind, {}).items() if column.startswith("real ")},
            **figures,
        }
        for kind, figures in now["kinds"].items()
    }
    return {**now, "kinds": kinds}


def score(records: Sequence[Record]) -> Scores:
    """Returns the scores of the tagger of this checkout against annotated records."""
    vocabulary = load_vocabulary()

    def concept_of(kind: str, text: str) -> str | None:
        concept = vocabulary.find(kind, text)  # type: ignore[arg-type]
        return concept.id if concept else None

    return evaluate(records, predict(records), concept_of=concept_of, samples=0)


def measured(sets: dict[str, tuple[int, Scores]]) -> dict[str, Any]:
    """Returns what the methods page reads: the tagger, the day, what was measured against, and figures by kind.

    Every kind has precision, recall and F1 for each set, with three decimals; a set without such annotations has none.
    """
    kinds: dict[str, dict[str, float]] = {}
    for words, name in _ROWS.items():
        figures = kinds.setdefault(words.format(current().short_name), {})
        for of_set, (_, scores) in sets.items():
            rate = scores.rates.get(name)
            if rate is not None:
                for column, value in (("precision", rate.precision), ("recall", rate.recall), ("F1", rate.f1)):
                    figures[f"{of_set} {column}"] = round(value, 3)
    gold = ", ".join(f"{count} {name} records" for name, (count, _) in sets.items())
    day = datetime.now(UTC).date().isoformat()
    return {"tagger": tagger_version(), "date": day, "gold": gold, "kinds": kinds}


if __name__ == "__main__":
    main()
