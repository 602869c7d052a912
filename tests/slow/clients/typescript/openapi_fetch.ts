// Uses all three services with nothing but the types that openapi-typescript makes.
import createClient from "openapi-fetch";
import { given, moved, present, seen, wanted } from "./given.js";
import type {
  components as Registry,
  paths as CertificationPaths,
} from "./openapi-typescript/certification.js";
import type { paths as EnrolmentPaths } from "./openapi-typescript/enrolment.js";
import type { paths as TargetsPaths } from "./openapi-typescript/targets.js";

type Rows =
  EnrolmentPaths["/v1/officials/import"]["post"]["requestBody"]["content"]["application/json"];
const asked = given<Rows[number], Registry["schemas"]["ResultBody"]>();
const reach = (service: keyof typeof asked.urls) => ({
  baseUrl: asked.urls[service],
  headers: { Authorization: `Bearer ${asked.tokens[service]}` },
});
// Some answers can also be had as a page or a sheet; only where a file is asked for is it named.
type Json = "application/json" | "application/problem+json";
const enrolment = createClient<EnrolmentPaths, Json>(reach("enrolment"));
const certification = createClient<CertificationPaths, Json>(reach("certification"));
const targets = createClient<TargetsPaths, Json>(reach("targets"));
const directoryFiles = createClient<EnrolmentPaths>(reach("enrolment"));
const figureFiles = createClient<TargetsPaths>(reach("targets"));

const plan = { path: { plan: asked.plan } };
async function figure() {
  const answer = await targets.GET("/v1/plans/{plan}/progress", { params: plan });
  return wanted(present(answer.data, answer.error).indicators);
}
async function rows(row: Rows[number]) {
  const answer = await enrolment.POST("/v1/officials/import", { body: [row] });
  return present(answer.data, answer.error);
}
async function post() {
  const answer = await certification.POST("/v1/results", {
    body: asked.sheet,
    params: { header: { "Idempotency-Key": "openapi-fetch-1" } },
  });
  return present(answer.data, answer.error);
}
async function exported(form: "csv" | "xlsx"): Promise<Blob> {
  const params = { path: { plan: asked.plan, form } };
  const path = "/v1/plans/{plan}/progress.{form}";
  const answer = await figureFiles.GET(path, { params, parseAs: "blob" });
  return present(answer.data, answer.error);
}

const before = await figure();
const imported = await rows(asked.official);
const read = await enrolment.GET("/v1/officials/{official_code}", {
  params: { path: { official_code: asked.official.official_code } },
});
const official = present(read.data, read.error);
const posted = await post();
const serial = present(posted.certificate).serial;
const repeated = present((await post()).certificate).serial === serial;
const verified = await certification.GET("/v1/verify/{serial}", { params: { path: { serial } } });
const holder = await certification.POST("/v1/verify/{serial}", {
  params: { path: { serial } },
  body: { full_name: official.full_name },
});

const gained = await moved(before, figure);
const listed = await targets.GET("/v1/plans/{plan}/indicators/{indicator}/members", {
  params: {
    path: { plan: asked.plan, indicator: "I2-2025" },
    query: { state: "achieved", agency: asked.body, limit: 500 },
  },
});
const template = await directoryFiles.GET("/v1/officials/import/template", { parseAs: "blob" });
const files = await seen(await exported("xlsx"), await exported("csv"), present(template.data));

const unknown = await targets.GET("/v1/plans/{plan}/progress", {
  params: { path: { plan: "no-such-plan" } },
});
const refused = await certification.POST("/v1/results", {
  body: { ...asked.sheet, claimed_level: 5 },
});
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
    verified: verified.data?.status,
    holder: holder.data?.holder_name,
    gained,
    member: present(listed.data, listed.error).items.some(
      (each) => each.official_code === asked.official.official_code,
    ),
    files,
    unknown: [unknown.response.status, unknown.error?.code],
    refused: [refused.response.status, refused.error?.code, refused.error?.errors[0]?.pointer],
    rejected: [rejected?.row, rejected?.code],
  }),
);
