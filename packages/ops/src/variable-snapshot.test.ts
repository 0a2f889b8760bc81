import * as tf from '@tensorflow/tfjs-core'
import { afterEach, describe, expect, it } from 'vitest'
import { assignByName, VariableSnapshot } from './variable-snapshot.js'

const made: { dispose(): void }[] = []
afterEach(() => {
  for (const one of made.splice(0)) one.dispose()
})

function variable(...values: number[]): tf.Variable<tf.Rank.R1> {
  const one = tf.variable(tf.tensor1d(values))
  made.push(one)
  return one
}

function snapshot(): VariableSnapshot {
  let one!: VariableSnapshot
  // What it holds outlives the scope it is taken in.
  tf.tidy(() => {
    one = VariableSnapshot.take()
  })
  made.push(one)
  return one
}

const numbers = (tensor: tf.Tensor | undefined) => [...tensor!.dataSync()]

describe('VariableSnapshot', () => {
  it('puts values back, in whatever scope they were assigned', () => {
    const [changed, same] = [variable(1, 2), variable(3)]
    const dataId = same.dataId
    const before = snapshot()
    tf.tidy(() => {
      changed.assign(tf.add(changed, 1))
      changed.assign(tf.mul(changed, 10))
    })
    before.restore()
    expect(numbers(changed)).toEqual([1, 2])
    expect(same.dataId).toBe(dataId)
  })

  it('can put back again what changed again', () => {
    const w = variable(1)
    const before = snapshot()
    for (const value of [5, 6]) {
      w.assign(tf.tensor1d([value]))
      before.restore()
      expect(numbers(w)).toEqual([1])
    }
  })

  it('gives new variables the value they were made with, and leaves disposed ones alone', () => {
    const gone = variable(1)
    const before = snapshot()
    const fresh = tf.tidy(() => {
      const one = variable(7)
      one.assign(tf.add(one, 1))
      return one
    })
    gone.assign(tf.tensor1d([2]))
    gone.dispose()
    before.restore()
    expect(numbers(fresh)).toEqual([7])
    expect(gone.isDisposed).toBe(true)
  })

  it('says what changed, with values that outlive the snapshot', () => {
    const [changed] = [variable(1), variable(3)]
    const before = VariableSnapshot.take()
    changed.assign(tf.tensor1d([2]))
    const fresh = variable(4)
    fresh.assign(tf.tensor1d([5]))
    const changes = tf.tidy(() => before.changes())
    before.restore()
    before.dispose()
    expect(Object.keys(changes)).toEqual([changed.name, fresh.name])
    expect(Object.values(changes).map(numbers)).toEqual([[2], [5]])
    expect([numbers(changed), numbers(fresh)]).toEqual([[1], [4]])
    assignByName(changes)
    expect([numbers(changed), numbers(fresh)]).toEqual([[2], [5]])
    fresh.dispose()
    changed.assign(tf.tensor1d([6]))
    expect(() => {
      assignByName(changes)
    }).toThrow(/wanted the variable .*, got none of that name/)
    expect(numbers(changed)).toEqual([6])
    tf.dispose(changes)
  })

  it('is nested, and holds nothing once it is disposed', () => {
    const w = variable(1)
    const tensors = tf.memory().numTensors
    const outer = VariableSnapshot.take()
    w.assign(tf.tidy(() => tf.add(w, 1)))
    const inner = VariableSnapshot.take()
    const fresh = tf.variable(tf.scalar(0))
    tf.tidy(() => {
      w.assign(tf.add(w, 1))
      fresh.assign(tf.scalar(9))
    })
    inner.restore()
    expect([numbers(w), numbers(fresh)]).toEqual([[2], [0]])
    inner.dispose()
    outer.restore()
    expect(numbers(w)).toEqual([1])
    outer.dispose()
    fresh.dispose()
    expect(tf.memory().numTensors).toBeLessThanOrEqual(tensors + 2)
  })

  it('does all of a piece of work or nothing', () => {
    const w = variable(1)
    const work = (fails: boolean) => {
      w.assign(tf.tidy(() => tf.add(w, 1)))
      if (fails) throw new Error('half done')
      return numbers(w)
    }
    expect(VariableSnapshot.allOrNothing(() => work(false))).toEqual([2])
    expect(() => VariableSnapshot.allOrNothing(() => work(true))).toThrow('half done')
    expect(numbers(w)).toEqual([2])
  })

  it('puts back what a piece of work changes, whether or not it fails', () => {
    const w = variable(1)
    const work = (fails: boolean) => (before: VariableSnapshot) => {
      tf.tidy(() => {
        w.assign(tf.add(w, 1))
      })
      if (fails) throw new Error('half done')
      return tf.tidy(() => Object.values(before.changes()).map((changed) => [...changed.dataSync()]))
    }
    const tensors = tf.memory().numTensors
    expect(VariableSnapshot.puttingBack(work(false))).toEqual([[2]])
    expect(() => VariableSnapshot.puttingBack(work(true))).toThrow('half done')
    expect(numbers(w)).toEqual([1])
    expect(tf.memory().numTensors).toBe(tensors)
  })
})
