import { OptionError } from '@metric-learning/contracts'
import { expect, it } from 'vitest'
import { runCommand } from '../install/run-command.js'
import { firstInstalled } from '../install/native-layout.js'
import { fileURLToPath } from 'node:url'
import { tensorflowLogsAreWanted } from './tensorflow-logs.js'

it('is asked for by an environment variable, which is 1 or 0', () => {
  const wanted = (value?: string) => tensorflowLogsAreWanted({ METRIC_LEARNING_TENSORFLOW_LOGS: value })
  expect([undefined, '', '0', '1'].map(wanted)).toEqual([false, false, false, true])
  expect(() => wanted('yes')).toThrow(OptionError)
  expect(() => wanted('yes')).toThrow("METRIC_LEARNING_TENSORFLOW_LOGS to be 1 or 0, got 'yes'")
})

it.runIf(firstInstalled())('lets any program show what TensorFlow says', async () => {
  const useBackend = JSON.stringify(fileURLToPath(new URL('../use-backend.ts', import.meta.url)))
  const source = `const { useBackend } = await import(${useBackend}); await useBackend('native-cpu', { log: () => {} })`
  const node = ['--import', import.meta.resolve('tsx'), '--conditions=@metric-learning/source', '--input-type=module', '-e', source]
  const run = (logs: string, oneDnn?: string) =>
    runCommand(process.execPath, node, { env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: undefined, TF_ENABLE_ONEDNN_OPTS: oneDnn, METRIC_LEARNING_TENSORFLOW_LOGS: logs } })
  expect(await run('0')).toMatchObject({ code: 0, output: '' })
  expect(await run('1')).toMatchObject({ code: 0, output: expect.stringMatching(/tensorflow|oneDNN|cpu_feature_guard/i) as string })
  // On every processor, also where it would leave them off by itself.
  expect(await run('1')).toMatchObject({ output: expect.stringContaining('oneDNN custom operations are on') as string })
  expect(await run('1', '0')).toMatchObject({ output: expect.not.stringContaining('oneDNN custom operations are on') as string })
})
