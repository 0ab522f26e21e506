"""Trials from ClinicalTrials.gov (API v2): those on the topic, and apart from them those that only measure it.

The first run and every full one list both kinds whole; a night asks by one request for what was updated since the last
data's day. `query.cond` expands by the registry's own synonyms, so each study is looked at here once more.
"""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any
from urllib.parse import quote

from db.enriched import Trial, TrialReference, about_topic, measures_topic
from db.store.services.trials import mark_trials_vanished, save_trials, tie_trials
from db.topics import topic_query
from harvest.enrich.step import StepReport, Work
from harvest.enrich.topic_words import topic_words_in
from harvest.enrich.wire.client import Service, ServiceClient, read_json
from harvest.enrich.wire.values import at, day, flag, items, pmid, text, texts, whole
from harvest.eutils.faults import CallFailedError, FaultError
from harvest.eutils.transport import Reply

URL = "https://clinicaltrials.gov/api/v2"
SERVICE = "clinicaltrials.gov"
_PAGE = 1000
#: The days that a night's question reaches back beyond the last data: an update is dated before it is served.
_OVERLAP = timedelta(days=3)
#: How often a listing begins again after its page token has died with the data's version.
_BEGINNINGS = 3
_UNKNOWN_ENROLLMENT = 99_999_999
#: The pieces of an entry that are read; without this list an entry with results is a hundred times as long.
_FIELDS = (
    "NCTId|NCTIdAlias|OrgStudyId|SecondaryId|BriefTitle|OfficialTitle|Acronym|OverallStatus|WhyStopped|StartDate|"
    "PrimaryCompletionDate|CompletionDate|StudyFirstPostDate|ResultsFirstPostDate|LastUpdatePostDate|LeadSponsorName|"
    "BriefSummary|Condition|Keyword|StudyType|Phase|EnrollmentCount|EnrollmentType|InterventionType|InterventionName|"
    "PrimaryOutcomeMeasure|PrimaryOutcomeTimeFrame|SecondaryOutcomeMeasure|SecondaryOutcomeTimeFrame|LocationCountry|"
    "ReferencePMID|ReferenceType|ConditionMeshId|ConditionMeshTerm|VersionHolder|HasResults"
)


def service(url: str) -> Service:
    """Returns how ClinicalTrials.gov is asked; it takes no identity but the program's name in the header."""
    return Service(SERVICE, url, rate=1, setting="HO_TRACKER_TRIALS_URL")


def update_trials(work: Work, client: ServiceClient) -> StepReport:
    """Brings the trials in line with the registry, and ties them to articles. Raises ServiceError."""
    report = StepReport("trials")
    state = work.state(SERVICE)
    since = state.get("data_date")
    whole_listing = work.full or since is None
    found: dict[str, Trial] = {}
    try:
        if whole_listing:
            report.data_date = client.ask("version", lambda reply: day(read_json(reply).get("dataTimestamp")))
            outside = topic_query().outside
            for question in ({"query.cond": outside.conditions}, {"query.outc": outside.outcomes}):
                report.asked += 1
                found.update({trial.nct_id: trial for trial in _listed(client, question)})
        else:
            report.asked += 1
            found.update({trial.nct_id: trial for trial in _listed(client, _updated_since(str(since)))})
    finally:
        report.requests[SERVICE] = client.requests
    data_dates = [trial.data_date for trial in found.values() if trial.data_date]
    report.data_date = max([*data_dates, *filter(None, (report.data_date, since))], default=None)
    report.got = len(found)
    with work.store.atomic():
        report.count(save_trials(work.store, work.run_id, found.values(), work.at))
        if whole_listing:
            report.count({"vanished": mark_trials_vanished(work.store, work.run_id, found, work.at)})
        tie_trials(work.store)
        state.put("data_date", report.data_date or work.today)
    return report


def _updated_since(data_date: str) -> dict[str, str]:
    first = (date.fromisoformat(data_date[:10]) - _OVERLAP).isoformat()
    outside = topic_query().outside
    condition, outcome = f"AREA[ConditionSearch]({outside.conditions})", f"AREA[OutcomeSearch]({outside.outcomes})"
    return {"filter.advanced": f"AREA[LastUpdatePostDate]RANGE[{first},MAX] AND ({condition} OR {outcome})"}


def _listed(client: ServiceClient, question: Mapping[str, str]) -> list[Trial]:
    """Returns every study of a question that is on the topic; begins again where a page token has died."""
    for beginning in range(1, _BEGINNINGS + 1):
        found: list[Trial] = []
        token: str | None = None
        try:
            while True:
                more = {"pageToken": token} if token else {}
                fields = {**question, "fields": _FIELDS, "pageSize": str(_PAGE), **more}
                page = client.ask(f"studies?{_query(fields)}", _read_page)
                found.extend(filter(None, map(read_trial, items(page, "studies"))))
                token = text(page.get("nextPageToken"))
                if not token:
                    return found
        except CallFailedError as failure:
            if token is None or failure.fault.kind != "HTTP 400" or beginning == _BEGINNINGS:
                raise
    raise AssertionError("unreachable")


