import { execFile } from "node:child_process";
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";
import { isAlive } from "../process/identity.ts";
import { freePort } from "../process/port.ts";
import { redisAnswer, startRedis } from "../redis/start.ts";
import { describeStack } from "../vitest.ts";
import { defaultPorts, stackParts } from "./parts.ts";
import type { PartReport } from "./report.ts";

interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly told: string;
}

const main = join(import.meta.dirname, "../main.ts");
let folder: string;
let ports: string[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "rekey-stack-"));
  // PostgreSQL's own user has to pass through it.
  await chmod(folder, 0o755);
  ports = await freePorts();
});

afterEach(async () => {
  await stack("down");
  await rm(folder, { recursive: true, force: true });
});

/** Apart from each other: some parts take the next port too. */
const freePorts = async (): Promise<string[]> => {
  const taken = new Set<number>();
  const words: string[] = [];
  for (const part of stackParts) {
    let port = await freePort();
    while (taken.has(port) || taken.has(port + 1)) port = await freePort();
    taken.add(port).add(port + 1);
    words.push("--port", `${part}=${port}`);
  }
  return words;
};

const stack = async (...words: string[]): Promise<Outcome> => {
  const args = [main, ...words, "--folder", folder, ...ports];
  try {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, args);
    return { code: 0, out: stdout, told: stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, out: stdout, told: stderr };
  }
};

const reports = ({ out }: Outcome): readonly PartReport[] =>
  (JSON.parse(out) as { parts: PartReport[] }).parts;

const redisOf = async (): Promise<PartReport> => {
  const [report] = reports(await stack("status", "--only", "redis", "--json"));
  if (report === undefined) throw new Error("no report");
  return report;
};

const portOf = ({ address }: Pick<PartReport, "address">): number => Number(new URL(address).port);

describeStack(["kafka", "redis", "vault"], "The whole stack", () => {
  test("up starts every part, a second up uses them again, and down leaves none", async () => {
    const first = await stack("up", "--json");
    expect(first, first.told + first.out).toMatchObject({ code: 0 });
    const pids = reports(first).map(({ pid }) => pid);
    expect(reports(first).map(({ part, how }) => [part, how])).toEqual(
      stackParts.map((part) => [part, "native"]),
    );
    const second = await stack("up", "--json");
    expect(reports(second).map(({ pid }) => pid)).toEqual(pids);
    expect((await stack("status")).code).toBe(0);
    expect((await stack("down")).code).toBe(0);
    expect(pids.filter((pid) => pid !== undefined && isAlive(pid))).toEqual([]);
    expect((await stack("status")).code).toBe(1);
    await expectNoSecret([first, second]);
  });

  test("with SASL it is asked with a password, and up without SASL is refused", async () => {
    const secured = await stack("up", "--sasl", "--only", "kafka", "--json");
    expect(secured, secured.told + secured.out).toMatchObject({ code: 0 });
    expect(reports(secured)).toMatchObject([{ part: "kafka", sasl: true }]);
    const open = await stack("up", "--only", "kafka");
    expect(open.code).toBe(1);
    expect(open.told).toContain("kafka runs with SASL now");
    await expectNoSecret([secured, open]);
  });
});

/** Neither what was printed nor what is recorded holds a password, a token or an unseal key. */
const expectNoSecret = async (outcomes: readonly Outcome[]): Promise<void> => {
  const files = await readdir(folder, { recursive: true });
  const secret = files.filter((path) => /(\/password|credentials\/\w+|keys\.json)$/.test(path));
  expect(secret).not.toEqual([]);
  const printed = outcomes.map(({ out, told }) => out + told).join("\n");
  const recorded = await readFile(join(folder, "state.json"), "utf8");
  for (const path of secret) {
    const text = await readFile(join(folder, path), "utf8");
    const values = path.endsWith(".json")
      ? Object.values(JSON.parse(text) as Record<string, string | string[]>).flat()
      : [text];
    for (const value of values) expect(printed + recorded).not.toContain(value);
  }
};

