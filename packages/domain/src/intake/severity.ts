import type { Case } from "../case/case.ts";
import type { Confidence } from "../signal.ts";

const certainty: readonly (Confidence | undefined)[] = [undefined, "invalid", "unknown", "valid"];

/** How sure a report is that the secret works; a trusted feed's word weighs more than another's. */
const weight = ({ confidence, trusted }: Case["cause"]): number =>
  2 * certainty.indexOf(confidence) + (trusted === true ? 1 : 0);

/** The graver of two reports of one cause, field by field; the very same object when nothing is added. */
export const mergedCause = (known: Case["cause"], reported: Case["cause"]): Case["cause"] => {
  const surer = weight(reported) > weight(known) ? reported : known;
  const isPublic = known.public === true || reported.public === true;
  if (isPublic === (known.public === true) && surer === known) return known;
  const { confidence, producer, trusted } = surer;
  return {
    ...known,
    public: isPublic,
    ...(confidence === undefined ? {} : { confidence }),
    ...(producer === undefined ? {} : { producer }),
    ...(trusted === undefined ? {} : { trusted }),
  };
};
