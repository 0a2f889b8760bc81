import { expect, it } from 'vitest'
import { runForJson } from './run-for-json.js'

const node = (program: string) => runForJson(process.execPath, ['-e', program])

it('reads the last line of what a program prints', async () => {
  expect(await node("console.log('hello'); console.log(JSON.stringify({ milliseconds: 3 }))")).toEqual({ milliseconds: 3 })
})

it('fails when that is no JSON', async () => {
  await expect(node("console.log('hello')")).rejects.toMatchObject({ reason: 'no line of JSON at its end', errors: 'hello' })
})
