import type { AddCommand } from "../context.ts";
import { addApply } from "./apply.ts";
import { addAudit } from "./audit.ts";
import { addCase } from "./case.ts";
import { addCredential } from "./credential.ts";
import { addDebt } from "./debt.ts";
import { addDoctor } from "./doctor.ts";
import { addLedger } from "./ledger.ts";
import { addMode } from "./mode.ts";
import { addPause, addUnpause } from "./pause.ts";
import { addReport } from "./report.ts";
import { addRotate } from "./rotate.ts";
import { addRotation } from "./rotation.ts";
import { addTopics } from "./topics.ts";
import { addUp } from "./up.ts";

/** Every command, in the order of the help. */
export const commandCatalog: readonly AddCommand[] = [
  addUp,
  addDoctor,
  addApply,
  addCredential,
  addRotate,
  addReport,
  addCase,
  addRotation,
  addDebt,
  addAudit,
  addMode,
  addPause,
  addUnpause,
  addLedger,
  addTopics,
];
