import { createBell, type Bell } from "@rekey/runtime";

/** Rung when there is work, so that nothing waits for a poll in the process where it was committed. */
export interface Bells {
  readonly outbox: Bell;
  readonly due: Bell;
  readonly urgent: Bell;
}

export const createBells = (): Bells => ({
  outbox: createBell(),
  due: createBell(),
  urgent: createBell(),
});

/** Something was committed: each loop looks for its part of it. */
export const ringAll = ({ outbox, due, urgent }: Bells): void => {
  for (const bell of [outbox, due, urgent]) bell.ring();
};
