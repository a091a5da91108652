import type { caseDetailView } from "@rekey/contracts";
import {
  caseId,
  faultCodes,
  refuse,
  type Actor,
  type Case,
  type CaseItem,
  type CaseView,
  type Refusal,
  type Rotation,
} from "@rekey/domain";
import type { z } from "zod";
import type { GatewayParts } from "../options.ts";
import { wayOn } from "./approval.ts";

type Reads = Pick<GatewayParts, "ledger">;
type Shown = CaseView & Pick<z.output<typeof caseDetailView>, "case" | "next">;

/** One case as it is answered: what it waits for, what became of each item, and what a person may do. */
export const shownCase = async (
  reads: Reads,
  id: string,
  asking: Actor,
): Promise<Shown | Refusal> => {
  const view = await reads.ledger.case(caseId(id));
  if (view === undefined) return refuse("NOT_FOUND", "there is no such case");
  const next = await wayOn(reads, view, asking);
  return {
    ...view,
    case: { ...view.case, ...waitsOn(view) },
    items: view.items.map((item) => withOutcome(view, item)),
    ...(next !== undefined && { next }),
  };
};

/** Cases of one page that are looked into; what further ones wait for is shown one by one. */
const lookedIntoMax = 50;

/** The cases of a page, with the rotations that they wait for. */
export const listedCases = async (
  { ledger }: Reads,
  cases: readonly Case[],
): Promise<readonly Shown["case"][]> => {
  const listed: Shown["case"][] = [];
  let lookedInto = 0;
  for (const one of cases) {
    const isAsked = one.state.at === "waiting" && lookedInto < lookedIntoMax;
    const view = isAsked ? await ledger.case(one.id) : undefined;
    if (isAsked) lookedInto += 1;
    listed.push(view === undefined ? one : { ...one, ...waitsOn({ ...view, case: one }) });
  }
  return listed;
};

const namedMax = 3;

const waitsOn = ({
  case: { state },
  items,
  rotations,
}: CaseView): Pick<Shown["case"], "waitsOn"> => {
  if (!waitsForRotations(state)) return {};
  const open = new Set(
    items.flatMap((item) => (item.outcome === undefined ? [item.rotation] : [])),
  );
  const active = rotations.filter((one) => one.endedAt === undefined && open.has(one.id));
  if (active.length === 0) return {};
  const first = active
    .slice(0, namedMax)
    .map(({ credential, state: at }: Rotation) => ({ credential, state: at }));
  return { waitsOn: { rotations: active.length, first } };
};

/** Builds before this one called it a wait for the provider, without a fault's code as the reason. */
const waitsForRotations = (state: Case["state"]): boolean =>
  state.at === "waiting" &&
  (state.for === "rotations" || (state.for === "provider" && !(state.reason in faultCodes)));

/** A dismissed case takes its wishes back: what no rotation brought to an end is withdrawn. */
const withOutcome = ({ case: { state } }: CaseView, item: CaseItem): CaseItem =>
  item.outcome === undefined && state.at === "closed" && state.outcome === "dismissed"
    ? { ...item, outcome: "withdrawn" }
    : item;
