import fc from "fast-check";
import type { Version } from "../version.ts";
import { joinCause } from "./joining.ts";
import type { PlanFacts } from "./plan-facts.ts";
import { dual, exposure, facts, offboarding, schedule, version } from "./rotation.fixture.ts";

const capabilities = fc
  .record({
    strategy: fc.constantFrom("dual", "alternating", "in-place"),
    secretChosenBy: fc.constantFrom("rekey", "issuer", "holder"),
    canSuspend: fc.boolean(),
    canProbe: fc.boolean(),
    versionsMax: fc.constantFrom(undefined, 1, 2),
  })
  .map(({ versionsMax, ...part }) => ({
    ...dual,
    ...part,
    ...(versionsMax === undefined ? {} : { versionsMax }),
  }));

const credential = fc.record({
  criticality: fc.constantFrom("normal" as const, "critical" as const),
  consumers: fc.constantFrom([], facts().credential.consumers),
});

const policy = fc
  .record({
    allowOutage: fc.boolean(),
    allowListedProof: fc.boolean(),
    onExposure: fc.constantFrom(undefined, "contain-first", "replace-first", "propose"),
  })
  .map(({ onExposure, ...part }) => ({
    ...facts().policy,
    ...part,
    ...(onExposure === undefined ? {} : { onExposure }),
  }));

const lives = ["planned", "valid", "suspended", "ending"] as const;

/** Up to three versions, the newest usable one current. */
const versions = fc
  .array(fc.record({ life: fc.constantFrom(...lives), exposed: fc.boolean() }), { maxLength: 3 })
  .map((parts): readonly Version[] => {
    const current = parts.findLastIndex((part) => part.life !== "planned");
    return parts.map(({ life, exposed }, index) =>
      version(index + 1, {
        life,
        label: index === current ? "current" : index < current ? "previous" : "pending",
        ...(exposed ? { exposedAt: 50 } : {}),
      }),
    );
  });

/** Every shape of issuer, policy and history that a plan can meet, as facts for a first plan. */
export const situation = fc
  .record({
    capabilities,
    credential,
    policy,
    versions,
    store: fc.boolean(),
    ends: fc.boolean(),
    severe: fc.boolean(),
    renews: fc.boolean(),
  })
  .map(({ store, ends, severe, renews, ...part }): PlanFacts => {
    const exposed = part.versions
      .filter((known) => known.exposedAt !== undefined)
      .map((known) => known.number);
    const causes = [
      ...exposed.map((number) => exposure({ version: number, public: severe })),
      ...(ends ? [offboarding] : []),
      ...(renews || exposed.length === 0 ? [schedule] : []),
    ];
    const joined = joinCause({ dying: [], wanted: "successor" }, part.versions, {
      exposed,
      wanted: ends ? "none" : "successor",
      renews: renews || exposed.length === 0,
    });
    const address = facts().credential.store;
    return {
      ...part,
      ...joined,
      causes,
      done: [],
      credential: {
        ...part.credential,
        ...(store && address !== undefined ? { store: address } : {}),
      },
    };
  });
