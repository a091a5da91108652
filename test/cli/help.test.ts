import { afterEach, beforeEach, expect, test } from "vitest";
import { runAgainst } from "./run-cli.fixture.ts";
import { applyAll, openOffice, type Office } from "./office.fixture.ts";

let office: Office;
let run: Office["run"];
beforeEach(async () => {
  office = await openOffice();
  run = office.run;
});
afterEach(async () => await office.close());

test("names every command and every exit code", async () => {
  const { code, out } = await run("--help");
  expect(code).toBe(0);
  for (const word of "up doctor apply credential rotate report case rotation debt audit mode pause unpause".split(
    " ",
  ))
    expect(out).toMatch(new RegExp(`^  ${word} `, "m"));
  for (const exit of [0, 1, 2, 3, 4]) expect(out).toMatch(new RegExp(`^  ${exit}  `, "m"));
});

test("a slip is answered with the command that was meant, exit 2", async () => {
  const { code, err } = await run("case lsit");
  expect(code).toBe(2);
  expect(err).toContain("Did you mean list?");
});

test("where no gateway answers, every command says how to start it, exit 3", async () => {
  const nowhere = runAgainst("/nonexistent/rekey.sock");
  for (const words of ["doctor", "debt", "case watch x", "report scan --format secretlint -"]) {
    const { code, err, out } = await nowhere(words, "[]");
    expect([code, out]).toEqual([3, ""]);
    expect(err).toContain("there is no socket");
    expect(err).toContain("at /nonexistent/rekey.sock");
    expect(err).toContain("start it with `rekey up`, or the services with `services up`");
    expect(err).toContain("--socket or --url (REKEY_SOCKET, REKEY_URL)");
  }
});

test("doctor's rows are wrapped on a terminal, and nowhere else", async () => {
  const next = "check the network path and the provider's own health";
  const { out } = await office.onTerminal(60)("doctor");
  expect(out.split("\n").map((line) => line.length > 60)).not.toContain(true);
  expect(out.replaceAll(/\s+/gu, " ")).toContain(`failed PROVIDER_UNREACHABLE next: ${next}`);
  const one = new RegExp(`^issuer warehouse {2}failed {2}PROVIDER_UNREACHABLE {2}${next}$`, "mu");
  expect((await office.onTerminal(120)("doctor")).out).toMatch(one);
  expect((await run("doctor")).out).toMatch(one);
  const told = await office.onTerminal(60)("doctor --json");
  expect(JSON.parse(told.out)).toMatchObject({ checks: [{ name: "ledger" }, { next }] });
});

test("doctor tells each part, what to do, and fails when one fails", async () => {
  const { code, out, err } = await run("doctor");
  expect(code).toBe(1);
  expect(out).toBe(
    [
      "part                      found                 next",
      "ledger            ok      answers in 1 ms",
      "issuer warehouse  failed  PROVIDER_UNREACHABLE  check the network path and the provider's own health",
      "",
    ].join("\n"),
  );
  expect(err).toContain("1 of 2 parts failed");
});

test("colours are for terminals: what is piped is plain", async () => {
  await applyAll(run);
  for (const words of ["doctor", "credential list", "mode", "case list"])
    expect((await run(words)).out).not.toContain("\u001B");
});
