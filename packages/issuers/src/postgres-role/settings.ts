import { Fault } from "@rekey/domain";
import type { IssuerSettings, SettingsProblem } from "@rekey/domain";
import { z } from "zod";
import { nameBytesMax } from "./mark.ts";

const fitsName = (text: string): boolean => Buffer.byteLength(text, "utf8") <= nameBytesMax;

const name = z
  .string()
  .min(1, "must not be empty")
  .refine(fitsName, `must be at most ${nameBytesMax} bytes in UTF-8`)
  .refine((text) => text.isWellFormed() && !text.includes("\0"), "must be valid text without NUL");

// `none` and `public` are words of SQL where a role is expected; pg_ roles are the server's own.
const groupName = name.refine(
  (text) => !["none", "public"].includes(text) && !text.startsWith("pg_"),
  "must not be a reserved role name",
);

const connectionsMax = 10_000;

/** Settings of one credential of this issuer. */
const postgresRoleSettings = z.strictObject({
  /** NOLOGIN role that owns the tables and holds the privileges; every version logs in and becomes it. */
  group: groupName,
  /** Database that consumers connect to and probes log in to. */
  database: name,
  /** Sessions that one version may have open at once; absent: as the older version, else no limit. */
  connectionLimit: z.int().min(1).max(connectionsMax).optional(),
});
export type PostgresRoleSettings = z.infer<typeof postgresRoleSettings>;

/** Every problem at once; empty when the settings are good. */
export function settingsProblems(settings: unknown): readonly SettingsProblem[] {
  const checked = postgresRoleSettings.safeParse(settings);
  if (checked.success) return [];
  return checked.error.issues.map((issue) => ({
    path: issue.path.join("."),
    reason: issue.message,
  }));
}

/** Settings were checked at `apply`; what is wrong here was changed behind Rekey's back. */
export function settingsOf(settings: IssuerSettings): PostgresRoleSettings {
  const checked = postgresRoleSettings.safeParse(settings);
  if (checked.success) return checked.data;
  throw new Fault("PROVIDER_REJECTED", { providerCode: "settings" });
}
