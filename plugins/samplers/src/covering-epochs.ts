import type { Random } from '@metric-learning/contracts'

/** Exchanges that are tried for each portion. One for each leaves traces of the first schedule, two hardly any. */
const SWEEPS = 2

/** Which classes are in which batch of an epoch, in places numbered through all batches. */
export interface EpochPlan {
  /** The class at each place: int32 [places]. */
  readonly classes: Int32Array
  /** Which portion of its class that is, from 0: int32 [places]. */
  readonly portions: Int32Array
}

/**
 * Epochs in which every class comes as often as it has portions (m samples each), and never twice in a batch.
 *
 * A class with p portions needs p batches, so that there are B = max(most portions of a class, ceil(portions / classes of a batch)) of
 * them. Filled up, each batch has all its places, and classes come again for what is missing, each as seldom as can be. Otherwise the
 * places of an epoch are as many as there are portions, and batches differ by at most one class; but where one class alone asks for more
 * batches than all others fill, they are filled up in any case.
 */
export class CoveringEpochs {
  /** B. */
  readonly batches: number
  readonly #places: number

  /**
   * @param portions of each class: int32 [classes]
   * @param classesPerBatch at most as many as there are classes
   */
  constructor(
    private readonly portions: Int32Array,
    classesPerBatch: number,
    isFilledUp: boolean,
  ) {
    const all = portions.reduce((sum, count) => sum + count, 0)
    this.batches = portions.reduce((most, count) => Math.max(most, count), Math.ceil(all / classesPerBatch))
    const places = this.batches * classesPerBatch
    this.#places = !isFilledUp && places - all < classesPerBatch ? all : places
  }

  /** Classes of the largest batch and of the smallest. */
  get most(): number {
    return Math.ceil(this.#places / this.batches)
  }

  get least(): number {
    return Math.floor(this.#places / this.batches)
  }

  /** The places of a batch: from the first to before the second. Larger batches come first. */
  placesOf(batch: number): [from: number, end: number] {
    return [this.#start(batch), this.#start(batch + 1)]
  }

  /** Draws an epoch, in time proportional to its places. */
  plan(random: Random): EpochPlan {
    const classes = this.#wrapped(random)
    this.#exchange(classes, random)
    const portions = new Int32Array(this.#places)
    const seen = new Int32Array(this.portions.length)
    classes.forEach((label, place) => (portions[place] = seen[label]!++))
    return { classes, portions }
  }

  /**
   * A first schedule: portions in a row, class by class, are dealt to the batches in turn. A class has no more than B, and so no two in
   * one batch (the wrap-around rule of R. McNaughton, 1959).
   */
  #wrapped(random: Random): Int32Array {
    const order = random.shuffle(Int32Array.from(this.portions.keys()))
    const counts = this.#counts(order)
    const classes = new Int32Array(this.#places)
    let dealt = 0
    for (const label of order) {
      for (const end = dealt + counts[label]!; dealt < end; dealt++) {
        classes[this.#start(dealt % this.batches) + Math.floor(dealt / this.batches)] = label
      }
    }
    return classes
  }

  /** How often each class comes: its portions, and one more at a time, in this order, while there are places. */
  #counts(order: Int32Array): Int32Array {
    const counts = this.portions.slice()
    let missing = this.#places - counts.reduce((sum, count) => sum + count, 0)
    while (missing > 0) {
      for (const label of order) {
        if (missing === 0) break
        if (counts[label] === this.batches) continue
        counts[label]! += 1
        missing -= 1
      }
    }
    return counts
  }

  /** Mixes a schedule: classes of two batches change places where neither batch has a class twice then. */
  #exchange(classes: Int32Array, random: Random): void {
    const batchOf = new Int32Array(this.#places)
    for (let batch = 0; batch < this.batches; batch++) batchOf.fill(batch, ...this.placesOf(batch))
    const has = (batch: number, label: number): boolean => {
      for (let place = this.#start(batch); batchOf[place] === batch; place++) if (classes[place] === label) return true
      return false
    }
    for (let sweep = 0; sweep < SWEEPS; sweep++) {
      for (let place = 0; place < this.#places; place++) {
        const other = random.int(this.#places)
        const [mine, its] = [classes[place]!, classes[other]!]
        if (has(batchOf[other]!, mine) || has(batchOf[place]!, its)) continue
        classes[place] = its
        classes[other] = mine
      }
    }
  }

  #start(batch: number): number {
    return batch * this.least + Math.min(batch, this.#places % this.batches)
  }
}
