import { expectNumber, Random, rowsByLabel } from '@metric-learning/contracts'
import { BaseTester, type Comparison, type Judgement, type LabelledEmbeddings, type TesterOptions } from '@metric-learning/testers'

export interface FewShotTesterOptions extends TesterOptions {
  /** Classes of an episode. Default 5. */
  readonly ways?: number
  /** Samples of each class that are shown. Default 1. */
  readonly shots?: number
  /** How many episodes are drawn. Default 200. */
  readonly episodes?: number
  /** Equal seeds draw equal episodes. Default 0. */
  readonly seed?: number
}

/**
 * How well a few samples show what a class is: in each episode some classes are drawn, and some samples of each, whose mean is its prototype;
 * `fewShotAccuracy` is the share of one more sample of each class that lies nearest to its own, over all episodes.
 *
 * @see Snell, Swersky and Zemel, Prototypical Networks for Few-shot Learning, arXiv:1703.05175.
 */
export class FewShotTester extends BaseTester {
  readonly #episodes: Required<Pick<FewShotTesterOptions, 'ways' | 'shots' | 'episodes' | 'seed'>>

  constructor(options: FewShotTesterOptions) {
    super({ name: 'FewShotTester', metricNames: ['fewShotAccuracy'], primaryMetric: 'fewShotAccuracy', options: ['ways', 'shots', 'episodes', 'seed'] }, options)
    const { ways = 5, shots = 1, episodes = 200, seed = 0 } = options
    expectNumber(this.name, 'ways', ways, { min: 2, integer: true })
    expectNumber(this.name, 'shots', shots, { min: 1, integer: true })
    expectNumber(this.name, 'episodes', episodes, { min: 1, integer: true })
    expectNumber(this.name, 'seed', seed, { integer: true })
    this.#episodes = { ways, shots, episodes, seed }
  }

  protected override judge({ query, onProgress }: Comparison): Judgement {
    const { ways, shots, episodes, seed } = this.#episodes
    const classes = [...rowsByLabel(query.labels).values()].filter((rows) => rows.length > shots)
    if (classes.length < ways) {
      const reason = `${classes.length} classes have more than ${shots} samples: no episode of ${ways}.`
      return { metrics: { fewShotAccuracy: null }, reasons: { fewShotAccuracy: reason } }
    }
    const random = Random.at(seed, this.name)
    let hits = 0
    for (let episode = 1; episode <= episodes; episode++) {
      const drawn = random.shuffle([...classes]).slice(0, ways).map((rows) => random.shuffle([...rows]).slice(0, shots + 1))
      const prototypes = drawn.map(([, ...shown]) => meanOf(query, shown))
      hits += drawn.filter(([asked], own) => nearest(vector(query, asked!), prototypes) === own).length
      onProgress(episode, episodes)
    }
    return { metrics: { fewShotAccuracy: hits / (episodes * ways) } }
  }
}

const vector = ({ embeddings, dim }: LabelledEmbeddings, row: number) => embeddings.subarray(row * dim, (row + 1) * dim)

const meanOf = (query: LabelledEmbeddings, rows: readonly number[]) =>
  Float64Array.from({ length: query.dim }, (_, i) => rows.reduce((sum, row) => sum + vector(query, row)[i]!, 0) / rows.length)

/** The place of the nearest prototype. */
function nearest(asked: Float32Array, prototypes: readonly Float64Array[]): number {
  const distances = prototypes.map((prototype) => prototype.reduce((sum, value, i) => sum + (value - asked[i]!) ** 2, 0))
  return distances.indexOf(Math.min(...distances))
}
