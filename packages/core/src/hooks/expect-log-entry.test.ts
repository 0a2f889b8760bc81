import { OptionError } from '@metric-learning/contracts'
import { describe, expect, it } from 'vitest'
import * as tf from '@tensorflow/tfjs-core'
import { expectLogEntry } from './expect-log-entry.js'

const table = { embeddings: new Float32Array(4), dim: 2, labels: ['a', 'b'] }

describe('expectLogEntry', () => {
  it.each<object>([
    { kind: 'scalar', tag: 'a', step: 0, value: NaN },
    { kind: 'scalar', tag: 'a', step: -1, value: -Infinity },
    { kind: 'missing', tag: 'a', step: 1, reason: 'no query has a match' },
    { kind: 'text', tag: 'a', step: 1, text: '' },
    { kind: 'histogram', tag: 'a', step: 1, values: [] },
    { kind: 'histogram', tag: 'a', step: 1, values: [NaN, 1] },
    { kind: 'histogram', tag: 'a', step: 1, values: Int32Array.of(1) },
    { kind: 'image', tag: 'a', step: 1, image: { png: new Uint8Array(1), width: 1, height: 1 } },
    { kind: 'configuration', tag: 'a', step: 0, values: { margin: 0.1, loss: 'Triplet', swap: false, miner: null } },
    { kind: 'embedding', tag: 'a', step: 1, table },
  ])('takes %o', (entry) => {
    expectLogEntry(entry as never)
  })

  it.each<[unknown, string]>([
    [undefined, 'an entry of a kind out of scalar, missing, text, histogram, image, configuration, embedding, got undefined'],
    [{ kind: 'scalars', tag: 'a', step: 0, value: 1 }, 'of a kind out of scalar, missing, text, histogram, image, configuration, embedding, got "scalars"'],
    [{ kind: 'toString', tag: 'a', step: 0 }, 'got "toString"'],
    [{ kind: 'scalar', step: 0, value: 1 }, '`tag` of a scalar to be a name, got undefined'],
    [{ kind: 'scalar', tag: '', step: 0, value: 1 }, '`tag` of a scalar to be a name, got ""'],
    [{ kind: 'scalar', tag: 'lr', step: 0.5, value: 1 }, '`step` of "lr" to be an integer, got 0.5. Pass `trainer.step`.'],
    [{ kind: 'scalar', tag: 'lr', value: 1 }, '`step` of "lr" to be an integer, got undefined'],
    [{ kind: 'scalar', tag: 'lr', step: 0, value: undefined }, '`value` of "lr" to be a number, got undefined'],
    [{ kind: 'scalar', tag: 'lr', step: 0, val: 1 }, '`value` of "lr" to be a number, got undefined'],
    [{ kind: 'scalar', tag: 'lr', step: 0, value: '1' }, '`value` of "lr" to be a number, got "1"'],
    [{ kind: 'scalar', tag: 'lr', step: 0, value: null }, '`value` of "lr" to be a number, got null'],
    [{ kind: 'missing', tag: 'val/AMI', step: 0 }, '`reason` of "val/AMI" to be a text, got undefined'],
    [{ kind: 'text', tag: 'notes', step: 0, text: undefined }, '`text` of "notes" to be a text, got undefined'],
    [{ kind: 'histogram', tag: 'norms', step: 0 }, '`values` of "norms" to be an array of numbers, got undefined'],
    [{ kind: 'histogram', tag: 'norms', step: 0, values: [1, undefined] }, 'an array of numbers, got an array'],
    [{ kind: 'histogram', tag: 'norms', step: 0, values: BigInt64Array.of(1n) }, 'an array of numbers, got an object of type BigInt64Array'],
    [{ kind: 'configuration', tag: 'c', step: 0, values: { margin: [1] } }, '`values` of "c" to be texts, numbers, truth values and nulls by name'],
    [{ kind: 'image', tag: 'cat', step: 0, image: new Uint8Array(1) }, '`image` of "cat" to be a PNG with its width and height'],
    [{ kind: 'embedding', tag: 'val', step: 0, table: { ...table, dim: 3 } }, '`embeddings` of [count, `dim`] with as many `labels`, got an object'],
    [{ kind: 'embedding', tag: 'val', step: 0, table: { ...table, labels: ['a'] } }, 'with as many `labels`, got an object'],
  ])('refuses %o', (entry, message) => {
    expect(() => expectLogEntry(entry as never)).toThrow(OptionError)
    expect(() => expectLogEntry(entry as never)).toThrow(`Trainer.log: wanted`)
    expect(() => expectLogEntry(entry as never)).toThrow(message)
  })

  it('says how a tensor is read', () => {
    const values = tf.tensor1d([1])
    expect(() => expectLogEntry({ kind: 'histogram', tag: 'norms', step: 0, values } as never)).toThrow('got a tensor. Read the tensor first')
    values.dispose()
  })
})
