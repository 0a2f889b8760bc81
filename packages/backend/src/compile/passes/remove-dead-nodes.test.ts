import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { loadedNativeBackend } from '../../native/loaded-native-backend.js'
import { CompiledGraph } from '../compiled-graph.js'
import { GraphRecorder } from '../graph-recorder.js'
import { removeDeadNodes } from './remove-dead-nodes.js'

describe.runIf(tf.getBackend() === 'tensorflow')('removeDeadNodes', () => {
  it('keeps what outputs and assignments need, and every input', () => {
    const [w, unused] = [tf.variable(tf.tensor1d([1, 2])), tf.variable(tf.tensor1d([3, 4]))]
    const inputs = [tf.tensor1d([5, 6]), tf.tensor1d([7, 8])]
    const { graph } = new GraphRecorder(loadedNativeBackend()!, inputs).record(() =>
      tf.tidy(() => {
        tf.mul(tf.exp(unused), inputs[1]!) // nobody wants it
        w.assign(tf.add(w, inputs[0]!))
        return [tf.sum(w)]
      }),
    )
    const pruned = removeDeadNodes(graph)
    expect(graph.nodes.map(({ op }) => op)).toEqual(expect.arrayContaining(['Exp', 'Mul']))
    const wanted = ['Add', 'Const', 'Placeholder', 'Placeholder', 'ReadVariableOp', 'Sum', 'VarHandleOp']
    expect(pruned.nodes.map(({ op }) => op).sort()).toEqual(wanted)
    expect(pruned.variables.map(({ variable }) => variable)).toEqual([w])
    const compiled = new CompiledGraph(loadedNativeBackend()!, graph)
    expect([graph.nodes.length, compiled.size]).toEqual([11, 7])
    expect(compiled.run(inputs)[0]!.dataSync()[0]).toBe(6 + 8 + 5 + 6)
    compiled.dispose()
    expect([...w.dataSync()]).toEqual([11, 14])
    tf.dispose([w, unused])
  })
})
