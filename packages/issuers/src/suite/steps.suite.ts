import { inspect } from "node:util";
import { Fault, rotationId } from "@rekey/domain";
import type {
  Call,
  CredentialId,
  Issuer,
  IssuerSettings,
  Material,
  MintRequest,
  ProviderEntry,
  ProviderVersion,
} from "@rekey/domain";
import { expect } from "vitest";
import type { IssuerFixture } from "./fixture.ts";

export const callMs = 10_000;
/** A call that gets no answer lasts as long as its deadline; a busy machine may need a later one to get so far. */
export const silentCallsMs = [400, 4_000, 20_000];

export const callOf = (deadlineMs = callMs, signal = new AbortController().signal): Call => ({
  signal,
  deadlineMs,
  key: "rotation/step/version/1",
});

export interface Scope {
  readonly credential: CredentialId;
  readonly settings: IssuerSettings;
}

export interface Context {
  readonly fixture: () => IssuerFixture;
  readonly scope: () => Promise<Scope>;
}

export interface Live extends ProviderVersion {
  readonly material: Material;
}

export const markOf = (credential: CredentialId, version: number) => ({
  credential,
  version,
  rotation: rotationId("0199-suite"),
});

export const rekeyChooses = ({ capabilities }: Issuer): boolean =>
  capabilities.secretChosenBy === "rekey";

/** What a version is made from: its value too, where Rekey chooses it. */
export async function requestFor(
  issuer: Issuer,
  { credential, settings }: Scope,
  version = 1,
): Promise<MintRequest> {
  const ref = { credential, version };
  const request = { ref, settings, mark: markOf(credential, version) };
  if (!rekeyChooses(issuer)) return request;
  return { ...request, material: await issuer.propose(ref, settings) };
}

export async function minted(
  issuer: Issuer,
  scope: Scope,
  { version = 1, like }: { version?: number; like?: string } = {},
): Promise<Live> {
  const request = await requestFor(issuer, scope, version);
  const likePrincipal = like === undefined ? {} : { likePrincipal: like };
  const made = await issuer.mint({ ...request, ...likePrincipal }, callOf());
  expect(made.outcome).toBe("created");
  const material = made.material ?? request.material;
  if (material === undefined) expect.fail("a version that was made has a value");
  return { ref: request.ref, settings: scope.settings, principal: made.principal, material };
}

/** The same mint once more. */
export const again = (issuer: Issuer, live: Live, call = callOf()) => {
  const { ref, settings, material } = live;
  const request = { ref, settings, mark: markOf(ref.credential, ref.version) };
  return issuer.mint(rekeyChooses(issuer) ? { ...request, material } : request, call);
};

/** The nearest stop: reversible where the provider has one. */
export const stop = (issuer: Issuer, live: Live, call = callOf()) =>
  issuer.capabilities.canSuspend ? issuer.suspend(live, call) : issuer.revoke(live, call);

export async function entriesOf(issuer: Issuer, scope: Scope): Promise<readonly ProviderEntry[]> {
  const { entries, complete } = await issuer.list(scope.credential, scope.settings, callOf());
  expect(complete).toBe(true);
  return entries;
}

export const states = (entries: readonly ProviderEntry[]) =>
  Object.fromEntries(entries.map(({ principal, state }) => [principal, state]));

export async function answersAt(issuer: Issuer, material: Material): Promise<string[]> {
  const answers: string[] = [];
  for (const vantage of issuer.vantages)
    answers.push((await issuer.probe(material, vantage, callOf())).answer);
  return [...new Set(answers)];
}

/** The Fault that a call must end with; it must not hold the secret, however deep one looks. */
export async function faultOf(
  work: Promise<unknown>,
  secret: Material | undefined,
): Promise<Fault> {
  const fault = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(fault instanceof Fault)) expect.fail(`expected a Fault, got ${inspect(fault)}`);
  const shown = inspect(fault, { depth: null, showHidden: true });
  if (secret !== undefined) expect(shown).not.toContain(secret.secret.reveal());
  return fault;
}
