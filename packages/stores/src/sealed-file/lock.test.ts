import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { callOf, realClock } from "../real-clock.fake.ts";
import { faultOf } from "../suite/bench.fixture.ts";
import { withLock } from "./lock.ts";

let home: string;
let holder: ChildProcess | undefined;
const path = () => join(home, "lock");
const take = <Value>(work: () => Promise<Value>, deadlineMs = 20_000) =>
  withLock({ path: path(), clock: realClock, call: callOf("lock", deadlineMs) }, work);

/** Another process that holds the lock until it is killed. */
const holdElsewhere = async (): Promise<ChildProcess> => {
  const program = join(import.meta.dirname, "lock-holder.fixture.ts");
  const child = spawn(process.execPath, [program, path()], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(child.stdout, "data");
  return child;
};

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "rekey-lock-"));
});
afterEach(async () => {
  holder?.kill("SIGKILL");
  holder = undefined;
  await rm(home, { recursive: true, force: true });
});

describe("a document's lock", () => {
  it("lets one in at a time, in this process too", async () => {
    let inside = 0;
    let most = 0;
    const work = async (): Promise<void> => {
      inside += 1;
      most = Math.max(most, inside);
      await new Promise((resolve) => setImmediate(resolve));
      inside -= 1;
    };
    await Promise.all(Array.from({ length: 12 }, () => take(work)));
    expect(most).toBe(1);
  });

  it("is free again after its work failed", async () => {
    await expect(take(() => Promise.reject(new Error("work failed")))).rejects.toThrow(
      "work failed",
    );
    expect(await take(async () => "in")).toBe("in");
  });

  it("held by another process ends in STORE_LOCKED, not in an endless wait", async () => {
    holder = await holdElsewhere();
    const fault = await faultOf(take(async () => "in", 50));
    expect([fault.code, fault.providerCode]).toEqual(["STORE_LOCKED", "lock-held"]);
  });

  it("is kept by a stopped process and freed by kill -9", async () => {
    holder = await holdElsewhere();
    holder.kill("SIGSTOP");
    expect((await faultOf(take(async () => "in", 50))).code).toBe("STORE_LOCKED");
    const waiting = take(async () => "in");
    holder.kill("SIGKILL");
    expect(await waiting).toBe("in");
  });

  it("gives up when the call is aborted", async () => {
    holder = await holdElsewhere();
    const abort = new AbortController();
    const call = { signal: abort.signal, deadlineMs: 20_000, key: "lock" };
    const waiting = faultOf(withLock({ path: path(), clock: realClock, call }, async () => "in"));
    abort.abort(new Error("stop"));
    expect((await waiting).providerCode).toBe("aborted");
  });
});
