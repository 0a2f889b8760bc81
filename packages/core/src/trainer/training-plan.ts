import type * as tf from '@tensorflow/tfjs-core'
import { describeValue, expectKnownOptions, expectMethods, expectNumber, expectText, OptionError, StateError, type BatchSampler, type Dataset, type Loss, type Optimizer, type Parameters } from '@metric-learning/contracts'
import { expectTakesMiner } from '@metric-learning/ops'
import { Adam } from '../optimizers/adam.js'
import { metricLossOnly } from '../schemes/metric-loss-only.js'
import type { EmbeddingPath, OutputModules, OutputSizes, Scheme, Update } from '../schemes/scheme.js'
import { expectJudgeable, outputSizes } from './expect-judgeable.js'
import { lossesWithin } from './losses-within.js'
import { objectiveName, type Objective } from './objective.js'
import { ObservedJudges } from './observed-judges.js'
import { expectOneOwner, parameterGroups, type ParameterGroup } from './parameter-groups.js'
import type { TrainerOptions } from './trainer-options.js'

/** An update with all that it needs. */
export interface PlannedUpdate extends Required<Omit<Update, 'outputs'>> {
  /** What of its outputs is known beforehand. */
  readonly outputs: OutputSizes | undefined
  /** Which modules these follow from, where that is known beforehand. */
  readonly computedBy: OutputModules | undefined
  /** Of its modules and of its losses, those with parameters only. */
  readonly groups: readonly ParameterGroup[]
  readonly judges: ObservedJudges
}

/** What a trainer trains, worked out from its options and checked. */
export class TrainingPlan {
  readonly scheme: Scheme
  readonly updates: readonly PlannedUpdate[]
  /** By name, each once. */
  readonly groups: ReadonlyMap<string, ParameterGroup>
  /** By name, over all updates. */
  readonly objectives: ReadonlyMap<string, Objective>
  /** What evaluations embed with. */
  readonly embedding: EmbeddingPath
  /** What objectives judge with. */
  readonly judges: ObservedJudges
  /** Optimizers that were made here. */
  readonly #own: Optimizer[] = []

  /**
   * @throws {OptionError} when the options do not say one scheme, an update names a module that there is none of, two objectives
   * share a name, or an optimizer, a parameter or a buffer of a loss belongs to two groups, or an optimizer to none.
   */
  constructor(options: TrainerOptions) {
    this.scheme = schemeOf(options)
    const { scheme } = this
    if (options.objectives !== undefined) expectList('Trainer', 'objectives', options.objectives)
    const updates = scheme.updates ?? [allAtOnce(scheme, options.objectives ?? [])]
    if (scheme.updates && (options.objectives?.length ?? 0) > 0) {
      throw new OptionError({
        who: 'Trainer',
        wanted: `no \`objectives\` beside the scheme ${scheme.name}, whose updates have their own`,
        got: String(options.objectives!.length),
        fix: 'Give the losses to the scheme.',
      })
    }
    expectUpdates(scheme, updates)
    this.objectives = objectivesByName(updates)
    for (const { name, modules } of updates) expectModules(`${scheme.name}, update "${name}"`, modules, scheme)
    for (const update of updates) expectJudgeable(scheme, update)
    expectBatchSize(this.objectives, options.sampler)
    this.embedding = embeddingOf(scheme)
    expectSizes(options, this.embedding)
    this.judges = new ObservedJudges(this.objectives)
    try {
      this.groups = this.#groups(updates, options.optimizers ?? {})
      this.updates = updates.map((update) => this.#planned(update))
      // Slots exist before the first step, so that a run can be saved and restored at any moment.
      for (const { parameters, optimizer } of this.groups.values()) optimizer.prepare(parameters)
    } catch (error) {
      this.dispose()
      throw error
    }
  }

  /** All that gradients change, by qualified names such as `trunk.blocks.0.conv.weight`. */
  get parameters(): Parameters {
    return new Map([...this.groups.values()].flatMap(({ parameters }) => [...parameters]))
  }

  /**
   * The updates of the steps of an epoch, counted from 1.
   *
   * @throws {StateError} when there is none.
   */
  updatesIn(epoch: number): readonly PlannedUpdate[] {
    const active = this.updates.filter((update) => update.isActive(epoch))
    if (active.length > 0) return active
    throw new StateError({
      who: `Scheme ${this.scheme.name}`,
      wanted: `an update that is active in epoch ${epoch}`,
      got: `none of ${this.updates.map(({ name }) => name).join(', ')}`,
      fix: 'Have `isActive` of one of them be true in each epoch that is trained.',
    })
  }

  /** Frees what was made here: optimizers, what was counted and recorded. */
  dispose(): void {
    this.judges.dispose()
    for (const optimizer of this.#own) optimizer.dispose()
  }

  #groups(updates: readonly Update[], byPath: Readonly<Record<string, Optimizer>>): ReadonlyMap<string, ParameterGroup> {
    const modules = [...new Set(updates.flatMap((update) => update.modules))]
    const groups = parameterGroups(
      [
        ...modules.map((name) => ({ name, parameters: this.scheme.modules[name]!.parameters })),
        ...[...this.objectives].map(([name, { loss, optimizer }]) => ({ name: `losses.${name}`, parameters: loss.parameters, optimizer })),
      ],
      byPath,
      () => {
        const optimizer = new Adam()
        this.#own.push(optimizer)
        return optimizer
      },
    )
    const owners = new Map<tf.Variable, string>([...groups.values()].flatMap(({ owner, parameters }) => [...parameters.values()].map((variable) => [variable, owner] as const)))
    for (const [name, { loss }] of this.objectives) {
      for (const variable of loss.buffers?.values() ?? []) expectOneOwner(owners, variable, `losses.${name}`, 'buffers')
    }
    return groups
  }

  #planned(update: Update): PlannedUpdate {
    const owners = [...update.modules, ...update.objectives.map((objective) => `losses.${objectiveName(objective)}`)]
    const groups = [...this.groups.values()].filter(({ owner }) => owners.includes(owner))
    if (groups.length === 0) {
      throw new OptionError({
        who: `Scheme ${this.scheme.name}, update "${update.name}"`,
        wanted: 'parameters to change',
        got: `none in ${update.modules.map((name) => `${name} (${this.scheme.modules[name]!.name})`).join(', ') || 'no module'}${update.objectives.length > 0 ? `, and none in ${update.objectives.map(({ loss }) => loss.name).join(', ')}` : ''}`,
        fix: 'Give it a module with `parameters`; to judge what there is without training, call `test` of a tester.',
      })
    }
    return {
      ...update,
      outputs: outputSizes(this.scheme, update),
      computedBy: update.forward ? undefined : this.scheme.computedBy,
      isActive: (epoch) => update.isActive?.(epoch) ?? true,
      forward: (batch, mode) => (update.forward ? update.forward(batch, mode) : this.scheme.forward(batch, mode)),
      groups,
      judges: this.judges,
    }
  }
}

