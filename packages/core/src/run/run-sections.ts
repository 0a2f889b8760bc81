import * as tf from '@tensorflow/tfjs-core'
import { isStateful, StateError, type Parameters, type Plain, type Stateful } from '@metric-learning/contracts'
import { restoreAll, type Scheduled } from '@metric-learning/ops'
import type { RunState } from '../hooks/running-trainer.js'
import type { TrainingPlan } from '../plan/training-plan.js'
import type { Plugin } from '../plugin.js'
import type { WeightAverages } from './weight-averages.js'

/** Averages of the weights of modules: what a plugin keeps. */
const AVERAGES = 'averages.'

/** Whether a state has averages of weights. */
export const hasAverages = (state: RunState): boolean => Object.keys(state).some((name) => name.startsWith(AVERAGES))

/** What of a run changes, by section; the trainer's own apart. */
export function sectionsOf(
  plan: TrainingPlan,
  averages: WeightAverages | undefined,
  scheduled: ReadonlyMap<string, Scheduled>,
  plugins: readonly Plugin[],
  others: Readonly<Record<string, object>>,
): ReadonlyMap<string, Stateful> {
  const sections = new Map<string, Stateful>()
  const add = (name: string, variables: Parameters, owner?: object): void => {
    const own = isStateful(owner) ? owner : undefined
    if (variables.size > 0 || own) sections.set(name, sectionOf(name, variables, own))
  }
  add('scheme', plan.scheme.buffers ?? new Map(), plan.scheme)
  for (const [name, module] of Object.entries(plan.scheme.modules)) {
    const weights = [...module.parameters, ...module.buffers].map(([key, weight]) => [key, averages?.holderOf(weight) ?? weight] as const)
    add(`modules.${name}`, new Map(weights), module)
  }
  for (const [name, own] of averages?.sections ?? []) add(`${AVERAGES}${name}`, own)
  for (const [name, { loss, miner }] of plan.objectives) {
    add(`losses.${name}`, new Map([...loss.parameters, ...(loss.buffers ?? [])]), loss)
    if (miner) add(`miners.${name}`, new Map(), miner)
  }
  const { counts } = plan.judges.emptySelections
  if (counts.size > 0) sections.set('emptySelections', countsSection(counts as Parameters))
  for (const [name, { optimizer }] of plan.groups) sections.set(`optimizers.${name}`, optimizer)
  const addScheduled = (name: string, isWithin: (path: string) => boolean): void => {
    const own = [...scheduled].filter(([path]) => isWithin(path))
    if (own.length > 0) sections.set(name, scheduledSection(new Map(own)))
  }
  addScheduled('scheduled', (path) => !path.startsWith('plugins.'))
  for (const [name, other] of Object.entries(others)) add(name, new Map(), other)
  for (const plugin of plugins) {
    const name = `plugins.${plugin.name}`
    add(name, new Map(), plugin)
    // They come and go with their plugin.
    addScheduled(`${name}.scheduled`, (path) => path.startsWith(`${name}.`))
  }
  return sections
}

/**
 * Puts a state back, section by section. Plugins, and averages that they keep, may have come or gone since, which is a warning.
 *
 * @throws {StateError} when another section is missing or unknown, or does not fit. Nothing has changed then.
 */
