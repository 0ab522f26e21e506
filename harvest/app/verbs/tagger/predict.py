"""The verb predict."""

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, TextIO

import click

from db.citations.output import write_file
from harvest.app.gold_records import read_records
from harvest.app.progress import progress
from nlp.scoring.predict import predict


@click.command("predict")
@click.argument("records", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Write here, not to standard output."
)
@click.option("--processes", type=click.IntRange(min=1), default=1, show_default=True, help="How many cores to use.")
@click.option("--any-topic", is_flag=True, help="Tag records that are not on the topic too.")
def command(records: Path, output: Path | None, processes: int, any_topic: bool) -> None:
    """Tag gold-form RECORDS (JSON lines) outside any database; one prediction a line."""
    loaded = list(read_records(records))
    predictions = progress(predict(loaded, processes, any_topic), len(loaded), "tagging")
    if output is None:
        _write(predictions, sys.stdout)
    else:
        lines = (f"{json.dumps(prediction, ensure_ascii=False)}\n".encode() for prediction in predictions)
        write_file(output, lines)


def _write(predictions: Iterable[dict[str, Any]], file: TextIO) -> None:
    for prediction in predictions:
        file.write(json.dumps(prediction, ensure_ascii=False) + "\n")
