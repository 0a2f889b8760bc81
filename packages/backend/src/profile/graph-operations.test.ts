import { describe, expect, it } from 'vitest'
import { encodeSavedModel } from '../compile/graph-messages.js'
import { operationsOf } from './graph-operations.js'

describe('operationsOf', () => {
  it('reads the operations of a SavedModel that compute something', () => {
    const types = ['Placeholder', 'Const', 'Add', 'VarHandleOp', 'MatMul', 'Add', 'Identity']
    const nodes = types.map((op, i) => ({ name: `node${i}`, op, input: [], attr: { T: { type: 1 } } }))
    expect(operationsOf(encodeSavedModel(nodes))).toEqual(['Add', 'MatMul', 'Add'])
  })
})
