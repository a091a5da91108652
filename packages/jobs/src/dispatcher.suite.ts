import type { Dispatcher, Hint, Lane } from "@rekey/domain";
import { Fault } from "@rekey/domain";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";

/** One backend with its faults, for every test of the suite in turn. */
export interface JobsWorld {
  open(): Promise<Dispatcher>;
  /** Everything the backend holds is gone. */
  lose(): Promise<void>;
  goDown(): Promise<void>;
  comeBack(): Promise<void>;
  /** A server in another process that never finishes what it performs. */
  spawnStuck(lane: Lane): Promise<{ performing(): number; kill(): Promise<void> }>;
  /** All that is stored, as text. */
  stored(): Promise<string>;
  connections(): Promise<number>;
  end(): Promise<void>;
}

const soon = { timeout: 8_000, interval: 5 };
// Twice the lock and some looks for stalled jobs, of the shortened pace that worlds use.
const takeover = { timeout: 20_000, interval: 20 };

let made = 0;
const freshHint = (generation = 1): Hint => {
  made += 1;
  return { kind: "rotation", id: `hint${made}`, generation };
};

interface Gate {
  readonly opened: Promise<void>;
  open(): void;
}
function gate(): Gate {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open: () => open() };
}

/** What every dispatcher promises. Performing a hint at most once at a time is not among it. */
export function dispatcherSuite(name: string, start: () => Promise<JobsWorld>): void {
  describe(name, () => {
    let world: JobsWorld;
    const opened: Dispatcher[] = [];
    const open = async (): Promise<Dispatcher> => {
      const dispatcher = await world.open();
      opened.push(dispatcher);
      return dispatcher;
    };
    beforeAll(async () => {
      world = await start();
    });
    afterEach(async () => {
      await Promise.all(opened.splice(0).map((dispatcher) => dispatcher.close()));
      await world.lose();
    });
    afterAll(() => world.end());
    invitations(open);
    serving(open, () => world);
    faults(open, () => world);
  });
}

type Open = () => Promise<Dispatcher>;

function invitations(open: Open): void {
  test("the same hint twice is one job, a new generation is a new one", async () => {
    const dispatcher = await open();
    const hint = freshHint(1);
    await dispatcher.invite("urgent", hint);
    await dispatcher.invite("urgent", hint);
    expect(await dispatcher.outstanding("urgent")).toBe(1);
    await dispatcher.invite("urgent", { ...hint, generation: 2 });
    expect(await dispatcher.outstanding("urgent")).toBe(2);
    const performed: Hint[] = [];
    await dispatcher.serve("urgent", 8, async (each) => void performed.push(each));
    await vi.waitFor(async () => expect(await dispatcher.outstanding("urgent")).toBe(0), soon);
    expect(performed.toSorted((a, b) => a.generation - b.generation)).toEqual([
      hint,
      { ...hint, generation: 2 },
    ]);
  });

  test("a hint that was performed can be invited again", async () => {
    const dispatcher = await open();
    const hint = freshHint();
    let performed = 0;
    await dispatcher.serve("planned", 1, async () => void (performed += 1));
    for (const times of [1, 2, 3]) {
      await dispatcher.invite("planned", hint);
      await vi.waitFor(async () => {
        expect(performed).toBe(times);
        expect(await dispatcher.outstanding("planned")).toBe(0);
      }, soon);
    }
  });

  test("a delayed hint arrives, and not before its delay", async () => {
    const dispatcher = await open();
    let arrivedAtMs = 0;
    await dispatcher.serve("urgent", 1, async () => void (arrivedAtMs = performance.now()));
    const invitedAtMs = performance.now();
    await dispatcher.invite("urgent", freshHint(), { delayMs: 400 });
    await vi.waitFor(() => expect(arrivedAtMs).toBeGreaterThan(0), soon);
    // The backend counts whole milliseconds of the wall clock.
    expect(arrivedAtMs - invitedAtMs).toBeGreaterThanOrEqual(399);
  });

  test("a hint keeps its kind, id and generation", async () => {
    const dispatcher = await open();
    const hints: Hint[] = [
      { kind: "case", id: "0199aaaa-bbbb-7ccc-8ddd-eeeeffff0000", generation: 7 },
      { kind: "watch", id: "payments-db.eu_1", generation: 0 },
    ];
    const performed: Hint[] = [];
    await dispatcher.serve("sweep", 2, async (hint) => void performed.push(hint));
    for (const hint of hints) await dispatcher.invite("sweep", hint);
    await vi.waitFor(() => expect(performed).toHaveLength(2), soon);
    expect(performed).toEqual(expect.arrayContaining(hints));
  });

  test("outstanding counts what waits and runs, not what is delayed", async () => {
    const dispatcher = await open();
    const hold = gate();
    await dispatcher.serve("planned", 1, () => hold.opened);
    for (let hints = 0; hints < 3; hints += 1) await dispatcher.invite("planned", freshHint());
    await dispatcher.invite("planned", freshHint(), { delayMs: 60_000 });
    expect(await dispatcher.outstanding("planned")).toBe(3);
    hold.open();
    await vi.waitFor(async () => expect(await dispatcher.outstanding("planned")).toBe(0), soon);
  });
}

