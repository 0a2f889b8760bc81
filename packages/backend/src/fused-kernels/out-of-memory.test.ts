import { spawnSync } from 'node:child_process'
import * as tf from '@tensorflow/tfjs-core'
import { FusedKernel, hasFusedKernel } from '@metric-learning/ops'
import { expect, it } from 'vitest'

// Only Linux limits the memory of a process that runs.
const canLimit = process.platform === 'linux' && spawnSync('prlimit', ['--version']).status === 0

/** Adds up hinges of pairs of wide rows, each time with a little more memory to be had, and at last with all of it. */
const program = `
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import * as tf from '@tensorflow/tfjs-core'
import { useBackend } from '@metric-learning/backend'
await useBackend('native-cpu', { log: () => undefined })
const limitMemory = (limit) => execFileSync('prlimit', ['--pid', String(process.pid), '--as=' + limit + ':'])
const [n, m, dim] = [240, 1536, 8192]
const given = {
  x: tf.randomNormal([n, dim]), y: tf.randomNormal([m, dim]), margins: tf.tensor1d([0, 1]),
  labels: tf.zeros([n], 'int32'), refLabels: tf.zeros([m], 'int32'),
}
const sumsOf = (inputs) => tf.tidy(() => [...tf.engine().runKernel('${FusedKernel.pairHinges}', inputs, { normalized: true, byProduct: false, of: 'x' })[0].dataSync()])
sumsOf({ ...given, x: given.x.slice([0, 0], [2, dim]), labels: tf.zeros([2], 'int32') }) // starts the threads
const failures = []
for (const megabytes of [30, 50, 70, 90, 110]) {
  const held = Number(/VmSize:\\s+(\\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]) * 1024
  limitMemory(held + megabytes * 1e6)
  try {
    sumsOf(given)
  } catch (error) {
    failures.push(error.message)
  } finally {
    limitMemory('unlimited')
  }
}
console.log(JSON.stringify({ failures, after: sumsOf(given) }))
`

it.skipIf(!hasFusedKernel(FusedKernel.pairHinges) || !canLimit || tf.getBackend() !== 'tensorflow')('a kernel of ours that gets no memory fails with what to do, and the process goes on', () => {
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, ['--import', 'tsx', '--conditions=@metric-learning/source', '--input-type=module', '--eval', program], { cwd: import.meta.dirname, encoding: 'utf8' })
  expect({ status, signal }, stderr).toEqual({ status: 0, signal: null })
  const { failures, after } = JSON.parse(stdout) as { readonly failures: readonly string[]; readonly after: readonly number[] }
  expect(failures.filter((message) => message.includes('MetricLearningPairHinges: out of memory. Pass fewer rows')).length).toBeGreaterThan(0)
  expect(after[1]).toBe(240 * 1536)
})
