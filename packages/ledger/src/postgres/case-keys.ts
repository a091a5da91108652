import {
  caseKeyOf,
  type CaseKey,
  type IntakeTarget,
  type ReceivedSignal,
  type Signal,
} from "@rekey/domain";
import { matchIdentity, matchTarget } from "../commands/match-signal.ts";
import type { Draft } from "../rows/draft.ts";
import type { Transaction } from "./database.ts";
import { caseSelectionByKeys } from "./intake-selection.ts";
import { loadRows } from "./load.ts";
import { lockCasesAbout, lockKeys } from "./locks.ts";

/** The cases that signals may open or join, as far as what was loaded says. */
export const caseKeysOf = (
  draft: Draft,
  signals: readonly ReceivedSignal[],
): readonly CaseKey[] => {
  const targets = new Map<string, IntakeTarget | undefined>();
  // Of many signals most have the locators of one before, and those are all that a target is found by.
  const targetOf = (signal: Signal): IntakeTarget | undefined => {
    const by = JSON.stringify(signal.locators);
    if (!targets.has(by)) targets.set(by, matchTarget(draft, signal));
    return targets.get(by);
  };
  const keys = [...new Set(signals.map(({ signal }) => signal))].flatMap((signal) => {
    const target = targetOf(signal);
    return caseKeyOf(signal, target, matchIdentity(draft, signal)) ?? [];
  });
  return [...new Map(keys.map((key) => [`${key.kind}/${key.about}`, key])).values()];
};

/**
 * Incidents are kept apart by the lock on their credential, which names them; for all others the key itself
 * is locked. An open case is locked, and read again behind the lock.
 */
export const lockedCases = async (
  transaction: Transaction,
  keys: readonly CaseKey[],
): ReturnType<typeof loadRows> => {
  const shared = keys.filter(({ kind }) => kind !== "incident");
  const parameters = [keys.map(({ kind }) => kind), keys.map(({ about }) => about)];
  const [, seen] = await Promise.all([
    lockKeys(
      transaction,
      shared.map(({ kind, about }) => `${kind}/${about}`),
    ),
    loadRows(transaction.client, caseSelectionByKeys, parameters),
  ]);
  const open = [...(seen.tables.cases?.values() ?? [])].filter(
    ({ state }) => state.at !== "closed",
  );
  if (open.length === 0) return seen;
  const [, behind] = await Promise.all([
    lockCasesAbout(transaction, parameters),
    loadRows(transaction.client, caseSelectionByKeys, parameters),
  ]);
  return behind;
};
