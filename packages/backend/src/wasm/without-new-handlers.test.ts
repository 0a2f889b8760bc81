import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import { runCommand } from '../install/run-command.js'
import { withoutNewHandlers } from './without-new-handlers.js'

/** Runs a program that has the wasm backend. */
function withWasm(program: string) {
  const useBackend = JSON.stringify(fileURLToPath(new URL('../use-backend.ts', import.meta.url)))
  const source = `const { useBackend } = await import(${useBackend}); await useBackend('wasm', { log: () => {} }); ${program}`
  const node = ['--import', import.meta.resolve('tsx'), '--conditions=@metric-learning/source', '--input-type=module']
  return runCommand(process.execPath, [...node, '-e', source])
}

describe('a program on the wasm backend', () => {
  it.each([
    ['throws', "setTimeout(() => { throw new Error('no such file') })"],
    ['rejects', "Promise.reject(new Error('no such file')); await new Promise((resolve) => setTimeout(resolve, 60000))"],
  ])('that %s says so in some lines, none of which is a file of the runtime', async (_, program) => {
    const { code, output } = await withWasm(program)
    expect(code).toBe(1)
    expect(output).toContain('Error: no such file')
    expect(output).not.toContain('tfjs-backend-wasm')
    expect(output.length).toBeLessThan(2000)
  })

  it('has its own handlers, called once', async () => {
    const { code, output } = await withWasm("process.on('uncaughtException', ({ message }) => console.log('handled ' + message)); setTimeout(() => { throw new Error('x') })")
    expect({ code, output }).toEqual({ code: 0, output: 'handled x\n' })
  })
})

it('leaves handlers that others have put up, before and meanwhile', async () => {
  const [before, meanwhile] = [() => undefined, () => undefined]
  onTestFinished(() => void process.off('uncaughtException', before).off('uncaughtException', meanwhile))
  process.on('uncaughtException', before)
  const emscripten = (reason: unknown) => {throw reason}
  await withoutNewHandlers(async () => {
    process.on('uncaughtException', meanwhile)
    process.on('uncaughtException', emscripten)
  })
  expect(process.listeners('uncaughtException')).toEqual(expect.arrayContaining([before, meanwhile]))
  expect(process.listeners('uncaughtException')).not.toContain(emscripten)
})
