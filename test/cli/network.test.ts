import { createServer, type Server } from "node:http";
import { createServer as createPlainServer, type AddressInfo } from "node:net";
import { createTestAuthority } from "@rekey/testkit";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openDoors, pipeline, scanner, type Doors } from "./network-office.fixture.ts";
import { applyAll, jsonOf, leakOf, openOffice, type Office } from "./office.fixture.ts";
import { runWith, type Run } from "./run-cli.fixture.ts";

let office: Office;
let doors: Doors;
let url: string;
let ada: Run;
beforeEach(async () => {
  [office, doors] = await Promise.all([openOffice(), openDoors()]);
  url = await doors.open(office.gateway);
  ada = await doors.as({ name: "ada", groups: ["operators"], urls: [url] });
});
afterEach(async () => {
  await office.close();
  await doors.close();
});

const refused = "https://127.0.0.1:1";

test("commands work over the network as on the socket, by whoever holds the token", async () => {
  await applyAll(ada);
  await leakOf(ada);
  const { events } = await jsonOf<{ events: { type: string; actor: { id: string } }[] }>(
    ada,
    "audit tail --json -n 200",
  );
  const applied = events.find(({ type }) => type === "inventory.applied");
  expect(applied?.actor.id).toBe(`jwt:${doors.issuer.issuer}#ada`);
});

test("a client certificate is shown instead of a token", async () => {
  const { certificate, key } = await doors.clients.issue({ name: "ci", uris: [pipeline] });
  const cert = await doors.write("ci.crt", certificate);
  const keyFile = await doors.write("ci.key", key);
  const ci = runWith(["--url", url, "--ca", doors.ca, "--cert", cert, "--key", keyFile]);
  expect((await ci("case list")).code).toBe(0);
  const { code, err } = await ci("pause --reason x");
  expect(code).toBe(1);
  expect(err).toContain("pause needs one of the roles operator");
  expect(err).toContain("next: gateway.mtls.roles gives roles by");
});

test("who may only report is told that the report arrived, and that the rest needs another role, exit 0", async () => {
  await applyAll(ada);
  const { certificate, key } = await doors.clients.issue({ name: "scan", uris: [scanner] });
  const cert = await doors.write("scan.crt", certificate);
  const keyFile = await doors.write("scan.key", key);
  const scan = runWith(["--url", url, "--ca", doors.ca, "--cert", cert, "--key", keyFile]);
  const report = "report exposure --credential payments-db --reason seen";
  const { code, out } = await scan(report);
  expect(code).toBe(0);
  expect(out).toBe(
    "received 1: 1 accepted; what becomes of it cannot be looked up with this role: that needs viewer\n",
  );
  const json = await scan(`${report} --json`);
  expect([json.code, Object.keys(JSON.parse(json.out) as object)]).toEqual([
    0,
    ["accepted", "refused"],
  ]);
  expect((await scan("case list")).code).toBe(1);
});

test("variables stand for the options, several URLs with commas", async () => {
  const token = await doors.issuer.token({ sub: "ada", groups: ["operators"] });
  const environment = {
    REKEY_URL: `${refused},${url}`,
    REKEY_TOKEN: "env:MINE",
    REKEY_CA: doors.ca,
  };
  const run = runWith([], { ...environment, MINE: token });
  expect((await run("case list")).out).toBe("no cases\n");
  const unset = await runWith([], environment)("case list");
  expect([unset.code, unset.err]).toEqual([
    2,
    expect.stringContaining("--token: env:MINE is not set"),
  ]);
});

test("where nobody listens the next URL is tried, and when none is left each is named, exit 3", async () => {
  const run = await doors.as({ name: "ada", groups: ["operators"], urls: [refused, url] });
  expect((await run("mode act --everything --reason go")).code).toBe(0);
  const nowhere = await doors.as({
    name: "ada",
    groups: ["operators"],
    urls: [refused, "https://nowhere.invalid"],
  });
  const { code, err } = await nowhere("case list");
  expect(code).toBe(3);
  expect(err).toContain("https://127.0.0.1:1: nobody listens; https://nowhere.invalid: its name");
  expect(err).toContain("next: check --url (REKEY_URL)");
});

test("a gateway that nobody vouches for is not asked, and no other is asked instead, exit 3", async () => {
  const token = await doors.write("t", await doors.issuer.token({ sub: "ada" }));
  const { code, err } = await runWith(["--url", url, "--url", url, "--token", `file:${token}`])(
    "case list",
  );
  expect(code).toBe(3);
  expect(err).toMatch(/is not trusted: no known authority signed its certificate \(\w+\)/);
  expect(err).toContain("next: name the authority that signed it with --ca (REKEY_CA)");
  const other = await doors.write("other.crt", (await createTestAuthority("x")).certificate);
  expect((await runWith(["--url", url, "--ca", other])("case list")).err).toContain(
    "is not trusted",
  );
  const named = url.replace("127.0.0.1", "localhost");
  const wrong = await runWith(["--url", named, "--ca", doors.ca])("case list");
  expect(wrong.err).toContain("its certificate is for other names");
});

