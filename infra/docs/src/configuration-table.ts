import { code, table } from "./markdown.ts";

/** One setting as @rekey/app describes it; `default` is absent where a value is required. */
export type Setting = {
  readonly key: string;
  readonly type: string;
  readonly default?: string;
  readonly reason: string;
};

export const configurationTable = (settings: readonly Setting[]): string =>
  table(
    ["Key", "Type", "Default", "Why"],
    settings.map((setting) => [
      code(setting.key),
      setting.type,
      setting.default === undefined ? "required" : code(setting.default),
      setting.reason,
    ]),
  );
