import { apiRoutes } from "@rekey/contracts";
import { isRefusal } from "@rekey/domain";
import { mintControls } from "../inventory/mint-controls.ts";
import { readDocument } from "../inventory/read-document.ts";
import type { Surface } from "./surface.ts";

const routes = apiRoutes.inventory;

/** The inventory as code: what would change, and the change itself. */
export const inventorySurface: Surface = (serve, parts) => {
  const { ledger, onWork } = parts;
  serve(routes.check, async ({ body }) => {
    const inventory = readDocument(parts, body.document);
    if (isRefusal(inventory)) return inventory;
    return { difference: await ledger.checkInventory(inventory) };
  });
  serve(routes.apply, async ({ body, actor }) => {
    const inventory = readDocument(parts, body.document);
    if (isRefusal(inventory)) return inventory;
    const reason = body.reason ?? "the inventory was applied";
    const difference = await ledger.applyInventory({ inventory, actor, reason });
    await mintControls(parts, actor);
    onWork();
    return { difference };
  });
};
