import { readFileSync } from 'node:fs'
import { dirname, extname, isAbsolute, resolve } from 'node:path'
import { OptionError } from '@metric-learning/contracts'
import { PRETRAINED_NAMES, type PretrainedName } from '@metric-learning/models'
import { parse } from 'yaml'
import type { Part } from '../registry/part.js'
import { isPath, ownPart, Registry, type PartSpec } from '../registry/registry.js'
import { rangesOf } from '../search/ranges.js'
import type { ExperimentConfiguration } from './experiment-configuration.js'
import { importModule, wholeName } from './import-module.js'
import { faultOf, schemaOf } from './schema.js'

/** An experiment that was checked, with all defaults filled in and all paths whole, and what its parts are looked up in. */
export interface Experiment {
  readonly configuration: ResolvedConfiguration
  readonly registry: Registry
}

/** Names of fields that have a default. */
type Defaulted = 'embedder' | 'scheme' | 'optimizers' | 'schedules' | 'plugins' | 'testers' | 'metric' | 'seeds' | 'result' | 'logEverySteps' | 'precision' | 'backend'

/** A configuration with its defaults. */
export type ResolvedConfiguration = ExperimentConfiguration & Required<Pick<ExperimentConfiguration, Defaulted>>

/**
 * Reads an experiment from a file: YAML, JSON, or the default export of a module.
 *
 * @param changes fields by their paths, `epochs` or `protocol.folds`, in place of those of the file
 * @throws {OptionError} when it can't be read, or a field is unknown, missing, out of range, or contradicts another; it names the field,
 * what came, and the nearest known word.
 */
export async function readConfiguration(file: string, changes: Readonly<Record<string, unknown>> = {}): Promise<Experiment> {
  const value = Object.entries(changes).reduce((content, [path, changed]) => withChange(content, path, changed), await contentOf(file))
  return checkedExperiment(value, { who: file, folder: dirname(resolve(file)) })
}

async function contentOf(file: string): Promise<unknown> {
  try {
    if (['.ts', '.mts', '.js', '.mjs'].includes(extname(file))) {
      return structuredClone((await importModule(resolve(file), '.'))['default'])
    }
    return parse(readFileSync(file, 'utf8'), { merge: true }) as unknown
  } catch (cause) {
    throw new OptionError({
      who: 'experiment',
      wanted: `a configuration at ${file}, in YAML or JSON, or as the default export of a module`,
      // Of YAML: the place, and below it a picture of it.
      got: (cause instanceof Error ? cause.message : String(cause)).split('\n')[0]!.replace(/:$/, ''),
      fix: 'Correct the path or the file; docs/experiments.md has one to begin with.',
      cause,
    })
  }
}

/** The same with another value at a path. What stands in several places, as by an alias of YAML, changes at this one alone. */
function withChange(value: unknown, path: string, changed: unknown): unknown {
  const steps = path.split('.')
  const from = (owner: unknown, at: number): unknown => {
    if (typeof owner !== 'object' || owner === null) {
      throw new OptionError({ who: 'experiment', wanted: `a field \`${path}\` to change`, got: `no \`${steps.slice(0, -1).join('.')}\``, fix: 'Name one that is there.' })
    }
    const copy = (Array.isArray(owner) ? [...(owner as unknown[])] : { ...owner }) as Record<string, unknown>
    const step = steps[at]!
    copy[step] = at === steps.length - 1 ? changed : from(Object.hasOwn(copy, step) ? copy[step] : undefined, at + 1)
    return copy
  }
  return from(value, 0)
}

/** What {@link checkedExperiment} is told of where a configuration comes from. */
export interface Origin {
  /** For errors. */
  readonly who: string
  /** What its paths are meant from. */
  readonly folder: string
}

/** @throws {OptionError} as {@link readConfiguration}. */
export async function checkedExperiment(value: unknown, { who, folder }: Origin): Promise<Experiment> {
  expectFinite(who, value)
  const registry = await Registry.importing(value, folder)
  const { success, error } = schemaOf(registry).safeParse(value)
  if (!success) {
    // A field that is missing may be one that is misspelt: that one is named first.
    const isUnknown = ({ code }: (typeof error.issues)[number]) => Number(code === 'unrecognized_keys')
    const [first, ...others] = [...error.issues].sort((a, b) => isUnknown(b) - isUnknown(a)).map((issue) => faultOf(issue, value))
    const { path, wanted, got, fix } = first!
    const more = others.length === 0 ? '' : ` Also wrong: ${[...new Set(others.map((other) => `\`${other.path}\``))].slice(0, 5).join(', ')}.`
    throw new OptionError({ who, wanted: `${wanted}${path === '' ? '' : ` at \`${path}\``}`, got, fix: `${fix}${more}` })
  }
  const configuration = withDefaults(withWholePaths(value as ExperimentConfiguration, folder))
  expectNoContradiction(who, configuration)
  return { configuration, registry: await Registry.importing(configuration, folder) }
}

/** @throws {OptionError} when a number is none that JSON knows, in which it is saved with results: it would come back as another one. */
function expectFinite(who: string, value: unknown, path: readonly string[] = []): void {
  if (typeof value === 'number' && !Number.isFinite(value)) {
    throw new OptionError({ who, wanted: `a finite number at \`${path.join('.')}\``, got: String(value), fix: 'Correct it; a part of your own may have such a number as its default.' })
  }
  if (typeof value === 'object' && value !== null) for (const [key, inner] of Object.entries(value)) expectFinite(who, inner, [...path, key])
}

