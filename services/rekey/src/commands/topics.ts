import type { applyServiceTopics } from "@rekey/app";
import { counted } from "@rekey/domain";
import type { AddCommand, Context } from "../context.ts";
import { CommandFailure, exitCodes } from "../failure.ts";
import { table } from "../format/table.ts";
import { servicesSetup, withServicesConfig } from "./services-config.ts";

interface Options {
  readonly config?: string;
  readonly check?: boolean;
}

/** The topics of services, at the brokers themselves. */
export const addTopics: AddCommand = (parent, context) => {
  const topics = parent.command("topics").description("prepare the Kafka that services share");
  withServicesConfig(topics.command("apply"))
    .description("make the topics that are missing, raise settings that are too low; never deletes")
    .option("--check", "only say what would be done; exit code 1 when there is something")
    .action(async (options: Options) => await apply(context, options));
};

const apply = async (context: Context, options: Options): Promise<void> => {
  const { terminal } = context;
  const check = options.check === true;
  const setup = servicesSetup(context, options);
  const app = await import("@rekey/app");
  terminal.status("asking the brokers …");
  const plan = await app.applyServiceTopics({ ...setup, check }).finally(() => terminal.status(""));
  const missing = plan.create.length + plan.change.length;
  if (context.wantsJson()) terminal.json({ applied: !check, ...plan });
  else terminal.line(told(plan, check));
  if (check && missing > 0)
    throw new CommandFailure(`${counted(missing, "difference")}: run it without --check`, {
      exitCode: exitCodes.refused,
    });
};

type Plan = Awaited<ReturnType<typeof applyServiceTopics>>;

const told = ({ create, change, leave, weak }: Plan, check: boolean): string => {
  const rows = [
    ...create.map(({ name, partitions, replicas }) => [
      check ? "would make" : "made",
      name,
      `${counted(partitions, "partition")}, ${counted(replicas, "copy", "copies")}`,
    ]),
    ...change.map(({ topic, what, found, wanted }) => [
      check ? "would raise" : "raised",
      topic,
      `${what} from ${found} to ${wanted}`,
    ]),
    ...leave.map(({ topic, what, found, wanted }) => [
      "left for you",
      topic,
      `${what} is ${found}, wanted ${wanted}: changing it could lose records or their order`,
    ]),
    ...weak.map(({ topic, found, next }) => ["warning", topic, `${found}; ${next}`]),
  ];
  return rows.length === 0 ? "every topic is as it should be" : table(["", "topic", ""], rows);
};
