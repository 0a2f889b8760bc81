import { isScheduled, isOpaque, reachableFields } from '@metric-learning/ops'
import { StateError, type Plain } from '@metric-learning/contracts'

/** What a run is made of, by paths such as `objectives.triplet.loss.distance`. It is part of a run's state. */
export interface SavedParts {
  /** Names of modules, losses, miners, distances, reducers, optimizers, of the scheme and the sampler. */
  readonly parts: Readonly<Record<string, string>>
  /** Numbers, truth values and texts in their public fields, as they were when the trainer was made. */
  readonly options: Readonly<Record<string, Plain>>
}

/** Elements of a list whose values are looked at; of a longer one the length alone. */
const MAX_ELEMENTS = 32

/**
 * What a run is made of, as far as names and plain values of public fields tell: closures and private fields are not seen.
 *
 * @param roots by path; a text or a number is an option
 */
export class RunParts implements SavedParts {
  readonly parts: Record<string, string> = {}
  readonly options: Record<string, Plain> = {}
  /** Options that are scheduled: a saved value of theirs is put back. */
  readonly #scheduled = new Set<string>()

  constructor(roots: Readonly<Record<string, unknown>>) {
    for (const [path, root] of Object.entries(roots)) {
      this.#add(path, root)
      if (isOpaque(root)) continue
      // Each root by itself: what two of them share is a part of both.
      for (const { path: rest, owner, key, value } of reachableFields(root as Readonly<Record<string, object>>)) {
        const isLong = Array.isArray(owner) && owner.length > MAX_ELEMENTS && key !== 'length'
        if (!isLong && key !== 'name') this.#add(`${path}.${rest}`, value)
      }
    }
  }

  /**
   * What is not as it was, a line for each option.
   *
   * @throws {StateError} when a part has another name, is missing or new.
   */
  changesSince(saved: SavedParts): readonly string[] {
    const others = differences(saved.parts, this.parts)
    if (others.length > 0) {
      throw new StateError({
        who: 'Trainer.restore',
        wanted: 'a run with the same parts',
        got: some(others.map(([path, before, now]) => `${path}, which was ${before ?? 'not there'} and is ${now ?? 'not there'}`)),
        fix: 'Make the trainer with the modules, losses, miners, optimizers and sampler of the run that was saved, under the same names; to train on with others, load the modules alone.',
      })
    }
    const told = differences(saved.options, this.options).filter(([path]) => !cameOrWent(path, saved.options, this.options))
    return told.map(([path, before, now]) => {
      const goesOn = this.#scheduled.has(path) ? ' (scheduled: the saved value goes on)' : ''
      return `${path} was ${show(before)} and is ${show(now)}${goesOn}`
    })
  }

  #add(path: string, value: unknown): void {
    if (isScheduled(value)) {
      this.#scheduled.add(path)
      this.options[path] = value.value
    } else if (value === null || ['number', 'boolean', 'string'].includes(typeof value)) this.options[path] = value as Plain
    else if (!isOpaque(value) && typeof (value as { readonly name?: unknown }).name === 'string') this.parts[path] = (value as { readonly name: string }).name
  }
}

/** Whether an option is of a plugin that is in one of two runs only, of which others tell. */
function cameOrWent(path: string, ...runs: readonly SavedParts['options'][]): boolean {
  const [plugin, ...rest] = path.split('.settings.')
  return path.startsWith('plugins.') && rest.length > 0 && !runs.every((options) => Object.keys(options).some((other) => other.startsWith(`${plugin}.settings.`)))
}

/** Some lines, and how many more there are. */
export const some = (lines: readonly string[], count = 4): string =>
  [...lines.slice(0, count), ...(lines.length > count ? [`${lines.length - count} more`] : [])].join('; ')

/** What differs by path; of a part that does, what lies within is not told. */
function differences<T extends Plain>(before: Readonly<Record<string, T>>, now: Readonly<Record<string, T>>): readonly [path: string, before: T | undefined, now: T | undefined][] {
  const paths = [...new Set([...Object.keys(before), ...Object.keys(now)])].filter((path) => !Object.is(before[path], now[path]))
  return paths.filter((path) => !paths.some((other) => path.startsWith(`${other}.`))).map((path) => [path, before[path], now[path]])
}

const show = (value: Plain | undefined): string => (value === undefined ? 'not there' : JSON.stringify(value))
