import {
  Fault,
  credentialId,
  rotationId,
  storeId,
  type CredentialId,
  type Material,
  type PromoteRequest,
  type StagedVersion,
  type Store,
  type StoreAddress,
  type VersionRef,
} from "@rekey/domain";
import { Secret } from "@rekey/secret";
import { callOf } from "../real-clock.fake.ts";

/** One call of the port, as data: another process can perform it and be killed in the middle. */
export type StoreEffect =
  | { readonly name: "stage"; readonly staged: StagedVersion }
  | { readonly name: "promote"; readonly request: PromoteRequest }
  | { readonly name: "destroy"; readonly ref: VersionRef };

/** What a store's test gives the suite: the real store, and a way around it. */
export interface StoreFixture {
  readonly store: Store;
  /** A second, independent opening of the same place, sharing nothing in memory with the first. */
  readonly other: Store;
  /** Recipients for `readers`, where the store seals. */
  readonly readers: readonly string[];
  /** The document as a reader sees it who knows nothing of Rekey. */
  plainRead(document: string): Promise<string | undefined>;
  /** Somebody else writes the whole document. */
  foreignWrite(document: string, text: string): Promise<void>;
  /** Performs the effect elsewhere, and dies after it and before its answer. */
  crashAfterEffect(address: StoreAddress, effect: StoreEffect): Promise<void>;
  /** Runs `between` when the store is about to replace the document, once. */
  beforeNextReplace(between: () => Promise<void>): void;
  close(): Promise<void>;
}

export const paymentsDb = credentialId("payments-db");
export const reportsDb = credentialId("reports-db");

export const addressOf = (fields: Record<string, string>, document = "team/app"): StoreAddress => ({
  store: storeId("documents"),
  document,
  fields,
});

export const payments = addressOf({
  DATABASE_URL: "postgresql://{username}:{secret}@db.internal:5432/payments",
  DATABASE_PASSWORD: "{secret}",
});
export const reports = addressOf({ REPORTS_PASSWORD: "{secret}" });

export const versionOf = (version: number, credential: CredentialId = paymentsDb): VersionRef => ({
  credential,
  version,
});

export const secretOf = (ref: VersionRef): string => `p@ss/"${ref.credential}" ${ref.version} ü`;

export const materialOf = (ref: VersionRef): Material => ({
  fields: { username: `app_${ref.version}` },
  secret: Secret.fromUtf8(secretOf(ref)),
});

export const stagedOf = (ref: VersionRef, readers: readonly string[]): StagedVersion => ({
  ref,
  rotation: rotationId(`0190-rotation-${ref.version}`),
  rotationNumber: ref.version,
  material: materialOf(ref),
  readers,
});

export const fieldOf = (text: string | undefined, field: string): unknown =>
  (JSON.parse(text ?? "{}") as Record<string, unknown>)[field];

/** The text of a fault's code; anything else is a failed test. */
export const faultOf = async (work: Promise<unknown>): Promise<Fault> => {
  const outcome = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(outcome instanceof Fault)) throw new Error("expected a fault", { cause: outcome });
  return outcome;
};

/** Siblings whose text a parser would not give back: order, escapes, numbers, spaces, a nested key like ours. */
export const siblings =
  '{ "z":1.0e+2,"A":"\\u0041\\/", "nested" : {"DATABASE_PASSWORD":"not ours","b":[ 1,2 ]},\n\t"big":12345678901234567890 }\n';

export const call = callOf("rotation/step/version/1");

/** One fixture and the short ways to use it. */
export interface Bench {
  readonly place: StoreFixture;
  stage(ref: VersionRef): Promise<{ readonly outcome: "created" | "adopted" }>;
  /** Stages and promotes. */
  put(
    ref: VersionRef,
    from: number | undefined,
    address?: StoreAddress,
  ): Promise<"promoted" | "already" | "conflict">;
  promote(ref: VersionRef, from: number | undefined): Promise<"promoted" | "already" | "conflict">;
  promotion(version: number, from: number | undefined): PromoteRequest;
  /** What a plain reader finds in one of our fields. */
  passwordNow(): Promise<unknown>;
}

export const benchOf = (place: StoreFixture): Bench => {
  const { store, readers } = place;
  return {
    place,
    stage: (ref) => store.stage(payments, stagedOf(ref, readers), call),
    put: async (ref, from, address = payments) => {
      await store.stage(address, stagedOf(ref, readers), call);
      return store.promote(address, { ref, from, readers }, call);
    },
    promote: (ref, from) => store.promote(payments, { ref, from, readers }, call),
    promotion: (version, from) => ({ ref: versionOf(version), from, readers }),
    passwordNow: async () => fieldOf(await place.plainRead("team/app"), "DATABASE_PASSWORD"),
  };
};
