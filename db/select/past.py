"""The past: which articles a store of an earlier day held, and which of them it knew as retracted.

The ledger of changes is replayed to the end of the day (UTC). What an article says, its tags and its other notices are
today's: a store keeps no older texts. So is the mark of a retraction wherever the article is shown.
"""

from db.select.clause import Clause
from db.store.records.changes import ORDER_WITHIN_A_RUN

#: Every change with its day; a change without a time of its own has that of its run.
DATED_CHANGES = (
    "SELECT changes.pmid, changes.change, changes.run_id, "
    "substr(coalesce(nullif(changes.at, ''), runs.started_at), 1, 10) AS day "
    "FROM changes JOIN runs ON runs.id = changes.run_id"
)


def held_sql(until: str) -> str:
    """Returns a SELECT of the PMIDs held after all changes whose `day` fulfils a condition, such as "day <= :day".

    Of one article's arrivals and departures the last run's counts, and of that run's the last.
    """
    return (
        "SELECT pmid FROM (SELECT pmid, change, row_number() OVER (PARTITION BY pmid ORDER BY run_id DESC, "
        f"{ORDER_WITHIN_A_RUN} DESC) AS place FROM ({DATED_CHANGES}) "
        f"WHERE change IN ('new', 'returned', 'vanished') AND {until}) WHERE place = 1 AND change <> 'vanished'"
    )


def held_clause(day: str, vanished: bool, name: str) -> Clause:
    """Returns the condition that an article was held at the end of a day, or (`vanished`) had ever been by then."""
    if vanished:
        arrived = f"SELECT pmid FROM ({DATED_CHANGES}) WHERE change IN ('new', 'returned') AND day <= :{name}"
        return Clause.of_members(arrived, {name: day})
    return Clause.of_members(held_sql(f"day <= :{name}"), {name: day})


def retracted_clause(day: str, value: bool, name: str) -> Clause:
    """Returns the condition that an article was known as retracted at the end of a day, or that it was not.

    The last retraction or reinstatement until then decides; where there was none yet, the first one after it tells what
    was before; an article that never had either is what it is today.
    """
    kinds = "change IN ('retracted', 'reinstated')"
    told = (
        f"SELECT pmid, (change = 'retracted') = (day <= :{name}) AS known, row_number() OVER (PARTITION BY pmid "
        f"ORDER BY day <= :{name} DESC, CASE WHEN day <= :{name} THEN -run_id ELSE run_id END) AS place "
        f"FROM ({DATED_CHANGES}) WHERE {kinds}"
    )
    always = f"SELECT pmid FROM articles WHERE retracted = 1 AND pmid NOT IN (SELECT pmid FROM changes WHERE {kinds})"
    known = f"SELECT pmid FROM ({told}) WHERE place = 1 AND known UNION ALL {always}"
    return Clause.of_members(known, {name: day}, value)
