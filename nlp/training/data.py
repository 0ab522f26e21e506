"""The gold records in the repository and how they are split.

Two kinds: made-up records (`made_*`, `dev_*`) and retold ones (`retold_*`), real abstracts read and written anew. The
second are nearer to the literature and count more in training. Development files are for scoring and choosing only: no
model is trained on them, nor on made-up records whose PMID is divisible by four.
"""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

GOLD_FOLDER = Path(__file__).parent / "gold"
#: How much a record counts in training: retold and real ones this much, made-up ones once.
REAL_WEIGHT = 3.0
Record = dict[str, Any]


def read_records(paths: Iterable[Path]) -> list[Record]:
    """Returns the records of JSON-lines files, in order."""
    records = []
    for path in paths:
        # not splitlines(): U+2028 may stand inside a record
        records += [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line.strip()]
    return records


def is_made_up(record: Record) -> bool:
    """True for a record whose abstract was invented; retold and real ones name their source or have their own PMID."""
    return int(record["pmid"]) >= 90_000_001 and not record.get("source")


def is_held_out(record: Record) -> bool:
    """True for a made-up record that is only for scoring."""
    return int(record["pmid"]) % 4 == 0


def weight(record: Record) -> float:
    """Returns how much a record counts in training."""
    return 1.0 if is_made_up(record) else REAL_WEIGHT


def training_records(folder: Path = GOLD_FOLDER) -> list[Record]:
    """Returns the records that models are trained on: the made-up ones that are not held out, and the retold ones."""
    made_up = [record for record in read_records(sorted(folder.glob("made_*.jsonl"))) if not is_held_out(record)]
    return made_up + read_records(sorted(folder.glob("retold_train*.jsonl")))


def held_out_records(folder: Path = GOLD_FOLDER) -> list[Record]:
    """Returns the held-out part of the made-up records."""
    return [record for record in read_records(sorted(folder.glob("made_*.jsonl"))) if is_held_out(record)]


def dev_records(folder: Path = GOLD_FOLDER) -> list[Record]:
    """Returns the made-up development records, which are for scoring only."""
    return read_records(sorted(folder.glob("dev_*.jsonl")))


def retold_dev_records(folder: Path = GOLD_FOLDER) -> list[Record]:
    """Returns the retold development records, which are for scoring only."""
    return read_records(sorted(folder.glob("retold_dev*.jsonl")))
