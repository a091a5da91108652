import type { Environment } from "../environment.ts";
import { StackFault } from "../fault.ts";
import { install, installing } from "../install/install.ts";
import type { InstalledPart } from "../install/locate.ts";
import type { Progress } from "./progress.ts";

/** One after the other; what one lacks does not keep the others, and is told with theirs. Throws INSTALL_FAILED. */
export const installEach = async (
  parts: readonly InstalledPart[],
  { environment, progress }: { readonly environment: Environment; readonly progress: Progress },
): Promise<void> => {
  const problems: string[] = [];
  for (const part of parts) {
    try {
      await progress.during(installing(part), (note) => install(part, environment, note));
    } catch (error) {
      if (!(error instanceof StackFault)) throw error;
      problems.push(error.message);
    }
  }
  if (problems.length > 0) throw new StackFault("INSTALL_FAILED", problems.join("\n"));
};
