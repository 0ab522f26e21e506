"""Measures the tagger on the annotated sample of another topic, with open models and with those of the first topic.

    python -m benchmarks.topic_quality osteonecrosis [--gold FILE.jsonl]

`open` is what the topic gets: the spans of the tagger of other fields, and rules. `any topic` is the same with every
record tagged, whatever it is about. `first topic's models` takes the models that were fitted to the first bundled one:
what they know of their own disease does not carry over; they know no sites and settings of another, which are left
blank. Prints a Markdown table of F1 (facts: share right).
"""

import argparse
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from db.topics import bundled, choose, current
from db.topics.choice import FOLDER
from nlp.scoring.evaluate import evaluate
from nlp.scoring.predict import predict
from nlp.scoring.rates import Scores
from nlp.training.data import Record, read_records

#: What a reader is told, and the score behind it.
ROWS = {
    "interventions": "interventions relaxed",
    "risk factors": "risk_factors relaxed",
    "risk factors with direction": "risk_factors joint",
    "outcomes": "outcomes relaxed",
    "findings (who, outcome, direction)": "findings joint",
    "statements not opposite to the gold": "statements not opposite",
    "estimates on the right subject": "estimates bound",
    "sites": "sites strict",
    "settings": "aetiologies strict",
    "study design": "study_design",
    "sample size": "sample_size",
    "species": "species",
    "about the topic at all": "topic",
}
FIRST = "first topic's models"
UNKNOWN = {(name, FIRST) for name in ("sites strict", "aetiologies strict")}


def main() -> None:
    """Reads the command line and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("topic", help="a bundled topic or a folder")
    parser.add_argument("--gold", type=Path, help="annotated records; else sample/gold.jsonl of the topic")
    options = parser.parse_args()
    home = choose(options.topic).home
    records = read_records([options.gold or home / "sample" / "gold.jsonl"])
    columns = {"open": score(records), "any topic": score(records, any_topic=True)}
    with tempfile.TemporaryDirectory() as folder:
        choose(with_own_models(home, Path(folder) / home.name))
        columns[FIRST] = score(records)
    print("\n".join(table(columns)))


def score(records: Sequence[Record], any_topic: bool = False) -> Scores:
    """Returns the scores of the tagger with the topic in force."""
    return evaluate(records, predict(records, any_topic=any_topic), samples=0)


def with_own_models(home: Path, copy: Path) -> Path:
    """Copies a topic folder as one whose models were fitted to it, which is what takes the first topic's models.

    Its sites and settings are the first topic's, since a model stands behind each of these.
    """
    shutil.copytree(home, copy)
    shutil.copy(FOLDER / bundled()[0] / "cues" / "population.toml", copy / "cues")
    names = [line for line in (copy / "topic.toml").read_text(encoding="utf-8").splitlines() if "models =" not in line]
    (copy / "topic.toml").write_text("\n".join([*names, 'models = "own"', ""]), encoding="utf-8")
    return copy


def table(columns: dict[str, Scores]) -> list[str]:
    """Returns a Markdown table: a row for each kind of tag, a column for each set of models."""
    lines = [f"| what, on {current().short_name} | {' | '.join(columns)} |", f"| --- |{' ---: |' * len(columns)}"]
    for words, name in ROWS.items():
        rates = [None if (name, column) in UNKNOWN else scores.rates.get(name) for column, scores in columns.items()]
        if any(rates):
            lines.append(f"| {words} | {' | '.join(f'{rate.f1:.2f}' if rate else '' for rate in rates)} |")
    return lines


if __name__ == "__main__":
    main()
