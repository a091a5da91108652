import { readFile } from "node:fs/promises";
import { checkoutFile } from "../kinds.ts";
import { ServicesFault } from "../fault.ts";

/** The first policy of a provider's page: what its tests on the real server log in with, too. */
export const documentedPolicy = async (provider: "vault-kv" | "vault-approle"): Promise<string> => {
  const page = await readFile(checkoutFile(`docs/providers/${provider}.md`), "utf8");
  const [, policy] = /```hcl\n([\s\S]*?)```/.exec(page) ?? [];
  if (policy !== undefined) return policy;
  throw new ServicesFault("PREPARATION_FAILED", `the page of ${provider} shows no policy`);
};

/** vault-kv's, for documents below these folders: its blocks for `team/` are repeated for each. */
export const kvPolicy = async (folders: readonly string[]): Promise<string> => {
  const blocks = (await documentedPolicy("vault-kv")).trimEnd().split("\n\n");
  return blocks
    .flatMap((block) =>
      block.includes("/team/*")
        ? folders.map((folder) => block.replaceAll("/team/*", `/${folder}/*`))
        : [block],
    )
    .join("\n\n");
};
