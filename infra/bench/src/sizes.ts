/** How much a run measures. */
export interface Sizes {
  readonly rounds: number;
  readonly warmupLeaks: number;
  readonly leaksPerRound: number;
  readonly leakCredentials: number;
  readonly rotationsPerRound: number;
  readonly floodAlerts: number;
  readonly floodCredentials: number;
  readonly memoryRotations: number;
}

/** Some 100 leaks for each layout, and rounds enough that one disturbed one does not move a median. */
export const fullSizes: Sizes = {
  rounds: 7,
  warmupLeaks: 6,
  leaksPerRound: 15,
  leakCredentials: 15,
  rotationsPerRound: 48,
  floodAlerts: 100_000,
  floodCredentials: 10,
  memoryRotations: 600,
};

/** Says that the bench works; its figures say nothing. */
export const quickSizes: Sizes = {
  rounds: 2,
  warmupLeaks: 1,
  leaksPerRound: 4,
  leakCredentials: 4,
  rotationsPerRound: 8,
  floodAlerts: 2_000,
  floodCredentials: 10,
  memoryRotations: 18,
};
