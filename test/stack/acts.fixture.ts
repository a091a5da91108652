import { apiRoutes } from "@rekey/contracts";
import { eventually } from "@rekey/testkit";
import type { z } from "zod";
import type { Api } from "../processes/api.fixture.ts";
import {
  documentOf,
  inventoryOf,
  roleIdField,
  secretIdField,
  urlField,
  versionField,
  type StackCredential,
} from "./inventory.fixture.ts";
import { isAway } from "./api.fixture.ts";
import type { VaultWitness } from "./vault.fixture.ts";

type CaseView = z.output<typeof apiRoutes.cases.list.reply>["cases"][number];
export type CaseDetail = z.output<typeof apiRoutes.cases.show.reply>;
export type CredentialView = z.output<typeof apiRoutes.credentials.show.reply>;
export type AuditEvent = z.output<typeof apiRoutes.audit.tail.reply>["events"][number];
export type SignalView = z.output<typeof apiRoutes.cases.signals.reply>["signals"][number];

/** A value as its reader in Vault gets it; the role's id beside a secret id. */
export interface HeldValue {
  readonly secret: string;
  readonly roleId: string;
  readonly version: number;
}

/** What people do by the API, and what readers of Vault see. */
export interface Acts {
  apply(rotateAfter?: string): Promise<void>;
  mode(environment: string, mode: "act" | "observe"): Promise<void>;
  /** Asks for a new version. A gateway that is away for a while is asked again. */
  wish(credential: StackCredential): Promise<void>;
  value(credential: StackCredential): Promise<HeldValue>;
  /** The value, once the document names this version. */
  valueOf(credential: StackCredential, version: number, withinMs?: number): Promise<HeldValue>;
  show(credential: StackCredential): Promise<CredentialView>;
  cases(): Promise<readonly CaseView[]>;
  detail(id: string): Promise<CaseDetail>;
  /** The newest case of this kind about something whose name begins so, once it is closed. */
  closed(
    wanted: { kind: string; about: string; since: number },
    withinMs?: number,
  ): Promise<CaseDetail>;
  signals(): Promise<readonly SignalView[]>;
  /** Every event there is, in the ledger's order. */
  audit(of?: {
    readonly case?: string;
    readonly credential?: string;
  }): Promise<readonly AuditEvent[]>;
  /** Resolves when every wish has an outcome, every case is closed and nothing is owed. */
  settled(withinMs?: number): Promise<void>;
}

const limit = "200";
const settledMsMax = 120_000;
const everyMs = 100;

interface Parts {
  readonly api: Api;
  readonly vault: VaultWitness;
  readonly credentials: readonly StackCredential[];
  readonly signingKeys: ReadonlyMap<string, Readonly<Record<string, unknown>>>;
  readonly rules: Readonly<Record<string, unknown>>;
}

export const actsOf = (parts: Parts): Acts => {
  const reads = readsOf(parts);
  const { api, credentials, signingKeys, rules } = parts;
  const wished = new Set<string>();
  return {
    ...reads,
    ...valuesOf(parts),
    ...waitsOf(parts, reads, wished),
    apply: async (rotateAfter) => {
      const aged = rotateAfter === undefined ? {} : { rotateAfter };
      const document = inventoryOf({ credentials, signingKeys, rules, ...aged });
      await api.ask(apiRoutes.inventory.apply, { body: { document } });
    },
    mode: async (environment, mode) => {
      const body = { scope: "environment", name: environment, mode, reason: "a test" } as const;
      await api.ask(apiRoutes.switches.setMode, { body });
    },
    wish: async ({ id }) => {
      const asked = { params: { credential: id }, body: { reason: "a test" } };
      const ask = async () => await api.ask(apiRoutes.credentials.rotate, asked);
      for (const { eventId } of (await whileAway(ask)).accepted) wished.add(eventId);
    },
  };
};

type Reads = Pick<Acts, "show" | "cases" | "detail" | "signals" | "audit">;

