import type { apiRoutes } from "@rekey/contracts";
import { counted, type Instant } from "@rekey/domain";
import type { z } from "zod";
import { waitedFor } from "./event-line.ts";
import type { Paint } from "./paint.ts";
import { relative } from "./time.ts";

export type CaseDetail = z.output<typeof apiRoutes.cases.show.reply>;
type CaseShown = CaseDetail["case"];
export type RotationShown = CaseDetail["rotations"][number];
type WaitsOn = NonNullable<CaseShown["waitsOn"]>;
type State = CaseShown["state"] | RotationShown["state"];

/** What a case or a rotation is doing, in a few words. */
export const stateText = (
  state: State,
  paint: Paint,
  { now, waitsOn }: { readonly now: Instant; readonly waitsOn?: WaitsOn | undefined },
): string => {
  switch (state.at) {
    case "running":
      return paint.strong("running");
    case "waiting":
      return `${paint.warn("waiting")} for ${waitsOn === undefined ? `${waitedFor(state.for)} (${state.reason})` : rotationsText(waitsOn)}, looks again ${relative(state.until, now)}`;
    case "halted":
      return `${paint.bad("halted")} ${state.halt.code}: ${state.halt.reason}`;
    case "closed":
      return `${paint.good("closed")} ${state.outcome}: ${state.reason}`;
    case "withdrawn":
      return `withdrawn: ${state.reason}`;
    case "completed":
      return paint.good("completed");
    case "undone":
    case "would-have":
      return state.at;
  }
};

/** The same for a table's column. */
export const stateWord = (state: State, paint: Paint, waitsOn?: WaitsOn): string => {
  switch (state.at) {
    case "waiting":
      return paint.warn(
        `waiting for ${waitsOn === undefined ? waitedFor(state.for) : rotationsText(waitsOn)}`,
      );
    case "halted":
      return paint.bad(`halted ${state.halt.code}`);
    case "closed":
      return paint.good(state.outcome);
    case "completed":
      return paint.good(state.at);
    case "running":
    case "undone":
    case "withdrawn":
    case "would-have":
      return state.at;
  }
};

/** `1 rotation (payments-db: waits for consumers)`. */
const rotationsText = ({ rotations, first }: WaitsOn): string => {
  const named = first.map(({ credential, state }) => `${credential}: ${doing(state)}`);
  const rest = rotations > first.length ? ["…"] : [];
  return `${counted(rotations, "rotation")} (${[...named, ...rest].join(", ")})`;
};

const doing = (state: RotationShown["state"]): string => {
  if (state.at === "waiting") return `waits for ${state.for}`;
  return state.at === "halted" ? `halted ${state.halt.code}` : state.at;
};

/** A halted thing's reason and what is safe to do. */
export const haltText = (state: State): string | undefined =>
  state.at === "halted" ? `next: ${state.halt.nextSafeAction}` : undefined;
