import { counted } from "@rekey/domain";
import type { AddCommand, Context } from "../context.ts";
import { migrationFailure } from "./migration-failure.ts";
import { servicesSetup, withServicesConfig } from "./services-config.ts";

/** The ledger of services, as its owner. */
export const addLedger: AddCommand = (parent, context) => {
  const ledger = parent.command("ledger").description("prepare the PostgreSQL that services share");
  withServicesConfig(ledger.command("migrate"))
    .description("bring the schema forward and let the services' role use it; safe to repeat")
    .action(async (options: { config?: string }) => await migrate(context, options));
};

const migrate = async (context: Context, options: { config?: string }): Promise<void> => {
  const { terminal } = context;
  const setup = servicesSetup(context, options);
  const { migrateServices } = await import("@rekey/app");
  terminal.status("migrating …");
  const done = await migrateServices(setup)
    .catch((error: unknown) => {
      throw migrationFailure(error);
    })
    .finally(() => terminal.status(""));
  if (context.wantsJson()) return terminal.json(done);
  const { migrations, grantedTo } = done;
  terminal.line(
    migrations.length === 0
      ? "the schema is as this build wants it"
      : `${counted(migrations.length, "migration")} ran: ${migrations.join(", ")}`,
  );
  if (grantedTo !== undefined)
    terminal.line(`${grantedTo} may read and write rows, and change no audit event`);
};