function schemeOf({ scheme, trunk, embedder }: TrainerOptions): Scheme {
  if (scheme === undefined && trunk !== undefined) {
    return metricLossOnly({ trunk, ...(embedder && { embedder }) }, 'Trainer')
  }
  if (scheme !== undefined && trunk === undefined && embedder === undefined) {
    expectMethods('Trainer', 'scheme', scheme, ['forward'], 'metricLossOnly({ trunk, embedder })')
    expectText('Trainer', 'scheme.name', scheme.name, 'a name')
    if (typeof scheme.modules !== 'object' || (scheme.modules as unknown) === null) {
      throw new OptionError({ who: `Scheme ${scheme.name}`, wanted: '`modules` by name', got: describeValue(scheme.modules), fix: 'Pass an object such as `{ trunk, embedder }`.' })
    }
    if (scheme.updates !== undefined) expectList(`Scheme ${scheme.name}`, 'updates', scheme.updates)
    return scheme
  }
  throw new OptionError({
    who: 'Trainer',
    wanted: 'either `trunk` and `embedder`, or a `scheme`',
    got: scheme === undefined ? 'no `trunk`' : 'both',
    fix: 'Pass one of them; modules of a scheme belong into the scheme.',
  })
}

/** What a scheme is made of: what is missing, or nobody reads, is said here and not in the first step or save. */
function expectUpdates({ name, modules, buffers }: Scheme, updates: readonly Update[]): void {
  const who = `Scheme ${name}`
  if (updates.length === 0) throw new OptionError({ who, wanted: 'at least one update', got: 'none', fix: 'Leave `updates` out for one of all modules.' })
  for (const update of updates) expectKnownOptions(`${who}, updates`, update, ['name', 'modules', 'objectives', 'isActive', 'outputs', 'forward'])
  const names = updates.map((update) => update.name)
  for (const update of names) expectText(who, 'updates.name', update, 'a name')
  const twice = names.find((update, i) => names.indexOf(update) < i)
  if (twice !== undefined) throw new OptionError({ who, wanted: 'updates with names of their own', got: `"${twice}" twice`, fix: 'Rename one: errors, logs and what is saved go by it.' })
  for (const update of updates) {
    expectList(who, `updates.${update.name}.modules`, update.modules)
    expectList(who, `updates.${update.name}.objectives`, update.objectives)
  }
  for (const [key, module] of Object.entries(modules)) {
    expectMethods(who, `modules.${key}`, module, ['call'], 'new ConvNet()')
    expectVariables(who, `modules.${key}.parameters`, module.parameters)
    expectVariables(who, `modules.${key}.buffers`, module.buffers)
  }
  if (buffers !== undefined) expectVariables(who, 'buffers', buffers)
}

