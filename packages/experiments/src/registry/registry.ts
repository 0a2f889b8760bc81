import { resolve } from 'node:path'
import { describeValue, isMetricLearningError, OptionError } from '@metric-learning/contracts'
import { importModule, isFileName } from '../configuration/import-module.js'
import { KIND_NAMES, KINDS, type Kind } from './kinds.js'
import { suggestion } from './nearest-word.js'
import type { OptionDescription, PartDescription } from './option-description.js'
import { fits, wordsOf } from './option-values.js'
import { OF_EXPERIMENT, OF_LOSSES } from './part.js'
import { PART_OPTIONS } from './part-options.js'

/** A part by name, or as an object of its name and its options: `'MeanReducer'`, `{ LpDistance: { p: 1 } }`. */
export type PartSpec = string | Readonly<Record<string, unknown>>

/** What an experiment itself gives to parts that ask for it: labels, sizes, seeds, networks. */
export type Supplied = Readonly<Record<string, unknown>>

/** Told what is wrong, and where: `objectives.0.loss`. */
export type Complain = (path: string, wanted: string, got: string, fix: string) => void

/** Options that parts need not be given, and get where they know them all the same. */
const SUPPLIED_TO_ALL = ['inputChannels', 'outputSize', 'random', 'seed', 'embedder', 'images', 'primaryMetric']

/** What parts of one's own get that declare no options: what those of their kind can't do without. Those that know other options declare them. */
const SUPPLIED_TO_UNDECLARED: Readonly<Partial<Record<Kind, readonly string[]>>> = {
  trunks: ['inputChannels', 'random'],
  embedders: ['inputSize', 'random'],
  schemes: ['trunk', 'embedder'],
  samplers: ['labels'],
  testers: ['splits', 'primaryMetric'],
}

/** Of losses and miners nobody can tell which of these they know: they have to declare their options, if only none. */
const DECLARED_ONLY: Readonly<Partial<Record<Kind, string>>> = { losses: [...OF_LOSSES, 'seed'].join(', '), miners: 'seed' }

/** Whether the experiment gives an option to parts of a kind. */
export const isGiven = (kind: Kind, option: string): boolean => [...OF_EXPERIMENT, ...(kind === 'losses' ? OF_LOSSES : [])].some((given) => given === option)

type Make = (new (options?: unknown) => object) | ((options?: unknown) => object)

