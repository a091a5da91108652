import { credentialId, type CredentialId, type Ledger } from "@rekey/domain";
import { newId } from "@rekey/runtime";
import { createRandom, type FreshDatabase, type Random } from "@rekey/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { memoryLedgerOf } from "../memory/ledger.ts";
import type { LedgerState } from "../memory/state.ts";
import { must, openRotation, withVersion } from "../suite/turns.suite.ts";
import { credential, policy, prepare, type LedgerWorld } from "../suite/world.suite.ts";
import { ask, freshLedger, openOn } from "./database.suite.ts";
import { give, linearizes, type Command, type Event, type Subject } from "./history.suite.ts";

const histories = 150;
const workers = 4;
const commandsEach = 3;
const names = Array.from({ length: histories + 40 }, (_, index) => `db-${index}`);

let database: FreshDatabase;
let ledger: Ledger;
let model: { readonly state: LedgerState; readonly subject: Omit<Subject, "ledger"> };

const subjectOf = async (world: LedgerWorld, name: string): Promise<Omit<Subject, "ledger">> => {
  await withVersion(world, name);
  const id = await openRotation(world, name);
  const { rotation } = must(await world.ledger.rotation(id));
  return { credential: credentialId(name), rotation };
};

// One credential's history must not depend on the others': the breaker's budget is shared.
const breaker = { killsMax: 10_000, containmentsMax: 10_000, windowMs: 3_600_000 };
const policies = [{ ...policy, breaker }];

const startedAt = Date.parse("2026-03-02T12:00:00.000Z");
const options = { now: () => startedAt, newId, build: "model" };
const never = async (): Promise<void> => {};

beforeAll(async () => {
  database = await freshLedger();
  ledger = await openOn(database, { max: workers });
  await prepare(
    { ledger, elapse: never },
    { policies, credentials: names.map((name) => credential(name)) },
  );
  const memory = memoryLedgerOf(options);
  const world = { ledger: memory, elapse: never };
  await prepare(world, { policies, credentials: [credential("db-0")] });
  const subject = await subjectOf(world, "db-0");
  model = { state: memory.state(), subject };
});
afterAll(async () => {
  await ledger.close();
  await database.drop();
});

const step = async (state: LedgerState, command: Command) => {
  const memory = memoryLedgerOf(options, state);
  const answer = await give({ ...model.subject, ledger: memory }, command);
  return { model: memory.state(), answer };
};

const draw = (random: Random, worker: string, fence: number): Command => {
  const type = random.pick([
    "claim",
    "claim",
    "claim",
    "renew",
    "record",
    "record",
    "inputs",
    "approve",
    "escalate",
    "leak",
  ] as const);
  switch (type) {
    case "claim":
      return { type, worker };
    case "renew":
    case "inputs":
      return { type, fence };
    case "record":
      return { type, fence, release: random.next() < 0.5, consume: random.next() < 0.3 };
    default:
      return { type };
  }
};

/** Workers give commands at once; each uses the fence it was given last. */
const historyOf = async (subject: Subject, seed: number): Promise<readonly Event[]> => {
  const random = createRandom(seed);
  const events: Event[] = [];
  const run = async (own: Random, worker: string): Promise<void> => {
    let fence = 1;
    for (let given = 0; given < commandsEach; given += 1) {
      const command = draw(own, worker, fence);
      const askedAt = performance.now();
      const answer = await give(subject, command);
      events.push({ command, askedAt, answeredAt: performance.now(), answer });
      fence = Number(/^fence (\d+)/.exec(answer)?.[1] ?? fence);
    }
  };
  const names = Array.from({ length: workers }, (_, index) => `w${index}`);
  await Promise.all(names.map((worker) => run(random.fork(worker), worker)));
  return events;
};

const judge = async (
  subject: Subject,
  seed: number,
): Promise<{ holds: boolean; events: readonly Event[] }> => {
  const events = await historyOf(subject, seed);
  return { holds: await linearizes(events, model.state, step), events };
};

test("every history of commands given at once is one that the model allows", async () => {
  const overlapping = [];
  for (let seed = 0; seed < histories; seed += 1) {
    const subject = await subjectOf({ ledger, elapse: never }, must(names[seed]));
    const { holds, events } = await judge({ ...subject, ledger }, seed);
    expect(holds, `seed ${seed}: ${JSON.stringify(events, undefined, 1)}`).toBe(true);
    overlapping.push(
      events.some((event) =>
        events.some(
          (other) =>
            other !== event && event.askedAt < other.askedAt && other.askedAt < event.answeredAt,
        ),
      ),
    );
  }
  expect(overlapping.filter(Boolean).length).toBeGreaterThan(histories / 2);
}, 600_000);

test("a claim that reads first and writes later is caught", async () => {
  const careless = (id: CredentialId): Pick<Ledger, "claimRotation"> => ({
    claimRotation: async (request) => {
      const [row] = await ask<{ fence: string; free: boolean }>(
        database,
        "select fence, hold_until < now() as free from rekey.credentials where id = $1",
        [id],
      );
      if (row?.free !== true) return undefined;
      const fence = Number(row.fence) + 1;
      const text =
        "update rekey.credentials set fence = $2, hold_open = true, hold_until = now() + interval '15 s' where id = $1";
      await ask(database, text, [id, fence]);
      const hold = { kind: "rotation", id: request.id, row: id, fence } as const;
      return await ledger.heldRotation(hold);
    },
  });
  const caught = [];
  for (let seed = 0; seed < 40; seed += 1) {
    const subject = await subjectOf({ ledger, elapse: never }, must(names[histories + seed]));
    const planted = { ...ledger, ...careless(subject.credential) };
    caught.push(!(await judge({ ...subject, ledger: planted }, seed)).holds);
  }
  expect(caught).toContain(true);
}, 600_000);
