import { afterAll, expect } from "vitest";
import { contractSuite } from "./contract-suite.ts";

const events: string[] = [];

const suite = contractSuite<{ readonly id: number }>("counter", [
  { guarantee: "one", run: async ({ id }) => void events.push(`one ${id}`) },
  { guarantee: "two", run: async ({ id }) => void events.push(`two ${id}`) },
  { guarantee: "never", needs: ["wings"], run: async () => void events.push("never") },
]);

let opened = 0;
suite({
  name: "fake",
  open: async () => {
    const id = ++opened;
    return { subject: { id }, close: async () => void events.push(`closed ${id}`) };
  },
});

afterAll(() => {
  expect(events).toEqual(["one 1", "closed 1", "two 2", "closed 2"]);
});
