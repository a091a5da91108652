import { Fault, issuerId, type Call, type CredentialView, type Issuer } from "@rekey/domain";
import { expect, test } from "vitest";
import { rightsChecks } from "./doctor-rights.ts";

const shop = issuerId("shop");
const call = () => ({ signal: AbortSignal.timeout(5_000), deadlineMs: 5_000, key: "doctor" });
const view = (id: string, group: string, instance = shop) =>
  ({
    credential: { id, declared: true, ended: false, issuer: { instance, settings: { group } } },
    versions: [
      { life: "revoked", principal: `${id}_1` },
      { life: "valid", principal: `${id}_2` },
    ],
  }) as unknown as CredentialView;

const asked = async (
  views: readonly CredentialView[],
  missingRights: Issuer["missingRights"],
  { check = async () => undefined, enough }: { check?: Issuer["check"]; enough?: AbortSignal } = {},
) =>
  await rightsChecks({
    ledger: { credentials: async () => await Promise.resolve(views) },
    issuers: new Map([[shop, { missingRights, check } as Issuer]]),
    call,
    ...(enough && { enough }),
  });

const lacks = [{ right: "admin on app", grant: "grant app to rekey" }];

test("a right that a declared credential's rotation lacks is named once, with what grants it", async () => {
  const questions: unknown[] = [];
  const views = [view("a", "app"), view("b", "app"), view("c", "other", issuerId("elsewhere"))];
  const lacking = await asked(views, async (question) => {
    questions.push(question);
    return await Promise.resolve([{ right: "admin on app", grant: "grant app to rekey" }]);
  });
  expect(questions).toEqual([
    { settings: { group: "app" }, principals: ["a_2"] },
    { settings: { group: "app" }, principals: ["b_2"] },
  ]);
  expect(lacking).toEqual([
    {
      name: "rights of shop",
      ok: false,
      found: "PROVIDER_DENIED: without admin on app",
      next: "grant app to rekey",
    },
  ]);
  expect(await asked(views, async () => await Promise.resolve([]))).toMatchObject([
    { ok: true, found: "all that rotating 2 credentials needs" },
  ]);
});

test("a provider that does not tell is no failure, and nothing is asked where nothing is declared", async () => {
  const denied = new Fault("PROVIDER_DENIED", { providerCode: "403" });
  const untold = async () => await Promise.reject(denied);
  expect(await asked([view("a", "app")], untold)).toMatchObject([{ ok: true, skipped: true }]);
  expect(await asked([], untold)).toEqual([]);
  expect(await asked([view("a", "app")], undefined)).toEqual([]);
});

test("what is missing is said although a later question gets no answer", async () => {
  for (const code of ["PROVIDER_DENIED", "PROVIDER_TIMEOUT"] as const) {
    const answers = [async () => lacks, async () => await Promise.reject(new Fault(code))];
    const [row] = await asked(
      [view("a", "app"), view("b", "app")],
      async () => (await answers.shift()?.()) ?? [],
    );
    expect(row).toMatchObject({ ok: false, found: "PROVIDER_DENIED: without admin on app" });
  }
});

test("a refused question does not hide what a later one tells", async () => {
  const denied = async () => await Promise.reject(new Fault("PROVIDER_DENIED"));
  const answers = [denied, async () => lacks];
  const [row] = await asked(
    [view("a", "app"), view("b", "app")],
    async () => (await answers.shift()?.()) ?? [],
  );
  expect(row).toMatchObject({ ok: false, next: "grant app to rekey" });
});

test.each(["PROVIDER_UNREACHABLE", "PROVIDER_TIMEOUT", "PROVIDER_REJECTED"] as const)(
  "%s is said as what it is, and fails unless the issuer's own line does",
  async (code) => {
    const failing = async () => await Promise.reject(new Fault(code, { providerCode: "57014" }));
    const found = `no answer to what is granted: ${code}, 57014`;
    const views = [view("a", "app")];
    expect(await asked(views, failing)).toMatchObject([{ ok: false, found }]);
    const alike = await asked(views, failing, { check: failing });
    expect(alike).toEqual([{ name: "rights of shop", ok: true, skipped: true, found }]);
  },
);

test("the same question is asked once, each with its own deadline, and a provider that is away not on", async () => {
  const twin = (id: string) => {
    const { credential } = view(id, "app");
    return { credential, versions: [] } as unknown as CredentialView;
  };
  const views = [twin("a"), twin("b"), view("c", "app")];
  const signals = new Set<Call["signal"]>();
  const [row] = await asked(views, async (_question, { signal }) => {
    signals.add(signal);
    return await Promise.resolve([]);
  });
  expect(signals.size).toBe(2);
  expect(row).toMatchObject({ ok: true, found: "all that rotating 3 credentials needs" });
  let questions = 0;
  await asked(views, async () => {
    questions += 1;
    return await Promise.reject(new Fault("PROVIDER_UNREACHABLE"));
  });
  expect(questions).toBe(1);
});

test("no question begins after enough time, and how many were left is said", async () => {
  const over = new AbortController();
  const [row] = await asked(
    [view("a", "app"), view("b", "app"), view("c", "app")],
    async () => {
      over.abort();
      return await Promise.resolve([]);
    },
    { enough: over.signal },
  );
  expect(row?.found).toBe("all that rotating 1 credential needs; 2 more were not asked about");
});

test("an issuer whose credentials stand behind the first thousand is named as not asked", async () => {
  const many = Array.from({ length: 1_000 }, (_, n) => view(`c${n}`, "app", issuerId("elsewhere")));
  const never = async () => await Promise.reject(new Error("asked"));
  expect(await asked(many, never)).toMatchObject([{ name: "rights of shop", skipped: true }]);
  expect(await asked(many.slice(1), never)).toEqual([]);
});
