import { expect, it, vi } from 'vitest'
import { diagnose } from './diagnose.js'
import type { BackendTrial } from './try-backend.js'

const works = (name: string): Promise<BackendTrial> =>
  Promise.resolve({ works: true, milliseconds: 12.34, device: name })
const worksButWasm = (name: string): Promise<BackendTrial> =>
  name === 'wasm' ? Promise.resolve({ works: false, reason: 'its file is missing' }) : works(name)

it('finds what a fresh checkout lacks, and that wasm will do', async () => {
  vi.stubEnv('METRIC_LEARNING_CACHE', '/there/is/no/such/cache')
  vi.stubEnv('CUDA_VISIBLE_DEVICES', '')
  const { findings, auto, healthy } = await diagnose(process.cwd(), works)
  const finding = (name: string) => findings.find((candidate) => candidate.name === name)
  expect(finding('Node')).toMatchObject({ status: 'ok', detail: process.versions.node })
  expect(finding('TensorFlow.js')).toMatchObject({ status: 'ok', detail: '4.22.0, one copy' })
  expect(finding('libtensorflow')).toMatchObject({ status: 'missing', detail: 'not in /there/is/no/such/cache' })
  expect(finding('libtensorflow')?.fix).toContain('npm run setup')
  expect(finding('native-cpu')?.status).toBe('absent')
  expect(finding('cuda')?.status).toBe('absent')
  expect(finding('wasm')?.detail).toContain('12.3 ms')
  expect({ auto, healthy }).toEqual({ auto: 'wasm', healthy: true })

  const broken = await diagnose(process.cwd(), worksButWasm)
  expect(broken.findings.find(({ name }) => name === 'wasm')).toMatchObject({ status: 'broken', detail: 'its file is missing' })
  expect(broken).toMatchObject({ auto: 'cpu', healthy: false })
})
