import { apiRoutes } from "@rekey/contracts";
import { Fault } from "@rekey/domain";
import { createLog } from "@rekey/runtime";
import { expect, test } from "vitest";
import { openBench } from "./bench.fixture.ts";

const failing = (error: unknown) => {
  const lines: string[] = [];
  const log = createLog({ destination: { write: (line) => void lines.push(line) } });
  const doctor = async (): Promise<never> => {
    throw error;
  };
  return { bench: openBench({ log, doctor }), lines };
};

test("a fault answers 503 with its code and what to do next", async () => {
  const { bench } = failing(new Fault("LEDGER_UNREACHABLE"));
  const { refused, reason } = await bench.refused(apiRoutes.health.doctor);
  expect(refused).toBe("LEDGER_UNREACHABLE");
  expect(reason).toBe(
    "the ledger does not answer; next: check PostgreSQL; nothing is lost while it is away",
  );
});

test("our own failure says nothing but where the log has it", async () => {
  const { bench, lines } = failing(new TypeError("the password was hunter2"));
  const { refused, reason } = await bench.refused(apiRoutes.health.doctor);
  expect(refused).toBe("INTERNAL");
  const [, requestId] = /under request (\S+)$/.exec(reason) ?? [];
  const [line] = lines.map((text) => JSON.parse(text) as Record<string, unknown>);
  expect(line).toMatchObject({
    message: "request failed",
    route: "/v1/doctor",
    requestId,
    error: { code: "TypeError" },
  });
  expect(lines.join("") + reason).not.toContain("hunter2");
});

test("a process that is not ready says which part, with 503", async () => {
  const bench = openBench({
    health: {
      add: () => {},
      report: async () => ({
        ok: false,
        checks: [{ name: "ledger", ok: false, details: { lagMs: 12 } }],
      }),
    },
  });
  const { status, body } = await bench.send({ method: "GET", url: "/readyz" });
  expect(status).toBe(503);
  expect(body).toEqual({
    ready: false,
    checks: [{ name: "ledger", ok: false, found: "lagMs 12" }],
  });
});
