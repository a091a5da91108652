import { refuse, type Refusal } from "../refusal.ts";
import { end, endReplaced, free, retire, stopNow } from "./plan-deaths.ts";
import type { PlanFacts } from "./plan-facts.ts";
import { isStopped, roomFor } from "./plan-room.ts";
import {
  attestation,
  dyingIn,
  exposedIn,
  isCurrent,
  isDone,
  isIdle,
  reversedBy,
  step,
  stepBack,
  versionIn,
} from "./plan-steps.ts";
import { planUndo } from "./plan-undo.ts";
import type { Version } from "../version.ts";
import { severityOf, type PlannedStep } from "./rotation.ts";

type Steps = readonly PlannedStep[];

/** Only planned work is refused here: what leaked or has to end is stopped first, and a person is asked after that. */
const impossible = (facts: PlanFacts): Refusal | undefined => {
  const { capabilities, policy, credential, dying, successor } = facts;
  if (severityOf(facts) !== "planned") return undefined;
  if (
    dyingIn(facts).length > 0 &&
    !capabilities.canProbe &&
    !(capabilities.canEnumerate && policy.allowListedProof)
  )
    return refuse(
      "UNSUPPORTED",
      "the issuer cannot be probed and the policy does not allow a proof by its list (allowListedProof)",
    );
  if (successor === undefined) return undefined;
  if (credential.store === undefined && capabilities.secretChosenBy !== "holder")
    return refuse("UNSUPPORTED", "no store is declared: the new value would be lost");
  if (capabilities.strategy === "in-place" && !policy.allowOutage && dying.length > 0)
    return refuse(
      "UNSUPPORTED",
      "versions cannot overlap here: planned work needs allowOutage in the policy, or an alternating identity",
    );
  return roomFor(facts, undefined).short
    ? refuse(
        "UNSUPPORTED",
        "the provider allows no further live version, and only versions that consumers may use could make room",
      )
    : undefined;
};

/** The new version's way to its readers. Without a store only the label moves. */
const arrival = (facts: PlanFacts, successor: number): Steps => {
  const { strategy, secretChosenBy } = facts.capabilities;
  const verify = step("verify", successor, "the new version works, with the old one's privileges");
  if (strategy === "in-place")
    return [
      step(
        "cutover",
        successor,
        "versions cannot overlap: mint, stage and promote under one claim",
      ),
      verify,
    ];
  const mint = step("mint", successor, "make the new version valid at the issuer");
  const stage = step("stage", successor, "the value is safe in the store before it is needed");
  const promote = step("promote", successor, "readers get the new version from here on");
  if (secretChosenBy === "holder") return [mint, verify, promote];
  const made = secretChosenBy === "rekey" ? [stage, mint] : [mint, stage];
  return [...made, verify, promote];
};

const announce = (facts: PlanFacts, version: number): Steps =>
  facts.credential.consumers.length === 0 ? [] : [step("announce", version, "tell consumers")];

const drain = (facts: PlanFacts, version: number): Steps =>
  facts.credential.consumers.length === 0 || facts.dying.length === 0
    ? []
    : [step("drain", version, "wait until consumers have moved")];

/** Contained for it, or, while still current, retired for an end that nobody wants any more. */
const wasStopped = (facts: PlanFacts, { number, label }: Version): boolean =>
  isDone(facts, `retire#${number}`) ? label === "current" : isDone(facts, `contain#${number}`);

/** A false alarm was dismissed: what it had contained works again while consumers still need it. */
const reinstated = (facts: PlanFacts): readonly number[] => {
  const { successor, capabilities, credential } = facts;
  if (facts.wanted === "none" || successor === undefined || capabilities.strategy === "in-place")
    return [];
  if (isDone(facts, `drain#${successor}`)) return [];
  return dyingIn(facts).filter((number) => {
    const version = versionIn(facts, number);
    const needed =
      version?.label === "current" ||
      (version?.label === "previous" && credential.consumers.length > 0);
    return (
      needed &&
      version.life === "suspended" &&
      version.exposedAt === undefined &&
      wasStopped(facts, version)
    );
  });
};

/** Where a successor leaked after it was promoted and the one before still works, readers go back to that one first. */
const wayBack = (facts: PlanFacts): { readonly to: number; readonly from: number } | undefined => {
  if (facts.capabilities.strategy === "in-place") return undefined;
  const from = exposedIn(facts).find((number) => isCurrent(facts, number));
  const to = facts.versions.findLast(
    (version) =>
      version.label === "previous" && version.life === "valid" && version.exposedAt === undefined,
  )?.number;
  return from === undefined || to === undefined || from <= to ? undefined : { to, from };
};

