import { inspect } from "node:util";
import { fixedSource } from "@rekey/runtime";
import { Secret } from "@rekey/secret";
import fc from "fast-check";
import { expect, test } from "vitest";
import { redisTarget } from "./connect.ts";

const of = (url: string) => redisTarget(fixedSource(url));

test("a connection string says where and as whom", async () => {
  expect(await of("redis://cache.example.internal")).toEqual({
    host: "cache.example.internal",
    port: 6379,
    db: 0,
  });
  expect(await of("rediss://rekey:p%40ss%2Fword@[::1]:6390/3")).toEqual({
    host: "::1",
    port: 6390,
    db: 3,
    username: "rekey",
    password: "p@ss/word",
    tls: {},
  });
  expect(await of("redis://:only-a-password@h:1")).toMatchObject({ password: "only-a-password" });
});

test("the parts say the same, and TLS takes an authority and a name", async () => {
  const info = {
    host: "h",
    port: 1,
    username: "rekey",
    password: Secret.fromUtf8("p@ss"),
    tls: true,
  };
  expect(await redisTarget(info, { ca: "PEM", serverName: "cache" })).toEqual({
    host: "h",
    port: 1,
    db: 0,
    username: "rekey",
    password: "p@ss",
    tls: { ca: "PEM", servername: "cache" },
  });
  // An authority alone does not switch TLS on: the address does.
  expect(await redisTarget({ host: "h", port: 1 }, { ca: "PEM" })).not.toHaveProperty("tls");
});

test.each([
  "http://h:1",
  "redis://h:1/name",
  "redis://h:1/0?family=6&tls=false",
  "h:6379",
  "redis://",
  "",
])("%j is refused", async (url) => {
  await expect(of(url)).rejects.toThrow("the connection string is not redis[s]://");
});

test("any user and password come back as they were put in, and no refusal quotes them", async () => {
  const words = fc.string({ minLength: 1, unit: "grapheme" });
  await fc.assert(
    fc.asyncProperty(words, words, async (username, password) => {
      const user = `${encodeURIComponent(username)}:${encodeURIComponent(`cN!${password}`)}`;
      expect(await of(`redis://${user}@h:1`)).toMatchObject({
        username,
        password: `cN!${password}`,
      });
      const refused: unknown = await of(`redis://${user}@h:1/x`).catch((error: unknown) => error);
      expect(inspect(refused, { depth: 9 })).not.toContain(`cN!${password}`);
    }),
  );
});
