import type * as tf from '@tensorflow/tfjs-core'
import {
  checkThroughout,
  expectBoolean,
  expectFixedNumber,
  expectKnownOptions,
  expectMethods,
  expectNumber,
  expectOneOf,
  OptionError,
  type Distance,
  type NumberRange,
} from '@metric-learning/contracts'
import { isScheduled, tensorOf, type Schedulable } from './scheduled.js'

/** Whether an option has a default, may be absent, or has to be given. */
export type Presence = 'defaulted' | 'optional' | 'required'

/** One option, said once: its type, its default, its checks, its name among the known ones and its row in the docs follow from this. */
export interface Option<T, P extends Presence = Presence> {
  readonly presence: P
  /** Taken where it is left out. */
  readonly default?: T
  /** What may be passed, in words: `a number above 0`. */
  readonly takes: string
  /** The same of a number, for forms. */
  readonly range?: NumberRange
  /** Whether a `Scheduled` may be passed. */
  readonly isSchedulable: boolean
  /**
   * @param distance of the loss, for options in its units; absent where there is none
   * @throws {OptionError} when the value is refused.
   */
  check(who: string, name: string, value: T, distance: Distance | undefined): void
}

/** The options of something, by name. */
export type DeclaredOptions = Readonly<Record<string, Option<unknown>>>

type TypeOf<O> = O extends Option<infer T> ? T : never
type RequiredNames<D extends DeclaredOptions> = { [K in keyof D]: D[K]['presence'] extends 'required' ? K : never }[keyof D]

/** What a caller passes. */
export type GivenOptions<D extends DeclaredOptions> = {
  readonly [K in keyof D as K extends RequiredNames<D> ? K : never]: TypeOf<D[K]>
} & {
  readonly [K in keyof D as K extends RequiredNames<D> ? never : K]?: TypeOf<D[K]>
}

/** What holds: as passed, or the default. */
export type OptionValues<D extends DeclaredOptions> = {
  readonly [K in keyof D]: D[K]['presence'] extends 'optional' ? TypeOf<D[K]> | undefined : TypeOf<D[K]>
}

/** What a formula computes with: numbers that are scheduled as their tensors, all else as it is. */
export type FormulaValues<D extends DeclaredOptions> = {
  readonly [K in keyof D]: Schedulable extends OptionValues<D>[K]
    ? FormulaNumber | (undefined extends OptionValues<D>[K] ? undefined : never)
    : OptionValues<D>[K]
}

/** What a formula computes with where an option may be scheduled. */
export type FormulaNumber = number | tf.Scalar

/** A kind of option: with a default, one that may be absent, or one that has to be given. */
interface Kind<T, Spec = unknown, Default = T> {
  (spec: Spec & { readonly default: Default }): Option<T, 'defaulted'>
  (spec: Spec & { readonly optional: true }): Option<T, 'optional'>
  (spec: Spec): Option<T, 'required'>
}

/** What is allowed for a number. */
export interface NumberSpec extends Omit<NumberRange, 'integer' | 'exclusiveMin'> {
  /** It has to be larger. */
  readonly above?: number
}

const rangeKeys = ['min', 'max', 'above', 'hint']

