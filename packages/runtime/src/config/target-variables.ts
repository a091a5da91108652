import type { Environment } from "./environment.ts";

/** What tells the command line which gateway to ask, and with what. */
export const targetVariables = {
  socket: "REKEY_SOCKET",
  url: "REKEY_URL",
  token: "REKEY_TOKEN",
  ca: "REKEY_CA",
  cert: "REKEY_CERT",
  key: "REKEY_KEY",
} as const;

const asking: ReadonlySet<string> = new Set(Object.values(targetVariables));

/** Which gateway a shell asks is no setting of a service that is started from it. */
export const withoutTargets = (environment: Environment): Environment =>
  Object.fromEntries(Object.entries(environment).filter(([name]) => !asking.has(name)));
