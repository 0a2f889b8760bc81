import util from 'node:util'
import { afterEach, expect, it } from 'vitest'
import { restoreLegacyUtil } from './legacy-util.js'

const names = ['isNullOrUndefined', 'isArray'] as const
const own = names.map((name) => [name, Object.getOwnPropertyDescriptor(util, name)] as const)

afterEach(() => {
  for (const [name, descriptor] of own) {
    if (descriptor) Object.defineProperty(util, name, descriptor)
    else Reflect.deleteProperty(util, name)
  }
})

it('gives back what Node 23 removed', () => {
  for (const name of names) Reflect.deleteProperty(util, name)
  restoreLegacyUtil()
  const isNullOrUndefined = Reflect.get(util, 'isNullOrUndefined') as (value: unknown) => boolean
  expect([null, undefined, 0, '', false].map(isNullOrUndefined)).toEqual([true, true, false, false, false])
  expect((Reflect.get(util, 'isArray') as (value: unknown) => boolean)([])).toBe(true)
})

it('leaves alone what is there', () => {
  const mine = () => false
  Object.defineProperty(util, 'isNullOrUndefined', { value: mine, configurable: true, writable: true })
  restoreLegacyUtil()
  expect(Reflect.get(util, 'isNullOrUndefined')).toBe(mine)
})
