import { bannedNames } from "./rules/banned-names.js";
import { constantLogMessage } from "./rules/constant-log-message.js";
import { noAmbientTime } from "./rules/no-ambient-time.js";
import { noEnvironment } from "./rules/no-environment.js";
import { noModuleMock } from "./rules/no-module-mock.js";
import { noReveal } from "./rules/no-reveal.js";
import { noTestkit } from "./rules/no-testkit.js";

/** Where each rule holds is said by the overrides of .oxlintrc.json, not here. */
export default {
  meta: { name: "rekey" },
  rules: {
    "banned-names": bannedNames,
    "constant-log-message": constantLogMessage,
    "no-ambient-time": noAmbientTime,
    "no-environment": noEnvironment,
    "no-module-mock": noModuleMock,
    "no-reveal": noReveal,
    "no-testkit": noTestkit,
  },
};
