import { labelChecksum, StateError, type CheckedLabels, type Plain } from '@metric-learning/contracts'
import type { Scheduled } from '@metric-learning/ops'
import type { RunState } from '../hooks/running-trainer.js'
import type { RunOptions } from '../plan/run-options.js'
import type { TrainingPlan } from '../plan/training-plan.js'
import type { Plugin } from '../plugin.js'
import type { Evaluations } from './evaluations.js'
import { expectSameDraws } from './expect-same-draws.js'
import type { RunLog } from './run-log.js'
import { some, type RunParts } from './run-parts.js'
import type { RunProgress } from './run-progress.js'
import { hasAverages, restoreSections, sectionsOf } from './run-sections.js'
import { trainerMemory, type TrainerMemory } from './run-state.js'
import type { WeightAverages } from './weight-averages.js'

/** All that a run is. */
interface StatefulRunParts {
  readonly options: RunOptions
  readonly plan: TrainingPlan
  readonly plugins: readonly Plugin[]
  readonly averages: WeightAverages | undefined
  readonly evaluations: Evaluations
  readonly log: RunLog
  /** What it was made of. */
  readonly made: RunParts
  readonly progress: RunProgress
  readonly scheduled: () => ReadonlyMap<string, Scheduled>
}

/** On a state: how far the run is that has its tensors, where that has moved since. */
const MOVED_ON = Symbol('how far the run has moved on')

/** A run as a state: taken from it, and put back. */
export class StatefulRun {
  readonly #labelChecksum: number
  readonly #classChecksum: number
  readonly #sampleCount: number

  constructor(
    private readonly parts: StatefulRunParts,
    { labels, sampleCount }: CheckedLabels,
  ) {
    this.#sampleCount = sampleCount
    this.#labelChecksum = labelChecksum(labels)
    const names = JSON.stringify(parts.options.dataset.classNames ?? [])
    this.#classChecksum = labelChecksum(Int32Array.from(Array.from(names, (character) => character.codePointAt(0)!)))
  }

  /** Its tensors are to be read before the next step. */
  state(): RunState {
    this.parts.averages?.settle()
    const sections = Object.fromEntries([...this.#sections()].map(([name, section]) => [name, section.state()]))
    const state = { trainer: { values: { ...this.#memory() } }, ...sections }
    const { progress } = this.parts
    const { moves } = progress
    return Object.defineProperty(state, MOVED_ON, { value: () => (progress.moves === moves ? undefined : progress.when()) })
  }

  /** @throws {StateError} when it is the state of a run that is made of other things, or its tensors are of a run that has moved on. Nothing has changed then. */
  restore(state: RunState): void {
    const { plan, averages, evaluations, log, made, progress } = this.parts
    const memory = trainerMemory(state)
    expectStill(state, memory)
    expectSameDraws(this.#memory(), memory)
    const changes = memory.made ? made.changesSince(memory.made) : []
    restoreSections(this.#sections(), state)
    if (!hasAverages(state)) averages?.copy()
    if (changes.length > 0) globalThis.process?.emitWarning(`The run that is restored had other options: ${some(changes)}.`)
    for (const [name, variable] of plan.parameters) variable.trainable = !memory.frozen.includes(name)
    log.restoreOwners(memory.owners)
    evaluations.evaluated = memory.evaluated
    progress.goOnAt(memory)
  }

  #sections() {
    const { options, plan, plugins, averages, scheduled } = this.parts
    const { dataset, sampler } = options
    return sectionsOf(plan, averages, scheduled(), plugins, { dataset, sampler })
  }

  /** What the trainer itself remembers. */
  #memory(): TrainerMemory & Readonly<Record<string, Plain>> {
    const { options, plan, evaluations, log, made, progress } = this.parts
    const { sampler, seed = 0 } = options
    const { batchSize, batchesPerEpoch } = sampler
    return {
      seed,
      ...progress.position,
      step: progress.step,
      sampler: { batchSize, batchesPerEpoch, sampleCount: this.#sampleCount },
      frozen: [...plan.parameters].flatMap(([name, { trainable }]) => (trainable ? [] : name)),
      evaluated: evaluations.evaluated,
      owners: log.owners,
      labels: this.#labelChecksum,
      classes: this.#classChecksum,
      made: { parts: made.parts, options: made.options },
    } satisfies TrainerMemory as never
  }
}

/** A state that was kept while its run went on has the values of now, and would be restored as another in silence. */
function expectStill(state: RunState, { step, epoch, batch }: TrainerMemory): void {
  const now = (state as { readonly [MOVED_ON]?: () => string | undefined })[MOVED_ON]?.()
  if (now === undefined) return
  throw new StateError({
    who: 'Trainer.restore',
    wanted: 'a state with the values that its run had when it was taken',
    got: `one of step ${step} of epoch ${batch > 0 ? epoch + 1 : epoch}, whose tensors are those of a run that is at ${now} by now`,
    fix: 'Take copies of its tensors at once (`tf.clone`), or save it with `writeCheckpoint`.',
  })
}
