import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { OptionError, type MetricDescription } from '@metric-learning/contracts'
import { writeWhole } from '@metric-learning/page'
import type { MethodConfiguration, SearchConfiguration } from '../configuration/experiment-configuration.js'
import type { ResolvedConfiguration } from '../configuration/read-configuration.js'
import { isBetterSmaller, runSeedOf, trainRun, withMethod, type RunContext } from '../run/train-run.js'
import type { TrainedSplit } from '../run/data-splits.js'
import { readJson } from '../run/read-json.js'
import { drawn, rangesOf } from './ranges.js'

/** A trial that a search has judged. */
export interface Trial {
  readonly trial: number
  readonly values: Readonly<Record<string, string | number | boolean>>
  /** Epochs that it was given. */
  readonly epochs: number
  /** Mean over folds of the metric; null of one that broke. */
  readonly value: number | null
  /** Which value is the better one. */
  readonly better: MetricDescription['better']
}

/** Where a search goes on. */
export interface SearchedMethod {
  readonly name: string
  readonly configuration: ResolvedConfiguration
  readonly search: SearchConfiguration
  /** Validation folds alone: a search never sees the test set. */
  readonly folds: readonly TrainedSplit[]
  readonly folder: string
  readonly context: RunContext
}

/**
 * Looks for the values of a method's ranges, by the mean of the metric over validation folds. All trials are in `trials.json`.
 *
 * @returns the method with the best values; as it is, where it has no ranges
 * @throws {OptionError} when every trial broke.
 */
export async function searchMethod(of: SearchedMethod): Promise<MethodConfiguration> {
  const { name, configuration, search, folder } = of
  const method = configuration.methods[name]!
  if (rangesOf(method, 'search', name).length === 0) return method
  const epochs = method.epochs ?? configuration.epochs
  const valueOf = ({ value, better }: Trial) => (value === null ? -Infinity : better === 'smaller' ? -value : value)
  let candidates = Array.from({ length: search.trials }, (_, trial) => trial)
  const judged: Trial[] = []
  for (const rung of rungs(search, epochs)) {
    const trials: Trial[] = []
    for (const trial of candidates) trials.push(await judgeTrial(of, trial, rung.epochs))
    judged.push(...trials)
    // Of equals the first.
    const ranked = [...trials].sort((a, b) => valueOf(b) - valueOf(a) || a.trial - b.trial)
    candidates = ranked.slice(0, rung.survivors).map(({ trial }) => trial)
  }
  // Of all that did not break in the end those that were given most; as a rule the one that is left.
  const lasting = [...new Map(judged.map((one) => [one.trial, one])).values()].filter(({ value }) => value !== null)
  const [best] = lasting.sort((a, b) => b.epochs - a.epochs || valueOf(b) - valueOf(a) || a.trial - b.trial)
  await writeWhole('search', join(folder, 'trials.json'), JSON.stringify({ best: best ?? null, trials: judged }, null, 1))
  if (best === undefined) {
    throw new OptionError({ who: `search of ${name}`, wanted: 'a trial that can be judged', got: `${search.trials} that broke, or had no value of ${configuration.metric}`, fix: 'Narrow its ranges.' })
  }
  return drawn(method, { seed: search.seed ?? 0, name, trial: best.trial }).method
}

interface Rung {
  readonly epochs: number
  /** Trials that go on after it. */
  readonly survivors: number
}

/** The rounds of a search: one of all trials, or ever fewer with ever more epochs. */
export function rungs({ strategy, trials, factor = 3, minEpochs = 1 }: SearchConfiguration, epochs: number): readonly Rung[] {
  if (strategy === 'random') return [{ epochs, survivors: 1 }]
  const found: Rung[] = []
  let [left, given] = [trials, minEpochs]
  for (;;) {
    const isLast = given >= epochs
    const survivors = isLast ? 1 : Math.max(1, Math.floor(left / factor))
    found.push({ epochs: Math.min(given, epochs), survivors })
    if (isLast) return found
    left = survivors
    given *= factor
  }
}

async function judgeTrial({ name, configuration, search, folds, folder, context }: SearchedMethod, trial: number, epochs: number): Promise<Trial> {
  const { seed = 0, folds: count = folds.length } = search
  const { method, values } = drawn(configuration.methods[name]!, { seed, name, trial })
  // What it came to then: by now it may have been given more epochs, in a search that was cut off.
  const file = join(folder, `trial-${trial}`, `epochs-${epochs}.json`)
  if (existsSync(file)) return readJson(file)
  const judged = async (value: number | null): Promise<Trial> => {
    const result = { trial, values, epochs, value, better }
    await writeWhole('search', file, JSON.stringify(result))
    return result
  }
  const metrics: number[] = []
  let better: MetricDescription['better'] = 'larger'
  for (const [fold, split] of folds.slice(0, count).entries()) {
    const result = await trainRun(
      {
        folder: join(folder, `trial-${trial}`, `fold-${fold}`),
        method: name,
        seed,
        runSeed: runSeedOf(seed, fold),
        fold,
        trial,
        epochs,
        configuration: withMethod(configuration, name, method, seed),
      },
      split,
      context,
    )
    const value = result.metrics[configuration.metric]
    if (value === undefined) return judged(null)
    if (isBetterSmaller(result.descriptions, configuration.metric)) better = 'smaller'
    metrics.push(value)
  }
  return judged(metrics.reduce((sum, value) => sum + value, 0) / metrics.length)
}

/** What a search may spend, in words; for tables. */
export function budgetOf({ strategy, trials, folds, factor = 3, minEpochs = 1 }: SearchConfiguration, allFolds: number, epochs: number): string {
  const kind = strategy === 'random' ? `random search, ${trials} trials` : `successive halving, ${trials} trials from ${minEpochs} epochs on, one in ${factor} goes on`
  return `${kind}, up to ${epochs} epochs, on ${folds ?? allFolds} validation folds`
}
