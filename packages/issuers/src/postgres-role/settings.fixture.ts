/** Wrong in every field: the paths are what a person must be told. */
export const badSettings = {
  settings: { group: "pg_monitor", database: "", connectionLimit: 0, extra: true },
  paths: ["group", "database", "connectionLimit", ""],
};
