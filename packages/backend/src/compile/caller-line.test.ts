import { expect, it } from 'vitest'
import { callerLine } from './caller-line.js'

const stackOf = (tfjs: string) =>
  [
    'Error',
    '    at callerLine (/home/me/mine/node_modules/@metric-learning/backend/src/compile/caller-line.ts:11:36)',
    '    at GraphRecorder.#noticeRead (/home/me/mine/node_modules/@metric-learning/backend/src/compile/graph-recorder.ts:184:19)',
    ...tfjs.split('\n').filter(Boolean).map((line) => `    at ${line}`),
    '    at node:internal/process/task_queues:95:5',
    '    at Object.compute (/home/me/mine/src/my-loss.ts:12:30)',
    '    at judge (/home/me/mine/node_modules/@metric-learning/core/src/step/loss-terms.ts:90:15)',
  ].join('\n')

it.each([
  ['as it is installed', 'Engine.readSync (/home/me/mine/node_modules/@tensorflow/tfjs-core/dist/tf-core.node.js:4600:25)'],
  ['as source maps have it', 'Engine.Engine.readSync (/home/me/tfjs-core/src/engine.ts:1221:25)\nTensor.Tensor.dataSync (/home/me/tfjs-core/src/tensor.ts:390:30)'],
  ['of another package, or of Windows', 'sum (C:\\me\\tfjs-backend-cpu\\src\\kernels\\Sum.ts:40:3)\nrun (/tmp/tfjs/src/index.ts:1:1)\nop (/home/me/tfjs-node-gpu/dist/ops.js:1:1)'],
])('finds the line that calls tfjs, %s', (_, tfjs) => {
  expect(callerLine(stackOf(tfjs))).toBe('Object.compute (/home/me/mine/src/my-loss.ts:12:30)')
})

it('finds its own caller, and nothing where nobody is', () => {
  expect(callerLine()).toMatch(/caller-line\.test\.ts/)
  expect(callerLine('Error\n    at node:internal/modules:1:1')).toBeUndefined()
})
