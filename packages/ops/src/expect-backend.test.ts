import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { expectBackend } from './expect-backend.js'

const here = fileURLToPath(new URL('.', import.meta.url))

/** What a program without a backend fails with. */
function failure(program: string): string {
  const args = ['--import', 'tsx', '--conditions', '@metric-learning/source', '--input-type=module', '--eval', program]
  return spawnSync(process.execPath, args, { cwd: here, encoding: 'utf8' }).stderr
}

describe('expectBackend', () => {
  it('is content with the backend of this process', () => {
    expect(() => expectBackend('A')).not.toThrow()
  })

  it('says how to choose a backend where there is none', () => {
    const advice = "wanted a backend to compute on, got none. Call `await useBackend('auto')` of @metric-learning/backend first."
    expect(failure("const m = await import('./expect-backend.ts')\nm.expectBackend('A')")).toContain(`A: ${advice}`)
    expect(failure("const m = await import('./scheduled.ts')\nnew m.Scheduled(1, 'margin')")).toContain(`margin: ${advice}`)
  })

  it('says of a backend that is still being made ready that it is not', () => {
    const register = "tf.registerBackend('slow', () => new Promise(() => undefined)); tf.setBackend('slow')"
    const said = failure(`import * as tf from '@tensorflow/tfjs-core'\nconst m = await import('./expect-backend.ts')\n${register}; m.expectBackend('A')`)
    expect(said).toContain('A: wanted a backend to compute on, got one that is not ready yet.')
  })
})
