import { apiRoutes, type ApiRoute } from "@rekey/contracts";
import { Fault } from "@rekey/domain";
import { createLog } from "@rekey/runtime";
import { expect, test } from "vitest";
import { applied, openBench } from "./bench.fixture.ts";

const { reports, switches } = apiRoutes;
const reported = {
  body: { found: { by: "credential", credential: "payments-db" }, reason: "in a chat" },
};
const switched = {
  body: { scope: "environment", name: "production", mode: "act", reason: "the trial is over" },
};

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
    "the ledger does not answer; next: check PostgreSQL; what was taken in waits for it",
  );
});

test.each([
  { route: reports.exposure, asked: reported, end: "; nothing was taken in: it is safe to repeat" },
  {
    route: switches.setMode,
    asked: switched,
    end: "; it may have been done: it is safe to repeat",
  },
  { route: switches.modes, asked: {}, end: "" },
])(
  "a ledger that is away tells whoever asks $route.path whether to ask again",
  async ({ route, asked, end }) => {
    const bench = await applied(openBench());
    const away = async (): Promise<never> => await Promise.reject(new Fault("LEDGER_UNREACHABLE"));
    Object.assign(bench.ledger, { credential: away, switches: away });
    const { reason } = await bench.refused(route as ApiRoute, asked);
    expect(reason.endsWith(`; next: check PostgreSQL; what was taken in waits for it${end}`)).toBe(
      true,
    );
    expect(bench.appended).toEqual([]);
  },
);

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
