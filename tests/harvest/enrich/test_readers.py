"""What each service's entry says, field by field: nothing goes to another field, and what an entry lacks is None."""

import json
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import pytest

from db.enriched import CitationRecord, FullTextAnswer, NoticeClaim, Trial, TrialReference
from db.model import Author
from db.sections import Section
from db.store.store import Store
from harvest.enrich import citations, trials
from harvest.enrich.citations import read_citation
from harvest.enrich.full_text import _unpaywall_reader, read_converted, read_entry
from harvest.enrich.preprints import read_preprint
from harvest.enrich.step import Work
from harvest.enrich.trials import read_trial
from harvest.enrich.wire import crossref, retraction_watch
from harvest.enrich.wire.client import read_json
from harvest.eutils.faults import FaultError
from harvest.eutils.transport import Reply
from tests.support.stores import run

HO = "heterotopic ossification"


def reply(body: object, status: int = 200) -> Reply:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Reply(status, content, "application/json", None, None)


STUDY: dict[str, Any] = {
    "hasResults": True,
    "protocolSection": {
        "identificationModule": {
            "nctId": "nct00000102", "briefTitle": f"Brief {HO}", "officialTitle": "Official", "acronym": "ACR",
            "nctIdAliases": ["nct00000103"], "orgStudyIdInfo": {"id": "ORG1"},
            "secondaryIdInfos": [{"id": "SEC1"}, {"id": "ORG1"}, {"type": "x"}],
        },
        "statusModule": {
            "overallStatus": "COMPLETED", "whyStopped": "Slow", "startDateStruct": {"date": "2011-01"},
            "primaryCompletionDateStruct": {"date": "2012-02"}, "completionDateStruct": {"date": "2013-03-03"},
            "studyFirstPostDateStruct": {"date": "2010-10-10"}, "resultsFirstPostDateStruct": {"date": "2014-04-04"},
            "lastUpdatePostDateStruct": {"date": "2015-05-05"},
        },
        "sponsorCollaboratorsModule": {"leadSponsor": {"name": "Sponsor"}},
        "descriptionModule": {"briefSummary": "Summary"},
        "conditionsModule": {"conditions": ["Hip", "Knee", "Hip"], "keywords": ["NSAID"]},
        "designModule": {
            "studyType": "INTERVENTIONAL", "phases": ["PHASE2", "PHASE3"],
            "enrollmentInfo": {"count": 40, "type": "ACTUAL"},
        },
        "armsInterventionsModule": {
            "interventions": [{"type": "DIETARY_SUPPLEMENT", "name": "Salt"}, {"name": "Rest"}, {"type": "DRUG"}],
        },
        "outcomesModule": {
            "primaryOutcomes": [{"measure": "Bone", "timeFrame": "1 year"}],
            "secondaryOutcomes": [
                {"measure": "Pain"}, {"timeFrame": "never"}, {"measure": "Bone", "timeFrame": "1 year"},
            ],
        },
        "contactsLocationsModule": {"locations": [{"country": "Norway"}, {"country": "Chile"}, {"country": "Norway"}]},
        "referencesModule": {"references": [{"pmid": "7", "type": "RESULT"}, {"pmid": "8"}, {"type": "RESULT"}]},
    },
    "derivedSection": {"miscInfoModule": {"versionHolder": "2026-03-01"}},
}  # fmt: skip


def test_a_study_of_the_registry() -> None:
    found = read_trial(STUDY)
    assert found == Trial(
        nct_id="NCT00000102", kind="about HO", title=f"Brief {HO}", status="COMPLETED", official_title="Official",
        acronym="ACR", study_type="INTERVENTIONAL", phase="PHASE2/PHASE3", enrollment=40, enrollment_type="ACTUAL",
        sponsor="Sponsor", summary="Summary", start_date="2011-01", primary_completion_date="2012-02",
        completion_date="2013-03-03", first_posted="2010-10-10", results_posted="2014-04-04", last_update="2015-05-05",
        has_results=True, why_stopped="Slow", conditions=("Hip", "Knee"), keywords=("NSAID",),
        interventions=("Dietary supplement: Salt", "Rest"), primary_outcomes=("Bone [1 year]",),
        outcomes=("Bone [1 year]", "Pain"), countries=("Chile", "Norway"), aliases=("NCT00000103",),
        other_ids=("ORG1", "SEC1"), references=(TrialReference(7, "RESULT"), TrialReference(8, "BACKGROUND")),
        data_date="2026-03-01",
    )  # fmt: skip
    bare = {"protocolSection": {"identificationModule": {"nctId": "NCT1", "briefTitle": HO}}}
    assert read_trial(bare) == Trial("NCT1", "about HO", HO)


