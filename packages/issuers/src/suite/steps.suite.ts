import { inspect } from "node:util";
import { Fault, rotationId } from "@rekey/domain";
import type {
  Call,
  CredentialId,
  Issuer,
  IssuerSettings,
  Material,
  ProviderEntry,
  ProviderVersion,
} from "@rekey/domain";
import { expect } from "vitest";
import type { IssuerFixture } from "./fixture.ts";

export const callMs = 10_000;
export const silentCallMs = 400;

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

export async function minted(issuer: Issuer, scope: Scope, version = 1): Promise<Live> {
  const ref = { credential: scope.credential, version };
  const { settings } = scope;
  const material = await issuer.propose(ref, settings);
  const request = { ref, settings, material, mark: markOf(scope.credential, version) };
  const { principal, outcome } = await issuer.mint(request, callOf());
  expect(outcome).toBe("created");
  return { ref, settings, principal, material };
}

export const again = (issuer: Issuer, { ref, settings, material }: Live, call = callOf()) =>
  issuer.mint({ ref, settings, material, mark: markOf(ref.credential, ref.version) }, call);

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
