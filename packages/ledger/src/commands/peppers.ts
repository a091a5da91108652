import type { Fingerprint } from "@rekey/domain";
import type { Draft } from "../rows/draft.ts";

/** What is kept of every pepper, the newest first. */
export const keptPeppers = (draft: Pick<Draft, "rows">): readonly Fingerprint[] =>
  draft
    .rows("peppers")
    .toSorted((left, right) => right.keptAt - left.keptAt)
    .map(({ scheme, value }) => ({ scheme, value }));

/** The first value of an id stays: whoever comes with another one has another pepper. */
export const keepPepper = (draft: Draft, check: Fingerprint): readonly Fingerprint[] => {
  const { scheme, value } = check;
  if (draft.get("peppers", scheme) === undefined)
    draft.put("peppers", { scheme, value, keptAt: draft.now });
  return keptPeppers(draft);
};