@pytest.mark.parametrize(
    ("place", "value", "kind"),
    [
        (("identificationModule", "officialTitle"), HO, "about HO"),
        (("conditionsModule", "conditions"), [HO], "about HO"),
        (("conditionsModule", "keywords"), [HO], "about HO"),
        (("outcomesModule", "primaryOutcomes"), [{"measure": HO}], "measures HO"),
        (("outcomesModule", "secondaryOutcomes"), [{"measure": HO}], "measures HO"),
        (("descriptionModule", "briefSummary"), HO, None),
    ],
)
def test_where_the_topic_stands_says_of_which_kind_a_trial_is(
    place: tuple[str, str], value: object, kind: str | None
) -> None:
    protocol: dict[str, Any] = {"identificationModule": {"nctId": "NCT1", "briefTitle": "Hips"}}
    protocol.setdefault(place[0], {})[place[1]] = value
    found = read_trial({"protocolSection": protocol})
    assert (found.kind if found else None) == kind


def test_an_entry_of_icite() -> None:
    entry = {
        "pmid": "7", "citation_count": 5, "relative_citation_ratio": 1.5, "nih_percentile": 60.1,
        "citations_per_year": 0.5, "cited_by_clin": "9 8", "provisional": "No", "references": [4, "3"],
        "cited_by": "6,5", "title": "Hips", "journal": "J Hip", "year": 2020, "last_modified": "02/25/2024, 09:52:59",
    }  # fmt: skip
    assert read_citation(entry) == CitationRecord(
        pmid=7, citation_count=5, rcr=1.5, nih_percentile=60.1, citations_per_year=0.5, clinical_citations=2,
        provisional=False, references=(3, 4), cited_by=(5, 6), title="Hips", journal="J Hip", year=2020,
        as_of="2024-02-25",
    )  # fmt: skip
    bare = read_citation({"pmid": 7})
    assert bare is not None
    assert {name for name, value in asdict(bare).items() if value not in (None, ())} == {"pmid"}
    for said, read in (("2024-02-25T01:02", "2024-02-25"), ("soon", None), ("2/5/24", None)):
        dated = read_citation({"pmid": 7, "last_modified": said})
        assert (dated.as_of if dated else "") == read
    assert read_citation({"pmid": 0}) is None
    assert citations._read(reply({"error": "none of them"}, 404)) == []


def test_an_entry_of_europe_pmc_about_a_full_text() -> None:
    places = [
        {"availabilityCode": code, "url": url}
        for code, url in (("S", "https://a/pay"), ("F", "https://z/free"), ("OA", "https://b/open"), ("OA", "x:y"))
    ]
    entry = {"pmid": "7", "license": "cc by", "pmcid": "PMC1", "inPMC": "Y", "fullTextUrlList": {"fullTextUrl": places}}
    assert read_entry(entry) == FullTextAnswer(7, "europe pmc", "https://b/open", "cc by", "PMC1")
    assert read_entry({**entry, "inPMC": "N"}) == FullTextAnswer(7, "europe pmc", "https://b/open", "cc by", None)
    assert read_entry({**entry, "inPMC": "N", "inEPMC": "Y"}).pmcid == "PMC1"  # type: ignore[union-attr]
    assert read_entry({"source": "MED", "id": "8"}) == FullTextAnswer(8, "europe pmc", None, None, None)
    assert read_entry({"source": "PPR", "id": "8"}) is None


@pytest.mark.parametrize(
    ("more", "released"),
    [
        ({}, None),
        ({"live": "false"}, "9999-12-31"),
        ({"live": "true"}, None),
        ({"live": "false", "release-date": "2027-01-02"}, "2027-01-02"),
        ({"live": "true", "release-date": "2020-01-02"}, "2020-01-02"),
    ],
)
def test_a_record_of_the_converter(more: dict[str, str], released: str | None) -> None:
    record = {"requested-id": "7", "pmid": "9", "pmcid": "PMC1", **more}
    assert read_converted(record) == FullTextAnswer(7, "id converter", None, None, "PMC1", released)
    assert read_converted({**record, "status": "error"}) is None