export function restoreSections(sections: ReadonlyMap<string, Stateful>, state: RunState): void {
  const isPlugin = (name: string) => name.startsWith('plugins.') || name.startsWith(AVERAGES)
  // Absent in states of before: the counts, and what a sampler says that it was made of.
  const missing = [...sections.keys()].filter((name) => !(name in state) && !['emptySelections', 'sampler'].includes(name))
  const unknown = Object.keys(state).filter((name) => name !== 'trainer' && !sections.has(name))
  const faults = [
    ...missing.filter((name) => !isPlugin(name)).map((name) => `none of ${name}`),
    ...unknown.filter((name) => !isPlugin(name)).map((name) => `one of ${name}, which this run has not`),
  ]
  if (faults.length > 0) {
    throw new StateError({
      who: 'Trainer.restore',
      wanted: 'the state of a run with the same parts',
      got: faults.join('; '),
      fix: 'Make the trainer with the modules, losses and optimizers of the run that was saved, under the same names.',
    })
  }
  const others = [
    ...missing.map((name) => `${name} is new and begins anew`),
    ...unknown.map((name) => `${name} is not there any more, and what it remembered is dropped`),
  ]
  if (others.length > 0) globalThis.process?.emitWarning(`The run that is restored had other plugins: ${others.join('; ')}.`)
  restoreAll([...sections].flatMap(([name, section]) => (name in state ? [[section, state[name]!] as const] : [])))
}

/** Variables, and what their owner says of itself beside them. */
function sectionOf(name: string, variables: Parameters, owner: Stateful | undefined): Stateful {
  return {
    state() {
      const own = owner?.state()
      return { ...(own?.values && { values: own.values }), tensors: new Map<string, tf.Tensor>([...variables, ...(own?.tensors ?? [])]) }
    },
    restore(state) {
      if (!owner) expectNoOthers(name, variables.keys(), state.tensors?.keys() ?? [])
      assignAll(name, variables, state.tensors ?? new Map())
      owner?.restore(state)
    },
  }
}

/** What was not counted when the run was saved begins at 0. */
function countsSection(counts: Parameters): Stateful {
  const { state, restore } = sectionOf('emptySelections', counts, undefined)
  return {
    state,
    restore: ({ tensors = new Map<string, tf.Tensor>() }) => {
      tf.tidy(() => {
        restore({ tensors: new Map([...[...counts].map(([name, count]) => [name, tf.zerosLike(count)] as const), ...tensors]) })
      })
    },
  }
}

/** @throws {StateError} when something was saved that is not there any more: it would be dropped in silence. */
function expectNoOthers(who: string, own: Iterable<string>, saved: Iterable<string>): void {
  const names = new Set(own)
  const other = [...saved].find((name) => !names.has(name))
  if (other === undefined) return
  throw new StateError({
    who,
    wanted: `only ${[...names].slice(0, 4).join(', ') || 'nothing'}${names.size > 4 ? ', …' : ''}, as it has now`,
    got: `"${other}" too`,
    fix: 'Make it with the options that the saved one had.',
  })
}

/** @throws {StateError} when a tensor is missing, or of another shape or type; nothing has changed then. */
function assignAll(who: string, variables: Parameters, tensors: ReadonlyMap<string, tf.Tensor>): void {
  for (const [name, variable] of variables) {
    const tensor = tensors.get(name)
    if (tensor?.shape.join() === variable.shape.join() && tensor.dtype === variable.dtype) continue
    throw new StateError({
      who,
      wanted: `"${name}" as ${variable.dtype} [${variable.shape.join(', ')}]`,
      got: tensor ? `${tensor.dtype} [${tensor.shape.join(', ')}]` : 'none',
      fix: 'Make it with the options that the saved one had.',
    })
  }
  tf.tidy(() => {
    for (const [name, variable] of variables) variable.assign(tf.clone(tensors.get(name)!))
  })
}

function scheduledSection(scheduled: ReadonlyMap<string, Scheduled>): Stateful {
  return {
    state: () => ({ values: Object.fromEntries([...scheduled].map(([path, number]): [string, Plain] => [path, number.value])) }),
    restore({ values = {} }) {
      expectNoOthers('Scheduled numbers', scheduled.keys(), Object.keys(values))
      for (const [path, number] of scheduled) {
        const value = values[path]
        if (typeof value === 'number') number.value = value
        else {
          throw new StateError({
            who: `Scheduled number ${path}`,
            wanted: 'its value in the saved run',
            got: value === undefined ? 'none' : String(value),
            fix: 'Schedule what the run that was saved had scheduled.',
          })
        }
      }
    },
  }
}
