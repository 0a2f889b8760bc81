import { EventEmitter } from 'node:events'
import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { OPAQUE, reachableFields } from './reachable-fields.js'

const pathsOf = (roots: Readonly<Record<string, object>>) => [...reachableFields(roots)].map(({ path }) => path)
/** Plain values by path. */
const plain = (roots: Readonly<Record<string, object>>) =>
  Object.fromEntries([...reachableFields(roots)].flatMap(({ path, value }) => (typeof value === 'object' && value !== null ? [] : [[path, value]])))

class Distance {
  p = 2
  readonly #secret = 1
  get read() {
    return this.#secret
  }
}

describe('reachableFields', () => {
  it('gives plain values, nested objects and lists by readable paths', () => {
    const triplet = { margin: 0.2, swap: false, name: 'triplet', none: null, left: undefined, big: 3n, distance: new Distance() }
    expect(plain({ objectives: { triplet }, plugins: { late: { isOn: true, steps: [10, 20] } } })).toEqual({
      'objectives.triplet.margin': 0.2,
      'objectives.triplet.swap': false,
      'objectives.triplet.name': 'triplet',
      'objectives.triplet.none': null,
      'objectives.triplet.left': undefined,
      'objectives.triplet.big': 3n,
      'objectives.triplet.distance.p': 2,
      'plugins.late.isOn': true,
      'plugins.late.steps.length': 2,
      'plugins.late.steps.0': 10,
      'plugins.late.steps.1': 20,
    })
  })

  it('says where each value is', () => {
    const roots = { a: { list: [{ x: 1 }], map: new Map([['m', { y: 2 }]]), set: new Set([{ z: 3 }]), call: () => 0 } }
    const fields = [...reachableFields(roots)]
    for (const { owner, key, value } of fields) expect((owner as Record<string | number, unknown>)[key]).toBe(value)
    const paths = fields.map(({ path }) => path)
    expect(paths).toEqual(expect.arrayContaining(['a', 'a.list', 'a.list.0.x', 'a.map.size', 'a.map.m.y', 'a.set.size', 'a.set.0.z', 'a.call']))
  })

  it('calls no accessor, and sees neither private fields nor what is not enumerable', () => {
    const trap = { before: 1 }
    Object.defineProperty(trap, 'trap', { enumerable: true, get: () => { throw new Error('called') } })
    Object.defineProperty(trap, 'hidden', { enumerable: false, value: 1 })
    expect(pathsOf({ trap, distance: new Distance() })).toEqual(['trap', 'distance', 'trap.before', 'distance.p'])
  })

  it('gives tensors, scheduled numbers, typed arrays, emitters, promises, trainers and branded objects without entering them', () => {
    const values = {
      tensor: tf.scalar(1),
      scheduled: { [Symbol.for('metric-learning.scheduled')]: true, value: 1 },
      array: new Float32Array(3),
      emitter: new EventEmitter(),
      promise: Promise.resolve(),
      abort: new AbortController().signal,
      branded: { [OPAQUE]: true, deep: 1 },
      code: tf,
    }
    expect(pathsOf({ values })).toEqual(['values', ...Object.keys(values).map((key) => `values.${key}`)])
    values.tensor.dispose()
  })

  it('ends in cycles, gives an object once by its shortest path, and looks at part of what is long', () => {
    const shared = { x: 1 }
    const loop: { self?: unknown; shared: object } = { shared }
    loop.self = loop
    expect(pathsOf({ far: { away: { shared } }, loop })).toEqual(['far', 'loop', 'far.away', 'loop.shared', 'loop.self', 'far.away.shared', 'loop.shared.x'])
    expect(pathsOf({ long: Array.from({ length: 5000 }, () => 0) })).toHaveLength(1 + 1 + 1024)
    const wide = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`k${i}`, Array.from({ length: 1000 }, () => 0)]))
    expect(pathsOf({ wide })).toHaveLength(2 ** 16)
  })
})
