import { startTcpProxy, type TcpProxy } from "@rekey/testkit";
import { actsOf, type Acts } from "./acts.fixture.ts";
import { controlGroup, openInstallation, type Installation } from "./installation.fixture.ts";
import { openTarget, type Target } from "./target.fixture.ts";

/** A target, an installation and what people do with it. */
export interface Stage {
  readonly target: Target;
  readonly installation: Installation;
  readonly acts: Acts;
  /** Between Rekey and the target. */
  readonly network: TcpProxy;
  close(): Promise<void>;
}

/** Limits of a test of whole processes: a machine that does much else makes none of them fail. */
export const slowMachine = { testTimeout: 300_000, hookTimeout: 300_000 };

interface StageOptions {
  readonly credentials: readonly Declared[];
  readonly adminPassword?: string;
  /** Top level of rekey.yaml. */
  readonly config?: Readonly<Record<string, unknown>>;
  readonly onLine?: (line: string) => void;
  /** Whether every credential gets its first version now. */
  readonly minted: boolean;
}

export interface Declared {
  readonly id: string;
  readonly group: string;
}

export const payments: Declared = { id: "payments-db", group: "payments_app" };

/** A running `rekey up` whose credentials are declared. */
export const openStage = async (options: StageOptions): Promise<Stage> => {
  const { credentials, adminPassword = "outside", config = {}, onLine } = options;
  const target = await openTarget({
    groups: [...credentials.map(({ group }) => group), controlGroup],
    adminPassword,
    ...(onLine === undefined ? {} : { onLine }),
  });
  const network = await startTcpProxy({ host: "127.0.0.1", port: target.port });
  const provider = { port: network.port, adminUrl: network.through(target.adminUrl) };
  const installation = await openInstallation(provider, config);
  const stage: Stage = {
    target,
    installation,
    acts: actsOf(installation),
    network,
    close: async () => {
      await installation.close();
      await network.close();
      await target.close();
    },
  };
  try {
    await installation.start();
    await stage.acts.declare(credentials);
    if (options.minted) await mintAll(stage, credentials);
    return stage;
  } catch (error) {
    await stage.close();
    throw error;
  }
};

const mintAll = async ({ acts }: Stage, credentials: readonly Declared[]): Promise<void> => {
  const accepted = await Promise.all(credentials.map(async ({ id }) => await acts.wish(id)));
  await acts.settled(accepted.flat());
};