function serving(open: Open, world: () => JobsWorld): void {
  test("work that throws loses neither the server nor leaves its text behind", async () => {
    const dispatcher = await open();
    const canary = "cNry-text-of-a-provider";
    const failing = freshHint();
    const performed: string[] = [];
    await dispatcher.serve("urgent", 1, async (hint) => {
      performed.push(hint.id);
      if (hint.id === failing.id) throw new Error(canary, { cause: { canary } });
    });
    const next = freshHint();
    await dispatcher.invite("urgent", failing);
    await dispatcher.invite("urgent", next);
    await vi.waitFor(async () => {
      expect(performed).toEqual([failing.id, next.id]);
      expect(await dispatcher.outstanding("urgent")).toBe(0);
    }, soon);
    const waiting = freshHint();
    await dispatcher.invite("planned", waiting);
    const stored = await world().stored();
    expect(stored).not.toContain(canary);
    // The search sees what is stored: a hint that waits is found.
    expect(stored).toContain(waiting.id);
  });

  test("two servers share a lane and lose nothing", async () => {
    const dispatchers = [await open(), await open()];
    const performed: [string[], string[]] = [[], []];
    const hold = gate();
    for (const [index, dispatcher] of dispatchers.entries()) {
      await dispatcher.serve("planned", 2, async (hint) => {
        performed[index as 0 | 1].push(hint.id);
        await hold.opened;
      });
    }
    const hints = Array.from({ length: 40 }, () => freshHint());
    for (const hint of hints) await dispatchers[0]?.invite("planned", hint);
    await vi.waitFor(() => expect(performed.map((ids) => ids.length)).toEqual([2, 2]), soon);
    hold.open();
    const ids = hints.map((hint) => hint.id).toSorted();
    await vi.waitFor(() => expect(performed.flat().toSorted()).toEqual(ids), soon);
  });

  test("a server runs as many handlers as it has slots, and no more", async () => {
    const dispatcher = await open();
    let running = 0;
    let most = 0;
    let ended = 0;
    await dispatcher.serve("planned", 3, async () => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
      ended += 1;
    });
    for (let hints = 0; hints < 30; hints += 1) await dispatcher.invite("planned", freshHint());
    await vi.waitFor(() => expect(ended).toBe(30), soon);
    expect(most).toBeLessThanOrEqual(3);
  });

  test("a lane whose slots are all stuck does not delay another lane", async () => {
    const dispatcher = await open();
    const hold = gate();
    let urgent = 0;
    await dispatcher.serve("planned", 1, () => hold.opened);
    await dispatcher.serve("urgent", 1, async () => void (urgent += 1));
    await dispatcher.invite("planned", freshHint());
    await dispatcher.invite("planned", freshHint());
    await dispatcher.invite("urgent", freshHint());
    await vi.waitFor(() => expect(urgent).toBe(1), soon);
    hold.open();
  });

  test("stop waits for a running handler, and its hint is not performed again", async () => {
    const dispatcher = await open();
    const other = await open();
    const hold = gate();
    let performed = 0;
    const work = async (): Promise<void> => {
      performed += 1;
      await hold.opened;
    };
    const server = await dispatcher.serve("urgent", 1, work);
    await dispatcher.invite("urgent", freshHint());
    await vi.waitFor(() => expect(performed).toBe(1), soon);
    const stopping = server.stop();
    hold.open();
    await stopping;
    await other.serve("urgent", 1, work);
    await vi.waitFor(async () => expect(await other.outstanding("urgent")).toBe(0), soon);
    expect(performed).toBe(1);
  });

  test("stop ends within 3 s though a handler is stuck, and another server gets its hint", async () => {
    const dispatcher = await open();
    const other = await open();
    const hint = freshHint();
    const performed: string[] = [];
    const server = await dispatcher.serve("urgent", 1, async (each) => {
      performed.push(`first ${each.id}`);
      await gate().opened;
    });
    await dispatcher.invite("urgent", hint);
    await vi.waitFor(() => expect(performed).toHaveLength(1), soon);
    const askedAtMs = performance.now();
    await server.stop();
    expect(performance.now() - askedAtMs).toBeLessThan(3_000);
    await other.serve("urgent", 1, async (each) => void performed.push(`second ${each.id}`));
    await vi.waitFor(() => expect(performed).toContain(`second ${hint.id}`), takeover);
  });
}

