import { appendFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually } from "@rekey/testkit";
import { expect, onTestFinished, test } from "vitest";
import { logs } from "./logs.ts";

test("the end of each log is shown with its name, and what comes next while it is followed", async () => {
  const folder = await mkdtemp(join(tmpdir(), "rekey-logs-"));
  onTestFinished(async () => await rm(folder, { recursive: true, force: true }));
  await mkdir(join(folder, "logs"));
  const relay = join(folder, "logs", "relay-1.log");
  await writeFile(relay, "first\nun");
  await writeFile(join(folder, "logs", "intake-1.log"), "other\n");
  const shown: string[] = [];
  const context = { folder, out: (text: string) => void shown.push(text) };
  const stop = new AbortController();
  const following = logs({ kinds: ["relay"], follow: true }, context, stop.signal);
  await eventually(() => expect(shown).toEqual(["relay-1 | first\n"]));
  await appendFile(relay, "finished\nlast\n");
  await eventually(() =>
    expect(shown).toEqual(["relay-1 | first\n", "relay-1 | unfinished\n", "relay-1 | last\n"]),
  );
  stop.abort();
  await following;
});
