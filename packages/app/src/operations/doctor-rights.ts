import { canonicalJson } from "@rekey/contracts";
import {
  adviceOf,
  counted,
  Fault,
  faultCodes,
  type Call,
  type CredentialView,
  type Issuer,
  type IssuerId,
  type Ledger,
} from "@rekey/domain";
import type { DoctorCheck } from "@rekey/gateway";
import type { Providers } from "../parts/opened.ts";

interface Looking extends Pick<Providers, "issuers"> {
  readonly ledger: Pick<Ledger, "credentials">;
  /** A fresh deadline, for each question. */
  readonly call: () => Call;
  /** When it is aborted no further question begins; only tests end it sooner. */
  readonly enough?: AbortSignal;
}

type Asking = NonNullable<Issuer["missingRights"]>;
type MissingRight = Awaited<ReturnType<Asking>>[number];

const credentialsMax = 1_000;
/** Of one issuer: others are most often like them. */
const questionsMax = 50;
/** Of one issuer, for all questions but the end of the last one: below what whoever asks for a doctor waits. */
const enoughMs = 10_000;
const namedMax = 3;

/**
 * Whether rotations of what is declared would be allowed all that they do, asked of each issuer that can tell: a right
 * that is missing shows here and not in the middle of a rotation. Nothing where the ledger does not answer.
 */
export const rightsChecks = async ({
  ledger,
  issuers,
  call,
  enough = AbortSignal.timeout(enoughMs),
}: Looking): Promise<readonly DoctorCheck[]> => {
  try {
    const views = await ledger.credentials({ limit: credentialsMax });
    const checks = [...issuers].map(async ([id, issuer]) => {
      const own = views.filter((view) => isRotated(view, id));
      const name = `rights of ${id}`;
      if (issuer.missingRights === undefined) return [];
      if (own.length === 0) return views.length < credentialsMax ? [] : [beyond(name)];
      const heard = await askIssuer(issuer, questionsOf(own), { call, enough });
      return [await judgeHeard({ name, issuer, call }, heard)];
    });
    return (await Promise.all(checks)).flat();
  } catch (error) {
    if (error instanceof Fault) return [];
    throw error;
  }
};

const beyond = (name: string): DoctorCheck => ({
  name,
  ok: true,
  skipped: true,
  found: `not asked: only the first ${credentialsMax} credentials are looked at, and none of them is its own`,
});

const isRotated = ({ credential }: CredentialView, id: IssuerId): boolean =>
  credential.declared && !credential.ended && credential.issuer.instance === id;

interface Question {
  readonly asked: Parameters<Asking>[0];
  /** Credentials that it is about. */
  readonly count: number;
}

/** The same settings and principals have one answer. */
const questionsOf = (own: readonly CredentialView[]): readonly Question[] => {
  const questions = new Map<string, Question>();
  for (const { credential, versions } of own) {
    const asked = { settings: credential.issuer.settings, principals: principalsOf(versions) };
    const key = canonicalJson(asked);
    questions.set(key, { asked, count: (questions.get(key)?.count ?? 0) + 1 });
  }
  return [...questions.values()];
};

const principalsOf = (versions: CredentialView["versions"]): readonly string[] =>
  versions.flatMap(({ life, principal }) =>
    principal === undefined || life === "planned" || life === "revoked" ? [] : [principal],
  );

interface Heard {
  readonly missing: readonly MissingRight[];
  /** The first question that got no answer. */
  readonly fault: Fault | undefined;
  /** Credentials. */
  readonly told: number;
  readonly unasked: number;
}

/** One question after the other. A refusal is of that one; a provider that is away is not asked on. */
const askIssuer = async (
  issuer: Issuer,
  questions: readonly Question[],
  { call, enough }: { readonly call: () => Call; readonly enough: AbortSignal },
): Promise<Heard> => {
  const missing = new Map<string, MissingRight>();
  let fault: Fault | undefined;
  let [told, begun] = [0, 0];
  for (const { asked, count } of questions.slice(0, questionsMax)) {
    if (enough.aborted || (fault && faultCodes[fault.code].action === "retry")) break;
    begun += count;
    try {
      for (const one of (await issuer.missingRights?.(asked, call())) ?? [])
        missing.set(one.right, one);
      told += count;
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      fault = worse(fault, error);
    }
  }
  const all = questions.reduce((sum, { count }) => sum + count, 0);
  return { missing: [...missing.values()], fault, told, unasked: all - begun };
};

/** What says only that it does not tell gives way to what failed. */
const worse = (before: Fault | undefined, now: Fault): Fault =>
  before === undefined || before.code === "PROVIDER_DENIED" ? now : before;

interface Judging {
  readonly name: string;
  readonly issuer: Issuer;
  readonly call: () => Call;
}

/** What is missing comes first: that other questions got no answer takes nothing from it. */
const judgeHeard = async (judging: Judging, heard: Heard): Promise<DoctorCheck> => {
  const { name } = judging;
  const { missing, fault, told, unasked } = heard;
  if (missing.length > 0) return judgeMissing(name, missing);
  if (fault !== undefined) return await judgeFault(judging, fault);
  const rest = unasked === 0 ? "" : `; ${unasked} more were not asked about`;
  return { name, ok: true, found: `all that rotating ${counted(told, "credential")} needs${rest}` };
};

/** A provider that does not tell is no failure, as everything else may work; one that is away fails in its own line. */
const judgeFault = async (
  { name, issuer, call }: Judging,
  { code, providerCode }: Fault,
): Promise<DoctorCheck> => {
  const codes = [code, providerCode].filter(Boolean).join(", ");
  if (code === "PROVIDER_DENIED")
    return { name, ok: true, skipped: true, found: `it does not tell what is granted (${codes})` };
  const found = `no answer to what is granted: ${codes}`;
  return (await isWell(issuer, call()))
    ? { name, ok: false, found, next: adviceOf({ code, providerCode }).next }
    : { name, ok: true, skipped: true, found };
};

const isWell = async (issuer: Issuer, call: Call): Promise<boolean> => {
  try {
    await issuer.check(call);
    return true;
  } catch (error) {
    if (error instanceof Fault) return false;
    throw error;
  }
};

/** Pure: one line for all that is missing, and what grants it. */
const judgeMissing = (name: string, missing: readonly MissingRight[]): DoctorCheck => {
  const some = missing.slice(0, namedMax);
  const more = missing.length - some.length;
  const rest = more > 0 ? `; and ${more} more` : "";
  return {
    name,
    ok: false,
    found: `PROVIDER_DENIED: without ${some.map(({ right }) => right).join("; ")}${rest}`,
    next: `${some.map(({ grant }) => grant).join("; ")}${more > 0 ? "; then ask again" : ""}`,
  };
};