/** The kinds of options there are. Each says its default (`default`), that it may be absent (`optional: true`), or has to be given. */
export const option = {
  /** A number that may be scheduled; infinite where `orInfinity` says so. */
  number: ((spec: AnySpec & NumberSpec & { readonly orInfinity?: true }) => {
    const range = rangeOf(spec)
    const takes = inWords('number', range) + (spec.orInfinity ? ', or Infinity' : '')
    return declared<Schedulable>(spec, [...rangeKeys, 'orInfinity'], { takes, range, isSchedulable: true }, (who, name, value) => {
      if (!(spec.orInfinity && value === Infinity)) expectNumber(who, name, value, range)
    })
  }) as Kind<Schedulable, NumberSpec & { readonly orInfinity?: true }, number>,

  /** A number that is read once, or decides on the host: it can not be scheduled. */
  fixedNumber: ((spec: AnySpec & NumberSpec) => {
    const range = rangeOf(spec)
    return declared<number>(spec, rangeKeys, { takes: inWords('number', range), range }, (who, name, value) => {
      expectFixedNumber(who, name, value, range)
    })
  }) as Kind<number, NumberSpec>,

  /** A size or a count. */
  integer: ((spec: AnySpec & NumberSpec) => {
    const range = { ...rangeOf(spec), integer: true }
    return declared<number>(spec, rangeKeys, { takes: inWords('integer', range), range }, (who, name, value) => {
      expectNumber(who, name, value, range)
    })
  }) as Kind<number, NumberSpec>,

  /**
   * An angle in degrees, 0 or from 1 on: what lies between is an angle in radians most likely, and refused. May be scheduled.
   * Formulas get it in degrees, too.
   */
  degrees: ((spec: AnySpec & { readonly max?: number }) => {
    const { max = 180 } = spec
    return declared<Schedulable>(spec, ['max'], { takes: `degrees, at most ${max}`, range: { min: 0, max }, isSchedulable: true }, (who, name, value) => {
      expectDegrees(who, name, value, max)
    })
  }) as Kind<Schedulable, { readonly max?: number }, number>,

  /** A number in units of the distance; of a cosine from -2 to 2. May be scheduled. */
  distanceUnits: ((spec: AnySpec) =>
    declared<Schedulable>(spec, [], { takes: 'a number in units of the distance', isSchedulable: true }, expectDistanceUnits)) as Kind<Schedulable, unknown, number>,

  /** Yes or no. */
  flag: ((spec: AnySpec) =>
    declared<boolean>(spec, [], { takes: 'true or false' }, expectBoolean)) as Kind<boolean>,

  /** One of a few names. */
  oneOf<const T extends string, Default extends T>(names: readonly T[], spec: { readonly default: Default }): Option<T, 'defaulted'> {
    const takes = names.map((name) => `'${name}'`).join(' or ')
    return declared<T>(spec, [], { takes }, (who, name, value) => {
      expectOneOf(who, name, value, names)
    }) as Option<T, 'defaulted'>
  },

  /** An object that can do something, such as a regularizer. */
  part,

  /** Anything else, with a check of its own. */
  value,
}

/**
 * @param methods that it has to have
 * @param example of one, as it is written: `new LpRegularizer()`
 */
function part<T extends object>(methods: readonly (keyof T & string)[], example: string, spec: { readonly optional: true }): Option<T, 'optional'>
function part<T extends object>(methods: readonly (keyof T & string)[], example: string): Option<T, 'required'>
function part<T extends object>(methods: readonly (keyof T & string)[], example: string, spec: AnySpec = {}): Option<T> {
  return declared<T>(spec, [], { takes: `an object such as \`${example}\`` }, (who, name, value) => {
    expectMethods(who, name, value, methods, example)
  })
}

/** @param takes what may be passed, in words */
function value<T>(takes: string, check: OwnCheck<T>, spec: { readonly default: T }): Option<T, 'defaulted'>
function value<T>(takes: string, check: OwnCheck<T>, spec: { readonly optional: true }): Option<T, 'optional'>
function value<T>(takes: string, check: OwnCheck<T>): Option<T, 'required'>
function value<T>(takes: string, check: OwnCheck<T>, spec: AnySpec = {}): Option<T> {
  return declared<T>(spec, [], { takes }, check)
}

/**
 * The options that hold: those passed, else the defaults, each checked.
 *
 * @param distance of the loss; absent where there is none
 * @throws {OptionError} when one is unknown, missing or refused.
 */
export function readOptions<D extends DeclaredOptions>(who: string, declaredOptions: D, given: GivenOptions<D>, distance?: Distance): OptionValues<D> {
  expectKnownOptions(who, given, Object.keys(declaredOptions))
  const passed = given as Readonly<Record<string, unknown>>
  const values = Object.entries(declaredOptions).map(([name, declaration]): [string, unknown] => {
    const value = passed[name] === undefined ? declaration.default : passed[name]
    const isAbsent = value === undefined && declaration.presence !== 'required'
    if (!isAbsent) declaration.check(who, name, value, distance)
    return [name, value]
  })
  return Object.fromEntries(values) as OptionValues<D>
}

