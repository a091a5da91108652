import { expect } from "vitest";
import type { World } from "./world.fixture.ts";

/** How a server asks for passwords from now on, as its own administrator writes it into `pg_hba.conf`. */
export const passwordRule = (method: "trust" | "scram-sha-256"): string => `
  do $$ begin
    execute format('copy (select %L) to %L', 'host all all all ${method}', current_setting('hba_file'));
    perform pg_reload_conf();
  end $$`;

/** A server that somebody tells to ask nobody for a password, as `pg_hba.conf` can, and to ask again. */
export const trustingServer = (world: World) => {
  const wrong = async (username: string): Promise<string | undefined> =>
    await world.login({ username, password: "a password of nobody" });
  const settles = async (username: string, answer: string | undefined): Promise<void> =>
    await expect.poll(() => wrong(username), { timeout: 60_000 }).toBe(answer);
  return {
    /** Until `username` is let in with any password. */
    trust: async (username: string): Promise<void> => {
      await world.sql(passwordRule("trust"));
      await settles(username, undefined);
    },
    askAgain: async (username: string): Promise<void> => {
      await world.sql(passwordRule("scram-sha-256"));
      await settles(username, "28P01");
    },
  };
};