/** Which way back is under way: named by its recorded promotion once the labels have moved. */
const backOf = (facts: PlanFacts): { readonly to: number; readonly from: number } | undefined => {
  const ahead = wayBack(facts);
  if (ahead !== undefined) return ahead;
  const key = facts.done.findLast((done) => /^promote#\d+<\d+$/.test(done));
  const [to, from] = (key?.slice("promote#".length) ?? "").split("<").map(Number);
  const current = to !== undefined && from !== undefined && isCurrent(facts, to);
  return current ? { to, from } : undefined;
};

/** Ended before the successor came, to make room: only its proof is left. */
const freed = (facts: PlanFacts, successor: number): readonly number[] => {
  const { done } = facts;
  const minted = done.indexOf(`mint#${successor}`);
  const before = minted < 0 ? done : done.slice(0, minted);
  return dyingIn(facts).filter((number) => before.includes(`revoke#${number}`));
};

const withSuccessor = (facts: PlanFacts, successor: number): Steps => {
  const back = backOf(facts);
  const { makers } = roomFor(facts, back?.to);
  const stopped = dyingIn(facts).filter((number) => isStopped(facts, number));
  const exposed = exposedIn(facts);
  const spare = makers.filter((number) => !exposed.includes(number));
  const early = new Set([...stopped, ...makers, ...freed(facts, successor)]);
  const first = dyingIn(facts).filter((number) => early.has(number));
  const later = dyingIn(facts).filter((number) => !early.has(number));
  const told = back !== undefined && facts.credential.consumers.length > 0;
  return [
    ...(back === undefined
      ? []
      : [stepBack("promote", back, "the new version leaked and the one before still works")]),
    ...first
      .filter((number) => exposed.includes(number))
      .flatMap((number) => stopNow(facts, number)),
    ...(told ? [stepBack("announce", back, "tell consumers to go back to it")] : []),
    ...retire(facts, spare),
    ...free(facts, makers),
    ...arrival(facts, successor),
    ...announce(facts, successor),
    ...end(facts, first),
    ...drain(facts, successor),
    ...retire(facts, later),
    ...end(facts, later),
  ];
};

/** One identity only: the cutover itself ends the old value, so its proof needs no wait for consumers. */
const inPlace = (facts: PlanFacts, successor: number): Steps => {
  const live = dyingIn(facts)
    .filter((number) => isStopped(facts, number))
    .filter((number) => isCurrent(facts, number));
  const stops = live.flatMap((number) => stopNow(facts, number));
  const ahead = !isDone(facts, `cutover#${successor}`);
  return [
    ...(ahead ? stops.filter((stop) => stop.kind === "contain") : []),
    ...arrival(facts, successor),
    ...announce(facts, successor),
    ...endReplaced(facts, dyingIn(facts)),
    ...drain(facts, successor),
  ];
};

/** Nothing follows, or a version stays that is in use already: what must die needs no arrival. */
const withoutSuccessor = (facts: PlanFacts): Steps => {
  const dying = dyingIn(facts);
  const stays = facts.versions.find(
    (version) => version.label === "current" && !facts.dying.includes(version.number),
  );
  const heir = facts.wanted === "none" ? undefined : stays?.number;
  if (heir !== undefined && facts.capabilities.strategy === "in-place")
    return endReplaced(facts, dying);
  const exposed = exposedIn(facts);
  const rest = dying.filter((number) => !exposed.includes(number));
  const waits = heir !== undefined && rest.some((number) => !isIdle(facts, number));
  const first = waits ? exposed : dying;
  return [
    ...exposed.flatMap((number) => stopNow(facts, number)),
    ...retire(facts, waits ? [] : rest),
    ...end(facts, first),
    ...(waits ? [...announce(facts, heir), ...drain(facts, heir)] : []),
    ...(waits ? [...retire(facts, rest), ...end(facts, rest)] : []),
  ];
};

const planForward = (facts: PlanFacts): Steps | Refusal => {
  const refusal = impossible(facts);
  if (refusal !== undefined) return refusal;
  const { successor, wanted, capabilities } = facts;
  if (wanted === "none" || successor === undefined)
    return [...withoutSuccessor(facts), attestation];
  const again = reinstated(facts);
  const reversed = again.flatMap((number) => reversedBy(`reinstate#${number}`));
  const from = { ...facts, done: facts.done.filter((key) => !reversed.includes(key)) };
  const body =
    capabilities.strategy === "in-place"
      ? inPlace(from, successor)
      : withSuccessor(from, successor);
  const steps = again.map((number) =>
    step("reinstate", number, "the alarm was false and consumers still use it"),
  );
  return [...steps, ...remaining(body, from.done), attestation];
};

/** A step is planned once, where it comes first, and never again when it is done. */
const remaining = (steps: Steps, done: readonly string[]): Steps =>
  steps.filter(
    (candidate, index) =>
      !done.includes(candidate.key) &&
      steps.findIndex((other) => other.key === candidate.key) === index,
  );

/**
 * The remaining steps of a rotation, as data, shown before anything runs. Pure: an escalation changes the
 * facts and plans again; steps in `done` are never planned twice. Planned work that has no safe order is
 * refused; for an incident the steps that are possible come first.
 */
export const planRotation = (facts: PlanFacts): Steps | Refusal => {
  const steps = facts.undoing === true ? planUndo(facts) : planForward(facts);
  return "refused" in steps ? steps : remaining(steps, keptDone(facts, steps));
};

/** What a reinstatement ahead will reverse does not count as done. */
const keptDone = (facts: PlanFacts, steps: Steps): readonly string[] => {
  const reversed = steps.flatMap((candidate) =>
    candidate.kind === "reinstate" && !isDone(facts, candidate.key)
      ? reversedBy(candidate.key)
      : [],
  );
  return facts.done.filter((key) => !reversed.includes(key));
};
