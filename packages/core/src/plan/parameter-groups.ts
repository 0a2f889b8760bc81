import type * as tf from '@tensorflow/tfjs-core'
import { expectMethods, OptionError, type Optimizer, type Parameters } from '@metric-learning/contracts'
import { pathTo } from '../optimizers/path-to.js'

/** Parameters that one optimizer changes, under names that are unique within the run. */
export interface ParameterGroup {
  /** The name of a module, or `losses.<objective>`; or the path that its optimizer was given for, such as `trunk.blocks.0`. */
  readonly name: string
  /** The module or `losses.<objective>` whose parameters these are: the first part of their names. */
  readonly owner: string
  readonly parameters: Parameters
  readonly optimizer: Optimizer
}

/** What owns parameters: a module, or the loss of an objective. */
export interface ParameterOwner {
  readonly name: string
  readonly parameters: Parameters
  /** For all of its parameters, those apart that have one by their paths. */
  readonly optimizer?: Optimizer | undefined
}

/**
 * Parameters by who changes them.
 *
 * @param byPath optimizers by paths of parameters; see {@link pathTo}
 * @param make an optimizer for those that were given none
 * @returns by name
 * @throws {OptionError} when a path leads to no parameter of its own, or an optimizer is none, or two groups share one.
 */
export function parameterGroups(
  owners: readonly ParameterOwner[],
  byPath: Readonly<Record<string, Optimizer>>,
  make: () => Optimizer,
): ReadonlyMap<string, ParameterGroup> {
  const groups = new Map<string, ParameterGroup>()
  const ownerOf = new Map<Optimizer | tf.Variable, string>()
  const paths = Object.keys(byPath)
  expectPaths(paths, owners)
  for (const [path, optimizer] of Object.entries(byPath)) {
    expectMethods(`Trainer, optimizer of ${path}`, 'optimizer', optimizer, OPTIMIZER, 'new Adam()')
    expectOneOwner(ownerOf, optimizer, path, 'optimizer')
  }
  for (const { name: owner, parameters, optimizer: given } of owners) {
    if (given !== undefined) expectMethods(`Trainer, optimizer of ${owner}`, 'optimizer', given, OPTIMIZER, 'new Adam()')
    if (given) expectOneOwner(ownerOf, given, owner, 'optimizer')
    for (const variable of parameters.values()) expectOneOwner(ownerOf, variable, owner, 'parameters')
    if (given && parameters.size === 0) throw nothingToOptimize(owner, owner)
    const named = [...parameters].map(([key, variable]) => [`${owner}.${key}`, variable] as const)
    const pathOf = (name: string) => pathTo(name, paths) ?? owner
    for (const name of new Set([owner, ...named.map(([parameter]) => pathOf(parameter))])) {
      const own = named.filter(([parameter]) => pathOf(parameter) === name)
      if (own.length === 0) continue
      groups.set(name, { name, owner, parameters: new Map(own), optimizer: byPath[name] ?? given ?? make() })
    }
  }
  const idle = paths.find((path) => !groups.has(path))
  if (idle !== undefined) throw nothingToOptimize(idle, idle.split('.')[0]!, owners)
  return groups
}

const OPTIMIZER = ['prepare', 'apply', 'state', 'restore'] as const

function expectPaths(paths: readonly string[], owners: readonly ParameterOwner[]): void {
  const modules = owners.map(({ name }) => name).filter((name) => !name.startsWith('losses.'))
  const unknown = paths.find((path) => !modules.includes(path.split('.')[0]!))
  if (unknown === undefined) return
  throw new OptionError({
    who: 'Trainer, optimizers',
    wanted: `\`optimizers\` for ${modules.join(', ')}, or for paths of their parameters`,
    got: `\`${unknown}\``,
    fix: unknown.startsWith('losses.') ? 'The optimizer of a loss stands beside it, in its objective.' : `Correct the name, or leave it out.`,
  })
}

const oneOwner = {
  optimizer: {
    wanted: 'an optimizer of its own for each group of parameters',
    fix: 'Make two: an optimizer counts its steps, and would count each of this run twice.',
  },
  parameters: {
    wanted: 'parameters that belong to one module or loss each',
    fix: 'Make a second object, or name the module or loss once: two optimizers would change it in each step.',
  },
  modules: {
    wanted: 'modules with parameters and buffers of their own',
    fix: 'Make a second object, or a copy: what trains under one name would change under the other, too.',
  },
  buffers: {
    wanted: 'buffers that belong to one loss each',
    fix: 'Make a second object: what a loss remembers, such as a memory of batches, would change twice in each step.',
  },
}

/** What two groups or losses shared would be updated, or counted, twice in each step. */
export function expectOneOwner(owners: Map<Optimizer | tf.Variable, string>, one: Optimizer | tf.Variable, name: string, what: keyof typeof oneOwner): void {
  const other = owners.get(one)
  owners.set(one, name)
  if (other !== undefined) throw new OptionError({ who: 'Trainer', ...oneOwner[what], got: `one for ${other} and ${name}` })
}

function nothingToOptimize(name: string, owner: string, owners: readonly ParameterOwner[] = []): OptionError {
  const names = [...(owners.find((one) => one.name === owner)?.parameters.keys() ?? [])].map((key) => `${owner}.${key}`)
  if (names.length === 0) {
    return new OptionError({ who: 'Trainer', wanted: `no optimizer for ${name}, which has no parameters`, got: 'one', fix: 'Leave it out.' })
  }
  return new OptionError({
    who: 'Trainer, optimizers',
    wanted: `a path of parameters that no longer path has, such as ${names.slice(0, 3).join(', ')}${names.length > 3 ? ', …' : ''}`,
    got: `\`${name}\``,
    fix: 'Correct the path, or leave it out.',
  })
}
