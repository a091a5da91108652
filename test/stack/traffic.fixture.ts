import { apiRoutes } from "@rekey/contracts";
import { eventually } from "@rekey/testkit";
import type { HeldValue } from "./acts.fixture.ts";
import { paymentsDb, type StackCredential } from "./inventory.fixture.ts";
import { cloudEvent } from "./kafka.fixture.ts";
import { nativeReport } from "./scanner.fixture.ts";
import { say } from "./statements.fixture.ts";
import { expectDead } from "./stories.fixture.ts";
import type { World } from "./world.fixture.ts";

/** What goes on while brokers come and go; whatever fails in it fails `everyoneOnceMore` and `stop`. */
export interface Traffic {
  /** Events that were accepted: by a broker, or by a gateway. */
  readonly ids: readonly string[];
  /** Versions that leaked and are proven dead by a login of our own. */
  readonly leaks: readonly string[];
  /** Rotations whose drain was ended by a statement. */
  readonly moves: number;
  /** Resolves when each of them began and ended something after this was called. */
  everyoneOnceMore(): Promise<void>;
  /** Resolves when what was begun has ended. */
  stop(): Promise<void>;
}

/** A broker may be away, and its machine slow. */
const turnMs = 120_000;
const within = { withinMs: turnMs, everyMs: 50 };
const reportEveryMs = 200;
/** Reports are known by their numbers: each loop has its own. */
const leakFrom = 1_000_000;
const instance = "pod-1";

/** Leaks of these one after the other, planned rotations of `payments-db`, and reports of what nobody has. */
export const startTraffic = async (
  world: World,
  leaking: readonly StackCredential[],
): Promise<Traffic> => {
  const [ids, leaks]: [string[], string[]] = [[], []];
  let moves = 0;
  const first = await world.acts.value(paymentsDb);
  await say(world, { instance, version: first.version });
  const loops = startLoops([
    ...leaking.map((credential, place) => async (number: number) => {
      const report = leakFrom * (place + 1) + number;
      leaks.push(await leak(world, credential, report));
    }),
    async () => {
      await move(world);
      moves += 1;
    },
    async (number) => void ids.push(await reportByKafka(world, number)),
    async () => void ids.push(...(await reportByApi(world))),
  ]);
  return {
    ...loops,
    ids,
    leaks,
    get moves() {
      return moves;
    },
  };
};

type Work = (number: number) => Promise<void>;

const startLoops = (works: readonly Work[]): Pick<Traffic, "everyoneOnceMore" | "stop"> => {
  let stopping = false;
  const begun = works.map(() => 0);
  const ended = works.map(() => 0);
  const loop = async (work: Work, place: number): Promise<void> => {
    while (!stopping) {
      const number = (begun[place] ?? 0) + 1;
      begun[place] = number;
      await work(number);
      ended[place] = number;
    }
  };
  const running = Promise.all(works.map(loop));
  running.catch(() => undefined);
  return {
    everyoneOnceMore: async () => {
      const wanted = begun.map((number) => number + 1);
      const reached = eventually(
        () => wanted.every((number, place) => (ended[place] ?? 0) >= number),
        { withinMs: 2 * turnMs, everyMs: 50 },
      );
      await Promise.race([reached, running]);
    },
    stop: async () => {
      stopping = true;
      await running;
    },
  };
};

/** Published once; answers when nobody gets in with it any more and the next version works. */
const leak = async (world: World, credential: StackCredential, number: number): Promise<string> => {
  const { acts, kafka } = world;
  const old = await acts.value(credential);
  const about = `${credential.id}#${old.version}`;
  const value = nativeReport(about, number);
  await kafka.produce("rekey.in.push", [{ key: about, value }], cloudEvent);
  await replaced(world, credential, old);
  await pause();
  return about;
};

/** Asked for by a person, and ended by what the one instance says of itself on Kafka. */
const move = async (world: World): Promise<void> => {
  const { acts } = world;
  const old = await acts.value(paymentsDb);
  // Asked again where Kafka did not answer in time: who joins a rotation under way begins no other one.
  await eventually(async () => {
    await acts.wish(paymentsDb);
    return true;
  }, within);
  const now = await acts.valueOf(paymentsDb, old.version + 1, turnMs);
  await eventually(async () => {
    const state = (await acts.show(paymentsDb)).active?.state;
    return state?.at === "waiting" && state.for === "consumers";
  }, within);
  await say(world, { instance, version: now.version });
  await replaced(world, paymentsDb, old);
};

const replaced = async (
  world: World,
  credential: StackCredential,
  old: HeldValue,
): Promise<void> => {
  const { acts } = world;
  const now = await acts.valueOf(credential, old.version + 1, turnMs);
  await eventually(async () => {
    const { versions, active } = await acts.show(credential);
    const found = versions.find(({ number }) => number === old.version);
    if (found?.life === "revoked" && active === undefined) return true;
    throw new Error(`${credential.id}#${old.version} is ${found?.life}: ${JSON.stringify(active)}`);
  }, within);
  await expectDead(world, old, now);
};

const reportByKafka = async ({ kafka }: World, number: number): Promise<string> => {
  const value = nativeReport("nobody-db#1", number);
  await kafka.produce("rekey.in.push", [{ key: `load-${number}`, value }], cloudEvent);
  await pause();
  return (JSON.parse(value) as { readonly id: string }).id;
};

/** A gateway that cannot reach Kafka says so, and its client asks again. */
const reportByApi = async ({ api }: World): Promise<readonly string[]> => {
  const found = { by: "secret", secret: crypto.randomUUID() } as const;
  const body = { found, reason: "load" };
  const { accepted } = await eventually(
    async () => await api.ask(apiRoutes.reports.exposure, { body }),
    { withinMs: turnMs, everyMs: 100 },
  );
  await pause();
  return accepted.map(({ eventId }) => eventId);
};

/** So much a second, and no more. */
const pause = async (): Promise<void> => {
  const next = Date.now() + reportEveryMs;
  await eventually(() => Date.now() >= next, within);
};
