import type { RunOptions } from '../plan/run-options.js'
import type { TrainingPlan } from '../plan/training-plan.js'
import type { PluginOptions } from '../plugin.js'
import type { RunParts } from './run-parts.js'

type PlainOption = string | number | boolean | null

/** What a run that goes on should be made of again, by names for messages. */
export function rootsOfRun({ scheme, objectives, groups }: TrainingPlan, { sampler, precision = 'float32', chunkSize, plugins = [] }: RunOptions & PluginOptions): Readonly<Record<string, unknown>> {
  const named = (kind: string, all: Iterable<readonly [name: string, part: object]>) => [...all].map(([name, part]) => [`${kind}.${name}`, part] as const)
  const judging = [...objectives].map(([name, { optimizer: _, ...objective }]) => [name, { ...objective, name: undefined }] as const)
  const optimizers = [...groups].map(([name, { optimizer }]) => [name, optimizer] as const)
  return Object.fromEntries([
    ['scheme', Object.fromEntries(Object.entries(scheme).filter(([, value]) => ['number', 'boolean', 'string'].includes(typeof value)))],
    ...named('modules', Object.entries(scheme.modules)),
    ...named('objectives', judging),
    ...named('optimizers', optimizers),
    ['sampler', sampler],
    ...named('plugins', plugins.flatMap((plugin) => (plugin && plugin.settings ? [[plugin.name, { settings: given(plugin.settings) }] as const] : []))),
    ['precision', precision],
    ...(chunkSize === undefined ? [] : [['chunkSize', chunkSize]]),
  ])
}

/** Those that were not left out. */
const given = (settings: object): object => Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined))

/** How many variables a part has: no option of anybody. */
const COUNTS = /\.(parameters|buffers)\.size$/

/** The same as plain values by path, with what it trains on. */
export function configurationOf(made: RunParts, { dataset, sampler, seed = 0 }: RunOptions): Readonly<Record<string, PlainOption>> {
  const plain = Object.entries(made.options).filter(
    (entry): entry is [string, PlainOption] => (typeof entry[1] !== 'object' || entry[1] === null) && !COUNTS.test(entry[0]),
  )
  return {
    seed,
    dataset: dataset.name,
    'dataset.samples': dataset.labels.length,
    'sampler.batchSize': sampler.batchSize,
    'sampler.batchesPerEpoch': sampler.batchesPerEpoch,
    ...made.parts,
    ...Object.fromEntries(plain),
  }
}
