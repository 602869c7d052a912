// Uses all three services with nothing but the clients that openapi-generator makes for fetch.
import { given, moved, present, seen, wanted } from "./given.js";
import * as certification from "./openapi-generator/certification/index.js";
import * as enrolment from "./openapi-generator/enrolment/index.js";
import * as targets from "./openapi-generator/targets/index.js";

const asked = given<unknown, unknown>();
const reach = (service: keyof typeof asked.urls) => ({
  basePath: asked.urls[service],
  accessToken: asked.tokens[service],
});
const officials = new enrolment.OfficialsApi(new enrolment.Configuration(reach("enrolment")));
const registerOf = new certification.Configuration(reach("certification"));
const results = new certification.ResultsApi(registerOf);
const verification = new certification.VerificationApi(registerOf);
const figures = new targets.ProgressApi(new targets.Configuration(reach("targets")));

const { plan } = asked;
const figure = async () => wanted((await figures.readProgress({ plan })).indicators);
const rows = (row: unknown) =>
  officials.importOfficials({
    importOfficialsRequestInner: [enrolment.ImportOfficialsRequestInnerFromJSON(row)],
  });
const resultBody = certification.ResultBodyFromJSON(asked.sheet);
const post = () => results.postResult({ resultBody, idempotencyKey: "openapi-generator-1" });

interface Told {
  response: Response;
}
async function refusal(call: Promise<unknown>): Promise<[number, targets.Problem]> {
  try {
    await call;
  } catch (told) {
    const { response } = told as Told;
    return [response.status, targets.ProblemFromJSON(await response.json())];
  }
  throw new Error("nothing was refused");
}

const before = await figure();
const imported = await rows(asked.official);
const official = await officials.getOfficial({ officialCode: asked.official.official_code });
const posted = await post();
const serial = present(posted.certificate).serial;
const repeated = present((await post()).certificate).serial === serial;
const verified = await verification.verifyCertificate({ serial });
const holder = await verification.verifyCertificateHolder({
  serial,
  holderClaim: { fullName: official.fullName },
});

const gained = await moved(before, figure);
const listed = await figures.listMembers({
  plan,
  indicator: "I2-2025",
  state: targets.MemberState.Achieved,
  agency: asked.body,
  limit: 500,
});
const files = await seen(
  await figures.exportProgress({ plan, form: targets.FileForm.Xlsx }),
  await figures.exportProgress({ plan, form: targets.FileForm.Csv }),
  await officials.officialImportTemplate(),
);

const unknown = await refusal(figures.readProgress({ plan: "no-such-plan" }));
const refused = await refusal(results.postResult({ resultBody: { ...resultBody, claimedLevel: 5 } }));
const rejected = (await rows(asked.same_person)).errors[0];

console.log(
  JSON.stringify({
    created: imported.created,
    name: official.fullName,
    status: official.assignments[0]?.status,
    until: official.assignments[0]?.validTo,
    level: posted.level,
    overall: posted.overall,
    repeated,
    verified: verified.status,
    holder: holder.holderName,
    gained,
    member: listed.items.some((each) => each.officialCode === asked.official.official_code),
    files,
    unknown: [unknown[0], unknown[1].code],
    refused: [refused[0], refused[1].code, refused[1].errors[0]?.pointer],
    rejected: [rejected?.row, rejected?.code],
  }),
);
