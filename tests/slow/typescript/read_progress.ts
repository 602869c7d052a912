import createClient from "openapi-fetch";
import type { paths as EnrolmentPaths } from "./enrolment.js";
import type { paths as CertificationPaths } from "./certification.js";
import type { paths as TargetsPaths } from "./targets.js";

const headers = { Authorization: `Bearer ${process.env.TOKEN}` };
const targets = createClient<TargetsPaths>({ baseUrl: process.env.TARGETS_URL, headers });
const { data, error } = await targets.GET("/v1/plans/{plan}/progress", {
  params: { path: { plan: "hoanghoa-2021" } },
});
if (error !== undefined || data === undefined) {
  throw new Error(JSON.stringify(error));
}
const plan: string = data.plan;
const achieved: number[] = data.indicators.map((indicator) => indicator.achieved);
console.log(JSON.stringify({ plan, achieved }));

// The other two documents must at least give clients that type-check.
export const others = [createClient<EnrolmentPaths>(), createClient<CertificationPaths>()];
