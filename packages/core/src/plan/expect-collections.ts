import type * as tf from '@tensorflow/tfjs-core'
import { describeValue, OptionError, type Parameters } from '@metric-learning/contracts'

export function expectList(who: string, option: string, given: unknown): void {
  if (Array.isArray(given)) return
  throw new OptionError({ who, wanted: `\`${option}\` to be a list`, got: describeValue(given), fix: 'Pass an array, also of one.' })
}

export function expectVariables(who: string, what: string, given: unknown): void {
  const isMap = typeof given === 'object' && given !== null && typeof (given as Partial<Parameters>).get === 'function' && typeof (given as Partial<Parameters>).forEach === 'function'
  const fault = isMap ? [...(given as ReadonlyMap<string, unknown>)].find(([, value]) => typeof (value as Partial<tf.Variable> | null | undefined)?.assign !== 'function') : undefined
  if (isMap && fault === undefined) return
  throw new OptionError({
    who,
    wanted: `\`${what}\` to be a Map of variables`,
    got: fault ? `${describeValue(fault[1])} as "${fault[0]}"` : describeValue(given),
    fix: isMap ? 'Make it with `tf.variable`.' : 'Give it `new Map()` where there is nothing.',
  })
}