const readsOf = ({ api }: Parts): Reads => ({
  show: async ({ id }) =>
    await whileAway(
      async () => await api.ask(apiRoutes.credentials.show, { params: { credential: id } }),
    ),
  cases: async () => (await api.ask(apiRoutes.cases.list, { query: { limit } })).cases,
  detail: async (id) => await api.ask(apiRoutes.cases.show, { params: { case: id } }),
  signals: async () => {
    const all: SignalView[] = [];
    for (let after: string | undefined; ;) {
      const query = { limit, ...(after === undefined ? {} : { after }) };
      const page = await api.ask(apiRoutes.cases.signals, { query });
      all.push(...page.signals);
      if (page.signals.length === 0 || page.next === undefined) return all;
      after = page.next;
    }
  },
  audit: async (of = {}) => {
    const all: AuditEvent[] = [];
    for (let after: string | undefined; ;) {
      const query = { limit, ...of, ...(after === undefined ? {} : { after }) };
      const page = await api.ask(apiRoutes.audit.tail, { query });
      all.push(...page.events);
      if (page.events.length === 0 || page.next === undefined) return all;
      after = page.next;
    }
  },
});

const valuesOf = ({ vault }: Parts): Pick<Acts, "value" | "valueOf"> => {
  const value: Acts["value"] = async (credential) => {
    const fields = await vault.document(documentOf(credential));
    const secret = fields?.[urlField] ?? fields?.[secretIdField];
    if (fields === undefined || secret === undefined)
      throw new Error(`${credential.id} has no value yet`);
    return { secret, roleId: fields[roleIdField] ?? "", version: Number(fields[versionField]) };
  };
  return {
    value,
    valueOf: async (credential, version, withinMs = settledMsMax) =>
      await eventually(
        async () => {
          const held = await value(credential);
          if (held.version < version) throw new Error(`${credential.id} is at ${held.version}`);
          return held;
        },
        { withinMs, everyMs },
      ),
  };
};

const waitsOf = (
  { api }: Parts,
  { cases, detail, signals }: Reads,
  wished: Set<string>,
): Pick<Acts, "closed" | "settled"> => ({
  closed: async ({ kind, about, since }, withinMs = settledMsMax) =>
    await eventually(
      async () => {
        const found = (await cases()).find(
          (one) => one.kind === kind && one.about.startsWith(about) && one.openedAt >= since,
        );
        if (found === undefined) throw new Error(`no ${kind} about ${about}`);
        if (found.state.at !== "closed") throw new Error(await standOf(api, found.id));
        return await detail(found.id);
      },
      { withinMs, everyMs },
    ),
  settled: async (withinMs = settledMsMax) => {
    await eventually(
      async () => {
        if (wished.size > 0) for (const { eventId } of await signals()) wished.delete(eventId);
        if (wished.size > 0) throw new Error(`${wished.size} wishes have no outcome`);
        const open = (await cases()).filter(({ state }) => state.at !== "closed");
        const { obligations } = await api.ask(apiRoutes.cases.debt);
        if (open.length + obligations.length === 0) return true;
        const stands = await Promise.all(
          open.slice(0, 5).map(async ({ id }) => await standOf(api, id)),
        );
        throw new Error(`${open.length} open, ${obligations.length} owed: ${stands.join("; ")}`);
      },
      { withinMs, everyMs: 250 },
    );
  },
});

/** What a case and its rotations wait for, for whoever reads why a test gave up. */
const standOf = async (api: Api, id: string): Promise<string> => {
  const { case: subject, rotations } = await api.ask(apiRoutes.cases.show, {
    params: { case: id },
  });
  const states = rotations.map(({ credential, state, lastFault }) => ({
    credential,
    state,
    lastFault,
  }));
  return `${subject.about} ${subject.step} ${JSON.stringify(subject.state)} ${JSON.stringify(states)}`;
};

/** What is away for a while is asked again, as a client does. */
export const whileAway = async <Answer>(ask: () => Promise<Answer>): Promise<Answer> => {
  const outcome = await eventually(
    async () => {
      try {
        return { answer: await ask() };
      } catch (error) {
        if (isAway(error)) throw error;
        return { error };
      }
    },
    { withinMs: settledMsMax, everyMs },
  );
  if ("error" in outcome) throw outcome.error;
  return outcome.answer;
};
