// Uses all three services with nothing but the types generated from their documents.
import { readFileSync } from "node:fs";
import createClient from "openapi-fetch";
import type { components as Registry, paths as CertificationPaths } from "./certification.js";
import type { paths as EnrolmentPaths } from "./enrolment.js";
import type { paths as TargetsPaths } from "./targets.js";

type Rows =
  EnrolmentPaths["/v1/officials/import"]["post"]["requestBody"]["content"]["application/json"];
interface Given {
  urls: Record<string, string>;
  tokens: Record<string, string>;
  plan: string;
  official: Rows[number];
  sheet: Registry["schemas"]["ResultBody"];
}
const given: Given = JSON.parse(readFileSync(0, "utf8"));
const reach = (service: string) => ({
  baseUrl: given.urls[service],
  headers: { Authorization: `Bearer ${given.tokens[service]}` },
});
// Some answers can also be had as a page or a sheet; this client asks for none of those.
type Json = "application/json" | "application/problem+json";
const enrolment = createClient<EnrolmentPaths, Json>(reach("enrolment"));
const certification = createClient<CertificationPaths, Json>(reach("certification"));
const targets = createClient<TargetsPaths, Json>(reach("targets"));

function present<T>(answer: { data?: T; error?: unknown }): T {
  if (answer.data === undefined) {
    throw new Error(JSON.stringify(answer.error));
  }
  return answer.data;
}

async function figure(): Promise<{ eligible: number; achieved: number }> {
  const progress = present(
    await targets.GET("/v1/plans/{plan}/progress", { params: { path: { plan: given.plan } } }),
  );
  const found = progress.indicators.find((each) => each.id === "I2-2025");
  if (found === undefined) {
    throw new Error("the plan has no I2-2025");
  }
  return found;
}

const before = await figure();
const imported = present(await enrolment.POST("/v1/officials/import", { body: [given.official] }));
const read = present(
  await enrolment.GET("/v1/officials/{official_code}", {
    params: { path: { official_code: given.official.official_code } },
  }),
);
const posted = present(await certification.POST("/v1/results", { body: given.sheet }));
if (posted.certificate == null) {
  throw new Error("the result earned no certificate");
}
const verified = present(
  await certification.GET("/v1/verify/{serial}", {
    params: { path: { serial: posted.certificate.serial } },
  }),
);

let after = await figure();
for (let tries = 0; after.achieved === before.achieved && tries < 300; tries += 1) {
  await new Promise((resolve) => setTimeout(resolve, 100));
  after = await figure();
}

const unknown = await targets.GET("/v1/plans/{plan}/progress", {
  params: { path: { plan: "no-such-plan" } },
});
const refused = await certification.POST("/v1/results", {
  body: { ...given.sheet, claimed_level: 5 },
});

console.log(
  JSON.stringify({
    created: imported.created,
    name: read.full_name,
    level: posted.level,
    verified: verified.status,
    gained: [after.eligible - before.eligible, after.achieved - before.achieved],
    unknown: [unknown.response.status, unknown.error?.code],
    refused: [refused.response.status, refused.error?.code, refused.error?.errors[0]?.pointer],
  }),
);
