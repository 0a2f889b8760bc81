import {
  checkThroughout,
  expectFixedNumber,
  expectKnownOptions,
  expectMethods,
  expectNumber,
  expectOneOf,
  OptionError,
  type Distance,
  type NumberRange,
} from '@metric-learning/contracts'
import { isScheduled, tensorOf, type Schedulable } from '@metric-learning/ops'
import type * as tf from '@tensorflow/tfjs-core'

/** Whether an option has a default, may be absent, or has to be given. */
export type Presence = 'defaulted' | 'optional' | 'required'

/** One option, said once: its type, its default, its checks, its name among the known ones and its row in the docs follow from this. */
export interface Option<T, P extends Presence = Presence> {
  readonly presence: P
  /** Taken where it is left out. */
  readonly default?: T
  /** What may be passed, in words: `a number above 0`. */
  readonly takes: string
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
    ? number | tf.Scalar | (undefined extends OptionValues<D>[K] ? undefined : never)
    : OptionValues<D>[K]
}

/** What is said of any option: its default, or that it may be absent. Without either it has to be given. */
export interface OptionPresence<T> {
  readonly default?: T
  readonly optional?: true
}

type PresenceOf<S> = S extends { readonly default: unknown } ? 'defaulted' : S extends { readonly optional: true } ? 'optional' : 'required'

/** A number, and what is allowed for it. */
export interface NumberOption extends OptionPresence<number>, Omit<NumberRange, 'integer' | 'exclusiveMin'> {
  /** It has to be larger. */
  readonly above?: number
}

/** The kinds of options there are. Each says its default (`default`), that it may be absent (`optional: true`), or has to be given. */
export const option = {
  /** A number that may be scheduled. */
  number<const S extends NumberOption>(spec: S): Option<Schedulable, PresenceOf<S>> {
    const range = rangeOf(spec)
    return declared<Schedulable, S>(spec, { takes: inWords('number', range), isSchedulable: true }, (who, name, value) => {
      expectNumber(who, name, value, range)
    })
  },

  /** A number that is read once, or decides on the host: it can not be scheduled. */
  fixedNumber<const S extends NumberOption>(spec: S): Option<number, PresenceOf<S>> {
    const range = rangeOf(spec)
    return declared<number, S>(spec, { takes: inWords('number', range) }, (who, name, value) => {
      expectFixedNumber(who, name, value, range)
    })
  },

  /** A size or a count. */
  integer<const S extends NumberOption>(spec: S): Option<number, PresenceOf<S>> {
    const range = { ...rangeOf(spec), integer: true }
    return declared<number, S>(spec, { takes: inWords('integer', range) }, (who, name, value) => {
      expectNumber(who, name, value, range)
    })
  },

  /**
   * An angle in degrees, 0 or from 1 on: what lies between is an angle in radians most likely, and refused. May be scheduled.
   * Formulas get it in degrees, too.
   */
  degrees<const S extends OptionPresence<number> & { readonly max?: number }>(spec: S): Option<Schedulable, PresenceOf<S>> {
    const { max = 180 } = spec
    return declared<Schedulable, S>(spec, { takes: `degrees, at most ${max}`, isSchedulable: true }, (who, name, value) => {
      expectDegrees(who, name, value, max)
    })
  },

  /** A number in units of the distance; of a cosine from -2 to 2. May be scheduled. */
  distanceUnits<const S extends OptionPresence<number>>(spec: S): Option<Schedulable, PresenceOf<S>> {
    return declared<Schedulable, S>(spec, { takes: 'a number in units of the distance', isSchedulable: true }, expectDistanceUnits)
  },

  /** Yes or no. */
  flag<const S extends OptionPresence<boolean>>(spec: S): Option<boolean, PresenceOf<S>> {
    return declared<boolean, S>(spec, { takes: 'true or false' }, (who, name, value) => {
      expectOneOf(who, name, value, [true, false])
    })
  },

  /** One of a few names. */
  oneOf<const T extends string, const S extends OptionPresence<NoInfer<T>>>(names: readonly T[], spec: S): Option<T, PresenceOf<S>> {
    return declared<T, S>(spec, { takes: names.map((name) => `'${name}'`).join(' or ') }, (who, name, value) => {
      expectOneOf(who, name, value, names)
    })
  },

  /**
   * An object that can do something, such as a regularizer.
   *
   * @param methods that it has to have
   * @param example of one, as it is written: `new LpRegularizer()`
   */
  part<T extends object>() {
    return <const S extends { readonly optional?: true }>(methods: readonly (keyof T & string)[], example: string, spec: S): Option<T, PresenceOf<S>> =>
      declared<T, S>(spec, { takes: `an object such as \`${example}\`` }, (who, name, value) => {
        expectMethods(who, name, value, methods, example)
      })
  },

  /** Anything else, with a check of its own. */
  value<T>() {
    return <const S extends OptionPresence<T>>(takes: string, spec: S, check: (who: string, name: string, value: T) => void): Option<T, PresenceOf<S>> =>
      declared<T, S>(spec, { takes }, check)
  },
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

const specKeys = ['default', 'optional', 'min', 'max', 'above', 'hint']

function declared<T, S extends OptionPresence<unknown>>(spec: S, about: { takes: string; isSchedulable?: boolean }, check: Check<T>): Option<T, PresenceOf<S>> {
  expectKnownOptions('option', spec, specKeys)
  const presence: Presence = spec.default !== undefined ? 'defaulted' : spec.optional ? 'optional' : 'required'
  return {
    presence: presence as PresenceOf<S>,
    ...(spec.default !== undefined && { default: spec.default as T }),
    takes: about.takes,
    isSchedulable: about.isSchedulable ?? false,
    check,
  }
}

function rangeOf({ above, min, max, hint }: NumberOption): NumberRange {
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
