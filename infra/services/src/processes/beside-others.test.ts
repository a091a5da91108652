import { createServer } from "node:net";
import { freePort } from "@rekey/stack";
import { expect, onTestFinished, test } from "vitest";
import { serviceKinds } from "../kinds.ts";
import { besideOthers } from "./beside-others.ts";

test("where another checkout's service listens, all that start get ports so many thousands higher, and it is said why", async () => {
  const first = await freePort();
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(first, "127.0.0.1", resolve));
  onTestFinished(() => void other.close());
  const plans = serviceKinds.map((kind, index) => ({
    kind,
    replica: 1,
    port: first + index * 10,
    configFile: "rekey.yaml",
    folder: "/nowhere",
    variables: {},
  }));
  const said: string[] = [];
  const beside = await besideOthers(plans, { say: (text) => void said.push(text) });
  const shifts = new Set(beside.map(({ port }, index) => port - (plans[index]?.port ?? 0)));
  expect([...shifts]).toEqual([
    expect.toSatisfy((shift: number) => shift > 0 && shift % 1_000 === 0),
  ]);
  expect(said).toEqual([expect.stringMatching(/^ {2}port \d+ of 127.0.0.1 is taken by /)]);
});
