import { readFile } from 'node:fs/promises'
import * as tf from '@tensorflow/tfjs-core'
import { DataError, describeValue, expectKnownOptions, OptionError, StateError, type Module, type Parameters } from '@metric-learning/contracts'
import { moduleVariables } from './module-variables.js'
import { openSafetensors, type HostTensor, type StoredTensor } from './safetensors-file.js'
import { fromTorch, toTorch } from './torch-layout.js'

/** Options of {@link loadModule}. */
export interface LoadModuleOptions {
  /** What to pass over in the file, of whatever type: beginnings of names, such as `['fc.']` for a classifier. Default none. */
  readonly ignore?: readonly string[]
}

/** What {@link loadModule} says about a file. */
export interface LoadedModule {
  /** Names in the file that were passed over as `ignore` says. */
  readonly ignored: readonly string[]
}

/**
 * Reads a safetensors file, by {@link saveModule} or by PyTorch, into a module of the same structure. Either all
 * variables change or, when anything does not fit, none. PyTorch's `num_batches_tracked` is passed over.
 *
 * @throws {OptionError} when an option is unknown, or `ignore` is no list of texts.
 * @throws {DataError} when the file cannot be read, is no whole safetensors file, or has a tensor of the module in a type of number
 * that is not read.
 * @throws {StateError} when names or shapes differ from the module's; lists them.
 */
export async function loadModule(
  module: Module,
  path: string,
  options: LoadModuleOptions = {},
): Promise<LoadedModule> {
  expectKnownOptions('loadModule', options, ['ignore'])
  const { ignore = [] } = options
  expectBeginnings(ignore)
  const { tensors } = openSafetensors(path, await readBytes(path))
  const ignored = [...tensors.keys()].filter((name) => ignore.some((beginning) => name.startsWith(beginning)))
  assignTensors(`loadModule(${module.name})`, module, path, new Map([...tensors].filter(([name]) => !ignored.includes(name))))
  return { ignored }
}

/**
 * Sets the variables of a module, all or none; PyTorch's `num_batches_tracked` is passed over.
 *
 * @param path of the file, for messages
 * @throws {StateError} when names or shapes differ from the module's; lists them.
 */
export function assignTensors(who: string, module: Module, path: string, tensors: ReadonlyMap<string, HostTensor | StoredTensor>): void {
  const variables = moduleVariables(module)
  const saved = new Map([...tensors].filter(([name]) => !/(^|\.)num_batches_tracked$/.test(name)))
  expectSameNames(who, path, variables, saved)
  expectSameShapes(who, path, variables, saved)
  const read = [...saved].map(([name, tensor]) => [name, 'read' in tensor ? tensor.read() : tensor] as const)
  tf.tidy(() => {
    for (const [name, { shape, values }] of read) {
      const variable = variables.get(name)!
      // Numbers of any type become the variable's.
      variable.assign(tf.transpose(tf.tensor(values, [...shape], variable.dtype), fromTorch(shape.length)))
    }
  })
}

async function readBytes(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path)
  } catch (cause) {
    throw new DataError({
      who: 'loadModule',
      wanted: `a file that can be read at ${path}`,
      got: cause instanceof Error ? cause.message : String(cause),
      fix: 'Check the path.',
      cause,
    })
  }
}

function expectBeginnings(ignore: readonly string[]): void {
  if (Array.isArray(ignore) && ignore.every((beginning) => typeof beginning === 'string')) return
  throw new OptionError({
    who: 'loadModule',
    wanted: '`ignore` to be a list of beginnings of names',
    got: describeValue(ignore),
    fix: "Pass one such as `['fc.']`.",
  })
}

type Saved = ReadonlyMap<string, Pick<HostTensor, 'shape'>>

function expectSameNames(who: string, path: string, variables: Parameters, saved: Saved): void {
  const missing = [...variables.keys()].filter((name) => !saved.has(name))
  const unknown = [...saved.keys()].filter((name) => !variables.has(name))
  if (missing.length === 0 && unknown.length === 0) return
  throw new StateError({
    who,
    wanted: missing.length > 0 ? `${list(missing)} in ${path}` : `nothing in ${path} but what the module has`,
    got: unknown.length > 0 ? `${list(unknown)}` : 'a file without',
    fix: 'Make the module with the options that the saved one had, or name in `ignore` what to pass over.',
  })
}

function expectSameShapes(who: string, path: string, variables: Parameters, saved: Saved): void {
  for (const [name, { shape }] of saved) {
    const own = variables.get(name)!.shape
    const wanted = toTorch(own.length).map((axis) => own[axis])
    if (wanted.join() === shape.join()) continue
    throw new StateError({
      who,
      wanted: `"${name}" of shape [${wanted.join(', ')}] in ${path}`,
      got: `[${shape.join(', ')}]`,
      fix: 'Make the module with the sizes that the saved one had (shapes in the layout of PyTorch).',
    })
  }
}

/** The first few, in quotes, and how many more there are. */
function list(names: readonly string[]): string {
  const shown = names.slice(0, 3).map((name) => `"${name}"`)
  return [...shown, ...(names.length > 3 ? [`${names.length - 3} more`] : [])].join(', ')
}
