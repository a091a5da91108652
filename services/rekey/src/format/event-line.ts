import type { auditEventView } from "@rekey/contracts";
import type { AuditEventType, Instant } from "@rekey/domain";
import type { z } from "zod";
import type { Paint } from "./paint.ts";
import { seconds } from "./time.ts";

export type EventShown = z.output<typeof auditEventView>;

const timeWidth = 9;
const subjectWidth = 22;

/** One event of a case's progress: `   12.3 s  contain#1  confirmed`. Undefined for what only auditors need. */
export const eventLine = (event: EventShown, since: Instant, paint: Paint): string | undefined => {
  const shown = progress.get(event.type);
  if (shown === undefined) return undefined;
  const words = shown(event, paint);
  const time = seconds(Math.max(0, event.at - since)).padStart(timeWidth);
  return `${time}  ${subjectOf(event).padEnd(subjectWidth)}  ${words}`.trimEnd();
};

export const auditTitles = ["when", "event", "about", "by", "reason"] as const;

/** One event of the audit log as the cells of a row; the reason is last, as it has no usual length. */
export const auditCells = (event: EventShown, time: string, paint: Paint): readonly string[] => [
  time,
  event.type,
  subjectOf(event),
  paint.quiet(event.actor.id),
  event.reason,
];

const subjectOf = ({ type, credential, version, detail }: EventShown): string => {
  if (type.startsWith("case.") && type !== "case.item-added") return "case";
  const step = detail["step"];
  const name = typeof step === "string" && type.startsWith("rotation.step") ? step : undefined;
  const about = version === undefined ? (credential ?? "") : `${credential}#${version}`;
  return name === undefined ? about : `${name} ${credential ?? ""}`.trimEnd();
};

type Words = (event: EventShown, paint: Paint) => string;

const text = (event: EventShown, name: string): string => {
  const value = event.detail[name];
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
};

const list = (event: EventShown, name: string): string => {
  const value = event.detail[name];
  return Array.isArray(value) && value.length > 0 ? value.join(", ") : "nobody";
};

const halted: Words = (event, paint) =>
  `${paint.bad("halted")} ${text(event, "code")}: ${event.reason}; next: ${text(event, "nextSafeAction")}`;

const waiting: Words = (event, paint) =>
  text(event, "for") === "rotations"
    ? `${paint.warn("waits")} for ${waitedFor("rotations")}`
    : `${paint.warn("waits")} for ${text(event, "for")}: ${event.reason}`;

/** What a case or a rotation waits for, as a person says it. */
export const waitedFor = (reason: string): string =>
  reason === "rotations" ? "its rotations" : reason;

const said =
  (word: string): Words =>
  ({ reason }) =>
    `${word}: ${reason}`;

const wordsOf: Partial<Record<AuditEventType, Words>> = {
  "case.opened": said("opened"),
  "case.joined": said("joined"),
  "case.approved": said("approved"),
  "case.dismissed": said("dismissed"),
  "case.wave-started": (event) => `wave ${text(event, "wave")}`,
  "case.waiting": waiting,
  "case.halted": halted,
  "rotation.planned": (event) => `planned ${list(event, "plan")}`,
  "rotation.step-intended": (event, paint) => {
    const attempt = Number(event.detail["attempt"] ?? 1);
    return paint.quiet(attempt > 1 ? `begun, attempt ${attempt}` : "begun");
  },
  "rotation.step-confirmed": (_event, paint) => paint.good("confirmed"),
  "rotation.step-failed": (event, paint) => `${paint.bad("failed")} ${text(event, "code")}`,
  "rotation.waiting": waiting,
  "rotation.halted": halted,
  "rotation.resumed": said("resumed"),
  "rotation.escalated": said("escalated"),
  "rotation.undo-asked": said("undo"),
  "rotation.drained": (event) =>
    `moved: ${list(event, "moved")}; not moved: ${list(event, "unmoved")}`,
  "rotation.completed": (_event, paint) => paint.good("completed"),
  "rotation.undone": (_event, paint) => paint.warn("undone"),
  "rotation.would-have": () => "would have done this: the scope is only observed",
  "version.contained": (_event, paint) => paint.strong("contained"),
  "version.proven-dead": (_event, paint) => paint.good("proven dead"),
  "version.revoked": (_event, paint) => paint.good("revoked"),
  "provider.foreign-found": said("foreign"),
  "breaker.held": said("held"),
};

const progress: ReadonlyMap<string, Words> = new Map(Object.entries(wordsOf));
