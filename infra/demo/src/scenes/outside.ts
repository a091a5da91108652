import type { Secret } from "@rekey/secret";
import type { DemoCredential } from "../run/inventory.ts";
import { logIn, withWrongPassword } from "../target/connect.ts";
import { probeOf, type Probe } from "../report/case-row.ts";
import type { World } from "./world.ts";

/** A value as its consumer reads it, kept in memory only. */
export interface HeldValue {
  readonly url: Secret;
  readonly version: number;
}

/** Reads a credential's value as its consumer would; throws when there is none. */
export const holdValue = async (
  { keyring }: Pick<World, "keyring">,
  credential: DemoCredential,
): Promise<HeldValue> => {
  const held = await keyring.read(credential);
  if (held === undefined) throw new Error(`${credential.id} has no value yet`);
  return held;
};

/**
 * A refusal counts only beside two controls at the same server: a value that works, and a password that was
 * never right. All three are logins of our own.
 */
export const claimDead = async (
  { claims }: Pick<World, "claims">,
  {
    name,
    old,
    control,
  }: { readonly name: string; readonly old: HeldValue; readonly control: HeldValue },
): Promise<Probe> => {
  const found = await logIn(old.url);
  const bogus = await logIn(withWrongPassword(control.url));
  const works = await logIn(control.url);
  const code = "code" in found ? ` ${found.code}` : "";
  claims.equal(`${name} is refused by a real login`, {
    expected: "refused; controls alive and refused",
    found: `${found.answer}; controls ${works.answer} and ${bogus.answer}`,
    shown: `${found.answer}${code}`,
  });
  return probeOf(found);
};

export const claimAlive = async (
  { claims }: Pick<World, "claims">,
  { name, value }: { readonly name: string; readonly value: HeldValue },
): Promise<Probe> => {
  const found = await logIn(value.url);
  const role = found.answer === "alive" ? `as ${found.role}` : found.code;
  claims.equal(`${name} logs in`, { expected: "alive", found: found.answer, shown: role });
  return probeOf(found);
};