def test_an_answer_of_unpaywall() -> None:
    read = _unpaywall_reader(7)
    best = {"url_for_pdf": None, "url": "javascript:x", "url_for_landing_page": "https://b/page", "license": "cc-by"}
    assert read(reply({"is_oa": True, "best_oa_location": best})) == FullTextAnswer(
        7, "unpaywall", "https://b/page", "cc-by"
    )
    best["url_for_pdf"] = "https://a/pdf"
    assert read(reply({"is_oa": True, "best_oa_location": best})).url == "https://a/pdf"  # type: ignore[union-attr]
    assert read(reply({"is_oa": False, "best_oa_location": best})) == FullTextAnswer(7, "unpaywall", None, None)
    assert read(reply({"error": True}, 404)) is None


def test_a_preprint_of_europe_pmc() -> None:
    entry = {
        "id": "PPR123456", "source": "PPR", "title": f"On {HO}", "versionNumber": 3, "doi": "10.1/p", "pubYear": "2021",
        "abstractText": "Before it. <h4>Aims:</h4>Of <i>mice</i>.<h4>Setting</h4><h4>Results</h4> Bone &amp; more.",
        "bookOrReportDetails": {"publisher": "bioRxiv"}, "language": "fre", "firstPublicationDate": "2021-02-03",
        "firstIndexDate": "2021-02-05", "dateOfRevision": "2021-03-04", "keywordList": {"keyword": ["mice", "bone"]},
        "authorList": {"author": [
            {"lastName": "Adler", "firstName": "Jana", "initials": "J",
             "authorId": {"type": "ORCID", "value": "0000-0002-1825-0097"}},
            {"fullName": "Somebody A"}, {"collectiveName": "HO Group"}, {},
            {"lastName": "Berg", "authorId": {"type": "OTHER", "value": "0000-0002-1825-0097"}},
        ]},
        "commentCorrectionList": {"commentCorrection": [
            {"type": "Comment in", "source": "MED", "id": "5"}, {"type": "Preprint of", "source": "PMC", "id": "6"},
            {"type": "Preprint of", "source": "MED", "id": "7"},
        ]},
    }  # fmt: skip
    found = read_preprint(entry)
    assert found is not None
    made = found.article
    assert (found.identifier, found.server, found.published_pmid) == ("PPR123456", "bioRxiv", 7)
    assert (made.version, made.doi, made.year, made.journal) == (3, "10.1/p", 2021, "bioRxiv")
    assert (made.publication_date, made.publication_date_verbatim) == ("2021-02-03", "2021 Feb 3")
    assert (made.revised_date, made.languages, made.status) == ("2021-03-04", ("fre",), "Preprint")
    assert [keyword.term for keyword in made.keywords] == ["mice", "bone"]
    assert made.abstract == "Before it.\nOf mice .\nBone & more."
    assert made.sections == (
        Section(None, None, 0, 10), Section("AIMS", "OBJECTIVE", 11, 20), Section("RESULTS", "RESULTS", 21, 33),
    )  # fmt: skip
    assert made.authors == (
        Author("Adler", "Jana", "J", orcid="0000-0002-1825-0097"), Author(collective_name="Somebody A"),
        Author(collective_name="HO Group"), Author("Berg"),
    )  # fmt: skip
    assert read_preprint({**entry, "source": "MED"}) is None
    elsewhere = {**entry, "title": "Of mice"}
    assert read_preprint(elsewhere) is None
    for more in ({"abstractText": f"On {HO}."}, {"keywordList": {"keyword": HO}}):
        assert read_preprint({**elsewhere, **more}) is not None


def test_a_row_of_retraction_watch() -> None:
    header = (
        "Record ID,RetractionNature,OriginalPaperPubMedID,OriginalPaperDOI,RetractionDate,RetractionDOI,"
        "RetractionPubMedID,Reason\n"
    )
    rows = (
        '17,Retraction,7,10.1/A,5/20/2010 0:00,10.1/R,70,"+Error in Data;+Plagiarism;"\n'
        "18, expression of concern ,0,10.1/B,2/3/2011,none,0,\n19,Retraction,9,10.1/C,,,,\n20,Other,7,10.1/A,,,,\n"
        ",Retraction,7,10.1/A,,,,\n"
    )
    claims, count = retraction_watch._read_rows(header + rows, {7, 8}, {"10.1/a": 7, "10.1/b": 8})
    assert count == 5
    assert claims == [
        NoticeClaim(7, "retraction watch", "17", "RetractionIn", "2010-05-20",
                    "Retraction Watch record 17, doi:10.1/R", 70, "Error in Data; Plagiarism"),
        NoticeClaim(8, "retraction watch", "18", "ExpressionOfConcernIn", "2011-02-03",
                    "Retraction Watch record 18", None, None),
    ]  # fmt: skip
    for broken in (f'{header}17,"Retraction', "Record ID,RetractionNature\n1,Retraction\n"):
        with pytest.raises(FaultError):
            retraction_watch._read_rows(broken, {7}, {})