/** What formulas compute with, of the options as they are now. */
export function formulaValues<D extends DeclaredOptions>(declaredOptions: D, values: OptionValues<D>): FormulaValues<D> {
  const now = Object.entries(declaredOptions).map(([name, { isSchedulable }]): [string, unknown] => {
    const value = values[name]
    return [name, isSchedulable && value !== undefined ? tensorOf(value as Schedulable) : value]
  })
  return Object.fromEntries(now) as FormulaValues<D>
}

/**
 * Checks an angle in degrees, 0 or from 1 on: what lies between is an angle in radians most likely. A `Scheduled` may pass
 * through there later, on its way from 0, say; it is held to [0, max].
 *
 * @throws {OptionError} when it is not in [0, max].
 */
export function expectDegrees(who: string, name: string, degrees: Schedulable, max = 180): void {
  expectNumber(who, name, degrees, { min: 0, max, hint: `\`${name}\` is an angle in degrees.` })
  const now = isScheduled(degrees) ? degrees.value : degrees
  if (now === 0 || now >= 1) return
  throw new OptionError({
    who,
    wanted: `\`${name}\` in degrees, 0 or at least 1`,
    got: String(now),
    fix: `If ${now} is in radians, pass ${((now * 180) / Math.PI).toFixed(1)}.`,
  })
}

/** Two cosines differ by 2 at most: what is beyond is an angle most likely. */
function expectDistanceUnits(who: string, name: string, value: Schedulable, distance: Distance | undefined): void {
  expectNumber(who, name, value)
  if (distance?.measure !== 'CosineSimilarity' || distance.p !== 2) return
  checkThroughout(`${who} ${name} of a cosine`, value, (now) => {
    if (Math.abs(now) <= 2) return
    throw new OptionError({
      who,
      wanted: `\`${name}\` in units of a cosine, from -2 to 2`,
      got: String(now),
      fix: 'It is no angle; take another distance where it is meant in its units.',
    })
  })
}

type Check<T> = (who: string, name: string, value: T, distance: Distance | undefined) => void
type OwnCheck<T> = (who: string, name: string, value: T) => void

interface AnySpec {
  readonly default?: unknown
  readonly optional?: true
}

function declared<T>(spec: AnySpec, known: readonly string[], about: Pick<Option<T>, 'takes' | 'range'> & { readonly isSchedulable?: boolean }, check: Check<T>) {
  expectKnownOptions('option', spec, ['default', 'optional', ...known])
  if (spec.default !== undefined && spec.optional) {
    throw new OptionError({ who: 'option', wanted: '`default` or `optional`', got: 'both', fix: 'An option with a default is never absent.' })
  }
  const presence: Presence = spec.default !== undefined ? 'defaulted' : spec.optional ? 'optional' : 'required'
  const made: Option<T> = { isSchedulable: false, ...about, presence, ...(spec.default !== undefined && { default: spec.default as T }), check }
  if (made.default !== undefined) check('option', 'default', made.default, undefined)
  // Whoever declares an option says by `spec` which it is.
  return made as Option<T, never>
}

function rangeOf({ above, min, max, hint }: NumberSpec): NumberRange {
  return {
    ...(above !== undefined ? { min: above, exclusiveMin: true } : min !== undefined && { min }),
    ...(max !== undefined && { max }),
    ...(hint !== undefined && { hint }),
  }
}

function inWords(kind: 'number' | 'integer', { min, max, exclusiveMin }: NumberRange): string {
  const low = min === undefined ? '' : exclusiveMin ? ` above ${min}` : ` of at least ${min}`
  const high = max === undefined ? '' : `${low && ' and'} at most ${max}`
  return `${kind === 'integer' ? 'an integer' : 'a number'}${low}${high}`
}
