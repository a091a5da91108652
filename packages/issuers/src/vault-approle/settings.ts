import { Fault } from "@rekey/domain";
import type { IssuerSettings, SettingsProblem } from "@rekey/domain";
import { z } from "zod";
import { isCidr } from "./cidrs.ts";

const roleLengthMax = 200;
const cidrsMax = 32;
const cidrs = z
  .array(z.string().refine(isCidr, "must be an address block such as 10.0.0.0/8"))
  .min(1, "must not be empty: leave it out for no bound")
  .max(cidrsMax);

/** Settings of one credential of this issuer. */
const vaultApproleSettings = z.strictObject({
  /** The role, on the instance's mount. Vault keeps its name in lower case. */
  role: z
    .string()
    .max(roleLengthMax)
    .regex(/^[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?$/, "must be a role's name in lower case"),
  /** Where a version may log in from; absent: as the older version, else from wherever the role allows. */
  cidrs: cidrs.optional(),
  /** Where its tokens may be used from; absent: as the older version, else as the role says. */
  tokenCidrs: cidrs.optional(),
});
export type VaultApproleSettings = z.infer<typeof vaultApproleSettings>;

/** Every problem at once; empty when the settings are good. */
export function settingsProblems(settings: unknown): readonly SettingsProblem[] {
  const checked = vaultApproleSettings.safeParse(settings);
  if (checked.success) return [];
  return checked.error.issues.map((issue) => ({
    path: issue.path.join("."),
    reason: issue.message,
  }));
}

/** Settings were checked at `apply`; what is wrong here was changed behind Rekey's back. */
export function settingsOf(settings: IssuerSettings): VaultApproleSettings {
  const checked = vaultApproleSettings.safeParse(settings);
  if (checked.success) return checked.data;
  throw new Fault("PROVIDER_REJECTED", { providerCode: "settings" });
}
