"""The services' wire formats over a world: each function answers one request as the service would."""

import csv
import hashlib
import io
import json
import random
import re
from typing import Any
from urllib.parse import quote, unquote

from tests.support.services_world.world import Paper, World, WorldPreprint, WorldTrial

#: Status, body, content type, further headers.
Answer = tuple[int, bytes, str, dict[str, str]]
_CT_PAGE = 1000


def as_json(value: object, status: int = 200, **headers: str) -> Answer:
    return status, json.dumps(value).encode(), "application/json", headers


def as_text(words: str, status: int = 200) -> Answer:
    return status, words.encode(), "text/plain", {}


def icite(world: World, form: dict[str, str], old_form: bool, order: random.Random) -> Answer:
    """iCite: the order is not that of the request, unknown PMIDs are missing."""
    wanted = [int(number) for number in form.get("pmids", "").split(",") if number.isdigit()]
    known = [world.papers[pmid] for pmid in wanted if pmid in world.papers and world.papers[pmid].in_icite]
    order.shuffle(known)
    citing: dict[int, list[int]] = {paper.pmid: [] for paper in known}
    for other in world.papers.values():
        for cited in citing.keys() & other.references:
            citing[cited].append(other.pmid)
    entries = [_icite_entry(paper, sorted(citing[paper.pmid]), old_form) for paper in known]
    return as_json({"meta": {"pmids": form.get("pmids")}, "data": entries})


def _icite_entry(paper: Paper, cited_by: list[int], old_form: bool) -> dict[str, Any]:
    count = len(cited_by) + paper.outside_citations
    authors = [{"lastName": "Doe", "firstName": "J", "fullName": "Doe, J"}]
    entry = {
        "_id": str(paper.pmid),
        "pmid": paper.pmid,
        "year": paper.year,
        "title": paper.title,
        "authors": "J Doe" if old_form else authors,
        "journal": "J Made Up",
        "is_research_article": "Yes" if old_form else True,
        "provisional": "No" if old_form else False,
        "relative_citation_ratio": None if count < 5 else round(count / 4, 3),
        "nih_percentile": None if count < 5 else min(99.0, 10.0 * count),
        "citation_count": count,
        "citations_per_year": float(count),
        "cited_by_clin": None if count == 0 else cited_by[:2],
        "cited_by": cited_by,
        "references": sorted(paper.references),
        "x_coord": 0,
    }
    return entry | ({"last_modified": "02/25/2026, 09:52:59"} if old_form else {})


def trials(world: World, path: str, form: dict[str, str], page: int | None = None) -> Answer:
    """ClinicalTrials.gov: errors in plain text, tokens that die with the data's version."""
    if path == "version":
        return as_json({"apiVersion": "2.0.5", "dataTimestamp": f"{world.today}T09:00:05"})
    since = re.search(r"LastUpdatePostDate\]RANGE\[([\d-]+),MAX\]", form.get("filter.advanced", ""))
    found = sorted(world.trials.values(), key=lambda trial: trial.nct_id)
    if since:
        found = [trial for trial in found if trial.updated.isoformat() >= since[1]]
    elif "query.outc" in form:
        found = [t for t in found if any("ossific" in outcome.lower() for outcome in t.outcomes)]
    elif "query.cond" not in form:
        return as_text("Unknown area name: `X`", 400)
    size = min(int(form.get("pageSize", "10")), page or _CT_PAGE)
    start = 0
    if token := form.get("pageToken"):
        version, _, place = token.partition("-")
        if version != str(world.version) or not place.isdigit():
            return as_text("Invalid value in parameter `pageToken`", 400)
        start = int(place)
    answer: dict[str, Any] = {"studies": [_study(world, trial) for trial in found[start : start + size]]}
    if start + size < len(found):
        answer["nextPageToken"] = f"{world.version}-{start + size}"
    return as_json(answer)