test("what does not speak TLS is told apart", async () => {
  const plain = createPlainServer((socket) => socket.resume().end("HTTP/1.1 200 OK\r\n\r\n"));
  await new Promise<void>((resolve) => plain.listen(0, "127.0.0.1", resolve));
  const { port } = plain.address() as AddressInfo;
  const { code, err } = await runWith(["--url", `https://127.0.0.1:${port}`])("case list");
  expect([code, err]).toEqual([3, expect.stringContaining("it does not speak TLS")]);
  await new Promise((resolve) => plain.close(resolve));
});

test("no token, an old one, one without roles, and keys that are away each say what to do", async () => {
  const without = await runWith(["--url", url, "--ca", doors.ca])("case list");
  expect(without.code).toBe(1);
  expect(without.err).toContain("(UNAUTHENTICATED)\n  next: give a token with --token");
  const exp = Math.floor(Date.now() / 1_000) - 100;
  const old = await doors.write("old", await doors.issuer.token({ sub: "ada", exp }));
  const expired = await runWith(["--url", url, "--ca", doors.ca, "--token", `file:${old}`])(
    "case list",
  );
  expect(expired.err).toContain("TOKEN_EXPIRED");
  expect(expired.err).toContain("next: get a new token");
  const eve = await (
    await doors.as({ name: "eve", groups: ["strangers"], urls: [url] })
  )("case list");
  expect(eve.code).toBe(1);
  expect(eve.err).toContain(
    "next: gateway.jwt.people.roles gives roles by the values of the claim groups",
  );
  const second = await openDoors();
  second.issuer.answers(500);
  const away = await second.open(office.gateway);
  const { code, err } = await (
    await second.as({ name: "ada", groups: ["operators"], urls: [away] })
  )("case list");
  expect([code, err]).toEqual([
    1,
    expect.stringContaining("next: ask again when its issuer answers"),
  ]);
  await second.close();
});

/** A gateway that takes a request and breaks the connection off. */
const openBreaker = async (): Promise<{ server: Server; url: string; asked: () => number }> => {
  let asked = 0;
  const server = createServer((request) => {
    asked += 1;
    request.socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return { server, url: `http://127.0.0.1:${port}`, asked: () => asked };
};

test("a question that was dropped is asked again elsewhere, a command is not: it may have been done", async () => {
  const breaker = await openBreaker();
  const run = await doors.as({ name: "ada", groups: ["operators"], urls: [breaker.url, url] });
  expect((await run("case list")).code).toBe(0);
  expect(breaker.asked()).toBe(1);
  const { code, err } = await run("pause --reason x");
  expect(code).toBe(3);
  expect(err).toContain("was reached and did not answer: it broke the connection off");
  expect(err).toContain("next: it may have been done");
  expect((await jsonOf<{ pause: { paused: boolean } }>(ada, "mode --json")).pause.paused).toBe(
    false,
  );
  await new Promise((resolve) => breaker.server.close(resolve));
});

test.each([
  ["--url http://rekey.example.org", "--url[0]: must be https"],
  ["--url https://ada:hunter2@rekey.example.org", "--url[0]: must hold no name and no password"],
  ["--url https://rekey.example.org/api", "--url[0]: must end after the host and the port"],
  ["--url nonsense", "--url[0]: must be a URL"],
  ["--url https://a --socket b", "give one of them"],
  ["--url https://a --token hunter2", "--token: must be file:<path> or env:<NAME>"],
  ["--url https://a --cert c", "--cert: needs --key"],
  ["--token env:X", "--token is for a gateway over the network"],
])("%s is refused before anything is asked, exit 2", async (options, text) => {
  const { code, err } = await runWith(options.split(" "))("case list");
  expect([code, err]).toEqual([2, expect.stringContaining(text)]);
  expect(err).not.toContain("hunter2");
});

test("plain http reaches every address of this machine's own", async () => {
  const { code, err } = await runWith(["--url", "http://127.0.0.53:1"])("case list");
  expect([code, err]).toEqual([3, expect.stringContaining("no gateway answers")]);
});

test("a token that is none, and files that are not there, are named, exit 2", async () => {
  const file = await doors.write("none", "hunter2\r\nx: y");
  for (const [options, text] of [
    [["--token", `file:${file}`], "--token: does not lead to a JSON Web Token"],
    [["--token", "file:/nonexistent"], "--token: file:/nonexistent cannot be read (ENOENT)"],
    [["--ca", "/nonexistent"], "--ca: /nonexistent cannot be read (ENOENT)"],
  ] as const) {
    const { code, err } = await runWith(["--url", url, ...options])("case list");
    expect([code, err]).toEqual([2, expect.stringContaining(text)]);
    expect(err).not.toContain("hunter2");
  }
});
