import { getHeapSpaceStatistics } from "node:v8";
import { canonicalDigest } from "@rekey/contracts";
import {
  admitBatchMax,
  caseId,
  isTerminal,
  rotationId,
  signalId,
  toRfc3339,
  type ReceivedSignal,
  type RotationId,
} from "@rekey/domain";
import { advanceCase, advanceRotation, workFromLedger, type EngineParts } from "@rekey/engine";
import { clocked, inFlight, type Spent } from "./clocked.ts";
import { tracedIssuer, tracedStore, type Trace } from "./trace.ts";

export interface EngineCalls {
  /** Does what is due until nothing is. */
  settle(argument: null): Promise<void>;
  /** Asks for a planned rotation of each; answers the rotations, opened and not begun. */
  open(credentials: readonly string[]): Promise<readonly string[]>;
  /** Carries rotations to their end, so many at a time. */
  rotate(argument: {
    readonly rotations: readonly string[];
    readonly concurrency: number;
  }): Promise<Spent>;
  /** Carries one, and answers what it asked of issuer and store. */
  trace(rotation: string): Promise<readonly string[]>;
  /** As `rotate`, where issuers do not answer: resolves when all of them wait. Nothing of it ends. */
  begin(rotations: readonly string[]): Promise<void>;
  memory(argument: null): Promise<{ readonly heapBytes: number; readonly rssBytes: number }>;
}

const roundsMax = 2_000;
const dueMax = 5_000;
const casesAtOnce = 8;

/** An engine that does only what it is asked to. */
export const engineCalls = (parts: EngineParts): EngineCalls => ({
  settle: async () => await settle(parts),
  open: async (credentials) => await open(parts, credentials),
  rotate: async ({ rotations, concurrency }) =>
    await clocked(
      async () => await inFlight(rotations, concurrency, async (id) => await carry(parts, id)),
    ),
  trace: async (rotation) => {
    const trace: Trace = [];
    await carry(tracedParts(parts, trace), rotation);
    return trace;
  },
  begin: async (rotations) => await begin(parts, rotations),
  memory: async () => await Promise.resolve(memoryNow()),
});

const settle = async (parts: EngineParts): Promise<void> => {
  for (let round = 0; round < roundsMax; round += 1) {
    const urgent = await workFromLedger(parts, "urgent");
    const planned = await workFromLedger(parts, "planned");
    if (urgent + planned === 0) return;
  }
  throw new Error("what is due does not end");
};

const open = async (
  parts: EngineParts,
  credentials: readonly string[],
): Promise<readonly string[]> => {
  const { now } = await parts.ledger.check();
  for (let start = 0; start < credentials.length; start += admitBatchMax)
    await parts.ledger.admit({
      signals: credentials
        .slice(start, start + admitBatchMax)
        .map((credential) => wish(parts, credential, now)),
      capabilities: capabilitiesOf(parts),
      worker: parts.worker,
    });
  return await openedFor(parts, credentials);
};

/** Rotations of these credentials, by the cases that open them; whatever else becomes due meanwhile is left alone. */
const openedFor = async (
  parts: EngineParts,
  credentials: readonly string[],
): Promise<readonly string[]> => {
  const asked = new Set(credentials);
  const known = new Map<string, boolean>();
  for (let round = 0; round < roundsMax; round += 1) {
    const { items } = await parts.ledger.due({ lane: "planned", limit: dueMax, withinMs: 0 });
    for (const { kind, id } of items) {
      if (kind !== "rotation" || known.has(id)) continue;
      const credential = (await parts.ledger.rotation(rotationId(id)))?.rotation.credential;
      known.set(id, credential !== undefined && asked.has(credential));
    }
    const opened = [...known].filter(([, isAsked]) => isAsked).map(([id]) => id);
    if (opened.length >= credentials.length) return opened;
    const cases = items.filter(({ kind }) => kind === "case");
    await inFlight(cases, casesAtOnce, async ({ id }) => await advanceCase(parts, caseId(id)));
  }
  throw new Error("rotations were asked for and not opened");
};

const capabilitiesOf = ({ issuers }: EngineParts) =>
  Object.fromEntries([...issuers].map(([name, { capabilities }]) => [name, capabilities]));

/** As a person asks for it: a case of its own for each, so that no wave holds them back. */
const wish = (parts: EngineParts, credential: string, now: number): ReceivedSignal => {
  const eventId = `${credential}@${toRfc3339(now)}`;
  const signal: ReceivedSignal["signal"] = {
    eventId,
    kind: "manual",
    disposition: "act",
    effect: "rotate",
    locators: [{ scheme: "rekey", value: credential }],
    public: false,
    severity: "info",
    confidence: "unknown",
    occurredAt: now,
    confidentiality: "open",
    dedupeKey: eventId,
    reason: "is measured",
    source: { system: "rekey", feed: "bench", rawDigest: "" },
  };
  return {
    id: signalId(parts.newId()),
    signal,
    canonicalDigest: canonicalDigest(signal),
    authentication: { producer: "rekey", method: "none", trusted: true },
    coordinates: "bench",
  };
};

/** One turn carries a planned rotation of a credential without consumers to its end; anything else is no measurement. */
const carry = async (parts: EngineParts, id: string): Promise<void> => {
  const rotation: RotationId = rotationId(id);
  await advanceRotation(parts, rotation);
  const after = await parts.ledger.rotation(rotation);
  if (after === undefined || !isTerminal(after.rotation))
    throw new Error(`a rotation did not end: ${JSON.stringify(after?.rotation.state)}`);
};

const tracedParts = (parts: EngineParts, trace: Trace): EngineParts => ({
  ...parts,
  issuers: new Map([...parts.issuers].map(([name, issuer]) => [name, tracedIssuer(issuer, trace)])),
  stores: new Map([...parts.stores].map(([name, store]) => [name, tracedStore(store, trace)])),
});

/**
 * So many at once are on their way to their issuer: more would only wait for a connection to the ledger, longer
 * than a service lets anything wait, and fail.
 */
const beginAtOnce = 16;

const begin = async (parts: EngineParts, rotations: readonly string[]): Promise<void> => {
  const onTheirWay: (() => void)[] = [];
  const never = async (): Promise<never> => {
    onTheirWay.shift()?.();
    return await new Promise<never>(() => undefined);
  };
  const issuers = new Map(
    [...parts.issuers].map(([name, issuer]) => [name, { ...issuer, list: never }]),
  );
  await inFlight(rotations, beginAtOnce, async (id) => {
    const asked = new Promise<void>((resolve) => onTheirWay.push(resolve));
    const turn = advanceRotation({ ...parts, issuers }, rotationId(id)).then(() => {
      throw new Error("a rotation ended that was to wait for its issuer");
    });
    turn.catch(() => undefined);
    await Promise.race([asked, turn]);
  });
};

const memoryNow = (): { heapBytes: number; rssBytes: number } => {
  // Started with --expose-gc: what is garbage is not counted.
  for (let round = 0; round < 3; round += 1) globalThis.gc?.();
  const { external, rss } = process.memoryUsage();
  const kept = getHeapSpaceStatistics().filter(({ space_name: name }) => !codeSpaces.test(name));
  const heapBytes = kept.reduce((sum, space) => sum + space.space_used_size, external);
  return { heapBytes, rssBytes: rss };
};

/** What V8 compiles, and compiles again: it grows for minutes, with what runs and not with what is kept. */
const codeSpaces = /code|trusted|read_only/;
