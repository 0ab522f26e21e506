"""What a run says about itself, in words and as JSON."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

EXIT_CODES = {"done": 0, "partial": 2, "stopped": 2, "postponed": 75, "failed": 1, "dry-run": 0}
#: The changes that a harvest reports, in this order.
CHANGES = ("new", "revised", "retracted", "vanished", "returned")
_NAMED = 10


@dataclass(frozen=True, slots=True)
class RunReport:
    """The outcome of a harvest or import; `lost` are PMIDs that could not be had, with the reason."""

    run_id: int | None
    status: str
    pubmed_count: int | None
    held_count: int
    changes: Mapping[str, int]
    requests: int = 0
    seconds: float = 0.0
    message: str | None = None
    lost: Mapping[int, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)

    @property
    def exit_code(self) -> int:
        """The exit code that goes with the status."""
        return EXIT_CODES[self.status]

    def as_json(self) -> dict[str, Any]:
        """Returns the report as one JSON object."""
        return {
            "run_id": self.run_id,
            "status": self.status,
            "pubmed_count": self.pubmed_count,
            "held_count": self.held_count,
            **{name: self.changes.get(name, 0) for name in CHANGES},
            "requests": self.requests,
            "seconds": round(self.seconds, 2),
            "message": self.message,
            "not_fetched": [{"pmid": pmid, "reason": reason} for pmid, reason in sorted(self.lost.items())],
            "warnings": list(self.warnings),
            **self.extra,
        }

    def as_text(self) -> str:
        """Returns the report as a few lines of words."""
        changes = ", ".join(f"{self.changes[name]} {name}" for name in CHANGES if self.changes.get(name))
        run = f"run {self.run_id}" if self.run_id is not None else "nothing written"
        lines = [f"{self.status} ({run}): {changes or 'no changes'}"]
        if self.pubmed_count is not None:
            lines.append(f"PubMed counts {self.pubmed_count}, the store holds {self.held_count}")
        if self.message:
            lines.append(self.message)
        lines.extend(f"PubMed warns: {warning}" for warning in self.warnings)
        lines.append(f"{self.requests} requests, {self.seconds:.1f} seconds")
        return "\n".join(lines)


def named(lost: Mapping[int, str]) -> str:
    """Names PMIDs that could not be had, the first few with their reasons."""
    items = sorted(lost.items())
    shown = "; ".join(f"{pmid} ({reason})" for pmid, reason in items[:_NAMED])
    more = f"; and {len(items) - _NAMED} more" if len(items) > _NAMED else ""
    return f"{shown}{more}"
