import { credentialId } from "@rekey/domain";
import pg from "pg";
import { tryLogin } from "./login.fixture.ts";
import type { World } from "./world.fixture.ts";

/** More than any server of the tests allows. */
const connectionsMax = 200;
const filler = { username: "filler", password: "password-of-the-filler" };

/** Takes every connection the server has, those kept for superusers too; what is connected already stays so. */
export const fullServer = (world: World) => {
  const clients: pg.Client[] = [];
  const fill = async (): Promise<void> => {
    const { username, password } = filler;
    await world.sql(`create role ${username} superuser login password '${password}'`);
    const port = await portOf(world);
    for (let count = 0; count < connectionsMax; count += 1) {
      const client = new pg.Client({
        host: "127.0.0.1",
        port,
        user: username,
        password,
        database: "postgres",
      });
      client.on("error", () => undefined);
      if (!(await connects(client))) break;
      clients.push(client);
    }
    if ((await tryLogin(port, filler)) !== "53300") throw new Error("the server is not full");
  };
  const free = async (): Promise<void> => {
    await Promise.all(clients.map(async (client) => await client.end()));
    await world.sql(`drop role ${filler.username}`);
  };
  return { fill, free };
};

const connects = async (client: pg.Client): Promise<boolean> =>
  await client.connect().then(
    () => true,
    () => false,
  );

/** What a workload would be told. */
const portOf = async (world: World): Promise<number> => {
  const ref = { credential: credentialId("payments-db"), version: 1 };
  const settings = { group: "payments_group", database: "postgres" };
  return Number((await world.issuer.propose(ref, settings)).fields["port"]);
};
