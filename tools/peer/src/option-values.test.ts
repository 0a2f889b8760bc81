import { afterEach, expect, it, vi } from 'vitest'
import { integer, integers, path, program, someOf } from './option-values.js'

afterEach(() => vi.unstubAllEnvs())

it('reads integers', () => {
  expect(integer(1)('12')).toBe(12)
  expect(integers(1)('64,256')).toEqual([64, 256])
  expect(integers(1)('')).toEqual([])
  for (const wrong of ['0', '1.5', 'x', '']) expect(() => integer(1)(wrong)).toThrow('wanted an integer of at least 1.')
  expect(() => integers(1)('64,')).toThrow('wanted an integer')
})

it('reads names, in their own order, and refuses others', () => {
  const names = someOf(['triplet', 'arcface'])
  expect(names('arcface,triplet')).toEqual(['triplet', 'arcface'])
  expect(() => names('arcface,nca')).toThrow('there is no "nca" among triplet, arcface.')
})

it('takes paths from where npm was called', () => {
  vi.stubEnv('INIT_CWD', '/home/me')
  expect(path('page.md')).toBe('/home/me/page.md')
  expect(program('venv/bin/python')).toBe('/home/me/venv/bin/python')
  expect(program('python3.12')).toBe('python3.12')
})
