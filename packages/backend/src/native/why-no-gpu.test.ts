import { expect, it } from 'vitest'
import { whyNoGpu, type Looks } from './why-no-gpu.js'

const fine: Looks = { closedCuda: async () => [], closed: async () => [], driver: () => '550.54' }
const missing = { name: 'libcudnn.so.9', reason: 'cannot open shared object file: No such file or directory' }
const why = (looks: Partial<Looks>, variant: 'cuda' | 'system-cuda' = 'cuda') => whyNoGpu({ library: '/cache/lib', variant }, { ...fine, ...looks })

it('names libraries that do not open, and does not blame the driver then', async () => {
  const { got, fix } = await why({ closedCuda: async () => [missing], driver: () => '470.1' })
  expect(got).toBe('CUDA libraries that do not open: libcudnn.so.9 (cannot open shared object file: No such file or directory)')
  expect(got + fix).not.toContain('driver')
  expect(fix).toContain('Remove /cache/lib')
  expect((await why({ closedCuda: async () => [missing] }, 'system-cuda')).fix).toContain('LD_LIBRARY_PATH')
})

it('says that a driver is too old only when it is', async () => {
  expect((await why({ driver: () => '470.57.02' })).got).toBe("NVIDIA's driver 470.57.02, too old for CUDA 12")
  expect((await why({ driver: () => '525.60.13' })).got).not.toContain('old')
})

it('says that a container lacks the library of the driver', async () => {
  const { got, fix } = await why({ closed: async () => [{ name: 'libcuda.so.1', reason: 'not there' }] })
  expect(got).toContain('libcuda.so.1 (not there)')
  expect(fix).toContain('--gpus all')
})

it('advises to look at what TensorFlow says where nothing is wrong that is known', async () => {
  const { got, fix } = await why({})
  expect(got).toContain('driver 550.54 is there and all CUDA libraries open')
  expect(fix).toContain('METRIC_LEARNING_TENSORFLOW_LOGS=1')
})
