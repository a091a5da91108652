import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { apiRoutes } from "@rekey/contracts";
import { startChild, type Child } from "./children.ts";
import { failpointVariable } from "./failpoint.ts";
import type { GatewayApi } from "./gateway-api.ts";
import { repositoryFile, type Layout } from "./layout.ts";
import { until } from "./until.ts";

/** `rekey up` as a child process, again and again if need be. */
export interface RekeyProcess {
  start(): Child;
  /** The child that was started last. */
  child(): Child;
  /** Resolves when the gateway says that everything works; throws when the process ended instead. */
  ready(): Promise<void>;
  stop(): Promise<void>;
}

interface RekeyProcessOptions {
  readonly layout: Layout;
  readonly environment: Readonly<Record<string, string>>;
  readonly api: GatewayApi;
  readonly signal: AbortSignal;
}

const readyMsMax = 120_000;
const readyEveryMs = 25;
const logTailLines = 12;

export const rekeyProcess = (options: RekeyProcessOptions): RekeyProcess => {
  const { layout, environment, api, signal } = options;
  let last: Child | undefined;
  const child = (): Child => {
    if (last === undefined) throw new Error("rekey up was not started");
    return last;
  };
  const isReady = async (): Promise<true | undefined> => {
    if (!child().isRunning()) throw new Error(await epitaph(child()));
    const answer = await api.call(apiRoutes.health.ready, { signal }).catch(() => undefined);
    return answer?.ready === true ? true : undefined;
  };
  return {
    start: () => {
      last = startChild({
        name: "rekey up",
        arguments: [repositoryFile("infra/demo/src/rekey-with-failpoints.main.ts"), layout.config],
        environment: { ...environment, [failpointVariable]: layout.failpoint },
        log: join(layout.logs, "rekey-up.log"),
      });
      return last;
    },
    child,
    ready: async () => {
      const question = { what: "rekey up", withinMs: readyMsMax, everyMs: readyEveryMs, signal };
      await until(question, isReady);
    },
    stop: async () => await last?.stop(),
  };
};

const epitaph = async (child: Child): Promise<string> => {
  const lines = (await readFile(child.log, "utf8")).trimEnd().split("\n");
  return `${child.name} ended with ${await child.ended}:\n${lines.slice(-logTailLines).join("\n")}`;
};
