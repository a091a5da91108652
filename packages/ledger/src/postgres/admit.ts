import {
  admitBatchMax,
  assert,
  breakerScope,
  Fault,
  type Admitted,
  type AdmitRequest,
  type Ledger,
  type ReceivedSignal,
} from "@rekey/domain";
import { admit, admittedBefore, quarantineUnreadable, unreadableFeed } from "../commands/admit.ts";
import type { Draft, Tables } from "../rows/draft.ts";
import { admitLeaks, areFewLeaks } from "./admit-leaks.ts";
import { caseKeysOf, lockedCases } from "./case-keys.ts";
import { draftAt, RefusedByLedger, transact, type Database, type Transaction } from "./database.ts";
import { intakeSelection } from "./intake-selection.ts";
import { loadRows } from "./load.ts";
import { lockRotations, lockScopes } from "./locks.ts";
import { match, type Matched } from "./matching.ts";
import { prepared } from "./prepared.ts";
import { unreadableBefore } from "./rejected.ts";

type Commands = Pick<Ledger, "admit">;

/**
 * At most 500 signals in one transaction. A value that PostgreSQL refuses (class 22 or 23) is looked for
 * by halves, and the one signal that has it is quarantined; the others are admitted.
 */
export const postgresAdmission = (database: Database): Commands => ({
  admit: async (request) => {
    assert(request.signals.length <= admitBatchMax, "more signals than one transaction takes");
    const inOrder = [...request.signals].sort((left, right) => (left.id < right.id ? -1 : 1));
    const answers = await admitAll(database, { ...request, signals: inOrder });
    return request.signals.map((received) => answers[inOrder.indexOf(received)]!);
  },
});

const admitAll = async (
  database: Database,
  request: AdmitRequest,
): Promise<readonly Admitted[]> => {
  const [first] = request.signals;
  if (first === undefined) return [];
  try {
    return await admitTogether(database, request);
  } catch (error) {
    if (!isPoison(error)) throw error;
    if (request.signals.length === 1) return [await quarantineOne(database, first)];
    const middle = Math.ceil(request.signals.length / 2);
    const halves = [request.signals.slice(0, middle), request.signals.slice(middle)];
    const answers: Admitted[] = [];
    for (const signals of halves)
      answers.push(...(await admitAll(database, { ...request, signals })));
    return answers;
  }
};

/**
 * Nothing keeps another batch from taking in the same event meanwhile: the index of events lets one of them
 * through, and the other begins again and finds it recorded.
 */
const admitTogether = async (
  database: Database,
  request: AdmitRequest,
): Promise<readonly Admitted[]> => {
  for (let attempt = 1; ; attempt += 1) {
    try {
      if (areFewLeaks(request.signals)) return await admitLeaks(database, request);
      return await transact(database, (transaction) => admitBatch(database, transaction, request));
    } catch (error) {
      if (!isMet(error)) throw error;
      if (attempt >= attemptsMax) throw new Fault("LEDGER_UNREACHABLE", { cause: error });
    }
  }
};

/** Each attempt that fails means that an event of ours was recorded by another. */
const attemptsMax = 10;

const isMet = (error: unknown): boolean =>
  error instanceof RefusedByLedger && error.constraint === "signals_event";

const isPoison = (error: unknown): boolean =>
  error instanceof RefusedByLedger && /^2[23]/.test(error.sqlState ?? "") && !isMet(error);

const quarantineOne = async (database: Database, received: ReceivedSignal): Promise<Admitted> =>
  await transact(database, async (transaction) => {
    const { authentication, canonicalDigest, coordinates } = received;
    const keys = [authentication.producer, unreadableFeed, canonicalDigest, coordinates];
    const draft = await transaction.draft({ signals: unreadableBefore }, keys);
    const answer = quarantineUnreadable(draft, received);
    await transaction.write(draft);
    return answer;
  });

