import * as tf from '@tensorflow/tfjs-core'
import type { Module } from '@metric-learning/contracts'
import { moduleVariables } from './module-variables.js'
import { encodeSafetensors, type HostTensor } from './safetensors.js'
import { TORCH_LAYOUT, toTorch } from './torch-layout.js'
import { writeFileAtomically } from './write-file-atomically.js'

/**
 * Writes parameters and buffers to a safetensors file, as float32, under their names, in PyTorch's layout
 * (convolutions [out, in, height, width], linear layers [out, in]). The file replaces an older one at once or not
 * at all. Its metadata names the module and the layout.
 *
 * In Python: `module.load_state_dict(safetensors.torch.load_file(path), strict=False)`; not strict because
 * PyTorch counts batches (`num_batches_tracked`) besides.
 */
export async function saveModule(module: Module, path: string): Promise<void> {
  const tensors = new Map<string, HostTensor>()
  for (const [name, variable] of moduleVariables(module)) tensors.set(name, await inTorchLayout(variable))
  const metadata = { module: module.name, layout: TORCH_LAYOUT }
  await writeFileAtomically(path, encodeSafetensors({ tensors, metadata }))
}

async function inTorchLayout(variable: tf.Variable): Promise<HostTensor> {
  const tensor = tf.transpose(variable, toTorch(variable.rank))
  try {
    return { shape: tensor.shape, values: await tensor.data<'float32'>() }
  } finally {
    tensor.dispose()
  }
}
