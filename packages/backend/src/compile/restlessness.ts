/** That a step had to be captured anew. */
interface Recapture {
  /** Which call it was. */
  readonly call: number
  /** Paths of the fields that had changed; none when only a comparison told. */
  readonly paths: readonly string[]
}

/** So many captures within so many calls are too many: in each call, or so often that a graph does not pay. */
const limits = [
  { captures: 3, calls: 3 },
  { captures: 8, calls: 40 },
] as const

/** Notices when a step has to be captured anew again and again. */
export class Restlessness {
  readonly #recaptures: Recapture[] = []

  /**
   * Takes down that a step has to be captured anew.
   *
   * @returns the fields that changed each time, `undefined` as long as it did not happen too often
   */
  note(call: number, paths: readonly string[]): readonly string[] | undefined {
    this.#recaptures.push({ call, paths })
    for (const { captures, calls } of limits) {
      const last = this.#recaptures.slice(-captures)
      if (last.length < captures || call - last[0]!.call >= calls) continue
      return paths.filter((path) => last.every((recapture) => recapture.paths.includes(path)))
    }
    return undefined
  }
}
