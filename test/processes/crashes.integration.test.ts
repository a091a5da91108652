import { eventually } from "@rekey/testkit";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import type { HeldValue } from "./connect.ts";
import { armFailpoint, hasSprung } from "./failpoint.fixture.ts";
import { controlGroup } from "./installation.fixture.ts";
import { errorsIn } from "./rekey-process.fixture.ts";
import { openStage, slowMachine, type Stage } from "./stage.fixture.ts";

vi.setConfig(slowMachine);

/** Where a step is killed: after its effect and before its record, or before what makes it known. */
const points = [
  "contain.before-effect",
  "contain.after-effect",
  "stage.after-effect",
  "mint.after-effect",
  "promote.after-effect",
  "prove.after-effect",
  "revoke.after-effect",
  // Nothing was under way at the provider: these need no last look, so they come last.
  "intake.before-admit",
  "intake.after-admit",
  "relay.after-send",
  "case.close.before",
] as const;
type Point = (typeof points)[number];

const endings = ["rotation.completed", "rotation.undone", "rotation.withdrawn"];
/** A claim was lost: the last look at the provider's list waits until no late effect can come any more. */
const lastLookMsMax = 200_000;
const deadMsMax = 120_000;

const credentialAt = (point: Point) => {
  const name = point.replace(".", "-");
  return { id: name.replaceAll(".", "-"), group: `app_${name.replaceAll(/[.-]/g, "_")}` };
};

let stage: Stage;
const leakedAt = new Map<Point, HeldValue>();

beforeAll(async () => {
  stage = await openStage({ credentials: points.map(credentialAt), minted: true });
});

afterAll(async () => await stage.close());

test.each(points)("kill -9 at %s: after the restart the leaked value is dead", async (point) => {
  const { acts, installation, target } = stage;
  const { id } = credentialAt(point);
  const leaked = await acts.value(id);
  leakedAt.set(point, leaked);
  armFailpoint(installation.failpoint, point);
  // The reply may die with the process; whoever reports then reports again.
  const accepted = await acts.leak(leaked.url).catch(() => undefined);
  expect(await installation.processes.at(-1)?.ended).toBe("SIGKILL");
  expect(hasSprung(installation.failpoint)).toBe(true);
  await installation.start();
  if (accepted === undefined) await acts.leak(leaked.url);
  await eventually(
    async () => {
      const { versions } = await acts.show(id);
      expect(versions).toMatchObject([{ life: "revoked" }, { life: "valid", label: "current" }]);
    },
    { withinMs: deadMsMax, everyMs: 100 },
  );
  expect(await target.login((await acts.value(id)).url)).toBeUndefined();
  expect(await target.login(leaked.url)).toBe("28P01");
});

test("every kill left one case, one ending of its rotation, no orphan and no debt", async () => {
  const { acts, target } = stage;
  await acts.settled([], lastLookMsMax);
  const roles = await target.logins(controlGroup);
  for (const point of points) {
    const { id, group } = credentialAt(point);
    const about = `${id}#${leakedAt.get(point)?.version ?? 0}`;
    const cases = (await acts.cases()).filter((one) => one.about === about);
    expect(cases).toMatchObject([{ state: { at: "closed", outcome: "proven-dead" } }]);
    const ended = (await acts.audit(id)).filter(({ type }) => endings.includes(type));
    // The first version's rotation and the leak's.
    expect(new Set(ended.map(({ rotation }) => rotation)).size).toBe(2);
    expect(ended.length).toBe(2);
    const role = new URL((await acts.value(id)).url).username;
    expect(await target.logins(group)).toEqual([role]);
    roles.push(role);
  }
  expect(await target.marked()).toEqual(roles.toSorted());
});

test("no process met an error of its own", () => {
  expect(stage.installation.processes.flatMap((one) => errorsIn(one.log()))).toEqual([]);
});