def _query(fields: Mapping[str, str]) -> str:
    return "&".join(f"{name}={quote(value, safe='|,()[]:')}" for name, value in fields.items())


def _read_page(reply: Reply) -> dict[str, Any]:
    page = read_json(reply)
    if not isinstance(page.get("studies"), list):
        raise FaultError("garbage", "the answer holds no list of studies", "content")
    return page


def read_trial(study: Any) -> Trial | None:
    """Returns a study as a trial; None where it is not on the topic, or has no number or title."""
    protocol = at(study, "protocolSection")
    identification, status = at(protocol, "identificationModule"), at(protocol, "statusModule")
    nct_id, title = text(at(identification, "nctId")), text(at(identification, "briefTitle"))
    if not nct_id or not title:
        return None
    official = text(at(identification, "officialTitle"))
    conditions = texts(items(protocol, "conditionsModule", "conditions"))
    keywords = texts(items(protocol, "conditionsModule", "keywords"))
    meshes = [*items(study, "derivedSection", "conditionBrowseModule", "meshes")]
    primary, secondary = (
        tuple(_outcomes(items(protocol, "outcomesModule", name))) for name in ("primaryOutcomes", "secondaryOutcomes")
    )
    kind = _kind((title, official, *conditions, *keywords), meshes, (*primary, *secondary))
    if kind is None:
        return None
    enrollment = whole(at(protocol, "designModule", "enrollmentInfo", "count"))
    return Trial(
        nct_id=nct_id.upper(),
        kind=kind,
        title=title,
        status=text(at(status, "overallStatus")),
        official_title=official,
        acronym=text(at(identification, "acronym")),
        study_type=text(at(protocol, "designModule", "studyType")),
        phase="/".join(texts(items(protocol, "designModule", "phases"))) or None,
        enrollment=None if enrollment == _UNKNOWN_ENROLLMENT else enrollment,
        enrollment_type=text(at(protocol, "designModule", "enrollmentInfo", "type")),
        sponsor=text(at(protocol, "sponsorCollaboratorsModule", "leadSponsor", "name")),
        summary=text(at(protocol, "descriptionModule", "briefSummary")),
        start_date=day(at(status, "startDateStruct", "date")),
        primary_completion_date=day(at(status, "primaryCompletionDateStruct", "date")),
        completion_date=day(at(status, "completionDateStruct", "date")),
        first_posted=day(at(status, "studyFirstPostDateStruct", "date")),
        results_posted=day(at(status, "resultsFirstPostDateStruct", "date")),
        last_update=day(at(status, "lastUpdatePostDateStruct", "date")),
        has_results=bool(flag(at(study, "hasResults"))),
        why_stopped=text(at(status, "whyStopped")),
        conditions=conditions,
        keywords=keywords,
        interventions=texts(list(_interventions(protocol))),
        primary_outcomes=primary,
        outcomes=tuple(dict.fromkeys((*primary, *secondary))),
        countries=_countries(protocol),
        aliases=tuple(alias.upper() for alias in texts(items(identification, "nctIdAliases"))),
        other_ids=_other_ids(identification),
        references=tuple(_references(protocol)),
        data_date=day(at(study, "derivedSection", "miscInfoModule", "versionHolder")),
    )


def _kind(about: tuple[str | None, ...], meshes: list[Any], outcomes: tuple[str, ...]) -> str | None:
    if any(map(topic_words_in, about)) or any(at(mesh, "id") in topic_query().mesh for mesh in meshes):
        return about_topic()
    return measures_topic() if any(map(topic_words_in, outcomes)) else None


def _outcomes(outcomes: list[Any]) -> Iterator[str]:
    for outcome in outcomes:
        if measure := text(at(outcome, "measure")):
            frame = text(at(outcome, "timeFrame"))
            yield f"{measure} [{frame}]" if frame else measure


def _interventions(protocol: Any) -> Iterator[str]:
    for intervention in items(protocol, "armsInterventionsModule", "interventions"):
        if name := text(at(intervention, "name")):
            kind = text(at(intervention, "type"))
            yield f"{kind.replace('_', ' ').capitalize()}: {name}" if kind else name


def _countries(protocol: Any) -> tuple[str, ...]:
    found = texts([at(place, "country") for place in items(protocol, "contactsLocationsModule", "locations")])
    return tuple(sorted(found))


def _other_ids(identification: Any) -> tuple[str, ...]:
    own = at(identification, "orgStudyIdInfo", "id")
    return texts([own, *(at(entry, "id") for entry in items(identification, "secondaryIdInfos"))])


def _references(protocol: Any) -> Iterator[TrialReference]:
    for reference in items(protocol, "referencesModule", "references"):
        if number := pmid(at(reference, "pmid")):
            yield TrialReference(number, text(at(reference, "type")) or "BACKGROUND")
