import {
  assert,
  type Dispatcher,
  type EventSink,
  type EventSource,
  type Fingerprinter,
  type Issuer,
  type IssuerId,
  type Ledger,
  type Store,
  type StoreId,
} from "@rekey/domain";
import type { DoctorCheck } from "@rekey/gateway";
import type { SchemaState } from "@rekey/ledger";

export interface Topics {
  readonly sink: EventSink;
  readonly source: EventSource;
}

export interface Providers {
  readonly issuers: ReadonlyMap<IssuerId, Issuer>;
  readonly stores: ReadonlyMap<StoreId, Store>;
  /** False where nothing is ever sent: capabilities, settings and addresses need no request and no credential. */
  readonly acts: boolean;
}

/** What may stand behind the ports of a process; one that never asks for a part has no credentials of it. */
interface Parts {
  readonly ledger: Ledger;
  readonly topics: Topics;
  readonly dispatcher: Dispatcher;
  readonly providers: Providers;
  readonly fingerprint: Fingerprinter;
  /** What the dispatcher's server says of its own settings, for `doctor`. */
  readonly judgeDispatcher: () => Promise<readonly DoctorCheck[]>;
  /** What the brokers show of rights and of the topics' copies, for `doctor`. */
  readonly judgeTopics: () => Promise<readonly DoctorCheck[]>;
  /** What lies between this build and the ledger's schema, where somebody else migrates it. */
  readonly schema: () => Promise<SchemaState>;
}

export type PartName = Exclude<
  keyof Parts,
  "ledger" | "judgeDispatcher" | "judgeTopics" | "schema"
>;

export type OpenedParts = Pick<Parts, "ledger"> & Partial<Omit<Parts, "ledger">>;

/** A part that the process kinds of this process said they need. */
export const needed = <Name extends PartName>(
  parts: { readonly [Each in Name]?: Parts[Each] },
  name: Name,
): Parts[Name] => {
  const part = parts[name];
  assert(part !== undefined, `a process kind uses ${name} and does not say so`);
  return part;
};
