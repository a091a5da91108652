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

/** No answer at all is told apart from a slow machine's. */
const loginMsMax = 20_000;

/** One real login. Undefined when let in, else the server's code. */
export const loginRefusal = async (to: pg.ClientConfig): Promise<string | undefined> => {
  const client = new pg.Client({ ...to, connectionTimeoutMillis: loginMsMax });
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