/** A part of one's own: a package, or a file beside the configuration, and what it exports: `'@acme/losses#SpreadLoss'`, `'./spread-loss.js#SpreadLoss'`. Paths may have spaces. */
export function ownPart(name: string): { readonly from: string; readonly exportName: string } | undefined {
  const [, from, exportName] = /^(\.{0,2}\/.+|[^\s#]+)#([A-Za-z_$][\w$]*)$/.exec(name) ?? []
  return from === undefined ? undefined : { from, exportName: exportName! }
}

/** Looks parts up by name, checks their options, and makes them: those of {@link KINDS}, and those that {@link Registry.importing} was told of. */
export class Registry {
  constructor(private readonly custom: ReadonlyMap<string, unknown> = new Map()) {}

  /**
   * With all parts of one's own that are named anywhere in a configuration.
   *
   * @param folder that paths of files and packages are meant from
   * @throws {OptionError} when a package can't be imported, or exports nothing of that name.
   */
  static async importing(configuration: unknown, folder: string): Promise<Registry> {
    const custom = new Map<string, unknown>()
    for (const name of customNames(configuration)) custom.set(name, await imported(name, folder))
    return new Registry(custom)
  }

  /** Name and options of a part. */
  static split(spec: PartSpec): readonly [name: string, options: unknown] {
    if (typeof spec === 'string') return [spec, undefined]
    const [name = ''] = Object.keys(spec)
    return [name, spec[name] ?? undefined]
  }

  /** What a part says of its options; `undefined` of those that nothing is known of. */
  describe(kind: Kind, name: string): PartDescription | undefined {
    const known = PART_OPTIONS[kind][name]
    if (known) return known
    const declared = (this.custom.get(name) as { readonly declaredOptions?: Readonly<Record<string, DeclaredOption>> } | undefined)?.declaredOptions
    return declared && { doc: '', options: Object.fromEntries(Object.entries(declared).map(([option, of]) => [option, described(of)])) }
  }

  /** Checks a part's name, the names of its options, of what kind their values are, and parts within; what values are in range parts check themselves. */
  check(kind: Kind, spec: unknown, path: string, complain: Complain): void {
    const names = Object.keys(KINDS[kind])
    const wanted = `${KIND_NAMES[kind]}, by name or as { name: options }`
    if (typeof spec !== 'string' && (typeof spec !== 'object' || spec === null || Array.isArray(spec) || Object.keys(spec).length !== 1)) {
      complain(path, wanted, typeof spec === 'object' && spec !== null && !Array.isArray(spec) ? `an object of ${Object.keys(spec).length} names` : describeValue(spec), `Name one: ${names.slice(0, 4).join(', ')} …; \`metric-learning list ${kind}\` lists all.`)
      return
    }
    const [name, options] = Registry.split(spec as PartSpec)
    if (!names.includes(name) && !this.custom.has(name)) {
      complain(path, KIND_NAMES[kind], `\`${name}\``, `${name.includes('#') ? 'It was not imported: one of your own is a package or a path that begins with `./`, `#`, and the name of what it exports.' : `There is none of that name.${suggestion(name, names)}`} \`metric-learning list ${kind}\` lists all.`)
      return
    }
    const description = this.describe(kind, name)
    const at = typeof spec === 'string' ? path : `${path}.${name}`
    if (description) this.#checkOptions(kind, name, description, options, at, complain)
    else this.#checkUndeclared(kind, name, options, at, complain)
  }

  #checkUndeclared(kind: Kind, name: string, options: unknown, path: string, complain: Complain): void {
    const given = DECLARED_ONLY[kind]
    if (given !== undefined) {
      complain(path, `\`declaredOptions\` of ${name}, by which it is known whether it takes what the experiment gives: ${given}`, 'none', "Derive it from `metricLoss` or `metricMiner`; or give it `static declaredOptions = { seed: { presence: 'optional', takes: 'an integer' } }`, of all options that it takes: {} of none.")
    } else if (SUPPLIED_TO_UNDECLARED[kind] && options !== undefined && !isOptions(options)) complain(path, `the options of ${name} as an object`, describeValue(options), `The experiment adds ${SUPPLIED_TO_UNDECLARED[kind].join(', ')}.`)
  }

  #checkOptions(kind: Kind, name: string, { options: known, takesValue }: PartDescription, options: unknown, path: string, complain: Complain): void {
    if (takesValue) return
    if (options !== undefined && !isOptions(options)) {
      complain(path, `the options of ${name} as an object`, describeValue(options), `It knows ${Object.keys(known).join(', ') || 'none'}.`)
      return
    }
    const passed = (options ?? {}) as Readonly<Record<string, unknown>>
    for (const [option, value] of Object.entries(passed)) {
      const at = `${path}.${option}`
      const declared = Object.hasOwn(known, option) ? known[option] : undefined
      if (!declared) {
        const shown = Object.keys(known).filter((other) => !isGiven(kind, other))
        complain(at, `an option of ${name}`, `\`${option}\``, `It has none of that name.${suggestion(option, Object.keys(known))} It knows ${shown.join(', ') || 'none'}.`)
      } else if (declared.type.includes('=>')) complain(at, 'no function in a configuration', `\`${option}\`, which is one`, 'Write a part of your own, and name its file: `./my-part.js#MyPart`.')
      else if (declared.kind) for (const [inner, place] of partsOf(declared, value, at, complain)) this.check(declared.kind, inner, place, complain)
      else if (!fits(declared.type, value)) complain(at, wordsOf(declared.type), describeValue(value), value === null ? 'Leave it out for its default.' : declared.type === 'boolean' ? 'YAML and JSON have `true` and `false` alone.' : declared.doc)
    }
    const missing = Object.entries(known).find(([option, { isRequired }]) => isRequired && passed[option] === undefined && !isGiven(kind, option))
    if (missing) complain(`${path}.${missing[0]}`, `${missing[1].type}, which ${name} needs`, 'nothing', missing[1].doc)
  }

  /**
   * Makes a part, and parts within.
   *
   * @param path of the part in the configuration, for errors
   * @throws whatever the part throws, with the path.
   */
  build<T>(kind: Kind, spec: PartSpec, path: string, supplied: Supplied = {}): T {
    const [name, options] = Registry.split(spec)
    const make = ((KINDS[kind] as Readonly<Record<string, unknown>>)[name] ?? this.custom.get(name)) as Make | undefined
    if (!make) throw new OptionError({ who: 'experiment', wanted: KIND_NAMES[kind], got: `\`${name}\``, fix: `There is none of that name.${suggestion(name, Object.keys(KINDS[kind]))}`, where: path })
    const description = this.describe(kind, name)
    const at = typeof spec === 'string' ? path : `${path}.${name}`
    const passed = (options ?? {}) as Readonly<Record<string, unknown>>
    const own = SUPPLIED_TO_UNDECLARED[kind]
    let given = options
    if (description && !description.takesValue) given = this.#optionsOf(description, passed, at, supplied)
    else if (!description && own) given = { ...Object.fromEntries(own.flatMap((option) => (supplied[option] === undefined ? [] : [[option, supplied[option]]]))), ...passed }
    const refused = (error: unknown): never => {
      throw isMetricLearningError(error) ? error.in(at) : error
    }
    try {
      const made = isClass(make) ? new make(given) : make(given)
      return (made instanceof Promise ? made.catch(refused) : made) as T
    } catch (error) {
      return refused(error)
    }
  }

  #optionsOf({ options: known }: PartDescription, given: Readonly<Record<string, unknown>>, path: string, supplied: Supplied): unknown {
    const made = Object.entries(given).map(([option, value]) => {
      const declared = known[option]
      if (!declared?.kind) return [option, value] as const
      const build = (spec: unknown, place: string) => this.build<object>(declared.kind!, spec as PartSpec, place, supplied)
      const at = `${path}.${option}`
      if (declared.several === 'list' && Array.isArray(value)) return [option, value.map((spec, i) => build(spec, `${at}.${i}`))] as const
      if (declared.several === 'record') return [option, Object.fromEntries(Object.entries(value as object).map(([key, spec]) => [key, build(spec, `${at}.${key}`)]))] as const
      return [option, build(value, at)] as const
    })
    const own = Object.entries(supplied).filter(([option]) => given[option] === undefined && known[option] && (known[option].isRequired || SUPPLIED_TO_ALL.includes(option)))
    return Object.fromEntries([...own, ...made])
  }
}

