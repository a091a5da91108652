import { lanes, type Dispatcher, type Lane, type Serving } from "@rekey/domain";
import { createLedgerWorker, serveLane, type EngineParts } from "@rekey/engine";
import type { WallClock } from "@rekey/runtime";
import { aborted } from "../loops/aborted.ts";
import { every } from "../loops/every.ts";
import type { Supervised } from "../loops/supervised.ts";

interface RotatorParts extends EngineParts {
  readonly dispatcher: Dispatcher;
  readonly clock: WallClock;
}

/** How often the dispatcher is asked whether it is there; while it is not, lanes claim from the ledger this often. */
const standInMs = 1_000;

/** Serves every lane; without a dispatcher the work goes on straight from the ledger, slower. */
export const rotatorLoops = (
  parts: RotatorParts,
  supervised: Supervised,
): readonly Promise<void>[] => [
  ...lanes.map(
    async (lane) =>
      await supervised(`lane-${lane}`, async (signal) => await serve(parts, lane, signal)),
  ),
  supervised("stand-in", async (signal) => await standIn(parts, signal)),
];

const serve = async (parts: RotatorParts, lane: Lane, signal: AbortSignal): Promise<void> => {
  let serving: Serving | undefined;
  try {
    serving = await serveLane(parts, parts.dispatcher, lane);
    await aborted(signal);
  } finally {
    await serving?.stop();
  }
};

const standIn = async (parts: RotatorParts, signal: AbortSignal): Promise<void> => {
  // The urgent lane claims from the ledger always: see loops/urgent.ts.
  const workers = [createLedgerWorker(parts, "planned"), createLedgerWorker(parts, "sweep")];
  try {
    await every({ signal, clock: parts.clock, atMostMs: standInMs }, async () => {
      if (await answers(parts.dispatcher)) return;
      for (const worker of workers) await worker.round();
    });
  } finally {
    await Promise.all(workers.map(async (worker) => await worker.settled()));
  }
};

const answers = async (dispatcher: Dispatcher): Promise<boolean> =>
  await dispatcher.check().then(
    () => true,
    () => false,
  );
