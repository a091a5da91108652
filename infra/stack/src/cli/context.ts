import { join } from "node:path";
import type { Environment } from "../environment.ts";
import type { Ports } from "./parts.ts";
import type { Progress } from "./progress.ts";
import type { PartRecord, StackState } from "./state.ts";

/** What every command works with. */
export interface StackContext {
  /** Data, keys, logs and what is recorded. */
  readonly folder: string;
  /** Where each part is, or is wanted. */
  readonly ports: Ports;
  /** The ones that may be no other. */
  readonly askedPorts: Partial<Ports>;
  readonly sasl: boolean;
  readonly environment: Environment;
  readonly progress: Progress;
  readonly state: StackState;
}

/** Data, keys and log of a part. Users of SASL are made with the data, so Kafka with them has its own. */
export const folderOf = (
  context: Pick<StackContext, "folder">,
  { part, sasl, how }: Pick<PartRecord, "part" | "sasl" | "how">,
): string => join(context.folder, how === "compose" ? "compose" : "", sasl ? `${part}-sasl` : part);
