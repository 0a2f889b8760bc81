import { describeValue, expectKnownOptions, expectMethods, expectText, OptionError, type Dataset } from '@metric-learning/contracts'
import { metricLossOnly } from '../schemes/metric-loss-only.js'
import type { EmbeddingPath, Scheme, Update } from '../schemes/scheme.js'
import { expectList, expectVariables } from './expect-collections.js'
import type { PlanOptions } from './run-options.js'

/** @throws {OptionError} when the options do not say one scheme. */
export function schemeOf({ scheme, trunk, embedder }: PlanOptions): Scheme {
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
export function expectUpdates({ name, modules, buffers }: Scheme, updates: readonly Update[]): void {
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

export function expectModules(who: string, names: readonly string[], { modules }: Scheme): void {
  const unknown = names.find((name) => !(name in modules))
  if (unknown === undefined) return
  throw new OptionError({
    who,
    wanted: `modules out of ${Object.keys(modules).join(', ')}`,
    got: `"${unknown}"`,
    fix: 'Correct the name, or add the module to the scheme.',
  })
}

/** @throws {OptionError} when a scheme does not say. */
export function embeddingOf({ name, modules, embedding }: Scheme): EmbeddingPath {
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

/** Sizes that do not fit are said here, and not as the fault of whoever embeds first: a tester, before the first step. */
export function expectSizes({ scheme, dataset }: PlanOptions, { trunk, embedder }: EmbeddingPath): void {
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
