"""Everything that goes wrong with the services, as functions that answer one request wrongly."""

from tests.support.eutils_server.faults import Answer, changed, endless, instead, raw, status

_HTML = b"<!DOCTYPE html><html><head><title>Scheduled maintenance</title></head><body>Back soon.</body></html>"
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"

#: Faults that any service can have.
FAULTS: dict[str, Answer] = {
    "429": status(429, b"Too many"),
    "429 with Retry-After": status(429, b"Too many", Retry_After="0"),
    "500": status(500, _HTML, "text/html"),
    "503": status(503, b"", Retry_After="0"),
    "HTML with status 200": instead(_HTML, "text/html"),
    "HTML called JSON": instead(_HTML, "application/json"),
    "empty body": instead(b""),
    "cut JSON": changed(lambda body: body[: len(body) // 2] if len(body) > 40 else b'{"a":', "application/json"),
    "body shorter than its length": raw(_HEAD + b"Content-Length: 99999\r\n\r\n", b"BODY"),
    "closed before the answer": raw(reset=True),
    "not the gzip it says": changed(lambda body: body, Content_Encoding="gzip"),
    "garbage bytes": instead(bytes(range(128, 256)) * 20, "application/octet-stream"),
    "redirect to another host": status(302, Location="http://localhost:9/elsewhere"),
    "400": status(400, b"incorrect format"),
}
#: Faults of one service alone.
OWN_FAULTS: dict[str, dict[str, Answer]] = {
    "europe_pmc": {
        "version alone": instead(b'{"version":"6.9"}', "application/json"),
        "error with status 200": instead(b'{"version":"6.9","errCode":404,"errMsg":"no"}', "application/json"),
    },
    "crossref": {"failed": status(400, b'{"status":"failed","message-type":"validation-failure","message":[]}')},
    "trials": {"dead token": status(400, b"Invalid value in parameter `pageToken`")},
}
#: Answers that never end.
HUGE: dict[str, Answer] = {
    "200 MB": endless(_HEAD + b"Content-Length: 209715200\r\n\r\n", b" " * (1 << 16)),
    "trickle": endless(_HEAD + b"Content-Length: 900000\r\n\r\n", b" ", 0.05),
}
