/** What could end Rekey's own login at a provider, and the command that prevents it, for a person to run there. */
export interface LoginRisk {
  readonly risk: string;
  readonly command: string;
}
