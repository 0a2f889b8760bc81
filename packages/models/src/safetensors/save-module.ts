import { writeFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import * as tf from '@tensorflow/tfjs-core'
import { cannotWrite } from '@metric-learning/contracts'
import writeFileAtomic from 'write-file-atomic'
import { moduleVariables } from './module-variables.js'
import { encodeSafetensors } from './safetensors.js'
import type { HostTensor } from './safetensors-file.js'
import { TORCH_LAYOUT, toTorch } from './torch-layout.js'

/** What is saved of a module: all of its tensors by name. */
export interface SavableModule {
  readonly name: string
  readonly parameters: ReadonlyMap<string, tf.Tensor>
  readonly buffers: ReadonlyMap<string, tf.Tensor>
}

/**
 * Writes parameters and buffers to a safetensors file, in their types, under their names, in PyTorch's layout
 * (convolutions [out, in, height, width], linear layers [out, in]). The file replaces an older one at once or not
 * at all; folders are made as needed. Its metadata names the module and the layout.
 *
 * In Python: `module.load_state_dict(safetensors.torch.load_file(path), strict=False)`; not strict because
 * PyTorch counts batches (`num_batches_tracked`) besides.
 *
 * @throws {DataError} when the file can't be written, or a name or a tensor can't stand in such a file.
 */
export async function saveModule(module: SavableModule, path: string): Promise<void> {
  const tensors = new Map<string, HostTensor>()
  for (const [name, variable] of moduleVariables(module)) tensors.set(name, await inTorchLayout(variable))
  const metadata = { module: module.name, layout: TORCH_LAYOUT }
  const bytes = encodeSafetensors({ tensors, metadata })
  try {
    await mkdir(dirname(path), { recursive: true })
    // Node writes all of it or fails; the library's own write takes what a disk that fills had room for as the whole.
    await writeFileAtomic(path, '', { tmpfileCreated: (temporary) => writeFileSync(temporary, bytes) })
  } catch (cause) {
    throw cannotWrite(`saveModule(${module.name})`, path, cause)
  }
}

async function inTorchLayout(variable: tf.Tensor): Promise<HostTensor> {
  const tensor = tf.transpose(variable, toTorch(variable.rank))
  try {
    return { shape: tensor.shape, values: await tensor.data() }
  } finally {
    tensor.dispose()
  }
}
