import type * as tf from '@tensorflow/tfjs-core'
import { OptionError, StateError, type Optimizer, type Parameters } from '@metric-learning/contracts'
import { Adam } from '../optimizers/adam.js'
import { objectiveName, type Objective } from '../schemes/objective.js'
import type { EmbeddingPath, OutputModules, OutputSizes, Scheme, Update } from '../schemes/scheme.js'
import { embeddingOf, expectModules, expectSizes, expectUpdates, schemeOf } from './checked-scheme.js'
import { Claims } from './claims.js'
import { expectList } from './expect-collections.js'
import { expectJudgeable, outputSizes } from './expect-judgeable.js'
import { expectBatchSize, objectivesByName } from './objectives-by-name.js'
import { ObservedJudges } from './observed-judges.js'
import { expectOneOwner, parameterGroups, type ParameterGroup } from './parameter-groups.js'
import type { PlanOptions } from './run-options.js'

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
  readonly #claims = new Claims()
  /** Optimizers that were made here. */
  readonly #own: Optimizer[] = []

  /**
   * @throws {OptionError} when the options do not say one scheme, an update names a module that there is none of, two objectives
   * share a name, or an optimizer, a parameter or a buffer belongs to two groups, modules or losses, or an optimizer to none or to another trainer.
   */
  constructor(options: PlanOptions) {
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
      this.#claims.takeOptimizers(this.groups.values())
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

  /** @throws {StateError} when another trainer that is not disposed has trained what this one is to train. */
  expectFree(): void {
    this.#claims.expectFree(this.#changed())
  }

  /** From here on no other trainer may train it, until this one is disposed. */
  claim(): void {
    this.#claims.takeVariables(this.#changed())
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
    this.#claims.release()
    this.judges.dispose()
    for (const optimizer of this.#own) optimizer.dispose()
  }

  /** What steps change: parameters that are not frozen, and what losses remember. */
  #changed(): Parameters {
    const trainable = [...this.parameters].filter(([, variable]) => variable.trainable)
    const buffers = [...this.objectives].flatMap(([name, { loss }]) => [...(loss.buffers ?? [])].map(([key, buffer]) => [`losses.${name}.${key}`, buffer] as const))
    return new Map([...trainable, ...buffers])
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
    for (const [name, module] of Object.entries(this.scheme.modules)) {
      const variables = [...(modules.includes(name) ? [] : module.parameters.values()), ...module.buffers.values()]
      for (const variable of variables) expectOneOwner(owners, variable, name, 'modules')
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

const allAtOnce = (scheme: Scheme, objectives: readonly Objective[]): Update => ({
  name: scheme.name,
  modules: Object.keys(scheme.modules),
  objectives,
})