def _study(world: World, trial: WorldTrial) -> dict[str, Any]:
    protocol = {
        "identificationModule": {"nctId": trial.nct_id, "nctIdAliases": trial.aliases, "briefTitle": trial.title},
        "statusModule": {
            "overallStatus": trial.status,
            "whyStopped": trial.why_stopped,
            "startDateStruct": {"date": "2019-05"},
            "completionDateStruct": {"date": trial.completion} if trial.completion else None,
            "lastUpdatePostDateStruct": {"date": trial.updated.isoformat(), "type": "ACTUAL"},
        },
        "conditionsModule": {"conditions": trial.conditions},
        "designModule": {
            "studyType": "INTERVENTIONAL",
            "phases": ["PHASE2", "PHASE3"],
            "enrollmentInfo": {"count": trial.enrollment, "type": "ESTIMATED"},
        },
        "armsInterventionsModule": {"interventions": [{"type": "DRUG", "name": name} for name in trial.interventions]},
        "outcomesModule": {"secondaryOutcomes": [{"measure": m, "timeFrame": "12 months"} for m in trial.outcomes]},
        "contactsLocationsModule": {"locations": [{"country": country} for country in trial.countries]},
        "referencesModule": {"references": [{"pmid": str(n), "type": kind} for n, kind in trial.references]},
        "aKeyOfTomorrow": {"x": 1},
    }
    derived = {"miscInfoModule": {"versionHolder": world.today.isoformat()}}
    return {"protocolSection": protocol, "derivedSection": derived, "hasResults": trial.has_results}


def europe_pmc(world: World, form: dict[str, str]) -> Answer:
    """Europe PMC's search: the cursor is echoed encoded, a single hit may stand alone."""
    query = form.get("query", "")
    if not query:
        return as_json({"errCode": 404, "errMsg": "The query is empty"})
    if "SRC:PPR" in query:
        hits = [_preprint(world, entry) for entry in world.preprints.values()]
    elif wanted := re.findall(r"EXT_ID:(\d+)", query):
        numbers = set(map(int, wanted))
        hits = [_epmc_paper(paper) for paper in reversed(world.papers.values()) if paper.pmid in numbers]
    else:
        return as_json({"version": "6.9"})
    cursor = form.get("cursorMark", "*")
    start = 0 if cursor == "*" else int(cursor.rstrip("="))
    size = int(form.get("pageSize", "25"))
    page = hits[start : start + size]
    following = f"{start + len(page)}==" if page else cursor
    shown: Any = page[0] if len(page) == 1 else page
    request = {"queryString": query, "cursorMark": quote(cursor, safe=""), "pageSize": size}
    answer = {"version": "6.9", "hitCount": len(hits), "nextCursorMark": following, "request": request}
    return as_json({**answer, "resultList": {"result": shown} if page else {}})


def _epmc_paper(paper: Paper) -> dict[str, Any]:
    urls = [{"availabilityCode": "S", "url": f"https://doi.org/{paper.doi}", "documentStyle": "doi"}]
    if paper.open_url:
        urls.append({"availabilityCode": "OA", "url": paper.open_url, "documentStyle": "html"})
    inside = "Y" if paper.pmcid else "N"
    entry = {"id": str(paper.pmid), "source": "MED", "pmid": str(paper.pmid), "pmcid": paper.pmcid, "inPMC": inside}
    return {**entry, "isOpenAccess": inside, "license": paper.license, "fullTextUrlList": {"fullTextUrl": urls}}


def _preprint(world: World, preprint: WorldPreprint) -> dict[str, Any]:
    published = preprint.published_pmid
    link = {"id": str(published), "source": "MED", "type": "Preprint of"}
    return {
        "id": f"PPR{preprint.number}",
        "source": "PPR",
        "doi": preprint.doi,
        "title": preprint.title,
        "abstractText": preprint.abstract,
        "authorList": {"author": [{"fullName": "Roe J", "lastName": "Roe", "firstName": "Jo", "initials": "J"}]},
        "pubYear": str(preprint.posted.year),
        "firstPublicationDate": preprint.posted.isoformat(),
        "dateOfRevision": preprint.revised.isoformat(),
        "versionNumber": preprint.version,
        "bookOrReportDetails": {"publisher": "medRxiv"},
        **({"commentCorrectionList": {"commentCorrection": [link]}} if published else {}),
    }


def id_converter(world: World, form: dict[str, str]) -> Answer:
    """PMC's ID converter: a batch with anything that is no PMID is refused whole."""
    ids = form.get("ids", "").split(",")
    if not all(number.isdigit() for number in ids) or len(ids) > 200:
        return as_json({"status": "error", "message": "Invalid ids"}, 400)
    records: list[dict[str, Any]] = []
    for number in ids:
        paper = world.papers.get(int(number))
        if paper and paper.pmcid:
            records.append({"pmid": int(number), "pmcid": paper.pmcid, "requested-id": number})
        else:
            missing = {"status": "error", "errmsg": "Identifier not found in PMC"}
            records.append({"pmid": int(number), "requested-id": number, **missing})
    return as_json({"status": "ok", "request": {"ids": ids, "echo": "email=[kept out]"}, "records": records})


