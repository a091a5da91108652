import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pages } from "./pages.ts";

const folder = join(import.meta.dirname, "../../../docs/reference");

await mkdir(folder, { recursive: true });
for (const { file, text } of pages()) await writeFile(join(folder, file), text);
