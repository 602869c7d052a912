// Uses all three services with nothing but the clients that swagger-typescript-api makes.
import { given, moved, present, seen, wanted } from "./given.js";
import { Api as Certification, type ResultBody } from "./swagger-typescript-api/certification.js";
import { Api as Enrolment } from "./swagger-typescript-api/enrolment.js";
import {
  Api as Targets,
  FileForm,
  MemberState,
  type Problem,
} from "./swagger-typescript-api/targets.js";

type Row = Parameters<Enrolment<string>["v1"]["importOfficials"]>[0][number];
const asked = given<Row, ResultBody>();
const reach = (service: keyof typeof asked.urls) => ({
  baseUrl: asked.urls[service],
  securityWorker: () => ({ headers: { Authorization: `Bearer ${asked.tokens[service]}` } }),
});
const enrolment = new Enrolment<string>(reach("enrolment")).v1;
const certification = new Certification<string>(reach("certification")).v1;
const targets = new Targets<string>(reach("targets")).v1;

const figure = async () => wanted((await targets.readProgress(asked.plan)).data.indicators);
const rows = async (row: Row) => (await enrolment.importOfficials([row])).data;
const post = async () =>
  (await certification.postResult(asked.sheet, { headers: { "Idempotency-Key": "swagger-1" } }))
    .data;
const exported = async (form: FileForm): Promise<Blob> =>
  (await targets.exportProgress(asked.plan, form, {}, { format: "blob" })).data;

async function refusal(call: Promise<unknown>): Promise<{ status: number; error: Problem }> {
  try {
    await call;
  } catch (told) {
    return told as { status: number; error: Problem };
  }
  throw new Error("nothing was refused");
}

const before = await figure();
const imported = await rows(asked.official);
const official = (await enrolment.getOfficial(asked.official.official_code)).data;
const posted = await post();
const serial = present(posted.certificate).serial;
const repeated = present((await post()).certificate).serial === serial;
const verified = (await certification.verifyCertificate(serial)).data;
const holder = (
  await certification.verifyCertificateHolder(serial, { full_name: official.full_name })
).data;

const gained = await moved(before, figure);
const listed = await targets.listMembers(asked.plan, "I2-2025", {
  state: MemberState.Achieved,
  agency: asked.body,
  limit: 500,
});
const template = (await enrolment.officialImportTemplate({ format: "blob" })).data;
const files = await seen(await exported(FileForm.Xlsx), await exported(FileForm.Csv), template);

const unknown = await refusal(targets.readProgress("no-such-plan"));
const refused = await refusal(certification.postResult({ ...asked.sheet, claimed_level: 5 }));
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
    verified: verified.status,
    holder: holder.holder_name,
    gained,
    member: listed.data.items.some(
      (each) => each.official_code === asked.official.official_code,
    ),
    files,
    unknown: [unknown.status, unknown.error.code],
    refused: [refused.status, refused.error.code, refused.error.errors[0]?.pointer],
    rejected: [rejected?.row, rejected?.code],
  }),
);
