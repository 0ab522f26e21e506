"""The gold records in the repository and how they are split.

Records whose PMID is divisible by four are held out, and so are the dev files: no model is trained on either. Both were
looked at when rules and settings were chosen, so that scores on them are somewhat too good; docs/tagging.md says where.
"""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

GOLD_FOLDER = Path(__file__).parent / "gold"
Record = dict[str, Any]


def read_records(paths: Iterable[Path]) -> list[Record]:
    """Returns the records of JSON-lines files, in order."""
    records = []
    for path in paths:
        # not splitlines(): U+2028 may stand inside a record
        records += [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line.strip()]
    return records


def is_held_out(record: Record) -> bool:
    """True for a record that is only for scoring."""
    return int(record["pmid"]) % 4 == 0


def training_records(folder: Path = GOLD_FOLDER) -> list[Record]:
    """Returns the part of the made-up records that models are trained on."""
    return [record for record in read_records(sorted(folder.glob("made_*.jsonl"))) if not is_held_out(record)]


def held_out_records(folder: Path = GOLD_FOLDER) -> list[Record]:
    """Returns the held-out part of the made-up records."""
    return [record for record in read_records(sorted(folder.glob("made_*.jsonl"))) if is_held_out(record)]


def dev_records(folder: Path = GOLD_FOLDER) -> list[Record]:
    """Returns the development records, which are for scoring only."""
    return read_records(sorted(folder.glob("dev_*.jsonl")))
