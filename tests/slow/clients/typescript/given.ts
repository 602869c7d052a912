// What every client of this folder is told, and what is the same however a client was made.
import { readFileSync } from "node:fs";

export interface Given<Official, Sheet> {
  urls: Record<"enrolment" | "certification" | "targets", string>;
  tokens: Record<"enrolment" | "certification" | "targets", string>;
  plan: string;
  body: string;
  official: Official & { official_code: string };
  same_person: Official;
  sheet: Sheet;
}

export const given = <Official, Sheet>(): Given<Official, Sheet> =>
  JSON.parse(readFileSync(0, "utf8"));

export function present<T>(value: T | null | undefined, why: unknown = "nothing came"): T {
  if (value == null) {
    throw new Error(JSON.stringify(why));
  }
  return value;
}

export interface Figure {
  id: string;
  eligible: number;
  achieved: number;
}

export const wanted = (indicators: Figure[]): Figure =>
  present(indicators.find((each) => each.id === "I2-2025"));

export async function moved(before: Figure, figure: () => Promise<Figure>): Promise<number[]> {
  let after = await figure();
  for (let tries = 0; after.achieved === before.achieved && tries < 300; tries += 1) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    after = await figure();
  }
  return [after.eligible - before.eligible, after.achieved - before.achieved];
}

export async function seen(workbook: Blob, table: Blob, template: Blob): Promise<unknown[]> {
  const [first, second, third] = await Promise.all(
    [workbook, table, template].map(async (each) => Buffer.from(await each.arrayBuffer())),
  );
  const begins = (file: Buffer | undefined) => present(file).toString("latin1").slice(0, 2);
  const text = present(second).toString("utf8");
  return [begins(first), text.startsWith("\ufeff") && text.includes("I2-2025"), begins(third)];
}
