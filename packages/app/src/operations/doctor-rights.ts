import {
  counted,
  Fault,
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
  /** A fresh deadline for all that one issuer is asked. */
  readonly call: () => Call;
}

type MissingRight = Awaited<ReturnType<NonNullable<Issuer["missingRights"]>>>[number];

const credentialsMax = 1_000;
/** Of one issuer: others are most often like them. */
const askedMax = 50;
const namedMax = 3;

/**
 * Whether rotations of what is declared would be allowed all that they do, asked of each issuer that can tell: a right
 * that is missing shows here and not in the middle of a rotation. Nothing where the ledger does not answer.
 */
export const rightsChecks = async ({
  ledger,
  issuers,
  call,
}: Looking): Promise<readonly DoctorCheck[]> => {
  try {
    const views = await ledger.credentials({ limit: credentialsMax });
    const checks = [...issuers].map(async ([id, issuer]) => {
      const own = views.filter((view) => isRotated(view, id));
      return own.length === 0 ? [] : await askIssuer({ id, issuer, own }, call());
    });
    return (await Promise.all(checks)).flat();
  } catch (error) {
    if (error instanceof Fault) return [];
    throw error;
  }
};

const isRotated = ({ credential }: CredentialView, id: IssuerId): boolean =>
  credential.declared && !credential.ended && credential.issuer.instance === id;

interface Asked {
  readonly id: IssuerId;
  readonly issuer: Issuer;
  readonly own: readonly CredentialView[];
}

/** One credential after the other; that it cannot tell is no failure, as everything else may work. */
const askIssuer = async (
  { id, issuer, own }: Asked,
  call: Call,
): Promise<readonly DoctorCheck[]> => {
  if (issuer.missingRights === undefined) return [];
  const name = `rights of ${id}`;
  const asked = own.slice(0, askedMax);
  const missing = new Map<string, MissingRight>();
  try {
    for (const { credential, versions } of asked) {
      const question = { settings: credential.issuer.settings, principals: principalsOf(versions) };
      for (const one of await issuer.missingRights(question, call)) missing.set(one.right, one);
    }
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    const code = [error.code, error.providerCode].filter(Boolean).join(", ");
    return [{ name, ok: true, skipped: true, found: `it does not tell what is granted (${code})` }];
  }
  return [judgeRights(name, [...missing.values()], asked.length)];
};

const principalsOf = (versions: CredentialView["versions"]): readonly string[] =>
  versions.flatMap(({ life, principal }) =>
    principal === undefined || life === "planned" || life === "revoked" ? [] : [principal],
  );

/** Pure: one line for all that is missing, and what grants it. */
const judgeRights = (
  name: string,
  missing: readonly MissingRight[],
  asked: number,
): DoctorCheck => {
  if (missing.length === 0)
    return { name, ok: true, found: `all that rotating ${counted(asked, "credential")} needs` };
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
