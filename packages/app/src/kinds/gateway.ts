import { issuerId, storeId } from "@rekey/domain";
import { createGateway, type ControlDeclaration, type ListenAt } from "@rekey/gateway";
import { newId, systemClock, type Health, type Log, type Shutdown } from "@rekey/runtime";
import { build } from "../build.ts";
import type { SharedConfig } from "../config/sections.ts";
import { ringAll } from "../loops/bells.ts";
import { doctor } from "../operations/doctor.ts";
import { needed } from "../parts/opened.ts";
import type { RunningKinds } from "./start.ts";

interface DoorOptions {
  readonly config: Pick<SharedConfig, "issuers">;
  readonly running: Pick<RunningKinds, "parts" | "bells">;
  readonly health: Health;
  readonly log: Log;
  readonly shutdown: Shutdown;
  /** Whoever can open the socket acts as `local:<owner>`. */
  readonly owner: string;
}

/** The gateway opens last: who can ask finds everything running. */
export const openDoor = async (
  { config, running, health, log, shutdown, owner }: DoorOptions,
  at: ListenAt,
): Promise<{ readonly port?: number }> => {
  const { parts, bells } = running;
  const { issuers, stores } = needed(parts, "providers");
  const gateway = createGateway({
    issuers,
    stores,
    ledger: parts.ledger,
    sink: needed(parts, "topics").sink,
    fingerprint: needed(parts, "fingerprint"),
    clock: systemClock,
    newId,
    health,
    log,
    build,
    controls: controlsOf(config),
    doctor: async () => await doctor(parts),
    owner,
    onWork: () => ringAll(bells),
  });
  const listening = await gateway.listen(at);
  shutdown.onStop("gateway", async () => await gateway.close());
  return listening;
};

const controlsOf = ({ issuers }: Pick<SharedConfig, "issuers">): readonly ControlDeclaration[] =>
  Object.entries(issuers).flatMap(([name, { control }]) =>
    control === undefined
      ? []
      : [
          {
            issuer: issuerId(name),
            settings: control.settings,
            store: { ...control.store, store: storeId(control.store.store) },
          },
        ],
  );