describeStack(["redis"], "One part of the stack", () => {
  test("a part that was killed makes status fail by its name, and up starts it with its data", async () => {
    await stack("up", "--only", "redis");
    const before = await redisOf();
    await redisAnswer(portOf(before), "SET kept 42");
    process.kill(before.pid ?? 0, "SIGKILL");
    const status = await stack("status", "--only", "redis");
    expect(status.code).toBe(1);
    expect(status.out).toMatch(/redis .* no: /);
    expect((await stack("up", "--only", "redis")).code).toBe(0);
    expect((await redisOf()).pid).not.toBe(before.pid);
    expect(await redisAnswer(portOf(before), "GET kept")).toBe("$2\r\n42\r\n");
  });

  test("a part that does not answer is started again", async () => {
    await stack("up", "--only", "redis");
    const { pid = 0 } = await redisOf();
    process.kill(pid, "SIGSTOP");
    expect((await stack("up", "--only", "redis")).code).toBe(0);
    expect(isAlive(pid)).toBe(false);
  });

  test("down stops only what up started", async () => {
    const foreign = await startRedis({ folder: join(folder, "foreign") });
    await stack("up", "--only", "redis");
    await stack("down");
    expect(await redisAnswer(foreign.port)).toBe("+PONG\r\n");
    await foreign.stop();
  });

  test("down does not touch a process that was given the recorded pid", async () => {
    const foreign = await startRedis({ folder: join(folder, "foreign") });
    const { pid, port } = foreign;
    const record = { part: "redis", how: "native", version: "7", port, sasl: false };
    const parts = [{ ...record, process: { pid, startTime: "1" } }];
    await writeFile(join(folder, "state.json"), JSON.stringify({ parts }));
    expect((await stack("down")).code).toBe(0);
    expect(await redisAnswer(port)).toBe("+PONG\r\n");
    await foreign.stop();
  });

  test("a taken port fails with the name of who listens, and nothing of it stays recorded", async () => {
    const port = Number(ports.find((text) => text.startsWith("redis="))?.slice("redis=".length));
    const foreign = await startRedis({ folder: join(folder, "foreign"), port });
    const refused = await stack("up", "--only", "redis");
    expect(refused.code).toBe(1);
    expect(refused.told).toContain(`redis wants port ${port} of 127.0.0.1, where `);
    expect(await redisOf()).toMatchObject({ how: "not started" });
    await foreign.stop();
  });

  test("down keeps the data, and gives it up only when it is told to", async () => {
    await stack("up", "--only", "redis");
    await stack("down");
    expect(await readdir(folder)).toContain("redis");
    await stack("down", "--forget");
    expect(await readdir(folder)).not.toContain("redis");
  });
});

describeStack(["redis"], "Two checkouts", () => {
  test("where another checkout's part listens, one without a port of its own gets a free one and keeps its data", async () => {
    // Whoever has the usual port already is in the way as well.
    const foreign = await startRedis({
      folder: join(folder, "foreign"),
      port: defaultPorts.redis,
    }).catch(() => undefined);
    ports = [];
    const first = await stack("up", "--only", "redis", "--json");
    const { pid = 0, ...beside } = reports(first)[0] as PartReport;
    expect(first.told).toContain(`port ${defaultPorts.redis} of 127.0.0.1 is taken by `);
    expect(portOf(beside)).toBeGreaterThan(defaultPorts.redis);
    await redisAnswer(portOf(beside), "SET kept 42");
    process.kill(pid, "SIGKILL");
    const { address } = reports(await stack("up", "--only", "redis", "--json"))[0] as PartReport;
    expect(await redisAnswer(Number(new URL(address).port), "GET kept")).toBe("$2\r\n42\r\n");
    await foreign?.stop();
  });
});