interface DeclaredOption {
  readonly presence: string
  readonly takes: string
  readonly default?: unknown
}

const isOptions = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null && !Array.isArray(value)

/** What an option of one's own part takes is said in words; a part within by one that would do: `new LpDistance()`. */
function described({ presence, takes, default: value }: DeclaredOption): OptionDescription {
  const [, example] = /`new (\w+)\(/.exec(takes) ?? []
  const kind = example === undefined ? undefined : (Object.keys(KINDS) as Kind[]).find((one) => example in KINDS[one])
  return { type: takes, doc: value === undefined ? '' : `Default ${JSON.stringify(value)}.`, isRequired: presence === 'required', ...(kind && { kind }) }
}

/** The parts that an option names, each with its place. */
function partsOf({ several }: OptionDescription, value: unknown, path: string, complain: Complain): readonly (readonly [unknown, string])[] {
  if (several === undefined) return [[value, path]]
  const isFitting = several === 'list' ? Array.isArray(value) : typeof value === 'object' && value !== null && !Array.isArray(value)
  if (!isFitting) complain(path, several === 'list' ? 'a list' : 'an object of them by name', describeValue(value), several === 'list' ? 'Write one, also of one.' : 'Write one.')
  return isFitting ? Object.entries(value as object).map(([key, inner]) => [inner, `${path}.${key}`] as const) : []
}

/** Classes are made by `new`, functions called. */
const isClass = (make: Make): make is new (options?: unknown) => object => /^class\b/.test(Function.prototype.toString.call(make))

/** Options that are paths. */
const PATHS: readonly string[] = ['root', 'folder', 'cache', 'file', 'weights']

/** Whether an option is a path: what is called like a part of one's own there is a file or a folder all the same. */
export const isPath = (option: string, value: unknown): value is string => PATHS.includes(option) && typeof value === 'string'

/** Names of parts of one's own, wherever parts stand: as texts, and as the only name in an object. */
function customNames(value: unknown): ReadonlySet<string> {
  if (typeof value === 'string') return new Set(ownPart(value) ? [value] : [])
  if (typeof value !== 'object' || value === null) return new Set()
  return new Set(Object.entries(value).flatMap(([key, inner]) => [...(Array.isArray(value) ? [] : customNames(key)), ...(isPath(key, inner) ? [] : customNames(inner))]))
}

async function imported(name: string, folder: string): Promise<unknown> {
  const { from, exportName } = ownPart(name)!
  const isFile = isFileName(from)
  let exports: Readonly<Record<string, unknown>>
  try {
    exports = await importModule(from, folder)
  } catch (cause) {
    throw new OptionError({
      who: 'experiment',
      wanted: isFile ? `a file at ${resolve(folder, from)} for \`${name}\`` : `the package ${from} for \`${name}\``,
      got: cause instanceof Error ? cause.message : String(cause),
      fix: isFile ? 'Paths are meant from the folder of the configuration.' : `Install it where the configuration is, in ${folder}: npm install ${from}.`,
      cause,
    })
  }
  const found = Object.hasOwn(exports, exportName) ? exports[exportName] : undefined
  if (typeof found === 'function') return found
  if (found !== undefined) throw new OptionError({ who: 'experiment', wanted: `a class or a function as \`${exportName}\` of ${from}`, got: describeValue(found), fix: 'Export one that makes the part.' })
  throw new OptionError({ who: 'experiment', wanted: `${from} to export \`${exportName}\``, got: Object.keys(exports).join(', ') || 'no exports', fix: `Correct \`${name}\`.${suggestion(exportName, Object.keys(exports))}` })
}