/** Locks in the one order of all commands: credentials, rotations, case keys, cases, breaker scopes. */
const admitBatch = async (
  database: Database,
  transaction: Transaction,
  request: AdmitRequest,
): Promise<readonly Admitted[]> => {
  const { client } = transaction;
  const matched = await match(transaction, request.signals);
  const before = await answeredBefore(transaction, request.signals, matched);
  if (before !== undefined) return before;
  const leaks = request.signals.some(({ signal }) => signal.kind === "exposure");
  // What does not need the answer before is sent with it: the server runs it in this order.
  const [credentials] = await Promise.all([
    lockMatched(transaction, matched.credentials),
    // A leak may take a rotation that is parked.
    ...(leaks ? [lockRotations(transaction, matched.credentials)] : []),
  ]);
  const scopes = leaks ? scopesOf(credentials) : [];
  const early = request.signals.length <= fewMax ? scopes : [];
  const ids = credentials.map(({ id }) => id);
  const parameters = [ids, matched.identities, matched.consumers, matched.repeated, scopes];
  const [, found] = await Promise.all([
    lockScopes(transaction, early),
    loadRows(client, intakeSelection, parameters),
  ]);
  const keys = caseKeysOf(draftAt(database, found.now, found.tables), request.signals);
  const { now, tables } = await lockedCases(transaction, keys);
  const rows = { ...found.tables, ...tables };
  const unlocked = early.length < scopes.length;
  const { draft, answers } =
    decided(draftAt(database, now, rows), request, unlocked) ??
    (await decidedBehindLock({ database, transaction, request }, { scopes, rows }));
  await transaction.write(draft);
  return answers;
};

/** A batch of which every signal was recorded before writes nothing: it locks nothing, and waits for nobody. */
const answeredBefore = async (
  transaction: Transaction,
  signals: readonly ReceivedSignal[],
  { repeated }: Matched,
): Promise<readonly Admitted[] | undefined> => {
  if (repeated.length === 0) return undefined;
  const draft = await transaction.draft({ signals: "t.id = any($1::uuid[])" }, [repeated]);
  return admittedBefore(draft, signals);
};

/**
 * Leaks that come one by one lock their breaker scopes on the way. The lock would make all batches of a flood wait
 * for each other's commits, and almost none of them asks the breaker: those that do are decided again behind it.
 */
const fewMax = 16;

interface Decided {
  readonly draft: Draft;
  readonly answers: readonly Admitted[];
}

/** Undefined where the breaker was asked and nothing held its scopes. */
const decided = (draft: Draft, request: AdmitRequest, unlocked: boolean): Decided | undefined => {
  let asked = false;
  const answers = admit(draft, request, () => {
    asked = true;
  });
  return asked && unlocked ? undefined : { draft, answers };
};

interface Batch {
  readonly database: Database;
  readonly transaction: Transaction;
  readonly request: AdmitRequest;
}

const decidedBehindLock = async (
  { database, transaction, request }: Batch,
  { scopes, rows }: { readonly scopes: readonly string[]; readonly rows: Tables },
): Promise<Decided> => {
  const [, booked] = await Promise.all([
    lockScopes(transaction, scopes),
    loadRows(transaction.client, { reservations: "t.scope = any($1::text[])" }, [scopes]),
  ]);
  const draft = draftAt(database, booked.now, { ...rows, ...booked.tables });
  return { draft, answers: admit(draft, request) };
};

interface Locked {
  readonly id: string;
  readonly environment: string;
  readonly issuer: string;
}

const lockMatched = async (
  { client }: Transaction,
  ids: readonly string[],
): Promise<readonly Locked[]> => {
  if (ids.length === 0) return [];
  const { rows } = await prepared<Locked>(
    client,
    `select id, environment, issuer_instance as issuer from rekey.credentials
       where id = any($1::text[]) order by id for no key update`,
    [ids],
  );
  return rows;
};

const scopesOf = (credentials: readonly Locked[]): readonly string[] =>
  [...new Set(credentials.map((row) => breakerScope(row.environment, row.issuer)))].sort();
