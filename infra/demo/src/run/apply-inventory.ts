import { writeFile } from "node:fs/promises";
import { targetDatabase } from "../target/target-server.ts";
import { inventoryText } from "./inventory.ts";
import type { Keyring } from "./keyring.ts";
import type { Layout } from "./layout.ts";
import type { RekeyCommand } from "./rekey-command.ts";

interface Declaring {
  readonly layout: Layout;
  readonly keyring: Keyring;
  readonly rekey: RekeyCommand;
}

/** Writes inventory.yaml and declares what it says, as a person would. */
export const applyInventory = async (
  { layout, keyring, rekey }: Declaring,
  policy: { readonly rotateAfter?: string } = {},
): Promise<void> => {
  const text = inventoryText({ database: targetDatabase, keys: keyring.publicKeys, ...policy });
  await writeFile(layout.inventory, text);
  await rekey.run(["apply", "-f", layout.inventory, "--yes"]);
};
