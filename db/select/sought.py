"""What is sought of one and the same finding, as a value and as SQL: subject, outcome, comparator, effect."""

from collections.abc import Mapping
from dataclasses import dataclass

from db.select.clause import Clause, Params, named_values, narrower_sql
from db.terms import COMPARATOR_CLASSES, DIRECTIONS, EFFECTS

#: What stands in the place of an effect where the signs of a finding's sentence disagree.
CONFLICT = "conflict"
#: What a finding can mean for the patient, or that its sentence disagrees with itself.
SOUGHT_EFFECTS = (*EFFECTS, CONFLICT)
#: SQL of what a finding means for the patient (one of SOUGHT_EFFECTS): more of the disease with a risk factor is worse.
EFFECT_SQL = (
    f"CASE WHEN findings.conflict IS NOT NULL THEN '{CONFLICT}' WHEN findings.kind = 'risk' THEN "
    "CASE findings.direction WHEN 'increases' THEN 'worse' WHEN 'decreases' THEN 'better' "
    "WHEN 'no association' THEN 'no difference' ELSE 'unclear' END ELSE coalesce(findings.effect, 'unclear') END"
)
#: SQL of the class of what an effect was compared with; null for risk factors, which are compared with nothing.
COMPARATOR_SQL = "CASE findings.kind WHEN 'effect' THEN coalesce(findings.comparator_class, 'not read') END"


@dataclass(frozen=True, slots=True)
class SoughtFinding:
    """What is sought of one finding: subject and outcome (or narrower concepts), and what it says.

    `directions` are those of the number, `effects` of SOUGHT_EFFECTS, `comparators` of COMPARATOR_CLASSES.
    """

    of: str | None = None
    on: str | None = None
    directions: tuple[str, ...] = ()
    comparators: tuple[str, ...] = ()
    effects: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """True where anything is sought."""
        return bool(self.of or self.on or self.directions or self.comparators or self.effects)

    def to_query(self) -> list[tuple[str, str]]:
        """Returns the URL parameters, always in the same order."""
        pairs = [("finding_of", self.of)] if self.of else []
        pairs += [("finding_on", self.on)] if self.on else []
        for name, (field, _) in FINDING_LISTS.items():
            pairs += [(name, value) for value in getattr(self, field)]
        return pairs

    def clause(self, name: str) -> Clause:
        """Returns the condition that an article has such a finding; parameters begin with `name`."""
        conditions, params = [], Params()
        for column, concept in (("subject_id", self.of), ("outcome_id", self.on)):
            if concept:
                params[f"{name}_{column}"] = concept
                conditions.append(f"{column} IN ({narrower_sql(f':{name}_{column}')})")
        for sql, values, part in (
            ("direction", self.directions, "direction"),
            (COMPARATOR_SQL, self.comparators, "comparator"),
            (EFFECT_SQL, self.effects, "effect"),
        ):
            if values:
                marks, more = named_values(values, f"{name}_{part}")
                conditions.append(f"{sql} IN ({marks})")
                params.update(more)
        return Clause.of_members(f"SELECT pmid FROM findings WHERE {' AND '.join(conditions)}", params)


#: The parameters that hold several values of a sought finding: field and closed list.
FINDING_LISTS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "direction": ("directions", DIRECTIONS),
    "comparator": ("comparators", COMPARATOR_CLASSES),
    "effect": ("effects", SOUGHT_EFFECTS),
}
