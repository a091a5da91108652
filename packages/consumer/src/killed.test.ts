import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { eventually, never, recorder, useWorkload } from "./bench.fixture.ts";
import type { WorkloadOrder } from "./killed-workload.fixture.ts";
import { bearer } from "./workload.fixture.ts";

const { listenedUpTo, place, start, movedTo } = useWorkload();

let children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children) child.kill("SIGKILL");
  children = [];
});

const startProcess = async (hangsAt?: number) => {
  const { keys, home, gateway } = place();
  const order: WorkloadOrder = {
    url: gateway.url,
    bearer,
    path: place().document.path,
    signingKey: keys.signing.privateJwk.reveal(),
    identity: keys.reading.identity.reveal(),
    ...(hangsAt === undefined ? {} : { hangsAt }),
  };
  const orderPath = join(home, "order.json");
  await writeFile(orderPath, JSON.stringify(order));
  const program = join(import.meta.dirname, "killed-workload.fixture.ts");
  const child = spawn(process.execPath, [program, orderPath], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  children.push(child);
  const output: string[] = [];
  child.stdout.setEncoding("utf8").on("data", (text: string) => output.push(text));
  return { child, output: () => output.join("") };
};

describe("a workload killed while its handler runs", () => {
  it("has not moved; started again it gets the value and moves", async () => {
    const first = await startProcess(2);
    await eventually(() => expect(movedTo()).toEqual([1]));
    await place().promote(2);
    place().announce(2, 7);
    await eventually(() => expect(first.output()).toContain("given 2"));
    first.child.kill("SIGKILL");
    await once(first.child, "close");
    expect(movedTo()).toEqual([1]);
    const second = await startProcess();
    await eventually(() => expect(movedTo()).toEqual([1, 2]));
    // What it says and what it tells the gateway come by different ways.
    await eventually(() => expect(second.output()).toBe("given 2\n"));
    expect(place().gateway.moves[1]?.instance).toBe(`payments-api-${second.child.pid}`);
  });
});

describe("announcements sent again from the beginning", () => {
  it("change nothing: no handler is called, nothing is acknowledged twice", async () => {
    const seen = recorder();
    await start(place().options({ pollMs: never, onChange: seen.handler }));
    await place().promote(2);
    place().announce(2, 7);
    await eventually(() => expect(movedTo()).toEqual([1, 2]));
    for (let again = 0; again < 3; again += 1) place().announce(2, 7);
    place().announce(1, 6);
    await listenedUpTo(5);
    expect([seen.versions, movedTo()]).toEqual([
      [1, 2],
      [1, 2],
    ]);
  });
});