/** Sizes that do not fit are said here, and not as the fault of whoever embeds first: a tester, before the first step. */
function expectSizes({ scheme, dataset }: TrainerOptions, { trunk, embedder }: EmbeddingPath): void {
  const channels = (dataset.sampleShape as Dataset['sampleShape'] | undefined)?.at(-1)
  const whole = (dataset.sampleShape as Dataset['sampleShape'] | undefined)?.reduce((product, size) => product * size, 1)
  // A scheme that says what evaluations embed with may have them embed other samples than those that it trains on.
  const { inputSize } = scheme?.embedding ? { inputSize: undefined } : trunk
  if (inputSize !== undefined && channels !== undefined && channels !== inputSize && whole !== inputSize) {
    throw new OptionError({
      who: 'Trainer',
      wanted: `a \`trunk\` for the samples of ${dataset.name}, [${dataset.sampleShape.join(', ')}]`,
      got: `${trunk.name} for ${inputSize} channels`,
      fix: `Make it for ${channels}, the last axis, or load other samples.`,
    })
  }
  if (embedder?.inputSize === undefined || embedder.inputSize === trunk.outputSize) return
  throw new OptionError({
    who: 'Trainer',
    wanted: `an \`embedder\` for the ${trunk.outputSize} features of ${trunk.name}`,
    got: `${embedder.name} for ${embedder.inputSize}`,
    fix: "Pass it the trunk's `outputSize` as `inputSize`.",
  })
}

function expectList(who: string, option: string, given: unknown): void {
  if (Array.isArray(given)) return
  throw new OptionError({ who, wanted: `\`${option}\` to be a list`, got: describeValue(given), fix: 'Pass an array, also of one.' })
}

function expectVariables(who: string, what: string, given: unknown): void {
  const isMap = typeof given === 'object' && given !== null && typeof (given as Partial<Parameters>).get === 'function' && typeof (given as Partial<Parameters>).forEach === 'function'
  const fault = isMap ? [...(given as ReadonlyMap<string, unknown>)].find(([, value]) => typeof (value as Partial<tf.Variable> | null | undefined)?.assign !== 'function') : undefined
  if (isMap && fault === undefined) return
  throw new OptionError({
    who,
    wanted: `\`${what}\` to be a Map of variables`,
    got: fault ? `${describeValue(fault[1])} as "${fault[0]}"` : describeValue(given),
    fix: isMap ? 'Make it with `tf.variable`.' : 'Give it `new Map()` where there is nothing.',
  })
}

const allAtOnce = (scheme: Scheme, objectives: readonly Objective[]): Update => ({
  name: scheme.name,
  modules: Object.keys(scheme.modules),
  objectives,
})

function objectivesByName(updates: readonly Update[]): ReadonlyMap<string, Objective> {
  const named = new Map<string, Objective>()
  for (const { objective, before, isShared } of updates.flatMap(({ objectives, isActive }) => objectives.map((objective, i) => ({ objective, before: objectives.slice(0, i), isShared: isActive !== undefined })))) {
    if (typeof (objective as Partial<Loss> | null)?.compute === 'function') throw bareLoss(objective as object as Loss)
    expectKnownOptions('Trainer, objectives', objective, ['name', 'loss', 'of', 'against', 'labels', 'miner', 'mineOn', 'mineAmong', 'weight', 'optimizer'])
    expectMethods('Trainer, objectives', 'loss', objective.loss, ['compute'], 'new TripletMarginLoss()')
    if (objective.miner !== undefined) expectMethods('Trainer, objectives', 'miner', objective.miner, ['mine'], 'new MultiSimilarityMiner()')
    const name = objectiveName(objective)
    expectText('Trainer, objectives', objective.name === undefined ? 'loss.name' : 'name', name, 'a name')
    expectVariables(`Objective "${name}"`, 'loss.parameters', objective.loss.parameters)
    if (objective.loss.buffers !== undefined) expectVariables(`Objective "${name}"`, 'loss.buffers', objective.loss.buffers)
    expectNumber(`Objective "${name}"`, 'weight', objective.weight ?? 1)
    expectSuited(name, objective)
    expectChoosesAmong(name, objective, before)
    if (named.has(name) && !(isShared && named.get(name) === objective && !before.includes(objective))) {
      throw new OptionError({
        who: 'Trainer',
        wanted: 'objectives with names of their own',
        got: `"${name}" twice`,
        fix: 'Objectives with equal losses want a `name` each.',
      })
    }
    named.set(name, objective)
  }
  return named
}