function withDefaults(configuration: ExperimentConfiguration): ResolvedConfiguration {
  return {
    embedder: null,
    scheme: 'metricLossOnly',
    optimizers: {},
    schedules: [],
    plugins: [],
    testers: ['GlobalEmbeddingSpaceTester'],
    metric: 'meanAveragePrecisionAtR',
    seeds: [0],
    result: 'last',
    logEverySteps: 20,
    precision: 'float32',
    backend: 'auto',
    ...configuration,
  }
}

/** Whether a path is that of weights: of a trunk, or the file of `pretrainedTrunk`. */
const isWeights = (key: string, { name }: Readonly<Record<string, unknown>>): boolean =>
  key === 'weights' || (key === 'file' && PRETRAINED_NAMES.includes(name as PretrainedName))

/** The same with all paths from the root, so that it can be read from anywhere. */
function withWholePaths(configuration: ExperimentConfiguration, folder: string): ExperimentConfiguration {
  const whole = (path: string) => (isAbsolute(path) ? path : resolve(folder, path))
  const walked = (value: unknown): unknown => {
    if (typeof value === 'string') {
      const own = ownPart(value)
      return own ? `${wholeName(own.from, folder)}#${own.exportName}` : value
    }
    if (Array.isArray(value)) return value.map(walked)
    if (typeof value !== 'object' || value === null) return value
    const ofField = (key: string, inner: unknown) => {
      if (!isPath(key, inner)) return walked(inner)
      return isWeights(key, value as Readonly<Record<string, unknown>>) ? whole(inner) : inner
    }
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [walked(key) as string, ofField(key, inner)]))
  }
  const { data, ...rest } = walked(configuration) as ExperimentConfiguration
  const [name, options] = Registry.split(data)
  if (options === undefined) return { ...rest, data }
  const paths = Object.entries(options as object).map(([key, value]: [string, unknown]) => [key, isPath(key, value) ? whole(value) : value] as const)
  return { ...rest, data: { [name]: Object.fromEntries(paths) } as unknown as ExperimentConfiguration['data'] }
}

/** @throws {OptionError} when fields that are fine by themselves do not go together. */
function expectNoContradiction(who: string, configuration: ResolvedConfiguration): void {
  const refuse = (wanted: string, got: string, fix: string): never => {
    throw new OptionError({ who, wanted, got, fix })
  }
  const { protocol, split, methods, epochs, schedules } = configuration
  const { folds = 4, search } = protocol ?? {}
  if (protocol && split !== undefined) refuse('`split` or `protocol`', 'both', 'A protocol says itself which classes are judged: leave `split` out.')
  if (protocol) expectPlainTester(configuration.testers[0]!, refuse)
  for (const [name, method] of Object.entries(methods)) {
    const ranges = rangesOf(method, who, `methods.${name}`)
    if (ranges.length > 0 && !search) refuse(`no range at \`methods.${name}.${ranges[0]!.path.join('.')}\``, 'one, and no `protocol.search`', 'Say how to search: protocol: { search: { strategy: random, trials: 10 } }; or give a value.')
    const { epochs: own = epochs, schedules: ownSchedules = schedules } = method
    if (search?.strategy === 'successiveHalving' && (search.minEpochs ?? 1) > own) refuse(`\`protocol.search.minEpochs\` of at most ${own}, the epochs of ${name}`, String(search.minEpochs), 'Lower it, or train longer.')
    ownSchedules.forEach(({ shape, by }, i) => {
      const isPlateau = Registry.split(shape as never)[0] === 'onPlateau'
      if (isPlateau === (by === undefined)) return
      refuse(isPlateau ? `no \`by\` at \`schedules.${i}\`` : `\`by\` at \`schedules.${i}\`: 'step' or 'epoch'`, isPlateau ? `'${String(by)}'` : 'nothing', isPlateau ? 'A plateau goes by evaluations.' : 'Say what its positions count.')
    })
  }
  const outside = rangesOf({ ...configuration, methods: {}, protocol: undefined }, who, '')[0]
  if (outside) refuse('ranges in methods alone', `one at \`${outside.path.join('.')}\``, 'Move it into a method: a search is of one method at a time.')
  if (search && (search.folds ?? folds) > folds) refuse(`\`protocol.search.folds\` of at most ${folds}, the folds there are`, String(search.folds), 'Lower it, or leave it out for all.')
  if (search && Object.entries(methods).every(([name, method]) => rangesOf(method, who, `methods.${name}`).length === 0)) {
    refuse('a range in a method, for `protocol.search` to look for', 'none', 'Put one where a number stands, such as margin: { uniform: [0.01, 0.5] }, or leave `search` out.')
  }
}

/** Options by which testers judge otherwise, and what they are by default. */
const JUDGED_OTHERWISE: Readonly<Record<string, unknown>> = { labels: 'labels', normalizeEmbeddings: true, pca: undefined, useTrunkOutput: false }

/** The test set of a protocol is judged once, of all networks together, by the calculator of the first tester alone: epochs are to be chosen by the same. */
function expectPlainTester(tester: Part<'testers'>, refuse: (wanted: string, got: string, fix: string) => never): void {
  const [name, options] = Registry.split(tester as PartSpec)
  const wanted = 'a first tester that judges normalised embeddings by their classes, as a `protocol` judges its test set,'
  const fix = 'Put GlobalEmbeddingSpaceTester first; what other testers find is logged beside it.'
  if (name !== 'GlobalEmbeddingSpaceTester' && !name.includes('#')) refuse(`${wanted} at \`testers.0\``, name, fix)
  const given = Object.entries((options ?? {}) as object).find(([option, value]) => option in JUDGED_OTHERWISE && value !== JUDGED_OTHERWISE[option])
  if (given) refuse(`${wanted} at \`testers.0.${name}.${given[0]}\``, JSON.stringify(given[1]), fix)
}
