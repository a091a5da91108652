import type { StepKind } from "@rekey/domain";
import { announce } from "./announce.ts";
import { attest } from "./attest.ts";
import { contain } from "./contain.ts";
import { cutover } from "./cutover.ts";
import { drain } from "./drain.ts";
import { mint } from "./mint.ts";
import { promote } from "./promote.ts";
import { prove } from "./prove.ts";
import { reinstate } from "./reinstate.ts";
import { retire } from "./retire.ts";
import { revoke } from "./revoke.ts";
import { stage } from "./stage.ts";
import type { Step } from "./step.ts";
import { verify } from "./verify.ts";

/** Every step by its kind. */
export const steps: Readonly<Record<StepKind, Step>> = {
  contain,
  stage,
  mint,
  cutover,
  verify,
  promote,
  announce,
  drain,
  retire,
  prove,
  revoke,
  attest,
  reinstate,
};
