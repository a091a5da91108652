import {
  isApproved,
  type Actor,
  type Case,
  type CaseView,
  type Mode,
  type ModeSetting,
} from "@rekey/domain";
import type { GatewayParts } from "../options.ts";

type Reads = Pick<GatewayParts, "ledger">;

/** What lets a case go on that waits for a person's word; undefined where none is asked for. */
export const wayOn = async (
  reads: Reads,
  view: CaseView,
  asking: Actor,
): Promise<string | undefined> => {
  const { state, mode, requestedBy, about } = view.case;
  const asks = mode === "propose" ? !isApproved(view.case) : waitsForApproval(state);
  if (state.at === "closed" || !asks) return undefined;
  const approve = `\`rekey case approve ${about}\` lets it act`;
  if (requestedBy === undefined) return approve;
  if (asking.authenticated !== "local-socket" && asking.id !== requestedBy)
    return needsTwo(view.case, asking)
      ? `${approve} once two people said so: whoever asked may be one of them`
      : approve;
  return `whoever asked cannot approve it; ${await wayWithoutApprover(reads, view, asking)}`;
};

/** Whoever asked by another way than this one may be the same person. */
const needsTwo = ({ requestedBy }: Case, { id }: Actor): boolean =>
  requestedBy !== undefined && !isApproved({ requestedBy, approvedBy: [id] });

/** Who holds the socket is one person: without a second one only the scope's mode lets the case act. */
export const wayWithoutApprover = async (
  { ledger }: Reads,
  view: CaseView,
  asking: Actor,
): Promise<string> => {
  if (asking.authenticated !== "local-socket") return "another person with the role approver can";
  const { modes } = await ledger.switches();
  const asked = await Promise.all(
    view.items
      .slice(0, itemsLookedAt)
      .map(async (item) => await ledger.credential(item.credential)),
  );
  const proposing = modes.filter(
    (setting) =>
      setting.mode === ("propose" satisfies Mode) &&
      asked.some((found) => found !== undefined && applies(setting, found.credential, view.case)),
  );
  if (proposing.length === 0)
    return `at this socket nobody else can: \`rekey case dismiss ${view.case.about} --reason …\` ends it`;
  return `on this socket it goes on at once after ${proposing.map(command).join(" and ")}`;
};

/** Wishes have one item; of larger cases the first ones tell which scopes propose. */
const itemsLookedAt = 20;

const waitsForApproval = (state: Case["state"]): boolean =>
  state.at === "waiting" && state.for === "approval";

const applies = (
  { scope, name }: ModeSetting,
  credential: {
    readonly id: string;
    readonly environment: string;
    readonly issuer: { readonly instance: string };
  },
  { producer }: Case,
): boolean => {
  const named = {
    everything: "",
    producer,
    environment: credential.environment,
    issuer: credential.issuer.instance,
    credential: credential.id,
  };
  return named[scope] === name;
};

const command = ({ scope, name }: ModeSetting): string =>
  `\`rekey mode act --${[scope, name].filter((word) => word !== "").join(" ")} --reason …\``;
