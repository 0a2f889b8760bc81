import { describeValue, expectFixedNumber, OptionError, type State, type Stateful } from '@metric-learning/contracts'
import { pathTo, type Plugin } from '@metric-learning/core'

/**
 * Keeps parameters as they are for so many epochs, and lets them learn from then on: for fine-tuning, where new layers learn first.
 * Paths are those of `optimizers`: `trunk`, `trunk.blocks.0`, `trunk.blocks.*.norm`; the longest that leads to a parameter holds.
 *
 * What is frozen has no gradient, which saves the way back to it, and no part in an update; each thaw makes the next step a graph of
 * its own, once. Running statistics of batch norm move all the same, unless the scheme calls a module in inference mode, as
 * `fineTuning` of schemes does. Epochs are those of the run; what is saved of it says which parameters were trainable before, so that
 * those which are frozen when a run is cut off thaw when it goes on. When a run ends, in whatever way, parameters are as trainable as
 * they were before. One that ends before something thaws says so by a warning of the process.
 *
 * @param epochs by paths; 0: never frozen, `Infinity`: throughout
 * @throws {OptionError} when a number is below 0, or no integer; when the trainer is made, also when a path holds for no parameter.
 * @example freezing({ trunk: 5, 'trunk.blocks.3': 2, 'trunk.stem': Infinity })
 */
export function freezing(epochs: Readonly<Record<string, number>>): Plugin & Stateful {
  const name = 'freezing'
  if (typeof (epochs as unknown) !== 'object' || (epochs as unknown) === null || Array.isArray(epochs)) {
    throw new OptionError({ who: name, wanted: 'numbers of epochs by paths of parameters', got: describeValue(epochs), fix: 'Pass such as `{ trunk: 5 }`; `{ trunk: Infinity }` for one that is frozen throughout.' })
  }
  const paths = Object.keys(epochs)
  if (paths.length === 0) throw new OptionError({ who: name, wanted: 'paths of parameters', got: 'none', fix: "Pass such as `{ trunk: 5 }`, or leave the plugin out." })
  for (const [path, count] of Object.entries(epochs)) if (count !== Infinity) expectFixedNumber(name, path, count, { min: 0, integer: true })

  /** Parameters that it holds, by name, and whether they were trainable before. */
  const before = new Map<string, boolean>()
  return {
    name,
    settings: Object.fromEntries(Object.entries(epochs).map(([path, count]) => [path, count === Infinity ? 'Infinity' : count])),
    apply(trainer) {
      const frozen = [...trainer.parameters].flatMap(([parameter, variable]) => {
        const path = pathTo(parameter, paths)
        return path === undefined ? [] : [{ parameter, path, variable, until: epochs[path]! }]
      })
      const idle = paths.find((path) => !frozen.some((one) => one.path === path))
      if (idle !== undefined) {
        const names = [...trainer.parameters.keys()]
        throw new OptionError({ who: name, wanted: `a path of parameters that no longer path has, such as ${names.slice(0, 3).join(', ')}`, got: `\`${idle}\``, fix: 'Correct it, or leave it out.' })
      }
      trainer.hooks.epochStart.tap({ name, stage: 'measure' }, ({ epoch }) => {
        for (const { parameter, variable, until } of frozen) {
          if (!before.has(parameter)) before.set(parameter, variable.trainable)
          variable.trainable = before.get(parameter)! && epoch > until
        }
        return undefined
      })
      trainer.hooks.done.tap({ name, stage: 'measure' }, ({ epoch, stopReason }) => {
        const waiting = frozen.find(({ parameter, variable, until }) => until !== Infinity && epoch <= until && !variable.trainable && before.get(parameter))
        if (waiting && stopReason === undefined) {
          globalThis.process?.emitWarning(`${name}: ${waiting.path} has learned nothing. The run ended with epoch ${epoch}, and it is frozen for ${waiting.until}: take fewer, more epochs, or \`Infinity\` if it is to stay as it is.`)
        }
        return undefined
      })
      for (const end of ['done', 'failed'] as const) {
        trainer.hooks[end].tap({ name }, () => {
          for (const { parameter, variable } of frozen) variable.trainable = before.get(parameter) ?? variable.trainable
          before.clear()
          return undefined
        })
      }
    },
    state: (): State => ({ values: { trainable: Object.fromEntries(before) } }),
    restore({ values }: State) {
      before.clear()
      for (const [parameter, wasTrainable] of Object.entries((values?.['trainable'] ?? {}) as Readonly<Record<string, boolean>>)) before.set(parameter, wasTrainable)
    },
  }
}
