"""What readers ask about first: interventions, risk factors, outcomes and settings, from `asked.toml`."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files


@cache
def read_asked() -> Mapping[str, tuple[str, ...]]:
    """Returns the ids of the lists `intervention`, `risk_factor`, `outcome` and `setting` of the data file."""
    data = tomllib.loads(files("db.evidence").joinpath("asked.toml").read_text(encoding="utf-8"))
    return {name: tuple(ids) for name, ids in data.items()}
