import { fixedSource } from "@rekey/runtime";
import { expect, test } from "vitest";
import { grantedToken } from "./granted-token.ts";

const answering = (replies: readonly Response[]) => {
  const asked: { url: string; body: string }[] = [];
  const left = [...replies];
  const ask = async (url: unknown, { body }: { body: URLSearchParams }): Promise<Response> => {
    asked.push({ url: String(url), body: body.toString() });
    return await Promise.resolve(left.shift() ?? Response.error());
  };
  return { asked, ask: ask as unknown as typeof fetch };
};

const clock = () => {
  let now = 0;
  return { monotonicMs: () => now, pass: (milliseconds: number) => void (now += milliseconds) };
};

const grant = { url: "https://id.example.org/token", clientId: "rekey", scope: "kafka" };

test("a token is asked for once, and again shortly before it ends", async () => {
  const time = clock();
  const first = Response.json({ access_token: "one", expires_in: 300 });
  const second = Response.json({ access_token: "two", expires_in: 300 });
  const { ask, asked } = answering([first, second]);
  const clientSecret = fixedSource("kept to itself");
  const token = grantedToken({ ...grant, clientSecret, ask, monotonicMs: time.monotonicMs });
  const [one, again] = [await token(), await token()];
  expect(one).toBe(again);
  time.pass(241_000);
  expect(await token()).not.toBe(one);
  expect(asked).toHaveLength(2);
  expect(asked[0]).toEqual({
    url: grant.url,
    body: "grant_type=client_credentials&client_id=rekey&client_secret=kept+to+itself&scope=kafka",
  });
});

test.each([
  ["a refusal", new Response("client kept to itself is wrong", { status: 401 }), "TOKEN_401"],
  ["no JSON", new Response("<html>", { status: 200 }), "TOKEN_UNREADABLE"],
  ["no token", Response.json({ expires_in: 3 }), "TOKEN_UNREADABLE"],
])("%s is a fault that says no more than its code", async (_name, response, providerCode) => {
  const { ask } = answering([response]);
  const token = grantedToken({ ...grant, clientSecret: fixedSource("kept to itself"), ask });
  await expect(token()).rejects.toMatchObject({ code: "TOPICS_UNREACHABLE", providerCode });
});
