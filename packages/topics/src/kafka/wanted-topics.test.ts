import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { wantedTopics } from "./wanted-topics.ts";

const dayMs = 86_400_000;
const columns = ["cleanup.policy", "retention.ms", "max.message.bytes", "min.insync.replicas"];

/** Rows of the page's table by topic, cells cut down to the value. */
const documented = (page: string): Readonly<Record<string, readonly string[]>> => {
  const head = page.indexOf("| topic");
  const [, , ...rows] = (page.slice(head).split("\n\n")[0] ?? "").split("\n");
  return Object.fromEntries(
    rows.flatMap((row) => {
      const [names = "", ...cells] = row.split("|").slice(1, -1);
      const values = cells.map((cell) => /^\s*([\w-]+)/.exec(cell)?.[1] ?? "");
      return [...names.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => [name, values]);
    }),
  );
};

test("the page for production shows the topics as they are made", async () => {
  const page = await readFile(new URL("../../../../docs/production.md", import.meta.url), "utf8");
  const wanted = wantedTopics({
    incoming: ["rekey.in.‹producer›"],
    partitions: 12,
    replicas: 3,
    insyncReplicasMin: 2,
    incomingRetentionMs: 7 * dayMs,
    quarantineRetentionMs: 30 * dayMs,
    auditRetentionMs: -1,
  });
  const made = wanted.map(({ name, settings }) => [
    name,
    columns.map((column) => settings[column] ?? ""),
  ]);
  expect(documented(page)).toEqual(Object.fromEntries(made));
});
