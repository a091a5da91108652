/** Wrong in every field: the paths are what a person must be told. */
export const badSettings = {
  settings: { role: "Not A Role", cidrs: [], tokenCidrs: ["10.0.0.0/40"], extra: true },
  paths: ["role", "cidrs", "tokenCidrs.0", ""],
};
