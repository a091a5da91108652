import { expect, test } from "vitest";
import { capabilityMatrix } from "./capability-matrix.ts";
import { configurationTable } from "./configuration-table.ts";
import { faultTable } from "./fault-table.ts";

test("a capability that one provider lacks is shown as a gap, not as no", () => {
  const matrix = capabilityMatrix({
    one: { capabilities: { canSuspend: false, versionsMax: 2 } },
    two: { capabilities: { canSuspend: true, derived: [] } },
  });
  expect(matrix).toContain("| `canSuspend` | no | yes |");
  expect(matrix).toContain("| `versionsMax` | 2 | – |");
  expect(matrix).toContain("| `derived` | – | none |");
});

test("a bar in a text does not end its cell", () => {
  const rules = { PROVIDER_DENIED: { action: "halt", text: "a|b", next: "grant" } };
  expect(faultTable(rules)).toContain("| `PROVIDER_DENIED` | halt | a\\|b | grant |");
});

test("a setting without a default is required", () => {
  const settings = [{ key: "ledger.dsn", type: "secret reference", reason: "where the truth is" }];
  expect(configurationTable(settings)).toContain("| required |");
});
