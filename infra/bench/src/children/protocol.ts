/** What the bench asks a process of its own. */
export interface Question {
  readonly id: number;
  readonly call: string;
  readonly argument: unknown;
}

export type Answer =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly error: string };

type Call = (argument: unknown) => Promise<unknown>;

/** Answers the bench's questions until it goes away; one ends when the other does. */
export const serve = (calls: object): void => {
  const known = new Map(Object.entries(calls) as [string, Call][]);
  process.on("message", (question: Question) => void answer(known, question));
  process.on("disconnect", () => process.exit(0));
  process.send?.({ id: 0, value: "ready" } satisfies Answer);
};

const answer = async (
  calls: ReadonlyMap<string, Call>,
  { id, call, argument }: Question,
): Promise<void> => {
  try {
    const value = await calls.get(call)?.(argument);
    process.send?.({ id, value: value ?? null } satisfies Answer);
  } catch (error) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    process.send?.({ id, error: text } satisfies Answer);
  }
};
