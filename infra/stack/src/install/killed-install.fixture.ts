import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { installOnce } from "./install-once.ts";

const lifeMaxMs = 60_000;

// Builds half of it and then waits to be killed.
await installOnce(process.argv[2] ?? "", async (folder) => {
  await writeFile(join(folder, "program"), "half");
  await new Promise((resolve) => setTimeout(resolve, lifeMaxMs));
});
