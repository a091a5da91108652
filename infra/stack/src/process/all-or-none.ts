/**
 * What was started, in the same order. When one does not start, those that did are ended, once all are known, and the
 * first reason is thrown.
 */
export const allOrNone = async <const Parts extends readonly unknown[]>(
  starting: { readonly [Place in keyof Parts]: Promise<Parts[Place]> },
  end: (part: Parts[number]) => Promise<void>,
): Promise<Parts> => {
  const outcomes = await Promise.allSettled<Parts[number]>(starting);
  const started = outcomes.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  const failed = outcomes.find((one) => one.status === "rejected");
  if (failed === undefined) return started as readonly unknown[] as Parts;
  await Promise.all(started.map(async (part) => await end(part)));
  throw failed.reason;
};
