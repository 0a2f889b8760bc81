import * as tf from '@tensorflow/tfjs-core'
import type { RunState } from '@metric-learning/core'

/** NaN with a payload, -0, the smallest subnormal, infinity. */
export const HARD_BITS = Uint32Array.of(0x7fc12345, 0x80000000, 1, 0x7f800000)

/** A state with a bit of everything. Its tensors belong to whoever calls. */
export function exampleState(): RunState {
  return {
    trainer: { values: { epoch: 2, rate: 0.1 + 0.2, history: [NaN, -0, Infinity] } },
    'modules.trunk': {
      tensors: new Map<string, tf.Tensor>([
        ['blocks.0.conv.weight', tf.tensor(Float32Array.from({ length: 24 }, (_, i) => i / 7), [2, 3, 4, 1])],
        ['hard', tf.tensor(new Float32Array(HARD_BITS.buffer.slice(0)), [4])],
        ['none', tf.zeros([0, 3])],
      ]),
    },
    'modules.embedder': { tensors: new Map([['weight', tf.tensor([[1, 2, 3], [4, 5, 6]])]]) },
    'plugins.@scope/a 100%': {
      values: { $seen: true },
      tensors: new Map([
        ['mask/of rows', tf.tensor([1, 0, 1], [3], 'bool')],
        ['steps', tf.scalar(16_777_217, 'int32')],
      ]),
    },
  }
}

export function disposeState(state: RunState): void {
  for (const { tensors } of Object.values(state)) tensors?.forEach((tensor) => tensor.dispose())
}

/** All of a state as plain data: values, and of tensors type, shape and bits. */
export async function plainState(state: RunState) {
  const plain: Record<string, unknown> = {}
  for (const [section, { values = {}, tensors = new Map<string, tf.Tensor>() }] of Object.entries(state)) {
    plain[section] = values
    for (const [name, tensor] of tensors) {
      const data = await tensor.data()
      const bits = Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('hex')
      plain[`${section} ${name}`] = `${tensor.dtype} [${tensor.shape.join()}] ${bits}`
    }
  }
  return plain
}
