"""The trials of the random nights of saved searches: what happens to them, and what a search of trials must tell.

The ledger is not looked at: a trial's states are kept as they were after each run, and what a search must tell is the
difference between the state that it told last and the one that holds now.
"""

import random
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Protocol

from db.enriched import Trial, TrialReference
from db.evidence.services.trial_changes import TRIAL_HEADINGS
from db.store.ledger.ledger import Ledger
from db.store.services.trial_reports import note_reports
from db.store.services.trials import mark_trials_vanished, save_trials, tag_trials, tie_trials
from db.store.store import Store, open_store

Key = tuple[str, str, str]


class Standing(Protocol):
    """What is asked of an article of the world."""

    retracted: bool
    vanished: bool


EVENTS = (
    *("new trial", "new trial", "status", "status", "status", "results", "end", "paper", "paper", "paper", "drug"),
    *("trial vanishes", "trial returns", "killed enrich", "listing again"),
)
DRUGS = ("celecoxib", "naproxen", "radiotherapy")
_STATUSES = {"RECRUITING": "recruiting", "COMPLETED": "completed", "TERMINATED": "terminated", "SUSPENDED": "suspended"}
_ENDS = ("2024-02-20", "2024-03-10", "2024-05-01", "2024-09-15", "2027-01-01")
_AT = "2026-01-01T00:00:00Z"
_MOST = 8
_PAPERS = {"A paper": "paper", "Paper retracted": "paper retracted", "Paper reinstated": "paper reinstated"}
_LINE = re.compile(r"^  (NCT\d+)  (.*): Trial of .*$")


@dataclass(frozen=True)
class State:
    """What the registry says of a trial."""

    status: str
    why: str = ""
    results: bool = False
    end: str = _ENDS[0]
    papers: frozenset[int] = frozenset()
    retracted: frozenset[int] = frozenset()
    vanished: bool = False


@dataclass
class KnownTrial:
    """A trial as this world knows it: its state now, the last one of a run that has ended, those after each run."""

    nct_id: str
    now: State
    drug: str
    tag: str | None = None
    settled: State | None = None
    arrived: int = 0
    log: list[tuple[int, State]] = field(default_factory=list)

    def retracted_at_first(self, paper: int) -> bool:
        """Whether a paper was retracted when it became known as the trial's own."""
        return next(paper in state.retracted for _, state in self.log if paper in state.papers)

    def at(self, run: int) -> State | None:
        """The state after a run; None where it was not there yet."""
        return next((state for number, state in reversed(self.log) if number <= run), None)


@dataclass
class Followed:
    """How a search last told of a trial, and whether it is in the search."""

    state: State
    inside: bool = True


def _silent(trial: KnownTrial, today: date) -> bool:
    year, month, day = map(int, trial.now.end.split("-"))
    state = trial.now
    return state.status == "COMPLETED" and not state.results and not state.papers and date(year + 2, month, day) < today


#: Addresses of searches, each with what it means by the states of this world.
TRIAL_ADDRESSES: dict[str, Callable[[KnownTrial, date], bool]] = {
    "/trials": lambda t, _: True,
    "/trials?status=RECRUITING": lambda t, _: t.now.status == "RECRUITING",
    "/trials?status=COMPLETED&status=TERMINATED": lambda t, _: t.now.status in ("COMPLETED", "TERMINATED"),
    "/trials?intervention=celecoxib&intervention=naproxen": lambda t, _: t.tag in DRUGS[:2],
    "/trials?intervention=radiotherapy&status=RECRUITING": lambda t, _: (
        t.tag == "radiotherapy" and t.now.status == "RECRUITING"
    ),
    "/trials?unpublished=yes": _silent,
}


