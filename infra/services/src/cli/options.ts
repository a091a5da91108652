import { parseArgs } from "node:util";
import { replicasMax, serviceKinds, type ServiceKind } from "../kinds.ts";

export interface Asked {
  readonly json: boolean;
  /** Undefined: `.rekey/services` of the checkout. */
  readonly folder: string | undefined;
}

export type Command =
  | { readonly command: "help" }
  | { readonly command: "refused"; readonly reason: string }
  | ({
      readonly command: "up";
      /** Of each kind. */
      readonly replicas: number;
      /** Undefined: `.rekey/stack` of the checkout. */
      readonly stackFolder: string | undefined;
    } & Asked)
  | ({ readonly command: "status" | "down" } & Asked)
  | ({
      readonly command: "logs";
      readonly kinds: readonly ServiceKind[];
      readonly follow: boolean;
    } & Asked);

const optionTypes = {
  replicas: { type: "string" },
  folder: { type: "string" },
  "stack-folder": { type: "string" },
  follow: { type: "boolean", short: "f" },
  json: { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const;

/** What the words after `services` ask for; what is no word of ours is refused by its name. */
export const readCommand = (words: readonly string[]): Command => {
  try {
    const { values, positionals } = parseArgs({
      args: [...words],
      allowPositionals: true,
      options: optionTypes,
    });
    if (values.help === true) return { command: "help" };
    const [command, ...more] = positionals;
    const asked = { json: values.json === true, folder: values.folder };
    if (command === "logs")
      return { ...asked, command, kinds: kindsOf(more), follow: values.follow === true };
    if (more.length > 0) return refused(`"${more[0]}" is one word too many`);
    if (command === "up") {
      const stackFolder = values["stack-folder"];
      return { ...asked, command, replicas: replicasOf(values.replicas ?? "1"), stackFolder };
    }
    if (command === "status" || command === "down") return { ...asked, command };
    return refused(command === undefined ? "which command?" : `there is no command "${command}"`);
  } catch (error) {
    return refused(error instanceof Error ? error.message : String(error));
  }
};

const refused = (reason: string): Command => ({ command: "refused", reason });

const replicasOf = (text: string): number => {
  const replicas = Number(text);
  if (Number.isInteger(replicas) && replicas >= 1 && replicas <= replicasMax) return replicas;
  throw new TypeError(`--replicas wants a number from 1 to ${replicasMax}, not ${text}`);
};

const kindsOf = (names: readonly string[]): readonly ServiceKind[] => {
  if (names.length === 0) return serviceKinds;
  const unknown = names.find((name) => !serviceKinds.some((kind) => kind === name));
  if (unknown !== undefined)
    throw new TypeError(`there is no service "${unknown}", there are ${serviceKinds.join(", ")}`);
  return serviceKinds.filter((kind) => names.includes(kind));
};

/** What `--help` prints. */
export const helpText = (): string => {
  const rows = [
    ["up", "prepares the systems of `stack up`, and starts each service that does not run"],
    ["status", "asks /ready of each; exit code 0 only if all can work"],
    ["down", "stops what `up` started, within 5 s; the systems go on"],
    ["logs [KIND]", "what they wrote; --follow goes on until ^C"],
    ["", ""],
    ["--replicas N", `up: processes of each kind, 1 to ${replicasMax}`],
    ["--folder PATH", "where secrets, sockets and logs are, .rekey/services by default"],
    ["--stack-folder PATH", "up: where `stack up` keeps its own, .rekey/stack by default"],
    ["--json", "the result as JSON on standard output"],
    ["--help", "prints this and starts nothing"],
  ];
  const width = Math.max(...rows.map(([name = ""]) => name.length));
  return [
    "Usage: npx -y pnpm@10 services up|status|down|logs [options]",
    "",
    `Rekey as production runs it: ${serviceKinds.join(", ")}, each a process of its own, on 127.0.0.1.`,
    "",
    ...rows.map(([name = "", text = ""]) => `  ${name.padEnd(width)}  ${text}`.trimEnd()),
    "",
  ].join("\n");
};