def unpaywall(world: World, doi: str) -> Answer:
    """Unpaywall: an unknown DOI is a 404 that says so in JSON."""
    found = next((paper for paper in world.papers.values() if paper.doi == unquote(doi)), None)
    if found is None:
        return as_json({"HTTP_status_code": 404, "error": True, "message": "unknown"}, 404)
    best = {"url": found.unpaywall_url, "url_for_pdf": None, "license": "cc-by"} if found.unpaywall_url else None
    return as_json({"doi": found.doi, "is_oa": bool(best), "best_oa_location": best})


_CROSSREF = {"expression of concern": "expression_of_concern"}


def crossref(world: World, form: dict[str, str]) -> Answer:
    """Crossref's list of works: notices with `update-to`, papers with `updated-by`; none known is a 404 in text."""
    chosen = form.get("filter", "")
    said = [notice for notice in world.notices if notice.speaker == "crossref"]
    works: list[dict[str, Any]] = []
    if "is-update:true" in chosen:
        since = re.search(r"from-update-date:([\d-]+)", chosen)
        for notice in said:
            if not notice.on_paper_only and (not since or notice.day.isoformat() >= since[1]):
                works.append({"DOI": _notice_doi(notice.record), "update-to": [_update(world, notice, to_paper=True)]})
    else:
        dois = [part.removeprefix("doi:") for part in chosen.split(",")]
        papers = [paper for paper in world.papers.values() if paper.doi in dois]
        if not papers:
            return as_text("Resource not found.", 404)
        for paper in papers:
            about = [_update(world, notice, to_paper=False) for notice in said if notice.pmid == paper.pmid]
            works.append({"DOI": paper.doi, **({"updated-by": about} if about else {})})
    rows = int(form.get("rows", "20"))
    start = int(form["cursor"]) if form.get("cursor", "*").isdigit() else 0
    message = {"items": works[start : start + rows], "total-results": len(works), "next-cursor": str(start + rows)}
    return as_json({"status": "ok", "message-type": "work-list", "message": message})


def _notice_doi(record: int) -> str:
    return f"10.5555/notice.{record}"


def _update(world: World, notice: Any, to_paper: bool) -> dict[str, Any]:
    day = notice.day
    return {
        "DOI": world.papers[notice.pmid].doi if to_paper else _notice_doi(notice.record),
        "type": _CROSSREF.get(notice.nature, notice.nature),
        "source": "retraction-watch" if notice.on_paper_only else "publisher",
        "updated": {"date-parts": [[day.year, day.month, day.day]]},
    }


_COLUMNS = (
    "Record ID,Title,Subject,Institution,Journal,Publisher,Country,Author,URLS,ArticleType,RetractionDate,"
    "RetractionDOI,RetractionPubMedID,OriginalPaperDate,OriginalPaperDOI,OriginalPaperPubMedID,RetractionNature,Reason,"
    "Paywalled,Notes"
).split(",")


def retraction_watch(world: World, etag: str | None) -> Answer:
    """The Retraction Watch file, with quotes and line ends inside its fields; unchanged it is a 304."""
    stream = io.StringIO(newline="")
    writer = csv.DictWriter(stream, _COLUMNS, restval="")
    writer.writeheader()
    for notice in world.notices:
        if notice.speaker == "retraction watch":
            by_number = notice.record % 2 == 0
            row = {
                "Record ID": notice.record,
                "Title": 'A "made-up"\r\ntitle, in two lines',
                "RetractionDate": f"{notice.day.month}/{notice.day.day}/{notice.day.year} 0:00",
                "RetractionDOI": "unavailable",
                "RetractionPubMedID": "0",
                "OriginalPaperDOI": (world.papers[notice.pmid].doi or "").upper(),
                "OriginalPaperPubMedID": notice.pmid if by_number else 0,
                "RetractionNature": notice.nature.capitalize(),
                "Reason": "+Concerns/Issues About Data;+Date of Retraction/Other Unknown;",
            }
            writer.writerow(row)
    body = stream.getvalue().encode()
    mark = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
    if etag == mark:
        return 304, b"", "text/csv", {"ETag": mark}
    return 200, body, "text/csv", {"ETag": mark}