class TrialsOfWorld:
    """The trials of a world of random nights: the store's file, the states beside it.

    `standing` says of a held article whether it is retracted and whether it has vanished.
    """

    def __init__(self, chance: random.Random, path: Path, standing: Mapping[int, Standing]) -> None:
        self.chance, self.path, self.standing = chance, path, standing
        self.trials: dict[str, KnownTrial] = {}
        self.today = date(2026, 3, 2)
        self.papers = 500

    def happen(self, event: str) -> None:
        """Lets something happen to a trial, as a run of `enrich` sees it; a killed one stays open."""
        before = {number: trial.now for number, trial in self.trials.items()}
        there = [trial for trial in self.trials.values() if not trial.now.vanished]
        gone = [trial for trial in self.trials.values() if trial.now.vanished]
        trial = None
        if event == "new trial" and len(self.trials) < _MOST:
            number = f"NCT{len(self.trials) + 1:08d}"
            papers = self._paper(frozenset()) if self.chance.random() < 0.2 else frozenset()
            state = State(self.chance.choice(list(_STATUSES)), end=self.chance.choice(_ENDS), papers=papers)
            trial = KnownTrial(number, self._why(state), self.chance.choice(DRUGS))
        elif event == "trial returns" and gone:
            trial = self.chance.choice(gone)
            trial.now = replace(trial.now, vanished=False)
        elif there and event in ("status", "killed enrich"):
            trial = self.chance.choice(there)
            other = [status for status in _STATUSES if status != trial.now.status]
            trial.now = self._why(replace(trial.now, status=self.chance.choice(other)))
        elif there and event == "trial vanishes":
            trial = self.chance.choice(there)
            trial.now = replace(trial.now, vanished=True)
        elif there:
            trial = self.chance.choice(there)
            trial.now = {
                "results": lambda state: replace(state, results=True),
                "end": lambda state: replace(state, end=self.chance.choice(_ENDS)),
                "paper": lambda state: replace(state, papers=self._paper(state.papers)),
            }.get(event, lambda state: state)(trial.now)
            trial.drug = self.chance.choice(DRUGS) if event == "drug" else trial.drug
        if trial is not None:
            for number, state in before.items():
                self.trials[number].settled = state  # what was at work before has ended
            self._save(trial, killed=event == "killed enrich")

    def is_paper(self, pmid: int) -> bool:
        """Whether an article is a paper of a trial."""
        return any(pmid in trial.now.papers for trial in self.trials.values())

    def settle(self) -> None:
        """What was at work has ended: the next run under the lock closed it."""
        for trial in self.trials.values():
            trial.settled = trial.now

    def matching(self, address: str) -> list[KnownTrial]:
        """The trials that an address means."""
        fits = TRIAL_ADDRESSES[address]
        return [trial for trial in self.trials.values() if not trial.now.vanished and fits(trial, self.today)]

    def note_begun(self, followed: dict[str, Followed], new: str, before: str | None, begins: int) -> None:
        """Follows a search that begins at an address, or was edited from another one."""
        matching = {trial.nct_id for trial in self.matching(new)}
        earlier = before if before in TRIAL_ADDRESSES else None
        waits = {trial.nct_id for trial in self.matching(earlier)} - followed.keys() if earlier else set()
        for number, told in followed.items():
            if number not in matching:
                told.inside = False
            elif not (told.inside and earlier):
                told.inside, told.state = True, self.trials[number].at(begins) or told.state
        for number in matching - followed.keys() - waits:
            trial = self.trials[number]
            state = trial.at(begins)
            if trial.arrived <= begins and state is not None:
                followed[number] = Followed(state)

    def expected(self, followed: dict[str, Followed], address: str, begins: int) -> set[Key]:
        """What a digest must tell of trials; afterwards that counts as told."""
        matching = {trial.nct_id for trial in self.matching(address)}
        keys: set[Key] = set()
        for number, trial in self.trials.items():
            waits = trial.settled != trial.now
            if trial.settled is None:
                continue
            if number in followed:
                told = followed[number]
                if told.inside or number in matching:
                    keys |= set(self._differences(trial, told.state, trial.settled))
                    told.state, told.inside = trial.settled, number in matching or waits
            elif number in matching and not waits:
                keys |= set(self._arrival(trial, begins))
                followed[number] = Followed(trial.settled)
        return keys

    def _arrival(self, trial: KnownTrial, begins: int) -> Iterator[Key]:
        yield "trial arrived", trial.nct_id, ""
        before = trial.at(begins)
        if before is not None:
            yield from self._differences(trial, before, trial.now)
        elif trial.now.results and not trial.log[0][1].results:
            yield "trial results", trial.nct_id, ""

    def _differences(self, trial: KnownTrial, before: State, after: State) -> Iterator[Key]:
        number = trial.nct_id
        if before.status != after.status:
            why = f": {after.why}" if after.why else ""
            words = f"Now {_STATUSES[after.status]}{why} (was {_STATUSES[before.status]})"
            yield "trial Now", number, words
        if after.results and not before.results:
            yield "trial results", number, ""
        if before.end != after.end:
            yield "trial End moved", number, f"End moved from {before.end} to {after.end}"
        came = after.papers - before.papers
        earlier = before.retracted | {pmid for pmid in came if trial.retracted_at_first(pmid)}
        for kind, papers in (
            ("paper", came),
            ("paper retracted", after.retracted - earlier),
            ("paper reinstated", earlier - after.retracted),
        ):
            there = sorted(pmid for pmid in papers if not (pmid in self.standing and self.standing[pmid].vanished))
            if there:
                yield f"trial {kind}", number, " ".join(map(str, there))
        if before.vanished != after.vanished:
            yield f"trial {'gone' if after.vanished else 'back'}", number, ""

    def _paper(self, held: frozenset[int]) -> frozenset[int]:
        there = [pmid for pmid, article in self.standing.items() if not article.vanished and pmid not in held]
        if there and self.chance.random() < 0.7:
            return held | {self.chance.choice(there)}
        self.papers += 1
        return held | {self.papers}

    def _why(self, state: State) -> State:
        stopped = state.status in ("TERMINATED", "SUSPENDED")
        return replace(state, why=f"reason {self.chance.randint(1, 3)}" if stopped else "")

    def _save(self, trial: KnownTrial, killed: bool) -> None:
        with open_store(self.path) as store:
            run = Ledger(store).begin("enrich", "test")
            with store.atomic():
                self._write(store, run, trial)
            if not killed:
                Ledger(store).finish(run, "done", None, 0, 0)
                with store.atomic():
                    tag_trials(store, "test", lambda text: [drug for drug in DRUGS if drug in text])
        self.trials[trial.nct_id] = trial
        for known in self.trials.values():
            self._note_papers(known, run, trial, killed)
        if not trial.log or (trial.log[-1][1].vanished and not trial.now.vanished):
            trial.arrived = run
        trial.log.append((run, trial.now))
        if not killed:
            trial.settled = trial.now
            for known in self.trials.values():
                known.tag = known.drug

    def _note_papers(self, known: KnownTrial, run: int, trial: KnownTrial, killed: bool) -> None:
        """Follows which papers of a trial are retracted, as every run of `enrich` notes of all trials."""
        retracted = frozenset(pmid for pmid in known.now.papers if self._retracted(pmid))
        if retracted != known.now.retracted:
            known.now = replace(known.now, retracted=retracted)
            if known is not trial:
                known.log.append((run, known.now))
                known.settled = known.settled if killed else known.now

    def _retracted(self, pmid: int) -> bool:
        return pmid in self.standing and self.standing[pmid].retracted

    def _write(self, store: Store, run: int, trial: KnownTrial) -> None:
        if trial.now.vanished:
            listed = {known.nct_id for known in self.trials.values() if not known.now.vanished}
            mark_trials_vanished(store, run, listed, _AT)
        else:
            references = tuple(TrialReference(pmid, "RESULT") for pmid in sorted(trial.now.papers))
            made = Trial(
                trial.nct_id, "about HO", f"Trial of {trial.nct_id[-2:]}", status=trial.now.status,
                why_stopped=trial.now.why or None, has_results=trial.now.results, completion_date=trial.now.end,
                interventions=(f"Drug: {trial.drug}",), references=references,
            )  # fmt: skip
            save_trials(store, run, [made], _AT)
        tie_trials(store)
        note_reports(store, run, _AT)


