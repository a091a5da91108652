import { expect, test } from "vitest";
import { eventually } from "./eventually.ts";

test("it gives the first answer that is not false, past throws", async () => {
  let asked = 0;
  const answer = await eventually(() => {
    asked++;
    if (asked === 1) throw new Error("not yet");
    return asked === 2 ? false : asked;
  });
  expect(answer).toBe(3);
});

test("after the limit it says what the last check said", async () => {
  const check = (): void => expect("seen").toBe("wanted");
  await expect(eventually(check, { withinMs: 30 })).rejects.toThrow(/not within 30 ms: .*wanted/s);
  await expect(eventually(() => false, { withinMs: 0 })).rejects.toThrow("it stayed false");
});
