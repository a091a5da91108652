import { execFile } from "node:child_process";
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ambientEnvironment } from "../environment.ts";
import { freePort } from "../process/port.ts";
import { redisAnswer, startRedis } from "../redis/start.ts";
import { describeStack } from "../vitest.ts";

// Stands in for an engine: its one container is a real Redis of this machine, with the port from the environment.
const engine = `#!/bin/sh
echo "$*" >> "$HOME/calls"
case "$*" in
  "compose version") exit 0 ;;
  info) [ -e "$HOME/answers" ] ;;
  *" up "*) redis-server --port "$REKEY_STACK_REDIS_PORT" --dir "$HOME" --daemonize yes --pidfile "$HOME/pid" --save "" ;;
  *" stop "* | *" rm "*)
    pid=$(cat "$HOME/pid" 2> /dev/null) || exit 0
    kill "$pid" || exit 0
    for wait in $(seq 600); do kill -0 "$pid" 2> /dev/null || exit 0; sleep 0.05; done ;;
esac
`;

const main = join(import.meta.dirname, "../main.ts");
let folder: string;
let port: number;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "rekey-compose-"));
  port = await freePort();
  await writeFile(join(folder, "docker"), engine);
  await chmod(join(folder, "docker"), 0o755);
});

afterEach(async () => {
  await stack("down", "--forget");
  await rm(folder, { recursive: true, force: true });
});

const stack = async (...words: string[]): Promise<string> => {
  const { variables } = ambientEnvironment();
  const env = { ...variables, HOME: folder, PATH: `${folder}${delimiter}${variables["PATH"]}` };
  const place = ["--folder", join(folder, "stack"), "--port", `redis=${port}`];
  const args = [main, ...words, "--only", "redis", "--json", ...place];
  return (await promisify(execFile)(process.execPath, args, { env })).stdout;
};

const calls = async (): Promise<string[]> =>
  (await readFile(join(folder, "calls"), "utf8")).trimEnd().split("\n");

describeStack(["redis"], "A container engine", () => {
  test("one that answers starts the parts, and down stops them there", async () => {
    await writeFile(join(folder, "answers"), "");
    expect(JSON.parse(await stack("up"))).toMatchObject({ parts: [{ how: "compose" }] });
    expect(await redisAnswer(port)).toBe("+PONG\r\n");
    await stack("status");
    await stack("down");
    expect(await calls()).toEqual([
      "compose version",
      "info",
      expect.stringMatching(/compose\.yaml up -d --no-deps redis$/),
      expect.stringMatching(/compose\.yaml stop redis$/),
    ]);
    await expect(stack("status")).rejects.toThrow();
  });

  test("only what was started there is forgotten there", async () => {
    await writeFile(join(folder, "answers"), "");
    await stack("up");
    await stack("down", "--forget");
    expect((await calls()).slice(-2)).toEqual([
      expect.stringMatching(/compose\.yaml rm --stop --force redis$/),
      "volume rm --force rekey-stack_redis",
    ]);
    const before = await calls();
    await stack("down", "--forget");
    expect(await calls()).toEqual(before);
  });

  test("what another checkout's container may listen on is not started", async () => {
    await writeFile(join(folder, "answers"), "");
    const other = await startRedis({ folder: join(folder, "other"), port });
    await expect(stack("up")).rejects.toThrow(`redis wants port ${port} of 127.0.0.1, where `);
    expect(await calls()).toEqual(["compose version", "info"]);
    await other.stop();
  });

  test("a command without an engine behind it is not taken for one", async () => {
    expect(JSON.parse(await stack("up"))).toMatchObject({ parts: [{ how: "native" }] });
    expect(await calls()).toEqual(["compose version", "info"]);
  });
});
