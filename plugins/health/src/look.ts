/** The scalars that a run logged in one step. */
export interface Look {
  readonly step: number
  /** By tag. */
  readonly values: ReadonlyMap<string, number>
}
