import { apiRoutes } from "@rekey/contracts";
import { eventually } from "@rekey/testkit";
import type { z } from "zod";
import type { HeldValue } from "./connect.ts";
import { controlCredential, inventoryOf, type Installation } from "./installation.fixture.ts";

type CaseView = z.output<typeof apiRoutes.cases.list.reply>["cases"][number];
type CredentialView = z.output<typeof apiRoutes.credentials.show.reply>;
type AuditEvent = z.output<typeof apiRoutes.audit.tail.reply>["events"][number];
type SignalView = z.output<typeof apiRoutes.cases.signals.reply>["signals"][number];

/** What was reported and is durable. */
type Accepted = readonly { readonly eventId: string }[];

/** What people and feeds do with a running installation, by its API alone. */
export interface Acts {
  /** Applies the inventory, lets it act, and waits until the control credential is there. */
  declare(credentials: readonly { id: string; group: string }[]): Promise<void>;
  /** Asks for a new version and waits until nothing is open any more. */
  rotate(credential: string): Promise<void>;
  /** Asks for a new version; answers the events that were accepted. */
  wish(credential: string): Promise<Accepted>;
  /** Reports a raw value. */
  leak(secret: string): Promise<Accepted>;
  /** Resolves when the accepted events have an outcome, every case is closed and nothing is owed. */
  settled(accepted: Accepted, withinMs?: number): Promise<void>;
  value(credential: string): Promise<HeldValue>;
  show(credential: string): Promise<CredentialView>;
  cases(): Promise<readonly CaseView[]>;
  signals(): Promise<readonly SignalView[]>;
  /** Every event there is. */
  audit(credential?: string): Promise<readonly AuditEvent[]>;
}

type Parts = Pick<Installation, "api" | "sealing">;

const settledMsMax = 120_000;
const limit = "200";
const pace = { withinMs: settledMsMax, everyMs: 50 };

export const actsOf = (parts: Parts): Acts => {
  const reads = readsOf(parts);
  const wish = wishOf(parts);
  const settled = settledOf(parts, reads);
  return {
    ...reads,
    wish,
    settled,
    declare: async (credentials) => {
      await declare(parts, credentials);
      await settled([]);
    },
    rotate: async (credential) => await settled(await wish(credential)),
    leak: async (secret) => {
      const body = {
        found: { by: "secret", secret },
        reason: "a test",
        confidence: "valid",
      } as const;
      return (await parts.api.ask(apiRoutes.reports.exposure, { body })).accepted;
    },
  };
};

type Reads = Pick<Acts, "value" | "show" | "cases" | "signals" | "audit">;

const readsOf = ({ api, sealing }: Parts): Reads => ({
  value: async (credential) => {
    const held = await sealing.read(credential);
    if (held === undefined) throw new Error(`${credential} has no value yet`);
    return held;
  },
  show: async (credential) => await api.ask(apiRoutes.credentials.show, { params: { credential } }),
  cases: async () => (await api.ask(apiRoutes.cases.list, { query: { limit } })).cases,
  signals: async () => (await api.ask(apiRoutes.cases.signals, { query: { limit } })).signals,
  audit: async (credential) => {
    const events: AuditEvent[] = [];
    const about = credential === undefined ? {} : { credential };
    for (let after: string | undefined; ;) {
      const query = { limit, ...about, ...(after === undefined ? {} : { after }) };
      const page = await api.ask(apiRoutes.audit.tail, { query });
      events.push(...page.events);
      if (page.events.length === 0 || page.next === undefined) return events;
      after = page.next;
    }
  },
});

const wishOf =
  ({ api }: Parts): Acts["wish"] =>
  async (credential) => {
    const asked = { params: { credential }, body: { reason: "a test" } };
    return (await api.ask(apiRoutes.credentials.rotate, asked)).accepted;
  };

const settledOf =
  ({ api }: Parts, reads: Reads): Acts["settled"] =>
  async (accepted, withinMs = settledMsMax) => {
    await eventually(
      async () => {
        const known = new Set((await reads.signals()).map(({ eventId }) => eventId));
        const unknown = accepted.filter(({ eventId }) => !known.has(eventId));
        const open = (await reads.cases()).filter(({ state }) => state.at !== "closed");
        const { obligations } = await api.ask(apiRoutes.cases.debt);
        if (unknown.length + open.length + obligations.length === 0) return true;
        throw new Error(`not settled: ${JSON.stringify({ unknown, open, obligations })}`);
      },
      { ...pace, withinMs },
    );
  };

const declare = async (
  { api, sealing }: Parts,
  credentials: Parameters<Acts["declare"]>[0],
): Promise<void> => {
  await api.ask(apiRoutes.inventory.apply, { body: { document: inventoryOf(credentials) } });
  const body = { scope: "everything", name: "", mode: "act", reason: "a test" } as const;
  await api.ask(apiRoutes.switches.setMode, { body });
  await eventually(async () => (await sealing.read(controlCredential)) !== undefined, pace);
};
