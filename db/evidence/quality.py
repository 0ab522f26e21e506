"""How good the tagger was measured to be, as published with the file, and what that means for a reader."""

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

#: The property that holds the tagger's measured quality: {"tagger", "date", "kinds": {name: {figures}}}.
QUALITY = "tagger_quality"


@dataclass(frozen=True, slots=True)
class Reliability:
    """Of machine-read findings: the share that is right (precision) and the share that is found (recall)."""

    precision: float
    recall: float
    measured_on: str | None

    @property
    def words(self) -> str:
        """One sentence for a reader, without a full stop."""
        wrong, missed = _in_ten(1 - self.precision), _in_ten(1 - self.recall)
        return f"about {wrong} machine-read findings are wrong and about {missed} are missed; read the sentence"


def read_quality(conn: sqlite3.Connection) -> Mapping[str, Any] | None:
    """Returns the tagger's measured quality as the pipeline wrote it; None where none or no object was stored."""
    row = conn.execute("SELECT value FROM properties WHERE name = ?", [QUALITY]).fetchone()
    if row is None:
        return None
    try:
        value = json.loads(row[0])
    except ValueError:
        return None
    return value if isinstance(value, dict) and value else None


def read_reliability(conn: sqlite3.Connection) -> Reliability | None:
    """Returns how often a finding that is shown is right, as measured on held out records; None where not measured.

    Of several measurements the worst counts: the reader must not be promised more than was seen.
    """
    quality = read_quality(conn) or {}
    kinds = quality.get("kinds")
    found = []
    for name, figures in (kinds if isinstance(kinds, Mapping) else {}).items():
        if not (str(name).startswith("findings") and isinstance(figures, Mapping)):
            continue
        columns = [str(column).removesuffix("precision") for column in figures if str(column).endswith("precision")]
        held_out = [column for column in columns if "held out" in column] or columns
        found += [
            (float(figures[f"{column}precision"]), float(figures[f"{column}recall"]))
            for column in held_out
            if _is_share(figures.get(f"{column}precision")) and _is_share(figures.get(f"{column}recall"))
        ]
    if not found:
        return None
    precision, recall = min(found)
    return Reliability(precision, recall, str(quality["gold"]) if quality.get("gold") else None)


def _is_share(value: object) -> bool:
    return isinstance(value, float | int) and not isinstance(value, bool) and 0 <= value <= 1


def _in_ten(share: float) -> str:
    rounded = round(share * 10)
    return f"{rounded} in 10" if rounded else "fewer than 1 in 20"
