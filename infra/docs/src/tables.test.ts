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
  expect(faultTable(rules)).toContain(
    "| [`PROVIDER_DENIED`](../runbooks/PROVIDER_DENIED.md) | halt | a\\|b | grant |",
  );
});

const setting = {
  path: "ledger.dsn",
  type: "secret reference",
  default: undefined,
  isRequired: true,
  description: "where the truth is",
  reason: "",
  variable: "REKEY_LEDGER__DSN",
};

test("a placeholder is shown as written, in text and in code", () => {
  const described = { ...setting, default: "<dir>/x", description: "by default <dir>/rekey" };
  expect(configurationTable([described])).toContain("`<dir>/x` | by default &lt;dir>/rekey");
});

test("a setting without a default is required, or none where it may be absent", () => {
  expect(configurationTable([setting])).toContain("| required |");
  expect(configurationTable([{ ...setting, isRequired: false }])).toContain("| none |");
});
