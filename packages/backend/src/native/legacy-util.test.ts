import util from 'node:util'
import { afterEach, expect, it, vi } from 'vitest'
import { restoreLegacyUtil } from './legacy-util.js'

const names = ['isNullOrUndefined', 'isArray'] as const
const own = names.map((name) => [name, Object.getOwnPropertyDescriptor(util, name)] as const)

afterEach(() => {
  for (const [name, descriptor] of own) {
    if (descriptor) Object.defineProperty(util, name, descriptor)
    else Reflect.deleteProperty(util, name)
  }
})

const predicate = (name: string) => Reflect.get(util, name) as (value: unknown) => boolean

it('gives back what Node 23 removed', () => {
  for (const name of names) Reflect.deleteProperty(util, name)
  restoreLegacyUtil()
  expect([null, undefined, 0, '', false].map(predicate('isNullOrUndefined'))).toEqual([true, true, false, false, false])
  expect(predicate('isArray')([])).toBe(true)
  expect(predicate('isArray')('text')).toBe(false)
})

it('keeps Node 22 from warning of them', () => {
  const emitWarning = vi.spyOn(process, 'emitWarning')
  restoreLegacyUtil()
  predicate('isNullOrUndefined')(null)
  predicate('isArray')([])
  expect(emitWarning).not.toHaveBeenCalled()
  emitWarning.mockRestore()
})