function faults(open: Open, world: () => JobsWorld): void {
  test("the hint of a killed server is taken over by another", async () => {
    const dispatcher = await open();
    const stuck = await world().spawnStuck("urgent");
    const hint = freshHint();
    await dispatcher.invite("urgent", hint);
    await vi.waitFor(() => expect(stuck.performing()).toBe(1), soon);
    const performed: Hint[] = [];
    await dispatcher.serve("urgent", 1, async (each) => void performed.push(each));
    await stuck.kill();
    await vi.waitFor(() => expect(performed).toEqual([hint]), takeover);
  });

  test("lost contents are reported once to each dispatcher, and inviting goes on", async () => {
    const [one, two] = [await open(), await open()];
    // Whatever an earlier test lost.
    await one.lostContents();
    await two.lostContents();
    await one.invite("sweep", freshHint());
    expect(await one.lostContents()).toBe(false);
    await world().lose();
    expect(await one.lostContents()).toBe(true);
    expect(await one.lostContents()).toBe(false);
    expect(await two.lostContents()).toBe(true);
    expect(await two.lostContents()).toBe(false);
    expect(await one.outstanding("sweep")).toBe(0);
    await one.invite("sweep", freshHint());
    expect(await one.outstanding("sweep")).toBe(1);
  });

  test("a backend that is down rejects within 3 s; when it is back, servers go on by themselves", async () => {
    const dispatcher = await open();
    const performed: string[] = [];
    await dispatcher.serve("urgent", 2, async (hint) => void performed.push(hint.id));
    await dispatcher.invite("urgent", freshHint());
    await vi.waitFor(() => expect(performed).toHaveLength(1), soon);
    await world().goDown();
    try {
      const askedAtMs = performance.now();
      const refused = await dispatcher
        .invite("urgent", freshHint())
        .catch((error: unknown) => error);
      expect(performance.now() - askedAtMs).toBeLessThan(3_000);
      expect(refused).toBeInstanceOf(Fault);
      expect(refused).toMatchObject({ code: "JOBS_UNREACHABLE", action: "retry" });
      for (const call of [dispatcher.check(), dispatcher.outstanding("urgent")]) {
        await expect(call).rejects.toMatchObject({ code: "JOBS_UNREACHABLE" });
      }
      await expect(dispatcher.lostContents()).rejects.toMatchObject({ code: "JOBS_UNREACHABLE" });
    } finally {
      await world().comeBack();
    }
    await vi.waitFor(() => dispatcher.check(), soon);
    const after = freshHint();
    await dispatcher.invite("urgent", after);
    await vi.waitFor(() => expect(performed).toContain(after.id), takeover);
  });

  test("a closed dispatcher has no connection left, and closing took less than 1 s", async () => {
    const before = await world().connections();
    const dispatcher = await open();
    for (const lane of ["urgent", "planned", "sweep"] as const) {
      await dispatcher.serve(lane, 2, async () => undefined);
    }
    await dispatcher.invite("urgent", freshHint());
    const askedAtMs = performance.now();
    await dispatcher.close();
    expect(performance.now() - askedAtMs).toBeLessThan(1_000);
    await vi.waitFor(async () => expect(await world().connections()).toBe(before), soon);
  });
}
