"""A made-up world of papers, trials, preprints and notices, with a clock; what each service knows of it, and when."""

import random
from dataclasses import dataclass, field
from datetime import date, timedelta

#: Numbers that PubMed has not given out, so that nobody takes the world for real.
FIRST_PMID = 90_000_000
STATUSES = ("NOT_YET_RECRUITING", "RECRUITING", "ACTIVE_NOT_RECRUITING", "COMPLETED", "TERMINATED", "UNKNOWN")


@dataclass
class Paper:
    """One paper of the world; `references` are PMIDs, `links` whatever makes its full text free."""

    pmid: int
    title: str
    doi: str | None
    pmcid: str | None = None
    license: str | None = None
    open_url: str | None = None
    unpaywall_url: str | None = None
    references: set[int] = field(default_factory=set)
    in_icite: bool = True
    outside_citations: int = 0
    year: int = 2020


@dataclass
class WorldTrial:
    """One registered study of the world."""

    nct_id: str
    title: str
    status: str
    updated: date
    conditions: list[str] = field(default_factory=list)
    outcomes: list[str] = field(default_factory=list)
    interventions: list[str] = field(default_factory=list)
    references: list[tuple[int, str]] = field(default_factory=list)
    aliases: list[str] = field(default_factory=list)
    completion: str | None = None
    has_results: bool = False
    why_stopped: str | None = None
    enrollment: int = 99_999_999
    countries: list[str] = field(default_factory=lambda: ["Finland"])

    @property
    def on_topic(self) -> bool:
        """Whether it belongs to the topic, as its making decided."""
        return any("ossific" in text.lower() for text in (self.title, *self.conditions, *self.outcomes))


@dataclass
class WorldPreprint:
    """One preprint of the world."""

    number: int
    title: str
    abstract: str
    doi: str
    posted: date
    revised: date
    version: int = 1
    published_pmid: int | None = None


@dataclass(frozen=True)
class WorldNotice:
    """One notice: who says it (`crossref` or `retraction watch`), of which paper, what, and since when."""

    speaker: str
    pmid: int
    nature: str
    day: date
    record: int
    on_paper_only: bool = False


@dataclass
class World:
    """Everything, and what day it is; `version` moves with every change, as the services' data do."""

    today: date = date(2026, 3, 2)
    papers: dict[int, Paper] = field(default_factory=dict)
    trials: dict[str, WorldTrial] = field(default_factory=dict)
    preprints: dict[int, WorldPreprint] = field(default_factory=dict)
    notices: list[WorldNotice] = field(default_factory=list)
    version: int = 1

    def pass_days(self, days: int) -> None:
        """Lets time go by."""
        self.today += timedelta(days=days)

    def add_paper(self, title: str = "Indomethacin and heterotopic ossification", **values: object) -> Paper:
        """Adds a paper under the next number."""
        pmid = FIRST_PMID + len(self.papers) + 1
        paper = Paper(pmid, title, f"10.5555/made.{pmid}")
        for name, value in values.items():
            setattr(paper, name, value)
        self.papers[pmid] = paper
        self.version += 1
        return paper

    def add_trial(self, **values: object) -> WorldTrial:
        """Adds a trial under the next number."""
        nct_id = f"NCT9{len(self.trials) + 1:07d}"
        trial = WorldTrial(nct_id, "Prophylaxis of heterotopic ossification", "RECRUITING", self.today)
        for name, value in values.items():
            setattr(trial, name, value)
        self.trials[nct_id] = trial
        self.version += 1
        return trial

    def add_preprint(self, **values: object) -> WorldPreprint:
        """Adds a preprint under the next number."""
        number = 700_001 + len(self.preprints)
        preprint = WorldPreprint(
            number,
            "A mouse model of heterotopic ossification",
            "<h4>Background</h4>We looked at made-up mice.<h4>Results</h4>Bone formed in 3 of 10.",
            f"10.5555/preprint.{number}",
            self.today,
            self.today,
        )
        for name, value in values.items():
            setattr(preprint, name, value)
        self.preprints[number] = preprint
        self.version += 1
        return preprint

    def say(self, speaker: str, pmid: int, nature: str, on_paper_only: bool = False) -> WorldNotice:
        """Lets a service say something of a paper from today on."""
        notice = WorldNotice(speaker, pmid, nature, self.today, len(self.notices) + 1, on_paper_only)
        self.notices.append(notice)
        self.version += 1
        return notice

    def cited_by(self, pmid: int) -> list[int]:
        """Returns the papers that cite one."""
        return sorted(paper.pmid for paper in self.papers.values() if pmid in paper.references)

    def happen(self, event: str, seed: int) -> None:
        """Lets one event happen to something that the seed chooses."""
        chance = random.Random(seed)
        paper = chance.choice(list(self.papers.values())) if self.papers else self.add_paper()
        self.version += 1
        match event:
            case "paper":
                cited = chance.sample(sorted(self.papers), min(3, len(self.papers)))
                self.add_paper(references=set(cited), pmcid=chance.choice([None, f"PMC{seed % 10**6 + 1}"]))
            case "cite":
                paper.outside_citations += 1 + seed % 3
            case "reference":
                other = chance.choice(sorted(self.papers))
                if other != paper.pmid:
                    paper.references.add(other)
            case "free":
                paper.open_url = f"https://journal.example.org/{paper.pmid}"
                paper.license = chance.choice(["cc by", "cc by-nc", None])
            case "trial":
                reference = [(paper.pmid, chance.choice(["RESULT", "DERIVED", "BACKGROUND"]))]
                self.add_trial(references=reference, status=chance.choice(STATUSES), conditions=["Hip replacement"])
            case "trial changes":
                self._change_trial(chance)
            case "preprint":
                self.add_preprint()
            case "preprint revised" | "preprint published":
                self._change_preprint(chance, event)
            case "crossref" | "retraction watch":
                nature = chance.choice(["retraction", "correction", "expression of concern", "reinstatement"])
                self.say(event, paper.pmid, nature)

    def _change_trial(self, chance: random.Random) -> None:
        if not self.trials:
            return
        trial = chance.choice(list(self.trials.values()))
        trial.status = chance.choice(STATUSES)
        trial.why_stopped = "Slow recruitment" if trial.status == "TERMINATED" else None
        trial.has_results = trial.has_results or chance.random() < 0.3
        trial.updated = self.today

    def _change_preprint(self, chance: random.Random, event: str) -> None:
        if not self.preprints:
            return
        preprint = chance.choice(list(self.preprints.values()))
        if event == "preprint published":
            preprint.published_pmid = preprint.published_pmid or chance.choice(sorted(self.papers))
        else:
            preprint.version += 1
            preprint.title = f"Version {preprint.version}: a mouse model of heterotopic ossification"
            preprint.revised = self.today


#: Everything that can happen.
EVENTS = (
    "paper", "cite", "reference", "free", "trial", "trial changes", "preprint", "preprint revised",
    "preprint published", "crossref", "retraction watch",
)  # fmt: skip
