import { refuse, type Refusal } from "./refusal.ts";

export const roles = [
  "viewer",
  "operator",
  "approver",
  "owner",
  "auditor",
  "producer",
  "consumer",
] as const;
export type Role = (typeof roles)[number];

/** Who asks, and how they proved it. `local:<owner>` on the socket is never a second approver. */
export interface Actor {
  readonly id: string;
  readonly authenticated: "local-socket" | "jwt" | "mtls" | "consumer-key" | "internal";
  readonly roles: readonly Role[];
}

export const commandNames = [
  "inventory.check",
  "inventory.apply",
  "credential.read",
  "credential.plan",
  "credential.rotate",
  "signal.report",
  "case.read",
  "case.approve",
  "case.dismiss",
  "rotation.read",
  "rotation.resume",
  "rotation.undo",
  "debt.read",
  "audit.read",
  "pause",
  "unpause",
  "mode.read",
  "mode.set",
  "doctor",
  "announcement.read",
  "acknowledge",
] as const;
export type CommandName = (typeof commandNames)[number];

/** The one table of who may do what. */
export const authorisation: Readonly<Record<CommandName, readonly Role[]>> = {
  "inventory.check": ["viewer", "operator", "approver", "owner", "auditor"],
  "inventory.apply": ["operator"],
  "credential.read": ["viewer", "operator", "approver", "owner", "auditor"],
  "credential.plan": ["viewer", "operator", "approver", "owner", "auditor"],
  "credential.rotate": ["operator", "owner"],
  "signal.report": ["producer", "operator"],
  "case.read": ["viewer", "operator", "approver", "owner", "auditor"],
  "case.approve": ["approver"],
  "case.dismiss": ["operator", "owner"],
  "rotation.read": ["viewer", "operator", "approver", "owner", "auditor"],
  "rotation.resume": ["operator", "owner"],
  "rotation.undo": ["operator", "owner"],
  "debt.read": ["viewer", "operator", "approver", "owner", "auditor"],
  "audit.read": ["auditor", "operator"],
  pause: ["operator"],
  unpause: ["operator"],
  "mode.read": ["viewer", "operator", "approver", "owner", "auditor"],
  "mode.set": ["operator"],
  doctor: ["viewer", "operator"],
  "announcement.read": ["consumer", "operator"],
  acknowledge: ["consumer", "operator"],
};

/** Undefined when allowed. */
export const authorise = (actor: Actor, command: CommandName): Refusal | undefined => {
  const allowed = authorisation[command];
  if (actor.roles.some((role) => allowed.includes(role))) return undefined;
  return refuse("NOT_AUTHORISED", `${command} needs one of the roles ${allowed.join(", ")}`);
};

/** The operator of the machine, through the socket that only its owner can open. */
export const localActor = (owner: string): Actor => ({
  id: `local:${owner}`,
  authenticated: "local-socket",
  roles: ["viewer", "operator", "approver", "owner", "auditor", "producer"],
});

/** Rekey itself, acting on what it has recorded. */
export const engineActor: Actor = { id: "rekey", authenticated: "internal", roles: [] };
