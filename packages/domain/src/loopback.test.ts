import { expect, test } from "vitest";
import { isLoopback } from "./loopback.ts";

test.each(["127.0.0.1", "127.255.0.53", "localhost", "::1", "[::1]"])(
  "%s is this machine",
  (host) => {
    expect(isLoopback(host)).toBe(true);
  },
);

test.each([
  "",
  "0.0.0.0",
  "::",
  "128.0.0.1",
  "1127.0.0.1",
  "127.0.0.1.example.org",
  "127.0.0.1000",
  "127.0.0.256",
  "127.1",
  "localhost.example.org",
  "notlocalhost",
  "[::1",
  "127.0.0.1\n",
])("%j may be another", (host) => {
  expect(isLoopback(host)).toBe(false);
});
