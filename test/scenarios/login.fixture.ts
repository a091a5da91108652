import pg from "pg";

export const tryLogin = async (
  port: number,
  value: { username: string; password: string },
): Promise<string | undefined> =>
  await loginRefusal({
    host: "127.0.0.1",
    port,
    user: value.username,
    password: value.password,
    database: "postgres",
  });

/** One real login. Undefined when let in, else the server's code. */
export const loginRefusal = async (to: pg.ClientConfig): Promise<string | undefined> => {
  const client = new pg.Client({ ...to, connectionTimeoutMillis: 5_000 });
  client.on("error", () => undefined);
  try {
    await client.connect();
    return undefined;
  } catch (error) {
    return (error as { code?: string }).code ?? "no answer";
  } finally {
    await client.end().catch(() => undefined);
  }
};
