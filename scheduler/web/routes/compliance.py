"""The privacy officer's pages."""

from scheduler.web.audiences import Audience
from scheduler.web.compliance import exports, log, overview, releases
from scheduler.web.routes.page import Page

_RELEASE = "/compliance/releases/{release_id}"
_EXPORT = "/compliance/exports/{export_id}"

PAGES = [
    Page("GET", "/compliance", overview.show_overview, "compliance", Audience.COMPLIANCE),
    Page("GET", "/compliance/audit", log.show_log, "compliance.audit", Audience.COMPLIANCE),
    Page("GET", "/compliance/audit/{seq:int}", log.show_entry, "compliance.entry", Audience.COMPLIANCE),
    Page("POST", "/compliance/check", overview.check, "compliance.check", Audience.COMPLIANCE),
    Page("GET", "/compliance/exports", exports.show_exports, "compliance.exports", Audience.COMPLIANCE),
    Page("POST", "/compliance/exports", exports.ask_for_export, "compliance.ask", Audience.COMPLIANCE),
    Page("GET", _EXPORT, exports.show_export, "compliance.export", Audience.COMPLIANCE),
    Page("GET", f"{_EXPORT}/file", exports.fetch_export, "compliance.file", Audience.COMPLIANCE),
    Page("GET", _RELEASE, releases.show_release, "compliance.release", Audience.COMPLIANCE),
    Page("POST", f"{_RELEASE}/revoke", releases.revoke, "compliance.revoke", Audience.COMPLIANCE),
]
