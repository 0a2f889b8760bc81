import { describeValue, isStateful, PluginError } from '@metric-learning/contracts'
import type { HookSet } from '../hooks/hook-set.js'
import type { Plugin, TappableTrainer } from '../plugin.js'

/** Stateful plugins that some trainer has: one that two had would mix their runs. */
const taken = new WeakSet<Plugin>()

/**
 * Has each plugin tap the hooks of a trainer, in order.
 *
 * @throws {PluginError} when one is none, two share a name, or one with a state has another trainer.
 */
export function applyPlugins(plugins: readonly Plugin[], trainer: TappableTrainer, hooks: HookSet): void {
  const names = new Set<string>()
  for (const plugin of plugins) {
    expectPlugin(plugin)
    if (names.has(plugin.name)) {
      throw new PluginError({
        who: 'Trainer',
        wanted: 'plugins with names of their own',
        got: `"${plugin.name}" twice`,
        fix: 'Rename one.',
      })
    }
    names.add(plugin.name)
    if (isStateful(plugin)) expectFirstTrainer(plugin)
    hooks.apply(plugin.name, () => plugin.apply(trainer))
  }
}

function expectFirstTrainer(plugin: Plugin): void {
  if (taken.has(plugin)) {
    throw new PluginError({
      who: plugin.name,
      wanted: 'one trainer',
      got: 'a second one',
      fix: 'Make a plugin for each trainer: what it remembers is of one run.',
    })
  }
  taken.add(plugin)
}

/** What is no plugin would tap nothing, in silence: a factory that was not called has an `apply` of its own. */
function expectPlugin(plugin: Plugin): void {
  const given = plugin as unknown
  const { name, apply } = (typeof given === 'object' && given !== null ? given : {}) as Partial<Plugin>
  if (typeof name === 'string' && name !== '' && typeof apply === 'function') return
  throw new PluginError({
    who: 'Trainer',
    wanted: '`plugins` to be objects with `name` and `apply`',
    got: typeof given === 'function' ? `the function ${given.name || 'itself'}` : describeValue(given),
    fix: typeof given === 'function' ? `Call it: \`${given.name || 'plugin'}(…)\`, or \`new\` it if it is a class.` : 'Pass what a plugin factory gives.',
  })
}
