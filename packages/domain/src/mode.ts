/** What a scope may do. The most restrictive mode that is set wins; none set means observe. */
export const modes = ["observe", "propose", "act"] as const;
export type Mode = (typeof modes)[number];

export const modeScopes = [
  "everything",
  "producer",
  "environment",
  "issuer",
  "credential",
] as const;
export type ModeScope = (typeof modeScopes)[number];

/** One switch, set by a person with `rekey mode`; never by `apply`. */
export interface ModeSetting {
  readonly scope: ModeScope;
  /** The producer, environment, issuer or credential; empty for `everything`. */
  readonly name: string;
  readonly mode: Mode;
}

export interface ModeQuestion {
  readonly producer?: string;
  readonly environment: string;
  readonly issuer: string;
  readonly credential: string;
}

const applies = (setting: ModeSetting, question: ModeQuestion): boolean =>
  setting.scope === "everything" || question[setting.scope] === setting.name;

/** The mode in force for one piece of work. */
export const modeInForce = (settings: readonly ModeSetting[], question: ModeQuestion): Mode => {
  const matching = settings
    .filter((setting) => applies(setting, question))
    .map((setting) => modes.indexOf(setting.mode));
  return matching.length === 0 ? "observe" : (modes[Math.min(...matching)] ?? "observe");
};

/** A pause stops new planned effects; with `all`, containment too. Signals are still recorded. */
export interface Pause {
  readonly paused: boolean;
  readonly all: boolean;
  readonly reason?: string;
}
