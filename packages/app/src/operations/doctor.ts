import {
  faultCodes,
  Fault,
  type Call,
  type Dispatcher,
  type EventSink,
  type Issuer,
  type IssuerId,
  type Ledger,
  type Store,
  type StoreId,
} from "@rekey/domain";
import { ledgerChecks } from "./doctor-ledger.ts";

/** What one real request to a part showed, and what to do when it failed. */
export interface DoctorCheck {
  readonly name: string;
  readonly ok: boolean;
  readonly found: string;
  readonly next?: string;
}

interface DoctorParts {
  readonly ledger: Ledger;
  readonly sink: EventSink;
  readonly dispatcher: Dispatcher;
  readonly issuers: ReadonlyMap<IssuerId, Issuer>;
  readonly stores: ReadonlyMap<StoreId, Store>;
}

const checkDeadlineMs = 5_000;

const ask = async (name: string, question: () => Promise<string>): Promise<DoctorCheck> => {
  const startedAt = performance.now();
  try {
    const found = await question();
    return { name, ok: true, found: `${found} in ${Math.round(performance.now() - startedAt)} ms` };
  } catch (error) {
    if (!(error instanceof Fault))
      return {
        name,
        ok: false,
        found: "an unexpected failure",
        next: "look at the log of this process",
      };
    const found =
      error.providerCode === undefined ? error.code : `${error.code} (${error.providerCode})`;
    return { name, ok: false, found, next: faultCodes[error.code].next };
  }
};

const call = (): Call => ({
  signal: AbortSignal.timeout(checkDeadlineMs),
  deadlineMs: checkDeadlineMs,
  key: "doctor",
});

/** One real request to everything Rekey depends on, all at once. */
export const doctor = async (parts: DoctorParts): Promise<readonly DoctorCheck[]> => {
  const [checks, judged] = await Promise.all([askAll(parts), ledgerChecks(parts.ledger)]);
  return [...checks, ...judged];
};

const askAll = async (parts: DoctorParts): Promise<readonly DoctorCheck[]> =>
  await Promise.all([
    ask("ledger", async () => {
      const { server } = await parts.ledger.check();
      return `PostgreSQL ${typeof server["version"] === "string" ? server["version"] : ""} answers`;
    }),
    ask("topics", async () => await parts.sink.check().then(() => "answers")),
    ask("jobs", async () => await parts.dispatcher.check().then(() => "answers")),
    ...[...parts.issuers].map(
      async ([name, issuer]) =>
        await ask(`issuer ${name}`, async () => await issuer.check(call()).then(() => "logged in")),
    ),
    ...[...parts.stores].map(
      async ([name, store]) =>
        await ask(
          `store ${name}`,
          async () => await store.check(call()).then(() => "read and write"),
        ),
    ),
  ]);
