"""A condition over `articles` as SQL with named parameters: what filters and searches are turned into."""

from collections.abc import Sequence
from typing import NamedTuple, Self

Params = dict[str, str | int]


class Clause(NamedTuple):
    """A condition over `articles` and the values of its named parameters.

    Where the condition is that the PMID is in some set (`inside`) or not in it, `members` selects that set.
    """

    sql: str
    params: Params
    members: str | None = None
    inside: bool = True

    @classmethod
    def of_members(cls, members: str, params: Params, inside: bool = True) -> Self:
        """Returns the clause that an article's PMID is (not) in what `members` selects."""
        return cls(f"articles.pmid {'IN' if inside else 'NOT IN'} ({members})", params, members, inside)


def named_values(values: Sequence[str | int], name: str) -> tuple[str, Params]:
    """Returns a list of SQL parameters (":name0, :name1") and their values."""
    params: Params = {f"{name}{number}": value for number, value in enumerate(values)}
    return ", ".join(f":{parameter}" for parameter in params), params


def narrower_sql(parameter: str) -> str:
    """Returns a SELECT of a concept and all that is narrower than it; `parameter` is an SQL expression of its id."""
    return (
        f"WITH RECURSIVE narrower (id) AS (SELECT {parameter} UNION SELECT concepts.id FROM concepts "
        "JOIN narrower ON concepts.parent_id = narrower.id) SELECT id FROM narrower"
    )
