import { VaultError } from "@rekey/vault-client";
import { expect, test } from "vitest";
import { createLockout, userLockouts, type UserLockout } from "./lockout.ts";
import { callOf } from "./vault.fixture.ts";

const minutes = 60_000;

function openLockout(userLockout: UserLockout) {
  const state = { now: 0, reads: 0, off: true, broken: false };
  const lockout = createLockout({
    userLockout,
    clock: { monotonicMs: () => state.now },
    server: {
      lockoutDisabled: async () => {
        state.reads += 1;
        if (state.broken) throw new VaultError({ kind: "denied", providerCode: "403" });
        return state.off;
      },
    },
  });
  return { state, lockout };
}

test("what the mount says is believed for a while, then read again", async () => {
  const { state, lockout } = openLockout("off-at-mount");
  expect(await lockout.isOff(callOf())).toBe(true);
  state.off = false;
  expect(await lockout.isOff(callOf())).toBe(true);
  expect(state.reads).toBe(1);
  state.now = 10 * minutes;
  expect(await lockout.isOff(callOf())).toBe(false);
});

test("a mount whose settings cannot be read is taken to lock, and is read again at the next probe", async () => {
  const { state, lockout } = openLockout("off-at-mount");
  state.broken = true;
  expect(await lockout.isOff(callOf())).toBe(false);
  await expect(lockout.check(callOf())).rejects.toBeInstanceOf(VaultError);
  state.broken = false;
  expect(await lockout.isOff(callOf())).toBe(true);
});

test.each(userLockouts.filter((one) => one !== "off-at-mount"))(
  "an operator who says %s is believed without a read",
  async (userLockout) => {
    const { state, lockout } = openLockout(userLockout);
    expect(await lockout.isOff(callOf())).toBe(userLockout === "off-at-server");
    await lockout.check(callOf());
    expect(state.reads).toBe(0);
  },
);
