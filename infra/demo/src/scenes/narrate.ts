import type { Screen } from "../terminal/screen.ts";
import type { AuditEvent } from "./follow-case.ts";

interface NarrateOptions {
  readonly screen: Screen;
  /** Wall-clock time at which the scene began. */
  readonly since: number;
}

type Sentence = (event: AuditEvent) => readonly [text: string, note?: string];

const of = ({ credential, version }: AuditEvent): string => `${credential} version ${version}`;
/** A word or a number of the event's detail. */
const detail = (event: AuditEvent, name: string): string => {
  const value = event.detail[name];
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
};

/** The audit events a person follows, in their words; the others are in the audit file. */
const sentences: Readonly<Partial<Record<AuditEvent["type"], Sentence>>> = {
  "case.opened": (event) => [
    "a case is open",
    `${detail(event, "kind")}, ${detail(event, "about")}`,
  ],
  "case.item-added": (event) => [
    `in scope: ${event.credential ?? ""}`,
    event.reason === "in scope" ? "" : event.reason,
  ],
  "version.contained": (event) => [`contained: ${of(event)}`, "suspended, its sessions ended"],
  "version.minted": (event) => [`${of(event)} is made`, `role ${detail(event, "principal")}`],
  "version.verified": (event) => [`${of(event)} works`, "logins, privileges as before"],
  "version.promoted": (event) => [`${of(event)} is current`, "readers get it from here on"],
  "consumer.moved": (event) => [`${detail(event, "consumer")} moved`, "acknowledged, signed"],
  "version.suspended": (event) => [`suspended: ${of(event)}`, "reversible, its sessions ended"],
  "version.proven-dead": (event) => [
    `proven dead: ${of(event)}`,
    `${detail(event, "probes")} probes, ${detail(event, "strength")}`,
  ],
  "version.revoked": (event) => [`ended: ${of(event)}`, "the role is dropped"],
  "rotation.would-have": () => ["it would have acted", "observe: planned, nothing touched"],
  "case.closed": (event) => ["the case is closed", detail(event, "outcome")],
};

/** Prints an event at the time the ledger gives it. */
export const narrator =
  ({ screen, since }: NarrateOptions) =>
  (event: AuditEvent): void => {
    const sentence = sentences[event.type];
    if (sentence === undefined) return;
    const [text, note = ""] = sentence(event);
    screen.event(text, note, Math.max(0, event.at - since));
  };
