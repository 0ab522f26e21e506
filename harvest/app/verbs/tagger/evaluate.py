"""The verb evaluate."""

from pathlib import Path

import click

from harvest.app.common import json_option, print_json
from harvest.app.gold_records import RecordsError, read_records
from nlp.scoring.evaluate import evaluate
from nlp.scoring.predict import predict
from nlp.scoring.rates import Scores
from nlp.vocabulary.loader import load_vocabulary


@click.command("evaluate")
@click.argument("gold", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--predictions",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Score these predictions; without it the records are tagged now.",
)
@click.option("--processes", type=click.IntRange(min=1), default=1, show_default=True, help="How many cores to use.")
@click.option(
    "--samples",
    type=click.IntRange(min=0),
    default=1000,
    show_default=True,
    help="Bootstrap samples for the intervals.",
)
@click.option("--misses", type=click.IntRange(min=0), default=3, show_default=True, help="Worst records shown a label.")
@json_option
def command(
    gold: tuple[Path, ...], predictions: Path | None, processes: int, samples: int, misses: int, as_json: bool
) -> None:
    """Score the tags against GOLD records: strict, relaxed, concepts, findings, estimates, study facts."""
    records = [record for path in gold for record in read_records(path)]
    for record in records:
        if "gold" not in record:
            raise RecordsError(f"record {record['pmid']} has no gold; give files of annotated records")
    vocabulary = load_vocabulary()

    def concept_of(kind: str, text: str) -> str | None:
        concept = vocabulary.find(kind, text)  # type: ignore[arg-type]
        return concept.id if concept else None

    made = read_records(predictions) if predictions else predict(records, processes)
    scores = evaluate(records, made, concept_of=concept_of, samples=samples)
    if as_json:
        print_json(scores.as_dict())
    else:
        click.echo(score_table(scores, misses))


def score_table(scores: Scores, misses: int = 0) -> str:
    """Returns the scores as a text table, with the worst records of each label if wanted."""
    lines = [
        f"{scores.records} records",
        f"{'':28} {'precision':>9} {'recall':>7} {'F1':>7}  {'95 % interval':>15}  {'gold':>5} {'found':>5}",
    ]
    for name, rate in scores.rates.items():
        low_high = scores.intervals.get(name)
        interval = f"{low_high[0]:.3f} to {low_high[1]:.3f}" if low_high else ""
        ratios = f"{rate.precision:9.4f} {rate.recall:7.4f} {rate.f1:7.4f}"
        lines.append(f"{name:28} {ratios}  {interval:>15}  {rate.gold:5} {rate.predicted:5}")
    for label in sorted({miss.label for miss in scores.misses}) if misses else ():
        lines.append(f"worst of {label}:")
        lines += [
            f"  {miss.pmid}  missed: {'; '.join(miss.missed) or '-'}  wrong: {'; '.join(miss.wrong) or '-'}"
            for miss in scores.worst(label, misses)
        ]
    return "\n".join(lines)
