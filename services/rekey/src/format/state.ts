import type { apiRoutes } from "@rekey/contracts";
import type { Instant } from "@rekey/domain";
import type { z } from "zod";
import type { Paint } from "./paint.ts";
import { relative } from "./time.ts";

export type CaseDetail = z.output<typeof apiRoutes.cases.show.reply>;
type CaseShown = CaseDetail["case"];
export type RotationShown = CaseDetail["rotations"][number];
type State = CaseShown["state"] | RotationShown["state"];

/** What a case or a rotation is doing, in a few words. */
export const stateText = (state: State, paint: Paint, now: Instant): string => {
  switch (state.at) {
    case "running":
      return paint.strong("running");
    case "waiting":
      return `${paint.warn("waiting")} for ${state.for} (${state.reason}), looks again ${relative(state.until, now)}`;
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
export const stateWord = (state: State, paint: Paint): string => {
  switch (state.at) {
    case "waiting":
      return paint.warn(`waiting for ${state.for}`);
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

/** A halted thing's reason and what is safe to do. */
export const haltText = (state: State): string | undefined =>
  state.at === "halted" ? `next: ${state.halt.nextSafeAction}` : undefined;
