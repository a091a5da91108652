import { issuerId, type Call, type Issuer, type Lane, type PreparedProbe } from "@rekey/domain";
import { createVirtualClock } from "@rekey/testkit";
import { expect, test } from "vitest";
import { createProviderShare, ProviderBusy } from "./provider-share.ts";

const call: Call = { signal: new AbortController().signal, deadlineMs: 10_000, key: "k" };

/** A provider whose calls end when the test says so. */
const openProvider = (name: string) => {
  const under: (() => void)[] = [];
  const deadlines: number[] = [];
  const asked = async ({ deadlineMs }: Call): Promise<never[]> => {
    deadlines.push(deadlineMs);
    await new Promise<void>((resolve) => under.push(resolve));
    return [];
  };
  const issuer = {
    instance: issuerId(name),
    comparePrivileges: async (_older: unknown, _newer: unknown, own: Call) => await asked(own),
  } as unknown as Issuer;
  return { issuer, under, deadlines };
};

const opened = (callsMax: Partial<Record<Lane, number>> = {}) => {
  const clock = createVirtualClock();
  const share = createProviderShare({ clock, callsMax: () => callsMax });
  return { clock, share };
};

/** So many calls at once; answers what became of each. */
const ask = (limited: Issuer, count: number) =>
  Array.from({ length: count }, async () => {
    const ended = limited.comparePrivileges({} as never, {} as never, call);
    return await ended.then(
      () => "answered",
      (error: unknown) => (error instanceof ProviderBusy ? "busy" : "failed"),
    );
  });

test("two processes have half of the calls each, and one that is left alone has all of them", async () => {
  const { clock, share } = opened({ planned: 8 });
  const { issuer, under } = openProvider("accounts");
  share.divideBy(2);
  void ask(
    share.limit(issuer, () => "planned"),
    20,
  );
  await clock.advance(0);
  expect(under).toHaveLength(4);
  share.divideBy(1);
  await clock.advance(0);
  expect(under).toHaveLength(8);
});

test("no number of processes leaves a lane without any call", async () => {
  const { clock, share } = opened({ urgent: 4, planned: 4, sweep: 2 });
  for (const calling of [0, 1, 5, 1_000]) {
    share.divideBy(calling);
    for (const lane of ["urgent", "planned", "sweep"] as const) {
      const { issuer, under } = openProvider(`accounts-${calling}-${lane}`);
      void ask(
        share.limit(issuer, () => lane),
        1,
      );
      await clock.advance(0);
      expect(under).toHaveLength(1);
    }
  }
});

test("planned work that fills its share keeps no containment waiting, nor another provider", async () => {
  const { clock, share } = opened({ planned: 2, urgent: 2 });
  const [busy, other] = [openProvider("accounts"), openProvider("others")];
  void ask(
    share.limit(busy.issuer, () => "planned"),
    10,
  );
  void ask(
    share.limit(busy.issuer, () => "urgent"),
    1,
  );
  void ask(
    share.limit(other.issuer, () => "planned"),
    1,
  );
  await clock.advance(0);
  expect([busy.under.length, other.under.length]).toEqual([3, 1]);
});

test("a call that ends gives its place to who waits longest, with what is left of its deadline", async () => {
  const { clock, share } = opened({ planned: 1 });
  const { issuer, under, deadlines } = openProvider("accounts");
  const ended = ask(
    share.limit(issuer, () => "planned"),
    3,
  );
  await clock.advance(400);
  under[0]?.();
  expect(await ended[0]).toBe("answered");
  await clock.advance(0);
  expect([under.length, deadlines]).toEqual([2, [10_000, 9_600]]);
});

test("a call that finds no place in time is told so, and takes none later", async () => {
  const { clock, share } = opened({ planned: 1 });
  const { issuer, under } = openProvider("accounts");
  const ended = ask(
    share.limit(issuer, () => "planned"),
    2,
  );
  await clock.advance(1_000);
  expect(await ended[1]).toBe("busy");
  under[0]?.();
  await clock.advance(0);
  void ask(
    share.limit(issuer, () => "planned"),
    1,
  );
  await clock.advance(0);
  expect(under).toHaveLength(2);
});

test("a call that fails gives its place back", async () => {
  const { clock, share } = opened({ planned: 1 });
  const { issuer } = openProvider("accounts");
  const failing = {
    ...issuer,
    comparePrivileges: async () => await Promise.reject(new Error("no")),
  };
  const all = ask(
    share.limit(failing, () => "planned"),
    3,
  );
  await clock.advance(0);
  expect(await Promise.all(all)).toEqual(["failed", "failed", "failed"]);
});

/** A provider whose tries begin and are told to end. */
const preparing = (name: string) => {
  const ended: string[] = [];
  const { issuer, under } = openProvider(name);
  const prepareProbe = (): PreparedProbe => ({
    finish: async () => await Promise.reject(new Error("refused")),
    drop: () => void ended.push("dropped"),
  });
  return { issuer: { ...issuer, prepareProbe }, under, ended };
};

const begin = (limited: Issuer): PreparedProbe | undefined =>
  limited.prepareProbe?.({} as never, "primary", call);

test("tries that have begun take at most half of the places, and give each back once", async () => {
  const { clock, share } = opened({ urgent: 4 });
  const { issuer, under, ended } = preparing("accounts");
  const limited = share.limit(issuer, () => "urgent");
  const begun = [begin(limited), begin(limited)];
  expect(begun.every((probe) => probe !== undefined)).toBe(true);
  expect(begin(limited)).toBeUndefined();
  void ask(limited, 8);
  await clock.advance(0);
  expect(under).toHaveLength(2);
  await expect(begun[0]?.finish(call)).rejects.toThrow("refused");
  begun[0]?.drop();
  begun[1]?.drop();
  begun[1]?.drop();
  await clock.advance(0);
  expect(under).toHaveLength(4);
  expect(ended).toHaveLength(3);
});

test("no try begins early where somebody waits, or where there is one place", () => {
  const { share } = opened({ urgent: 4 });
  const { issuer } = preparing("accounts");
  const limited = share.limit(issuer, () => "urgent");
  void ask(limited, 5);
  expect(begin(limited)).toBeUndefined();
  share.divideBy(4);
  expect(begin(share.limit(preparing("other").issuer, () => "urgent"))).toBeUndefined();
});
