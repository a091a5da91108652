import { Assertion, Fault } from "@rekey/domain";
import { silentLog } from "@rekey/runtime";
import { createVirtualClock } from "@rekey/testkit";
import { expect, test } from "vitest";
import { createOutages } from "./outages.ts";
import { createSupervised } from "./supervised.ts";

const minuteMs = 60_000;

/** Some loops on a ledger that may be away; each looks at it every second. */
const running = (loops: number) => {
  const clock = createVirtualClock();
  const stop = new AbortController();
  const state = { away: false, checks: 0, exits: [] as number[] };
  const lines: string[] = [];
  const note =
    (level: string) =>
    (message: string): void =>
      void lines.push(`${level} ${message}`);
  const ask = async (): Promise<never> => {
    if (state.away) throw new Fault("LEDGER_UNREACHABLE");
    return await Promise.resolve(undefined as never);
  };
  const log = {
    ...silentLog,
    info: note("info"),
    warn: note("warn"),
    error: note("error"),
    fatal: note("fatal"),
  };
  const supervised = createSupervised({
    outages: createOutages({ clock, log }),
    ledger: {
      check: async () => {
        state.checks += 1;
        return await ask();
      },
    },
    clock,
    signal: stop.signal,
    log,
    onExhausted: (code) => void state.exits.push(code),
  });
  const loop = async (signal: AbortSignal): Promise<void> => {
    while (!signal.aborted) {
      await ask();
      await clock.sleep(1_000, signal).catch(() => undefined);
    }
  };
  const ended = Promise.all(
    Array.from({ length: loops }, (_, place) => supervised(`loop-${place}`, loop)),
  );
  const pass = async (milliseconds: number): Promise<void> => {
    for (let passed = 0; passed < milliseconds; passed += 500) await clock.advance(500);
  };
  return { clock, stop, state, lines, supervised, ended, pass };
};

test("five minutes without the ledger end no process: one line at once, one a minute, one when it is back", async () => {
  const { stop, state, lines, ended, pass } = running(8);
  await pass(10_000);
  expect(lines).toEqual([]);
  state.away = true;
  await pass(5 * minuteMs);
  expect(lines).toEqual([
    "warn a part went away",
    ...Array<string>(4).fill("warn a part is still away"),
  ]);
  // However many loops wait, one asks, and not more than once a second.
  expect(state.checks).toBeLessThan(5 * 60 + 20);
  state.away = false;
  await pass(20_000);
  expect(lines.slice(5)).toEqual(["info a part is back"]);
  expect(state.exits).toEqual([]);
  stop.abort();
  await ended;
});

test("a bug is still a death, three times a minute, and then the end", async () => {
  const { state, lines, supervised, pass } = running(0);
  const dying = supervised("buggy", async () => {
    await Promise.resolve();
    throw new Assertion("impossible");
  });
  await pass(2_000);
  await dying;
  expect(lines).toEqual([
    ...Array<string>(3).fill("error loop died and is built again"),
    "fatal loop died too often",
  ]);
  expect(state.exits).toEqual([70]);
});

test.each([
  ["a grant that is missing", "42501", 0],
  ["a query that always takes too long", "57014", 10_000],
  ["a lock that nobody gives back", "55P03", 5_000],
])(
  "%s is weather a few times; from a ledger that answers it is a death, and then the end",
  async (_what, providerCode, livedMs) => {
    const { clock, state, lines, supervised, pass } = running(0);
    let lives = 0;
    const dying = supervised("refused", async (signal) => {
      lives += 1;
      await clock.sleep(livedMs, signal);
      throw new Fault("LEDGER_UNREACHABLE", { providerCode });
    });
    await pass(2 * minuteMs);
    await dying;
    expect(lives).toBe(5 + 4);
    expect(lines.filter((line) => line.includes("died"))).toEqual([
      ...Array<string>(3).fill("error loop died and is built again"),
      "fatal loop died too often",
    ]);
    expect(state.exits).toEqual([70]);
  },
);

test.each([undefined, "08006", "25006", "28P01", "53300", "40003", "57P01", "57P03", "NO_BROKER"])(
  "what ends the connection is weather for as long as it lasts: %s",
  async (providerCode) => {
    const { stop, state, lines, supervised, pass } = running(0);
    const options = providerCode === undefined ? {} : { providerCode };
    const living = supervised("cut off", async () => {
      await Promise.resolve();
      throw new Fault("LEDGER_UNREACHABLE", options);
    });
    await pass(5 * minuteMs);
    expect(lines.filter((line) => line.includes("died"))).toEqual([]);
    expect(state.exits).toEqual([]);
    stop.abort();
    await living;
  },
);

test("a loop that works for minutes between two refusals is never out of patience", async () => {
  const { clock, stop, state, lines, supervised, pass } = running(0);
  const living = supervised("busy", async (signal) => {
    await clock.sleep(2 * minuteMs, signal);
    throw new Fault("LEDGER_UNREACHABLE", { providerCode: "57014" });
  });
  await pass(30 * minuteMs);
  expect(lines.filter((line) => line.includes("died"))).toEqual([]);
  expect(state.exits).toEqual([]);
  stop.abort();
  await living;
});
