import { Random, type Dataset, type Module, type Normalization, type Optimizer } from '@metric-learning/contracts'
import { Trainer, type Objective, type Plugin, type Scheme, type TrainerOptions } from '@metric-learning/core'
import { augmented, samplePng } from '@metric-learning/datasets'
import { schedules as schedulesPlugin, type Schedule, type Shape } from '@metric-learning/schedules'
import type { BaseTester, TesterOptions } from '@metric-learning/testers'
import type { MethodConfiguration } from '../configuration/experiment-configuration.js'
import type { ResolvedConfiguration } from '../configuration/read-configuration.js'
import type { PartSpec, Registry } from '../registry/registry.js'
import { makeTrunk, normalisedFor } from './make-trunk.js'

/** What a trainer is made of, beside a configuration. */
export interface TrainerParts {
  readonly registry: Registry
  /** To train on. */
  readonly train: Dataset
  /** What testers judge, by name; see `splits` of testers. */
  readonly splits: TesterOptions['splits']
  readonly seed: number
  /** Beside those of the configuration, before them: recorders, logs, checkpoints. They are told the testers of the configuration. Default none. */
  readonly plugins?: (testers: readonly BaseTester[]) => TrainerOptions['plugins']
}

/** A trainer with what it was made of. */
export interface CreatedTrainer {
  readonly trainer: Trainer
  readonly trunk: Module
  readonly embedder: Module | undefined
  /** Of the images that it trains on; whatever else the networks are to embed is normalised like these. Absent where they have none. */
  readonly normalization?: Normalization
  readonly testers: readonly BaseTester[]
  readonly epochs: number
  /** Frees all of it. */
  dispose(): Promise<void>
}

/**
 * A trainer of one method of a configuration. All that configurations mean is in here.
 *
 * Networks are drawn from one source that follows from the seed: methods that begin with the same networks begin with the same weights.
 * Losses and miners with draws of their own get the seed, too.
 *
 * @param name of the method
 * @throws {MetricLearningError} when a part refuses what it is given, with the place in the configuration.
 */
export async function createTrainer(configuration: ResolvedConfiguration, name: string, parts: TrainerParts): Promise<CreatedTrainer> {
  const method = configuration.methods[name]!
  const { trunk: trunkSpec, weights, embedder: embedderSpec, scheme: schemeSpec, sampler, optimizers, schedules, plugins, augmentation, epochs, chunkSize, precision } = { ...configuration, ...method }
  const { registry, seed } = parts
  const place = (field: string) => (field in method ? `methods.${name}.${field}` : field)
  const build = <T>(kind: Parameters<Registry['build']>[0], spec: unknown, path: string, supplied = {}) => registry.build<T>(kind, spec as PartSpec, path, supplied)
  const toDispose: { dispose?(): unknown }[] = []
  const owned = <T extends object>(part: T): T => {
    toDispose.push(part)
    return part
  }
  const dispose = async () => {
    for (const part of toDispose.reverse()) await part.dispose?.()
  }
  try {
    const random = new Random(seed)
    const made = await makeTrunk({ trunk: trunkSpec, weights, registry, inputChannels: parts.train.sampleShape[2]!, random, place })
    const trunk = owned(made.trunk)
    const train = normalisedFor(made, parts.train)
    const splits = Object.fromEntries(Object.entries(parts.splits).map(([name, split]) => [name, 'dataset' in split ? { ...split, dataset: normalisedFor(made, split.dataset) } : normalisedFor(made, split)]))
    const [pictured] = Object.values(splits).map((split) => ('dataset' in split ? split.dataset : split))
    const embedder = embedderSpec === null ? undefined : owned(build<Module>('embedders', embedderSpec, place('embedder'), { inputSize: trunk.outputSize, random }))
    const embeddingSize = (embedder ?? trunk).outputSize
    const numClasses = train.classNames.length
    const scheme = build<Scheme>('schemes', schemeSpec, place('scheme'), { trunk, ...(embedder && { embedder }), inputSize: embeddingSize, outputSize: numClasses, random })
    for (const [module, part] of Object.entries(scheme.modules)) if (module !== 'trunk' && module !== 'embedder') owned(part as Module)
    const ofLosses = { numClasses, embeddingSize, descriptorsDim: embeddingSize, l: embeddingSize, seed }
    const objectives = method.objectives.map((objective, i) => {
      const at = `methods.${name}.objectives.${i}`
      return objectiveOf(objective, {
        loss: owned(build('losses', objective.loss, `${at}.loss`, ofLosses)),
        ...(objective.miner !== undefined && { miner: owned(build('miners', objective.miner, `${at}.miner`, { seed })) }),
        ...(objective.optimizer !== undefined && { optimizer: owned(build<Optimizer>('optimizers', objective.optimizer, `${at}.optimizer`)) }),
      })
    })
    const testers = configuration.testers.map((tester, i) => owned(build<BaseTester>('testers', tester, `testers.${i}`, { splits, primaryMetric: configuration.metric })))
    const dataset = augmentation === undefined ? train : owned(augmented(train, augmentation))
    const trainer = new Trainer({
      scheme,
      dataset,
      sampler: build('samplers', sampler, place('sampler'), { labels: train.labels }),
      objectives,
      optimizers: Object.fromEntries(Object.entries(optimizers).map(([path, spec]) => [path, owned(build<Optimizer>('optimizers', spec, `${place('optimizers')}.${path}`))])),
      seed,
      precision,
      logEverySteps: configuration.logEverySteps,
      ...(configuration.unlogged && { unlogged: configuration.unlogged }),
      ...(chunkSize !== undefined && { chunkSize }),
      plugins: [
        ...(parts.plugins?.(testers) ?? []),
        ...testers,
        ...plugins.map((spec, i) => build<Plugin>('plugins', spec, `${place('plugins')}.${i}`, { images: (row: number) => samplePng(pictured!, row, {}) })),
        schedules.length > 0 && schedulesPlugin(schedules.map(({ of, shape, by }, i) => ({ of, shape: build<Shape>('shapes', shape, `${place('schedules')}.${i}.shape`), ...(by && { by }) }) as Schedule)),
      ],
    })
    toDispose.push(trainer)
    return { trainer, trunk, embedder, ...(train.normalization && { normalization: train.normalization }), testers, epochs, dispose }
  } catch (error) {
    await dispose()
    throw error
  }
}

function objectiveOf({ weight, name, of, against }: MethodConfiguration['objectives'][number], parts: Pick<Objective, 'loss' | 'miner' | 'optimizer'>): Objective {
  return { ...parts, ...(typeof weight === 'number' && { weight }), ...(name !== undefined && { name }), ...(of !== undefined && { of }), ...(against !== undefined && { against }) }
}
