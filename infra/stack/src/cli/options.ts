import { parseArgs } from "node:util";
import { installedParts, type InstalledPart } from "../install/locate.ts";
import { defaultPorts, partFacts, stackParts, type Ports, type StackPart } from "./parts.ts";

export interface Asked {
  readonly only: readonly StackPart[];
  /** Those that are named; what they are taken by is an error. */
  readonly ports: Partial<Ports>;
  readonly sasl: boolean;
  readonly json: boolean;
  readonly forget: boolean;
  /** Undefined: `.rekey/stack` of the checkout. */
  readonly folder: string | undefined;
}

export type Command =
  | { readonly command: "help" }
  | { readonly command: "refused"; readonly reason: string }
  | ({ readonly command: "up" | "status" | "down" } & Asked)
  | {
      readonly command: "install";
      readonly only: readonly InstalledPart[];
      readonly json: boolean;
    };

const portMax = 65_534;

/** What the words after `stack` ask for; what is no word of ours is refused by its name. */
export const readCommand = (words: readonly string[]): Command => {
  try {
    const { values, positionals } = parseArgs({
      args: [...words],
      allowPositionals: true,
      options: {
        only: { type: "string" },
        port: { type: "string", multiple: true },
        folder: { type: "string" },
        sasl: { type: "boolean" },
        json: { type: "boolean" },
        forget: { type: "boolean" },
        help: { type: "boolean", short: "h" },
      },
    });
    const [command, ...more] = positionals;
    if (values.help === true) return { command: "help" };
    if (command === undefined) return { command: "refused", reason: "which command?" };
    if (more.length > 0) return { command: "refused", reason: `"${more[0]}" is one word too many` };
    const json = values.json === true;
    if (command === "install") {
      return { command, only: chosen(values.only, installedParts), json };
    }
    if (command !== "up" && command !== "status" && command !== "down")
      return { command: "refused", reason: `there is no command "${command}"` };
    return {
      command,
      only: chosen(values.only, stackParts),
      ports: portsOf(values.port ?? []),
      sasl: values.sasl === true,
      json,
      forget: values.forget === true,
      folder: values.folder,
    };
  } catch (error) {
    return { command: "refused", reason: error instanceof Error ? error.message : String(error) };
  }
};

const chosen = <Name extends string>(
  text: string | undefined,
  all: readonly Name[],
): readonly Name[] => {
  if (text === undefined) return all;
  const names = text.split(",");
  const unknown = names.find((name) => !all.some((one) => one === name));
  if (unknown !== undefined)
    throw new TypeError(`there is no part "${unknown}", there are ${all.join(", ")}`);
  return all.filter((one) => names.includes(one));
};

const portsOf = (given: readonly string[]): Partial<Ports> => {
  const ports: Partial<Record<StackPart, number>> = {};
  for (const text of given.flatMap((one) => one.split(","))) {
    const [, name, digits] = /^([a-z]+)=(\d+)$/.exec(text) ?? [];
    const part = stackParts.find((one) => one === name);
    const port = Number(digits);
    if (part === undefined || !(port > 0 && port <= portMax))
      throw new TypeError(
        `--port wants PART=NUMBER such as kafka=${defaultPorts.kafka}, not ${text}`,
      );
    ports[part] = port;
  }
  return ports;
};

/** What `--help` prints. */
export const helpText = (): string => {
  const rows = [
    ["up", "starts what does not run yet; data and programs of the last time are used again"],
    ["status", "makes one request to each part; exit code 0 only if all answer"],
    ["down", "stops what `up` started, and keeps its data"],
    ["install", "only fetches and builds: kafka, redis, vault, gitleaks"],
    ["", ""],
    ["--only A,B", `these parts: ${stackParts.join(", ")}`],
    [
      "--port A=N",
      "this port for a part; may be repeated. Others are free ones: as below, or all 1000, 2000, … higher",
    ],
    ["--sasl", "up: Kafka with SASL/SCRAM, one user for each producer, and ACLs"],
    ["--forget", "down: deletes the data too"],
    ["--folder PATH", "where data, keys and logs are, .rekey/stack by default"],
    ["--json", "the result as JSON on standard output"],
    ["--help", "prints this and starts nothing"],
    ["", ""],
    ...stackParts.map((part) => [part, `${partFacts[part].about}, port ${partFacts[part].port}`]),
  ];
  const width = Math.max(...rows.map(([name = ""]) => name.length));
  return [
    "Usage: npx -y pnpm@10 stack up|status|down|install [options]",
    "",
    "Starts the systems that Rekey runs on, on 127.0.0.1: by Docker Compose where an engine answers,",
    "else natively.",
    "",
    ...rows.map(([name = "", text = ""]) => `  ${name.padEnd(width)}  ${text}`.trimEnd()),
    "",
  ].join("\n");
};
