import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as tf from '@tensorflow/tfjs-core'
import { DataError, StateError } from '@metric-learning/contracts'
import { afterAll, describe, expect, it } from 'vitest'
import { mountTmpfs } from '../../../../tools/test-support/mount-tmpfs.js'
import { ConvNet } from '../conv-net.js'
import { Embedder } from '../embedder.js'
import { loadModule } from './load-module.js'
import { decodeSafetensors, encodeSafetensors } from './safetensors.js'
import { saveModule } from './save-module.js'

describe('saveModule and loadModule', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'models-'))
  afterAll(() => rm(folder, { recursive: true }))
  const path = join(folder, 'made', 'on', 'demand', 'net.safetensors')
  const images = tf.randomNormal([3, 8, 8, 2], 0, 1, 'float32', 1)

  it('bring a trained network back, running statistics too, and leave no other file', async () => {
    const net = new ConvNet({ inputChannels: 2, width: 2, blocks: 3, seed: 1 })
    net.call(images, { training: true })
    await saveModule(net, path)
    await saveModule(net, path)
    const other = new ConvNet({ inputChannels: 2, width: 2, blocks: 3, seed: 2 })
    const before = tf.memory().numTensors
    await loadModule(other, path)
    expect(tf.memory().numTensors).toBe(before)
    const [a, b] = [net, other].map((module) => [...module.call(images, { training: false }).dataSync()])
    expect(b).toEqual(a)
    expect(await readdir(join(path, '..'))).toEqual(['net.safetensors'])
  })

  it('use the layout of PyTorch, and say so in the metadata', async () => {
    const embedder = new Embedder({ inputSize: 2, embeddingSize: 3 })
    embedder.parameters.get('weight')!.assign(tf.tensor2d([[1, 2, 3], [4, 5, 6]]))
    await saveModule(embedder, join(folder, 'embedder.safetensors'))
    const { tensors, metadata } = decodeSafetensors('file', await readFile(join(folder, 'embedder.safetensors')))
    expect(tensors.get('weight')).toEqual({ shape: [3, 2], values: Float32Array.of(1, 4, 2, 5, 3, 6) })
    expect(metadata).toEqual({
      module: 'Embedder',
      layout: 'torch: convolution [out, in, height, width], linear [out, in]',
    })
  })

  it('leave the file that was there when the disk is full', async ({ skip }) => {
    const disk = join(folder, 'disk')
    await mkdir(disk)
    const mounted = mountTmpfs(disk, 'size=64k')
    if (typeof mounted === 'string') return skip(mounted)
    try {
      const small = new Embedder({ inputSize: 2, embeddingSize: 3 })
      await saveModule(small, join(disk, 'net.safetensors'))
      const large = new Embedder({ inputSize: 200, embeddingSize: 200 })
      await expect(saveModule(large, join(disk, 'net.safetensors'))).rejects.toThrow('ENOSPC')
      await loadModule(small, join(disk, 'net.safetensors'))
      expect(await readdir(disk)).toEqual(['net.safetensors'])
    } finally {
      mounted.unmount()
    }
  })

  it('make numbers of any type the variable\'s', async () => {
    const embedder = new Embedder({ inputSize: 1, embeddingSize: 2 })
    const tensors = new Map([
      ['weight', { shape: [2, 1], values: Int32Array.of(3, -4) }],
      ['bias', { shape: [2], values: Uint8Array.of(1, 0) }],
    ])
    await writeFile(join(folder, 'whole.safetensors'), encodeSafetensors({ tensors, metadata: {} }))
    await loadModule(embedder, join(folder, 'whole.safetensors'))
    const { weight, bias } = Object.fromEntries(embedder.parameters)
    expect([weight!.dtype, ...weight!.dataSync(), bias!.dtype, ...bias!.dataSync()]).toEqual(['float32', 3, -4, 'float32', 1, 0])
  })

  it('pass over the batch counters of PyTorch', async () => {
    const { tensors, metadata } = decodeSafetensors('file', await readFile(path))
    const counted = new Map([...tensors, ['blocks.0.norm.num_batches_tracked', { shape: [], values: Float32Array.of(7) }]])
    await writeFile(join(folder, 'torch.safetensors'), encodeSafetensors({ tensors: counted, metadata }))
    await loadModule(new ConvNet({ inputChannels: 2, width: 2, blocks: 3 }), join(folder, 'torch.safetensors'))
  })

  it('reject another structure, and change nothing', async () => {
    const deeper = new ConvNet({ inputChannels: 2, width: 2, seed: 3 })
    const first = deeper.parameters.get('blocks.0.conv.weight')!
    const before = [...first.dataSync()]
    await expect(loadModule(deeper, path)).rejects.toThrow(StateError)
    await expect(loadModule(deeper, path)).rejects.toThrow(
      `loadModule(ConvNet): wanted "blocks.3.conv.weight", "blocks.3.norm.weight", "blocks.3.norm.bias", 2 more in ${path}, got a file without.`,
    )
    expect([...first.dataSync()]).toEqual(before)
    await expect(loadModule(new ConvNet({ inputChannels: 2, width: 2, blocks: 2 }), path)).rejects.toThrow(
      `wanted nothing in ${path} but what the module has, got "blocks.2.conv.weight"`,
    )
    await expect(loadModule(new ConvNet({ inputChannels: 1, width: 2, blocks: 3 }), path)).rejects.toThrow(
      `wanted "blocks.0.conv.weight" of shape [2, 1, 3, 3] in ${path}, got [2, 2, 3, 3]`,
    )
  })

  it.each(['I8', 'U16', 'C64', 'F8_E4M3', 'F4'])('pass over what is ignored, also in type %s, which is not read', async (dtype) => {
    const size = { U16: 16, C64: 64, F4: 4 }[dtype] ?? 8
    const entries = {
      'head.mask': { dtype, shape: [2], data_offsets: [12, 12 + size / 4] },
      weight: { dtype: 'F32', shape: [1, 2], data_offsets: [0, 8] },
      bias: { dtype: 'F32', shape: [1], data_offsets: [8, 12] },
    }
    const header = Buffer.from(JSON.stringify(entries))
    const length = Buffer.alloc(8)
    length.writeUInt32LE(header.length)
    const values = Buffer.from(Float32Array.of(3, 4, 5).buffer)
    await writeFile(join(folder, 'mask.safetensors'), Buffer.concat([length, header, values, Buffer.alloc(size / 4, 1)]))
    const embedder = new Embedder({ inputSize: 2, embeddingSize: 1 })
    expect(await loadModule(embedder, join(folder, 'mask.safetensors'), { ignore: ['head.'] })).toEqual({ ignored: ['head.mask'] })
    expect([...embedder.parameters.get('weight')!.dataSync()]).toEqual([3, 4])
    await expect(loadModule(embedder, join(folder, 'mask.safetensors'))).rejects.toThrow('got "head.mask"')
  })

  it('reject a tensor of the module in a type that is not read, and change nothing', async () => {
    const entries = {
      bias: { dtype: 'F32', shape: [1], data_offsets: [0, 4] },
      weight: { dtype: 'I8', shape: [1, 2], data_offsets: [4, 6] },
    }
    const header = Buffer.from(JSON.stringify(entries))
    const length = Buffer.alloc(8)
    length.writeUInt32LE(header.length)
    await writeFile(join(folder, 'int8.safetensors'), Buffer.concat([length, header, Buffer.alloc(6, 1)]))
    const embedder = new Embedder({ inputSize: 2, embeddingSize: 1 })
    const before = [...embedder.parameters.get('bias')!.dataSync()]
    const loading = loadModule(embedder, join(folder, 'int8.safetensors'))
    await expect(loading).rejects.toThrow('tensor "weight": wanted numbers of type F32, I32, BOOL, U8, F64, I64, F16, BF16, got I8. Save it as float32.')
    expect([...embedder.parameters.get('bias')!.dataSync()]).toEqual(before)
  })

  it('say which file can not be written, and why', async () => {
    const embedder = new Embedder({ inputSize: 2, embeddingSize: 1 })
    await writeFile(join(folder, 'file'), '')
    const below = join(folder, 'file', 'net.safetensors')
    await expect(saveModule(embedder, below)).rejects.toThrow(DataError)
    await expect(saveModule(embedder, below)).rejects.toThrow(`saveModule(Embedder): wanted to write ${below}, got E`)
    await expect(saveModule(embedder, folder)).rejects.toThrow(`saveModule(Embedder): wanted to write ${folder}, got E`)
  })

  it('refuse beginnings that are no list', async () => {
    const embedder = new Embedder({ inputSize: 2, embeddingSize: 1 })
    await expect(loadModule(embedder, path, { ignore: 'fc.' as never })).rejects.toThrow('wanted `ignore` to be a list of beginnings of names, got "fc."')
  })

  it('reject what is no such file', async () => {
    const embedder = new Embedder({ inputSize: 2, embeddingSize: 3 })
    await expect(loadModule(embedder, join(folder, 'none'))).rejects.toThrow(DataError)
    await writeFile(join(folder, 'text'), 'not a network')
    await expect(loadModule(embedder, join(folder, 'text'))).rejects.toThrow('wanted a whole safetensors file')
  })
})
