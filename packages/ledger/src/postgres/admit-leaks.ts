import {
  parseRekeyLocator,
  type Admitted,
  type AdmitRequest,
  type CaseKey,
  type ReceivedSignal,
  type RotationClaim,
} from "@rekey/domain";
import type { PoolClient } from "pg";
import { admit } from "../commands/admit.ts";
import type { Draft } from "../rows/draft.ts";
import { sentBeginnings } from "./beginning.ts";
import { caseKeysOf, lockedCases } from "./case-keys.ts";
import { draftAt, transactEagerly, type Database } from "./database.ts";
import {
  leakSelection,
  lockCasesText,
  lockCredentialsText,
  lockRotationsText,
  lockScopesText,
  matchLeaksText,
} from "./leak-texts.ts";
import { loadRows } from "./load.ts";
import { matchParameters } from "./matching.ts";
import { prepared } from "./prepared.ts";
import { sendChanges } from "./write.ts";

/** More of them are a flood: a batch, whose cost is not its round trips. */
const leaksMax = 16;

export const areFewLeaks = (signals: readonly ReceivedSignal[]): boolean =>
  signals.length <= leaksMax && signals.every(({ signal }) => signal.kind === "exposure");

/**
 * Two round trips from BEGIN to COMMIT, as a leak waits for both. All locks and looks are one, those for the turn of
 * a rotation that is born claimed among them: what a statement finds, the next one reads from a setting of the
 * transaction. Writes and COMMIT are the other; while the server works at them, the turn is foreseen.
 */
export const admitLeaks = async (
  database: Database,
  request: AdmitRequest,
): Promise<readonly Admitted[]> => {
  const claims = new Map<string, RotationClaim>();
  const answers = await transactEagerly(database, async (transaction, begun, last) => {
    claims.clear();
    const { client } = transaction;
    const [found, beginnings] = await Promise.all([
      lockedLeaks(client, request.signals),
      sentBeginnings(database, client),
      begun,
    ]);
    const seen = draftAt(database, found.now, found.tables);
    const keys = caseKeysOf(seen, request.signals);
    const later = areCovered(keys, found.abouts, seen)
      ? undefined
      : await lockedCases(transaction, keys);
    const draft =
      later === undefined
        ? seen
        : draftAt(database, later.now, { ...found.tables, ...later.tables });
    const admitted = admit(draft, request);
    const foresee = (): void => {
      for (const { urgent } of admitted) {
        const claim = urgent && beginnings.of(draft, urgent);
        if (claim === undefined) continue;
        claims.set(claim.rotation.id, claim);
        request.foreseen?.(claim);
      }
    };
    // Sent first: a promise's continuation runs behind the write.
    last(() => [...sendChanges(client, draft.changes()), Promise.resolve().then(foresee)]);
    return admitted;
  });
  return answers.map((answer) => withClaim(answer, claims));
};

type Found = Awaited<ReturnType<typeof loadRows>> & { readonly abouts: readonly string[] };

/** Sent together, with BEGIN: the server runs them in this order, which is the order of all commands' locks. */
const lockedLeaks = async (
  client: PoolClient,
  signals: readonly ReceivedSignal[],
): Promise<Found> => {
  const [matched, , , , , found] = await Promise.all([
    prepared<Pick<Found, "abouts">>(client, matchLeaksText, [
      ...matchParameters(signals),
      namedVersions(signals),
    ]),
    prepared(client, lockCredentialsText, []),
    prepared(client, lockRotationsText, []),
    prepared(client, lockCasesText, []),
    prepared(client, lockScopesText, []),
    loadRows(client, leakSelection, []),
  ]);
  return { ...found, abouts: matched.rows[0]?.abouts ?? [] };
};

/** What incidents are about, where a locator says the version itself. */
const namedVersions = (signals: readonly ReceivedSignal[]): readonly string[] =>
  signals.flatMap(({ signal }) =>
    signal.locators.flatMap(({ value }) => {
      const named = parseRekeyLocator(value);
      return named?.version === undefined ? [] : [`${named.credential}#${named.version}`];
    }),
  );

/** A fingerprint that appeared after it was looked for leads to a case that was not. */
const areCovered = (keys: readonly CaseKey[], abouts: readonly string[], seen: Draft): boolean => {
  const current = seen
    .rows("versions")
    .filter(({ label }) => label === "current")
    .map(({ credential, number }) => `${credential}#${number}`);
  const looked = new Set([...abouts, ...current]);
  return keys.every(({ kind, about }) => kind === "incident" && looked.has(about));
};

const withClaim = (answer: Admitted, claims: ReadonlyMap<string, RotationClaim>): Admitted => {
  const claim = claims.get(answer.urgent?.id ?? "");
  return claim === undefined ? answer : { ...answer, claim };
};