def trial_key(number: str, words: str) -> Key:
    """What the words of a trial's change say, as a key of this world."""
    if words.startswith(("New, ", "Came into this search")):
        return "trial arrived", number, ""
    for kind in ("Now", "End moved"):
        if words.startswith(f"{kind} "):
            return f"trial {kind}", number, words
    said, _, papers = words.partition(": ")
    if said in _PAPERS:
        return f"trial {_PAPERS[said]}", number, " ".join(re.findall(r"PMID (\d+)", papers))
    kinds = {"Results posted": "results", "No longer listed": "gone", "Listed again": "back"}
    return f"trial {kinds[words]}", number, ""


def trials_in(text: str) -> Iterator[Key]:
    """Yields what the text of a mail tells of trials under their own headings: what a search of trials tells."""
    number, heading = "", ""
    for line in text.replace("\r\n", "\n").split("\n"):
        if line.endswith(")") and not line.startswith(" "):
            heading = line.rpartition(" (")[0]
        if heading not in TRIAL_HEADINGS.values():
            continue
        if match := _LINE.match(line):
            number = match[1]
            yield trial_key(number, match[2])
        elif number and re.match(r"^      (Now |End |A paper|Paper |Results|No longer|Listed|New,|Came)", line):
            yield trial_key(number, line.strip())
        elif not line.startswith("      "):
            number = ""
