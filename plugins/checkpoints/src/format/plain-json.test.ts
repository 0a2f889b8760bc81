import { describe, expect, it } from 'vitest'
import { decodePlain, encodePlain } from './plain-json.js'

describe('plain JSON', () => {
  it.each([
    ['numbers without a word in JSON', [NaN, Infinity, -Infinity, -0, 0]],
    ['numbers at the ends of their range', [Number.MIN_VALUE, Number.MAX_VALUE, 0.1 + 0.2, 2 ** 53 + 2]],
    ['texts', ['', 'ü\u0000"\\', '\ud800', 'NaN']],
    ['nothing', [null, [], {}, true, false]],
    ['keys that begin with $', { $number: 'NaN', $$number: { $number: -0 }, $: 1 }],
    ['keys that mean something to JavaScript', JSON.parse('{ "__proto__": { "a": 1 }, "constructor": 2, "": 3 }') as object],
  ])('brings back %s', (_, data) => {
    expect(decodePlain(encodePlain(data as never))).toStrictEqual(data)
  })

  it.each([
    ['undefined', { a: [1, undefined] }, 'undefined at values.a[1]'],
    ['a hole', { a: Array<number>(1) }, 'undefined at values.a[0]'],
    ['a function', { f: () => 1 }, 'a function at values.f'],
    ['a bigint', 1n, 'a bigint at values'],
    ['an array of bytes', { rows: new Int32Array(2) }, 'a Int32Array at values.rows'],
    ['a map', new Map(), 'a Map at values'],
  ])('refuses %s, and says where', (_, data, message) => {
    expect(() => encodePlain(data as never)).toThrow(message)
  })
})
