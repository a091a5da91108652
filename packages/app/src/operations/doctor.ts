import {
  adviceOf,
  Fault,
  type Call,
  type Dispatcher,
  type Fingerprinter,
  type Ledger,
} from "@rekey/domain";
import type { DoctorCheck } from "@rekey/gateway";
import type { SchemaState } from "@rekey/ledger";
import type { Providers, Topics } from "../parts/opened.ts";
import { judgeSchema } from "../parts/schema.ts";
import { controlChecks } from "./doctor-controls.ts";
import { ledgerChecks } from "./doctor-ledger.ts";
import { loginChecks } from "./doctor-logins.ts";
import { rightsChecks } from "./doctor-rights.ts";
import { valueChecks } from "./doctor-values.ts";

interface DoctorParts {
  readonly ledger: Ledger;
  readonly topics?: Pick<Topics, "sink">;
  readonly dispatcher?: Dispatcher;
  readonly providers?: Providers;
  readonly fingerprint?: Fingerprinter;
  /** What the dispatcher's server says of its own settings. */
  readonly judgeDispatcher?: () => Promise<readonly DoctorCheck[]>;
  /** What the brokers show of rights and of the topics' copies. */
  readonly judgeTopics?: () => Promise<readonly DoctorCheck[]>;
  readonly schema?: () => Promise<SchemaState>;
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
    return { name, ok: false, found, next: adviceOf(error).next };
  }
};

const call = (): Call => ({
  signal: AbortSignal.timeout(checkDeadlineMs),
  deadlineMs: checkDeadlineMs,
  key: "doctor",
});

/** One real request to everything Rekey depends on from here, all at once. */
export const doctor = async (parts: DoctorParts): Promise<readonly DoctorCheck[]> => {
  const schema = await judgeSchema(parts);
  const { providers } = parts;
  const [checks, logins, ledger, topics, dispatcher] = await Promise.all([
    askAll(parts),
    providers?.acts === true ? loginChecks({ ...providers, call }) : [],
    // They would ask for tables that are not there yet.
    schema.every(({ ok }) => ok) ? askLedger(parts) : [],
    parts.judgeTopics?.() ?? [],
    parts.judgeDispatcher?.() ?? [],
  ]);
  return [...checks, ...logins, ...schema, ...ledger, ...topics, ...dispatcher];
};

const askLedger = async (parts: DoctorParts): Promise<readonly DoctorCheck[]> => {
  const { providers } = parts;
  const acting = providers?.acts === true ? { ...parts, ...providers, call } : undefined;
  const [rights, controls, ledger, values] = await Promise.all([
    acting ? rightsChecks(acting) : [],
    acting ? controlChecks(acting) : [],
    ledgerChecks(parts),
    acting ? valueChecks(acting) : [],
  ]);
  return [...rights, ...controls, ...ledger, ...values];
};

const askAll = async ({
  ledger,
  topics,
  dispatcher,
  providers,
}: DoctorParts): Promise<readonly DoctorCheck[]> =>
  await Promise.all([
    ask("ledger", async () => {
      const { server } = await ledger.check();
      return `PostgreSQL ${typeof server["version"] === "string" ? server["version"] : ""} answers`;
    }),
    ...(topics ? [ask("topics", async () => await topics.sink.check().then(() => "answers"))] : []),
    ...(dispatcher
      ? [ask("jobs", async () => await dispatcher.check().then(() => "answers"))]
      : []),
    ...(providers ? askProviders(providers) : []),
  ]);

const askProviders = ({ issuers, stores, acts }: Providers): readonly Promise<DoctorCheck>[] => {
  if (!acts && issuers.size + stores.size > 0) return [Promise.resolve(notFromHere)];
  return [
    ...[...issuers].map(
      async ([name, issuer]) =>
        await ask(`issuer ${name}`, async () => await issuer.check(call()).then(() => "logged in")),
    ),
    ...[...stores].map(
      async ([name, store]) =>
        await ask(
          `store ${name}`,
          async () => await store.check(call()).then(() => "read and write"),
        ),
    ),
  ];
};

const notFromHere: DoctorCheck = {
  name: "issuers and stores",
  ok: true,
  skipped: true,
  found: "not asked from here: this process holds no credential of theirs",
  next: "where intake or rotator run: `rekey doctor --config <the services' file>`",
};
