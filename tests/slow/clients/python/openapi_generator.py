"""Uses all three services with nothing but the packages that openapi-generator makes."""

from __future__ import annotations

import json
import sys
import time
from typing import Any

import bac_certification as certification
import bac_enrolment as enrolment
import bac_targets as targets

given = json.load(sys.stdin)


def reach(package: Any, service: str) -> Any:
    return package.ApiClient(
        package.Configuration(host=given["urls"][service], access_token=given["tokens"][service])
    )


officials = enrolment.OfficialsApi(reach(enrolment, "enrolment"))
register = reach(certification, "certification")
results = certification.ResultsApi(register)
verification = certification.VerificationApi(register)
figures = targets.ProgressApi(reach(targets, "targets"))


def figure() -> targets.IndicatorProgress:
    progress = figures.read_progress(given["plan"])
    return next(each for each in progress.indicators if each.id == "I2-2025")


def rows(row: dict[str, Any]) -> enrolment.ImportOfficials200Response:
    return officials.import_officials([enrolment.ImportOfficialsRequestInner.from_dict(row)])


before = figure()
imported = rows(given["official"])
read = officials.get_official(given["official"]["official_code"])
sheet = certification.ResultBody.from_dict(given["sheet"])
posted = results.post_result(sheet, idempotency_key="generated-python-1")
again = results.post_result(sheet, idempotency_key="generated-python-1")
verified = verification.verify_certificate(posted.certificate.serial)
holder = verification.verify_certificate_holder(
    posted.certificate.serial, certification.HolderClaim(full_name=read.full_name)
)

after = figure()
for _ in range(300):
    if after.achieved != before.achieved:
        break
    time.sleep(0.1)
    after = figure()
listed = figures.list_members(
    given["plan"], "I2-2025", targets.MemberState.ACHIEVED, agency=given["body"], limit=500
)
workbook = figures.export_progress(given["plan"], targets.FileForm.XLSX)
table = figures.export_progress(given["plan"], targets.FileForm.CSV)
template = officials.official_import_template()

try:
    figures.read_progress("no-such-plan")
except targets.ApiException as told:
    unknown = told
try:
    results.post_result(certification.ResultBody.from_dict({**given["sheet"], "claimed_level": 5}))
except certification.ApiException as told:
    refused = told
rejected = rows(given["same_person"])

answers = {
    "created": imported.created,
    "name": read.full_name,
    "status": read.assignments[0].status.value,
    "until": read.assignments[0].valid_to,
    "level": posted.level,
    "overall": posted.overall,
    "repeated": again.certificate.serial == posted.certificate.serial,
    "verified": verified.status.value,
    "holder": holder.holder_name,
    "gained": [after.eligible - before.eligible, after.achieved - before.achieved],
    "member": given["official"]["official_code"] in [each.official_code for each in listed.items],
    "files": [
        workbook[:2].decode(),
        table.startswith(b"\xef\xbb\xbf") and b"I2-2025" in table,
        template[:2].decode(),
    ],
    "unknown": [unknown.status, unknown.data.code],
    "refused": [refused.status, refused.data.code, refused.data.errors[0].pointer],
    "rejected": [rejected.errors[0].row, rejected.errors[0].code],
}
print(json.dumps(answers))
