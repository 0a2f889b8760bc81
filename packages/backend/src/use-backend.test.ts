import * as tf from '@tensorflow/tfjs-core'
import { BackendError, OptionError } from '@metric-learning/contracts'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { BackendName } from './backend-info.js'
import { useBackend } from './use-backend.js'

afterEach(() => {
  vi.unstubAllEnvs()
})

const quiet = { log: () => undefined }

/** As on a machine without a GPU and before the set-up. */
function nothingInstalled(): void {
  vi.stubEnv('METRIC_LEARNING_CACHE', '/there/is/no/such/cache')
  vi.stubEnv('CUDA_VISIBLE_DEVICES', '')
}

describe('useBackend', () => {
  it('says that cuda has no GPU instead of running on the CPU', async () => {
    nothingInstalled()
    const before = tf.getBackend()
    await expect(useBackend('cuda', quiet)).rejects.toThrow(BackendError)
    if (before !== 'tensorflow') {
      await expect(useBackend('cuda', quiet)).rejects.toThrow("wanted an NVIDIA GPU, got none with CUDA_VISIBLE_DEVICES=''")
    }
    expect(tf.getBackend()).toBe(before)
  })

  it('names the command when native TensorFlow is not installed', async () => {
    nothingInstalled()
    await expect(useBackend('native-cpu', quiet)).rejects.toThrow('in /there/is/no/such/cache')
    await expect(useBackend('native-cpu', quiet)).rejects.toThrow('Run `npm run setup`')
  })

  it('auto takes wasm then, and says in one line that and why it is slower', async () => {
    nothingInstalled()
    const lines: string[] = []
    const info = await useBackend('auto', { log: (line) => lines.push(line) })
    expect(info).toMatchObject({ name: 'wasm', tfjsName: 'wasm' })
    expect(tf.getBackend()).toBe('wasm')
    expect(lines).toHaveLength(1)
    expect(lines[0]).toMatch(/^Backend: wasm .*slower than it could be: .*npm run setup/)
    expect(lines[0]).not.toContain('\n')
  })

  it.each(['wasm', 'cpu'] as const)('%s computes, and has gradients', async (name) => {
    await expect(useBackend(name, quiet)).resolves.toMatchObject({ name, tfjsName: name })
    expect(tf.getBackend()).toBe(name)
    expect(tf.grad((x) => tf.sum(tf.square(x)))(tf.tensor1d([3])).arraySync()).toEqual([6])
  })

  it('does not advertise other backends on the console', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
    await useBackend('cpu', quiet)
    tf.tensor1d([1]).dispose()
    expect(warn).not.toHaveBeenCalled()
    warn.mockRestore()
  })

  it('can save and load models of files', async () => {
    await useBackend('cpu', quiet)
    await useBackend('wasm', quiet)
    expect(tf.io.getLoadHandlers('file:///tmp/model.json')).toHaveLength(1)
    expect(tf.io.getSaveHandlers('file:///tmp/model')).toHaveLength(1)
  })

  it('rejects names and options that do not exist', async () => {
    await expect(useBackend('gpu' as BackendName, quiet)).rejects.toThrow(OptionError)
    await expect(useBackend('gpu' as BackendName, quiet)).rejects.toThrow("'cuda', 'native-cpu', 'wasm', 'cpu', got 'gpu'")
    await expect(useBackend('toString' as BackendName, quiet)).rejects.toThrow(OptionError)
    await expect(useBackend('cpu', { verbose: true } as object)).rejects.toThrow('`verbose`')
  })
})
