import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { firstInstalled } from '../install/native-layout.js'
import { runCommand } from '../install/run-command.js'

/** Handles a signal many times while products are under way, of rows so long that oneDNN puts what it works on into the heap. */
const program = (addon: string) => `
  const { loadNativeBackend } = await import(${JSON.stringify(fileURLToPath(new URL('native-backend.ts', import.meta.url)))})
  const tf = await import(${JSON.stringify(import.meta.resolve('@tensorflow/tfjs-core'))})
  const { spawn } = await import('node:child_process')
  await loadNativeBackend(${JSON.stringify(addon)})
  let handled = 0
  process.on('SIGWINCH', () => handled++)
  const sender = spawn('sh', ['-c', 'while kill -WINCH ' + process.pid + '; do :; done'], { stdio: 'ignore' })
  const [a, b] = [tf.ones([256, 1025]), tf.ones([1025, 512])]
  const until = performance.now() + 3000
  while (performance.now() < until) {
    for (let i = 0; i < 20; i++) tf.dispose(tf.matMul(a, b))
    await new Promise((resolve) => setTimeout(resolve))
  }
  sender.kill('SIGKILL')
  console.log(handled > 0 ? 'handled' : 'none came')`

const installed = firstInstalled()

it.runIf(installed)('lets signals be handled while products are under way', async () => {
  const node = ['--import', import.meta.resolve('tsx'), '--conditions=@metric-learning/source', '--input-type=module', '-e', program(installed!.addon)]
  expect(await runCommand(process.execPath, node)).toMatchObject({ code: 0, output: 'handled\n' })
}, 60_000)
