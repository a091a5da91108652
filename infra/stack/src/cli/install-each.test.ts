import { expect, test } from "vitest";
import { installEach } from "./install-each.ts";
import type { Progress } from "./progress.ts";

const progress: Progress = { say: () => {}, during: (_, work) => work(() => {}) };

test("everything that a machine lacks is told at once, with what to install", async () => {
  const variables = { PATH: "/nowhere" };
  const environment = { cache: "/nowhere/cache", partsRequired: false, variables };
  const installing = installEach(["kafka", "redis"], { environment, progress });
  await expect(installing).rejects.toMatchObject({
    code: "INSTALL_FAILED",
    message: expect.stringMatching(/openjdk-17-jre-headless.*\n.*redis-server/),
  });
});
