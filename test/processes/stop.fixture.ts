import { expect } from "vitest";
import { errorsIn, type RekeyProcess } from "./rekey-process.fixture.ts";

/** A busy machine makes one stop too long now and then, hardly so many in a row. */
const triesMax = 3;

/** What a process says that did not get through in time, and for which it ends with 1. */
const late = "not stopped within the deadline";

/**
 * Asked to stop, a process ends with 0 in its time, and without an error of its own: in one of some tries, as load makes
 * a stop longer and never shorter. Whatever else is amiss fails at once. `begin` gives the process of a try.
 */
export const stopsInTime = async (
  begin: (isAgain: boolean) => Promise<RekeyProcess>,
): Promise<RekeyProcess> => {
  for (let tries = 1; ; tries += 1) {
    const asked = await begin(tries > 1);
    asked.signal("SIGTERM");
    const code = await asked.ended;
    const isLate = asked.log().some(({ message }) => message === late);
    if (isLate && tries < triesMax) continue;
    expect([code, errorsIn(asked.log())]).toEqual([0, []]);
    return asked;
  }
};
