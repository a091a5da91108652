import { defineConfig } from "vitest/config";

const rooms = ["packages", "services", "infra", "test"];
const never = ["**/node_modules/**"];

// Bounds for what hangs, no measures: a busy machine is slower by far than a quiet one.
const poll = { timeout: 20_000 };

const within = (pattern: string): string[] => rooms.map((room) => `${room}/**/${pattern}`);

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          // No room has module state, so files may share what they import: a third of the time.
          isolate: false,
          // Random inputs by the hundred, on a machine that does other things as well: a bound for what hangs, no measure.
          testTimeout: 30_000,
          expect: { poll },
          include: within("*.test.ts"),
          exclude: [...never, ...within("*.integration.test.ts"), ...within("*.stack.test.ts")],
        },
      },
      {
        test: {
          name: "integration",
          include: within("*.integration.test.ts"),
          exclude: never,
          globalSetup: ["packages/testkit/src/postgres/global-setup.ts"],
          expect: { poll },
          hookTimeout: 180_000,
          testTimeout: 180_000,
        },
      },
      {
        test: {
          name: "stack",
          include: within("*.stack.test.ts"),
          exclude: never,
          // Each file starts servers of its own.
          fileParallelism: false,
          expect: { poll },
          hookTimeout: 300_000,
          testTimeout: 300_000,
        },
      },
    ],
  },
});
