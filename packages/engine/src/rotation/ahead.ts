import { laneOf, type Call, type RotationClaim, type Version } from "@rekey/domain";
import { callDeadlineMaxMs, HoldLost } from "../hold.ts";
import { readKept } from "../material.ts";
import { issuerFor, type EngineParts } from "../parts.ts";
import { ready, type Readied } from "../steps/readied.ts";

/** What a containment is tried with, got ready while the commit that intends it is under way. */
export interface Ahead {
  /** Of this version, once. */
  take(version: number): Promise<Readied> | undefined;
  /** Leaves what has begun. Any number of times, also after its end. */
  drop(): void;
}

/** Of one batch's commit. */
export interface Aheads {
  readonly foresee: (claim: RotationClaim) => void;
  /** Who takes it drops it. */
  take(rotation: string | undefined): Ahead | undefined;
  /** Leaves what nobody took: its commit failed, or was another one's. */
  drop(): void;
}

type Parts = Pick<EngineParts, "issuers" | "providerShare" | "stores" | "newAbort">;

export const createAheads = (parts: Parts): Aheads => {
  const begun = new Map<string, Ahead>();
  return {
    foresee: (claim) => {
      const { id } = claim.rotation;
      begun.get(id)?.drop();
      begun.delete(id);
      const ahead = beginAhead(parts, claim);
      if (ahead !== undefined) begun.set(id, ahead);
    },
    take: (rotation = "") => {
      const ahead = begun.get(rotation);
      begun.delete(rotation);
      return ahead;
    },
    drop: () => begun.forEach((ahead) => ahead.drop()),
  };
};

/** Undefined where no containment is intended, or where the provider is not to be asked now. */
const beginAhead = (parts: Parts, claim: RotationClaim): Ahead | undefined => {
  const { credential, rotation, gate } = claim;
  const version = contained(claim);
  const issuer = issuerFor(parts, credential.issuer.instance, () => laneOf(rotation));
  if (version === undefined || issuer === undefined || gate.state !== "open") return undefined;
  const abort = parts.newAbort();
  const key = `${rotation.id}/contain/${version.number}/ahead`;
  const call = (): Call => ({ signal: abort.signal, deadlineMs: callDeadlineMaxMs, key });
  const read = async () => await readKept(parts.stores, { credential, version }, call);
  const readied = ready({ issuer, read, call });
  let isTaken = false;
  return {
    take: (number) => {
      if (isTaken || number !== version.number) return undefined;
      isTaken = true;
      return readied;
    },
    drop: () => {
      abort.abort(new HoldLost());
      void readied.then(({ probes }) => probes.drop());
    },
  };
};

const contained = ({ rotation, versions }: RotationClaim): Version | undefined => {
  const step = rotation.plan.find(({ key }) => key === rotation.open?.key);
  return step?.kind === "contain" ? versions.find((one) => one.number === step.version) : undefined;
};
