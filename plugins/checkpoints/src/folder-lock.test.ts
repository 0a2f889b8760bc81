import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { FolderLock } from './folder-lock.js'

let folder: string
let file: string
let said: string[]
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'checkpoints-'))
  file = join(folder, '.writer.json')
  said = []
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const lock = (patience = 30) => new FolderLock('checkpoints', folder, (line) => said.push(line), patience)
const leaveBehind = (writer: object) => writeFile(file, JSON.stringify({ token: 'other', pid: process.pid, host: hostname(), began: null, ...writer }))

describe('The lock of a folder', () => {
  it('lets one run in, and the next when that has ended', async () => {
    const [first, second] = [lock(), lock()]
    await first.take()
    await first.take()
    await expect(second.take()).rejects.toMatchObject({ code: 'ML_STATE' })
    await expect(second.take()).rejects.toThrow(
      `checkpoints: wanted ${folder} for one run at a time, got another one, of this process, which writes there. End that run first, or pass another \`folder\`. If there is none, remove ${file}.`,
    )
    await second.release()
    await first.expectHeld()
    await first.release()
    await second.take()
    await second.release()
    expect(await readdir(folder)).toEqual([])
    expect(said).toEqual([])
  })

  it('names the process that has it', async () => {
    await leaveBehind({ pid: process.ppid })
    await expect(lock().take()).rejects.toThrow(`got another one, of process ${process.ppid} on ${hostname()}, which writes there`)
  })

  it.each([
    ['has ended', { pid: 2 ** 22 + 1 }],
    ['has ended, and whose number another has now', { began: '1' }],
  ])('takes over from a process that %s', async (_, writer) => {
    await leaveBehind(writer)
    const own = lock()
    await own.take()
    await own.expectHeld()
    expect(said).toEqual([expect.stringMatching(/has ended without giving the folder free; it is taken over\.$/)])
    await own.release()
  })

  it('takes over one that was cut off while it was written', async () => {
    await writeFile(file, '{"tok')
    const own = lock()
    await own.take()
    await own.release()
  })

  it('takes over from another host that gives no sign of life, and not from one that does', async () => {
    await leaveBehind({ host: 'elsewhere' })
    const beats = setInterval(() => void utimes(file, new Date(), new Date()), 5)
    await expect(lock(10_000).take()).rejects.toThrow(`process ${process.pid} on elsewhere, which writes there`)
    clearInterval(beats)
    const own = lock()
    await own.take()
    expect(said.at(-2)).toContain(`is of process ${process.pid} on elsewhere: looking 0.03 seconds for a sign of life.`)
    await own.release()
  })

  it('tells a run that another has taken the folder, and leaves it to that', async () => {
    const own = lock()
    await own.take()
    await leaveBehind({ pid: process.ppid })
    await expect(own.expectHeld()).rejects.toThrow(`process ${process.ppid}`)
    await own.release()
    expect(await readFile(file, 'utf8')).toContain('other')
  })

  it('is made again where somebody removed it', async () => {
    const own = lock()
    await own.take()
    await rm(folder, { recursive: true })
    await own.expectHeld()
    expect(await readdir(folder)).toEqual(['.writer.json'])
    await own.release()
  })
})
