import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { apiRoutes } from "@rekey/contracts";
import { until } from "../run/until.ts";
import { carelessConfig, exposureOf } from "../target/connect.ts";
import { casesOf } from "./follow-case.ts";
import type { HeldValue } from "./outside.ts";
import type { World } from "./world.ts";

type Reporting = Pick<World, "api" | "signal" | "layout" | "secretlint">;

/** Reports of one kind of reporter. */
const each = 10;
const reports = 3 * each;
const settledMsMax = 60_000;

/** The ids of the events that a report became. */
export type Reported = readonly string[];

/** Sends what was found before. */
export type Send = () => Promise<Reported>;

/** Ten copies in ten published files, found by secretlint; its report waits to be sent. */
export const findCopies = async (
  { api, signal, layout, secretlint }: Reporting,
  old: HeldValue,
): Promise<Send> => {
  const folder = join(layout.published, "copies");
  await mkdir(folder, { recursive: true });
  const files = Array.from({ length: each }, (_, index) => join(folder, `backup-${index}.env`));
  await Promise.all(files.map((file) => writeFile(file, carelessConfig(old.url))));
  const { report } = await secretlint.run(files);
  const body = { format: "secretlint", body: report };
  return async () => idsOf(await api.call(apiRoutes.reports.scan, { body, signal }));
};

const idsOf = ({ accepted }: { readonly accepted: readonly { eventId: string }[] }): Reported =>
  accepted.map(({ eventId }) => eventId);

/** Ten alerts with the value itself, as other scanners send them. */
const reportValues = async ({ api, signal }: Reporting, old: HeldValue): Promise<Reported> => {
  const ids: string[] = [];
  for (let index = 0; index < each; index += 1) {
    const body = exposureOf(old.url, `gitleaks: postgres url in commit ${index}`);
    ids.push(...idsOf(await api.call(apiRoutes.reports.exposure, { body, signal })));
  }
  return ids;
};

/** Ten events of Rekey's own format, each with its own id, that name credential and version. */
const reportEvents = async ({ api, signal }: Reporting, about: string): Promise<Reported> => {
  const ids: string[] = [];
  for (let index = 0; index < each; index += 1) {
    const body = { format: "native", body: JSON.stringify(eventOf(about, index)) };
    ids.push(...idsOf(await api.call(apiRoutes.reports.scan, { body, signal })));
  }
  return ids;
};

const eventOf = (about: string, index: number) => {
  const at = new Date().toISOString();
  const system = index % 2 === 0 ? "trufflehog" : "push-protection";
  return {
    specversion: "1.0",
    id: `${system}-${index}`,
    source: `//${system}.example/alerts`,
    type: "rekey.exposure.reported.v1",
    time: at,
    datacontenttype: "application/json",
    data: {
      locators: [{ scheme: "rekey", value: about }],
      severity: "high",
      occurredAt: at,
      reason: `${system} saw it`,
      source: { system, feed: "alerts" },
    },
  };
};

/** What is told of the leak that it duplicates. */
interface Duplicated {
  readonly old: HeldValue;
  readonly about: string;
  readonly earlyReports: Promise<Reported>;
}

/** Thirty more reports of one secret: the case stays one. */
export const duplicatesScene = async (world: World, leak: Duplicated): Promise<void> => {
  const { screen, claims, doubled } = world;
  screen.scene("b", "Thirty more reports of the same secret", "other ids, other scanners");
  const early = await leak.earlyReports;
  screen.event(`${early.length} came with the first one`, "secretlint, ten other files");
  const values = await reportValues(world, leak.old);
  screen.event(`${values.length} with the value`, "gitleaks, ten commits");
  const events = await reportEvents(world, leak.about);
  screen.event(`${events.length} by name and version`, "trufflehog and push protection");
  const outcomes = await screen.progress("all of them are decided", async () =>
    outcomesOf(world, [...early, ...values, ...events]),
  );
  const cases = await casesOf(world, { kind: "incident", about: leak.about });
  doubled.push(...cases.slice(1).map(({ id }) => `case ${id}`));
  const joined = outcomes.filter((outcome) => outcome === "joined").length;
  const noted = outcomes.filter((outcome) => outcome === "noted").length;
  claims.equal("all thirty joined the case or were noted", {
    expected: reports,
    found: joined + noted,
    shown: `${joined} joined it open, ${noted} noted: dead already`,
  });
  claims.equal("cases about this secret", { expected: 1, found: cases.length });
};

/** What became of these events; waits until every one is decided. */
const outcomesOf = async ({ api, signal }: World, ids: Reported): Promise<readonly string[]> => {
  const question = { what: "the reports' outcomes", withinMs: settledMsMax, signal };
  return await until(question, async () => {
    const { signals } = await api.call(apiRoutes.cases.signals, {
      query: { limit: "200" },
      signal,
    });
    const outcomes = signals.filter(({ eventId }) => ids.includes(eventId));
    return outcomes.length === ids.length ? outcomes.map(({ outcome }) => outcome) : undefined;
  });
};