const bareLoss = ({ name }: Loss): OptionError =>
  new OptionError({
    who: 'Trainer, objectives',
    wanted: 'objects with a `loss`',
    got: `the loss ${name} itself`,
    fix: 'Pass `{ loss: … }`; a `miner`, a `weight` and so on stand beside it.',
  })

/** What a loss does not take is refused at once, and not in the first step. */
function expectSuited(name: string, { loss, miner, against, mineOn, labels }: Objective): void {
  const who = `Objective "${name}"`
  const refuse = (wanted: string, got: string, fix: string) => new OptionError({ who, wanted, got, fix })
  if (miner) expectTakesMiner(who, loss, miner)
  if (loss.labels === 'refused' && labels !== undefined) {
    throw refuse(`no \`labels\` with ${loss.name}, which goes by none`, `"${labels}"`, 'Leave it out.')
  }
  if (against !== undefined && loss.takesReferences === false) {
    throw refuse(`no \`against\` with ${loss.name}`, `"${against}"`, 'This loss compares a batch with itself or with its own weights.')
  }
  if (against === undefined && lossesWithin(loss).some(({ needsReferences }) => needsReferences)) {
    throw refuse(`\`against\`, what ${loss.name} compares the output \`of\` with`, 'none', "Name an output of the scheme, such as that of another view: `against: 'otherEmbeddings'`.")
  }
  if (mineOn === undefined) return
  expectKnownOptions(`${who}, mineOn`, mineOn, ['of', 'against'])
  for (const [key, output] of Object.entries(mineOn)) if (output !== undefined) expectText(`${who}, mineOn`, key, output, 'the name of an output')
  if (!miner) throw refuse('a `miner` beside `mineOn`', 'none', 'Pass one, or leave `mineOn` out.')
  if (mineOn.against !== undefined && against === undefined) {
    throw refuse('`against` beside `mineOn.against`', 'none', 'A miner selects pairs of what the loss compares: pass both, or neither.')
  }
}

/** @param before objectives of the same update that are judged before it */
function expectChoosesAmong(name: string, { miner, mineAmong }: Objective, before: readonly Objective[]): void {
  if (mineAmong === undefined) return
  const who = `Objective "${name}"`
  const mining = before.filter((objective) => objective.miner).map(objectiveName)
  if (!miner?.chooses) {
    throw new OptionError({ who, wanted: 'a `miner` that chooses among pairs beside `mineAmong`', got: miner ? miner.name : 'none', fix: 'Take `new HDCMiner()`, or leave `mineAmong` out.' })
  }
  if (mining.includes(mineAmong)) return
  throw new OptionError({
    who,
    wanted: `\`mineAmong\` to name an objective with a miner before it in the same update${mining.length > 0 ? `: ${mining.join(', ')}` : ''}`,
    got: `"${mineAmong}"`,
    fix: mining.length > 0 ? 'Correct the name.' : 'Give the objective of the stage before a miner, and a place before this one.',
  })
}

/** A batch that no step could take is refused before there is one. */
function expectBatchSize(objectives: ReadonlyMap<string, Objective>, { name: sampler, batchSize }: BatchSampler): void {
  for (const [name, { loss }] of objectives) {
    const small = lossesWithin(loss).find(({ maxBatchSize = Infinity }) => batchSize > maxBatchSize)
    if (!small) continue
    throw new OptionError({
      who: `Objective "${name}"`,
      wanted: `batches of at most ${small.maxBatchSize} samples, for ${small.name}`,
      got: `${batchSize} of ${sampler}`,
      fix: 'Lower `batchSize`; a memory may have a larger `memorySize`.',
    })
  }
}

function expectModules(who: string, names: readonly string[], { modules }: Scheme): void {
  const unknown = names.find((name) => !(name in modules))
  if (unknown === undefined) return
  throw new OptionError({
    who,
    wanted: `modules out of ${Object.keys(modules).join(', ')}`,
    got: `"${unknown}"`,
    fix: 'Correct the name, or add the module to the scheme.',
  })
}

function embeddingOf({ name, modules, embedding }: Scheme): EmbeddingPath {
  if (embedding) return embedding
  const { trunk, embedder } = modules
  if (trunk) return { trunk, ...(embedder && { embedder }) }
  throw new OptionError({
    who: `Scheme ${name}`,
    wanted: 'to know what evaluations embed with',
    got: `the modules ${Object.keys(modules).join(', ') || 'none'}`,
    fix: 'Call a module `trunk`, or say so in `embedding`.',
  })
}
