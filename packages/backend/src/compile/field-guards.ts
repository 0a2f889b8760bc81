import { isOpaque, reachableFields } from '@metric-learning/ops'

/** A field that was looked at when the step was captured. */
interface Guard {
  readonly path: string
  readonly owner: object
  readonly key: string | number
}

/**
 * The plain values of all public fields that can be reached from some roots, to tell whether one has changed since: numbers, truth
 * values, strings, lengths, references to functions and objects, numbers of fields.
 *
 * Comparing is a flat loop, about 10 ns a field. A field that changed without mattering is left out from then on, it alone: each
 * can ask for one recording of the step at most, and leaving out a plain value takes no new walk.
 */
export class FieldGuards {
  /** Paths of fields, and `<path>.*` of numbers of fields, that turned out not to matter. */
  readonly #forgotten = new Set<string>()
  #guards: Guard[] = []
  #values: unknown[] = []
  /** Objects whose number of fields counts. */
  #objects: { readonly path: string; readonly object: object; readonly count: number }[] = []

  constructor(private readonly roots: Readonly<Record<string, object>>) {
    this.#take()
  }

  /** Fields that are compared. */
  get size(): number {
    return this.#guards.length + this.#objects.length
  }

  /** Paths of what is no longer what it was; of an object that has more or fewer fields, `<path>.*`. */
  changed(): string[] {
    return [...this.#changedPlaces().map((i) => this.#guards[i]!.path), ...this.#changedObjects()]
  }

  /** Compares what has changed no longer, as it does not matter; takes the values of what is new instead. */
  forgetChanged(): void {
    const places = this.#changedPlaces()
    const objects = this.#changedObjects()
    for (const path of [...places.map((i) => this.#guards[i]!.path), ...objects]) this.#forgotten.add(path)
    if (objects.length > 0 || places.some((i) => this.#mayReachOthers(i))) this.#take()
    else if (places.length > 0) this.#drop(new Set(places))
  }

  /** Whether other fields may be reached now that a guarded one has changed. */
  #mayReachOthers(place: number): boolean {
    const { owner, key } = this.#guards[place]!
    const values = [this.#values[place], (owner as Record<string | number, unknown>)[key]]
    return key === 'length' || key === 'size' || !values.every(isOpaque)
  }

  #drop(places: ReadonlySet<number>): void {
    this.#guards = this.#guards.filter((_, i) => !places.has(i))
    this.#values = this.#values.filter((_, i) => !places.has(i))
  }

  #changedPlaces(): number[] {
    const guards = this.#guards
    const values = this.#values
    const changed: number[] = []
    for (let i = 0; i < guards.length; i++) {
      const { owner, key } = guards[i]!
      const value = (owner as Record<string | number, unknown>)[key]
      if (value !== values[i] && !Object.is(value, values[i])) changed.push(i)
    }
    return changed
  }

  #changedObjects(): string[] {
    const changed: string[] = []
    for (const { path, object, count } of this.#objects) if (Object.keys(object).length !== count) changed.push(path)
    return changed
  }

  #take(): void {
    this.#guards = []
    this.#values = []
    this.#objects = []
    for (const { path, owner, key, value } of reachableFields(this.roots)) {
      if (!this.#forgotten.has(path)) {
        this.#guards.push({ path, owner, key })
        this.#values.push(value)
      }
      const fields = `${path}.*`
      if (isOpaque(value) || Array.isArray(value) || this.#forgotten.has(fields)) continue
      this.#objects.push({ path: fields, object: value as object, count: Object.keys(value as object).length })
    }
  }
}