def test_a_notice_of_crossref() -> None:
    update = {"DOI": "10.1/A", "type": "Expression of Concern", "updated": {"date-parts": [[2021, 2, 3]]}}
    work = {"DOI": "10.1/R", "update-to": [update, {"DOI": "10.1/none", "type": "retraction"}]}
    kind = "ExpressionOfConcernIn"
    (found,) = crossref._of_notice(work, {"10.1/a": 7})
    assert found == NoticeClaim(7, "crossref", f"10.1/r {kind}", kind, "2021-02-03", "Crossref, doi:10.1/r")
    named = {"type": "retraction", "source": "retraction-watch", "updated": {"date-parts": [[2021, None]]}}
    assert crossref._claim(7, "10.1/R", named) == NoticeClaim(
        7, "crossref", "10.1/r RetractionIn", "RetractionIn", "2021", "Crossref, doi:10.1/r, from Retraction Watch"
    )
    assert crossref._claim(7, None, named) is crossref._claim(7, "10.1/R", {"type": "comment"}) is None


@pytest.mark.parametrize(
    ("read", "good", "bad"),
    [
        (trials._read_page, {"studies": []}, [{}, {"studies": {}}]),
        (
            crossref._read_page,
            {"status": "ok", "message": {"items": []}},
            [{"status": "ok"}, {"message": {"items": []}}],
        ),
        (read_json, {}, [[], "text", b"", b"{", b"[" * 100_000]),
    ],
)
def test_an_answer_of_another_kind_is_a_fault(read: Any, good: dict[str, Any], bad: list[object]) -> None:
    assert read(reply(good)) == good
    for body in bad:
        with pytest.raises(FaultError) as caught:
            read(reply(body))
        assert caught.value.side == "content"
    assert crossref._read_page(reply(b"Resource not found.", 404)) == {}


@pytest.mark.parametrize(
    ("rows", "before", "whole"), [(95, 100, True), (94, 100, False), (0, 0, True), (3, 2, True), (0, 1, False)]
)
def test_a_file_that_lost_more_than_a_little_is_cut_off(rows: int, before: int, whole: bool) -> None:
    class Client:
        def ask(self, path: str, read: Any, headers: dict[str, str] | None, allowed: tuple[int, ...]) -> Any:
            assert (path, headers, allowed) == ("", {"If-None-Match": "e1"}, (304,))
            header = "Record ID,RetractionNature,OriginalPaperPubMedID,OriginalPaperDOI,RetractionDate\n"
            content = f"\ufeff{header}" + "17,Retraction,7,,5/20/2010\n" * rows
            return read(Reply(200, content.encode(), "text/csv", None, None, {"ETag": "e2"}))

    def found() -> retraction_watch.RetractionFile | None:
        return retraction_watch.read_file(Client(), "e1", before, {7}, {})  # type: ignore[arg-type]

    if whole:
        file = found()
        assert file is not None
        assert (file.rows, len(file.claims), file.etag) == (rows, rows, "e2")
        return
    with pytest.raises(FaultError, match="it seems to be cut off"):
        found()


@pytest.mark.parametrize(
    ("since", "asked", "after"),
    [
        ("2026-02-20", "2026-02-17", "2026-03-01"),
        ("2026-03-05", "2026-03-02", "2026-03-05"),
        (None, None, "2026-03-04"),
    ],
)
def test_the_day_of_the_registrys_data_never_goes_back(
    store: Store, since: str | None, asked: str | None, after: str
) -> None:
    paths: list[str] = []

    class Client:
        requests = 1

        def ask(self, path: str, read: Any) -> Any:
            paths.append(path)
            return read(reply({"dataTimestamp": "2026-03-04T09:00:05"} if path == "version" else {"studies": [STUDY]}))

    work = Work(store, run(store), datetime(2026, 3, 6, tzinfo=UTC))
    with store.atomic():
        work.state(trials.SERVICE).put("data_date", since)
    assert trials.update_trials(work, Client()).data_date == after  # type: ignore[arg-type]
    assert work.state(trials.SERVICE).get("data_date") == after
    assert [path for path in paths if f"RANGE[{asked},MAX]" in path] == paths[: 1 if since else 0]
    assert len(paths) == (1 if since else 3)
