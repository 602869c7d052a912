// Uses all three services with nothing but the clients that @hey-api/openapi-ts makes.
import { given, moved, present, seen, wanted } from "./given.js";
import { client as certificationClient } from "./hey-api/certification/client.gen.js";
import * as certification from "./hey-api/certification/index.js";
import { client as enrolmentClient } from "./hey-api/enrolment/client.gen.js";
import * as enrolment from "./hey-api/enrolment/index.js";
import { client as targetsClient } from "./hey-api/targets/client.gen.js";
import * as targets from "./hey-api/targets/index.js";

type Row = enrolment.ImportOfficialsData["body"] extends infer Bodies
  ? Bodies extends (infer One)[]
    ? One
    : never
  : never;
const asked = given<Row, certification.ResultBody>();
enrolmentClient.setConfig({ baseUrl: asked.urls.enrolment, auth: asked.tokens.enrolment });
certificationClient.setConfig({
  baseUrl: asked.urls.certification,
  auth: asked.tokens.certification,
});
targetsClient.setConfig({ baseUrl: asked.urls.targets, auth: asked.tokens.targets });

async function figure() {
  const answer = await targets.readProgress({ path: { plan: asked.plan } });
  return wanted(present(answer.data, answer.error).indicators);
}
async function rows(row: Row) {
  const answer = await enrolment.importOfficials({ body: [row] });
  return present(answer.data, answer.error);
}
async function post() {
  const answer = await certification.postResult({
    body: asked.sheet,
    headers: { "Idempotency-Key": "hey-api-1" },
  });
  return present(answer.data, answer.error);
}
async function exported(form: enrolment.FileForm): Promise<Blob> {
  const answer = await targets.exportProgress({
    path: { plan: asked.plan, form },
    parseAs: "blob",
  });
  return present(answer.data, answer.error);
}

const before = await figure();
const imported = await rows(asked.official);
const read = await enrolment.getOfficial({
  path: { official_code: asked.official.official_code },
});
const official = present(read.data, read.error);
const posted = await post();
const serial = present(posted.certificate).serial;
const repeated = present((await post()).certificate).serial === serial;
const verified = await certification.verifyCertificate({ path: { serial } });
const holder = await certification.verifyCertificateHolder({
  path: { serial },
  body: { full_name: official.full_name },
});

const gained = await moved(before, figure);
const listed = await targets.listMembers({
  path: { plan: asked.plan, indicator: "I2-2025" },
  query: { state: "achieved", agency: asked.body, limit: 500 },
});
const template = await enrolment.officialImportTemplate({ parseAs: "blob" });
const files = await seen(await exported("xlsx"), await exported("csv"), present(template.data));

const unknown = await targets.readProgress({ path: { plan: "no-such-plan" } });
const refused = await certification.postResult({ body: { ...asked.sheet, claimed_level: 5 } });
const rejected = (await rows(asked.same_person)).errors[0];

console.log(
  JSON.stringify({
    created: imported.created,
    name: official.full_name,
    status: official.assignments[0]?.status,
    until: official.assignments[0]?.valid_to,
    level: posted.level,
    overall: posted.overall,
    repeated,
    verified: present(verified.data, verified.error).status,
    holder: present(holder.data, holder.error).holder_name,
    gained,
    member: present(listed.data, listed.error).items.some(
      (each) => each.official_code === asked.official.official_code,
    ),
    files,
    unknown: [unknown.response?.status, unknown.error?.code],
    refused: [refused.response?.status, refused.error?.code, refused.error?.errors[0]?.pointer],
    rejected: [rejected?.row, rejected?.code],
  }),
);
