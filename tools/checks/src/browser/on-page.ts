/** What the test gives the page. */
export interface GivenToPage {
  readonly embeddings: number[][]
  readonly matrix: number[][]
}

/** What the page gives back. */
export interface FromPage {
  readonly backend: string
  readonly value: number
  readonly gradient: readonly number[]
  /** Of 20 steps. */
  readonly losses: readonly number[]
  /** Tensors that 20 steps left behind. */
  readonly leaked: number
}

/** Offers a function to whoever drives the page, by the name `train`. */
export function toPage(train: (given: GivenToPage) => Promise<FromPage>): void {
  Object.assign(globalThis, { train })
}
