import { isOpaque, reachableFields } from '@metric-learning/ops'

/** A field that was looked at when the step was captured. */
interface Guard {
  readonly path: string
  readonly owner: object
  readonly key: string | number
}

/** Fields of one object that may turn out not to matter; then the whole object is left out. */
const maxForgotten = 8

/**
 * The plain values of all public fields that can be reached from some roots, to tell whether one has changed since: numbers, truth
 * values, strings, lengths, references to functions and objects, numbers of fields.
 *
 * Comparing is a flat loop, about 10 ns a field.
 */
export class FieldGuards {
  /** Paths of fields that turned out not to matter, and of objects that are left out as a whole. */
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
    return [...this.#changedGuards().map(({ path }) => path), ...this.#changedObjects()]
  }

  /** Takes all values anew, and compares what has changed no longer: it does not matter. */
  forgetChanged(): void {
    const guards = this.#changedGuards()
    const objects = this.#changedObjects()
    if (guards.length === 0 && objects.length === 0) return
    for (const guard of guards) this.#forget(guard)
    for (const path of objects) this.#forgotten.add(path)
    this.#take()
  }

  #changedGuards(): Guard[] {
    const guards = this.#guards
    const values = this.#values
    const changed: Guard[] = []
    for (let i = 0; i < guards.length; i++) {
      const guard = guards[i]!
      const value = (guard.owner as Record<string | number, unknown>)[guard.key]
      if (value !== values[i] && !Object.is(value, values[i])) changed.push(guard)
    }
    return changed
  }

  #changedObjects(): string[] {
    const changed: string[] = []
    for (const { path, object, count } of this.#objects) if (Object.keys(object).length !== count) changed.push(path)
    return changed
  }

  /** One place of a list stands for them all. */
  #forget({ path, owner, key }: Guard): void {
    const parent = path.slice(0, -String(key).length - 1)
    const siblings = [...this.#forgotten].filter((other) => other.startsWith(`${parent}.`) && !other.slice(parent.length + 1).includes('.'))
    this.#forgotten.add(Array.isArray(owner) || siblings.length >= maxForgotten ? `${parent}.` : path)
  }

  #take(): void {
    this.#guards = []
    this.#values = []
    this.#objects = []
    for (const { path, owner, key, value } of reachableFields(this.roots)) {
      const parent = path.slice(0, -String(key).length - 1)
      if (!this.#forgotten.has(path) && !this.#forgotten.has(`${parent}.`)) {
        this.#guards.push({ path, owner, key })
        this.#values.push(value)
      }
      const fields = `${path}.*`
      if (isOpaque(value) || Array.isArray(value) || this.#forgotten.has(fields)) continue
      this.#objects.push({ path: fields, object: value as object, count: Object.keys(value as object).length })
    }
  }
}
