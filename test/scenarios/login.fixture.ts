import pg from "pg";

export const tryLogin = async (
  port: number,
  value: { username: string; password: string },
): Promise<string | undefined> => {
  const client = new pg.Client({
    host: "127.0.0.1",
    port,
    user: value.username,
    password: value.password,
    database: "postgres",
    connectionTimeoutMillis: 5_000,
  });
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
