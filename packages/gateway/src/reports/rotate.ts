import { rekeyLocatorScheme, type Actor, type CredentialId, type Signal } from "@rekey/domain";
import type { GatewayParts } from "../options.ts";
import { draftSignal } from "./draft-signal.ts";

interface Wish {
  readonly credential: CredentialId;
  readonly wanted: "successor" | "none";
  readonly reason: string;
  readonly actor: Actor;
}

/** A person asks for a new version, or for the end of the credential. */
export const rotateSignal = (
  parts: Pick<GatewayParts, "newId" | "clock">,
  { credential, wanted, reason, actor }: Wish,
): Signal =>
  draftSignal(parts, actor, {
    kind: "manual",
    disposition: "act",
    effect: wanted === "none" ? "end" : "rotate",
    locators: [{ scheme: rekeyLocatorScheme, value: credential }],
    reason,
  });
