import { BackendError } from '@metric-learning/contracts'
import { Restlessness } from './restlessness.js'
import type { CaptureOptions } from './step-capture.js'

/** Combinations of shapes, at most, that a warning names. */
const maxNamed = 12

/** Notices when a step comes with more combinations of input shapes than graphs are kept, so that they drive each other out. */
export class Crowding {
  readonly #restlessness = new Restlessness()
  #calls = 0
  #hasWarned = false

  constructor(
    private readonly options: Pick<CaptureOptions, 'name' | 'warn'>,
    private readonly maxGraphs: number,
  ) {}

  /** Counts a call. */
  count(): void {
    this.#calls += 1
  }

  /**
   * Takes down that this call has a graph made in the place of another one; where this happens too often, it is
   * said once.
   *
   * @param shapes combinations of shapes, in order of use, each as types and shapes of the inputs between blanks
   */
  note(shapes: readonly string[]): void {
    if (this.#hasWarned || this.#restlessness.note(this.#calls, []) === undefined) return
    this.#hasWarned = true
    const { name, warn } = this.options
    warn(
      new BackendError({
        who: `compileStep(${name})`,
        wanted: `inputs of at most ${this.maxGraphs} combinations of shapes, of which graphs are kept`,
        got: `others in call after call, ${alternating(shapes.slice(-Math.min(maxNamed, this.maxGraphs + 1)))}`,
        fix:
          'Graphs are made anew all the time, slower than none. Have all batches alike: a sampler with a fixed m, no last batch ' +
          'that is smaller; or raise `maxGraphs`.',
      }).message,
    )
  }
}

/** The inputs that differ: `input 1 as float32[2], float32[3]`. */
function alternating(shapes: readonly string[]): string {
  const rows = shapes.map((shape) => shape.split(' '))
  const places = Array.from({ length: Math.max(...rows.map((row) => row.length)) }, (_, place) => place)
  const kinds = places.map((place) => [...new Set(rows.map((row) => row[place] ?? 'none'))])
  const said = kinds.flatMap((kind, place) => (kind.length > 1 ? [`input ${place + 1} as ${kind.join(', ')}`] : []))
  return said.join('; ')
}
