import { CreatePluginError } from './create-plugin-error.js'
import { KINDS, type Kind } from './kinds.js'

/** How a plugin and its part are called. */
export interface PluginNames {
  /** As npm knows it: `@acme/spread-loss`. */
  readonly packageName: string
  /** Of the file of its part, without `.ts`: `spread-loss`. */
  readonly file: string
  /** Of the class or the function: `SpreadLoss`, `spreadSchedule`. */
  readonly part: string
}

/** What npm takes: https://docs.npmjs.com/cli/configuring-npm/package-json#name. */
const NPM_NAME = /^(@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*$/
/** Names that Node or npm have for themselves. */
const TAKEN = ['node_modules', 'favicon.ico']

/**
 * The names that follow from one: of the file and of the part without scope and without `metric-learning-`, and ending with the kind.
 *
 * @throws {CreatePluginError} with the code `CPL_NAME` when npm does not take that name, or no name of a class follows from it.
 */
export function pluginNames(who: string, kind: Kind, name: unknown): PluginNames {
  const bad = (wanted: string) =>
    new CreatePluginError('CPL_NAME', { who, wanted, got: name === undefined ? 'none' : JSON.stringify(name), fix: `Pass one such as \`spread-${kind}\` or \`@acme/spread-${kind}\`.` })
  if (typeof name !== 'string' || name.length > 214 || !NPM_NAME.test(name) || TAKEN.includes(name)) {
    throw bad('a name that npm takes: small letters, digits, -, . and _, with or without a @scope/, at most 214 characters')
  }
  const words = name.replace(/^@[^/]*\//, '').replace(/^metric-learning-/, '').split(/[^a-z0-9]+/).filter((word) => word !== '')
  if (words.at(-1) !== kind) words.push(kind)
  if (words.length === 1) throw bad(`a name with another word than ${kind}`)
  if (!/^[a-z]/.test(words[0]!)) throw bad('a name that begins with a letter, for it becomes that of a class or function')
  const capitals = words.map((word) => word[0]!.toUpperCase() + word.slice(1)).join('')
  return { packageName: name, file: words.join('-'), part: KINDS[kind] === 'class' ? capitals : capitals[0]!.toLowerCase() + capitals.slice(1) }
}
