"""What readers ask about first: interventions, risk factors, outcomes and settings, from the topic's `asked.toml`."""

from collections.abc import Mapping

from db.topics import current, per_topic

LISTS = ("intervention", "risk_factor", "outcome", "setting")


@per_topic
def read_asked() -> Mapping[str, tuple[str, ...]]:
    """Returns the ids of the lists `intervention`, `risk_factor`, `outcome` and `setting`; a missing one is empty."""
    data = current().data("asked.toml")
    return {name: tuple(data.get(name, ())) for name in LISTS}
