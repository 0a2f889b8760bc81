import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { withInstallLock } from './install-lock.js'

/** An empty folder for the length of a test. */
function temporaryFolder(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), name))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

const newCache = () => temporaryFolder('lock-')
const lockOf = (cache: string) => join(cache, 'install.lock')

/** Takes the lock for a moment; the number of times it had to wait. */
async function takeAndRelease(cache: string): Promise<number> {
  let waits = 0
  await withInstallLock(cache, () => waits++, () => Promise.resolve())
  return waits
}

describe('withInstallLock', () => {
  it('lets one in after the other', async () => {
    const cache = newCache()
    const events: string[] = []
    let release = () => {}
    const held = new Promise<void>((resolve) => (release = resolve))
    const first = withInstallLock(cache, () => events.push('first waits'), async () => {
      events.push('first in')
      await held
      events.push('first out')
    })
    const second = withInstallLock(
      cache,
      () => {
        events.push('second waits')
        release()
      },
      () => Promise.resolve(events.push('second in')),
    )
    await Promise.all([first, second])
    expect(events).toEqual(['first in', 'second waits', 'first out', 'second in'])
    expect(existsSync(lockOf(cache))).toBe(false)
  })

  it('frees the lock when the work fails', async () => {
    const cache = newCache()
    await expect(withInstallLock(cache, () => {}, () => Promise.reject(new Error('no disk')))).rejects.toThrow('no disk')
    expect(existsSync(lockOf(cache))).toBe(false)
  })

  it('takes over from a process that has ended', async () => {
    const cache = newCache()
    const { pid } = spawnSync(process.execPath, ['--version'])
    writeFileSync(lockOf(cache), `${hostname()} ${pid}`)
    await expect(takeAndRelease(cache)).resolves.toBe(0)
  })

  it('takes over from another machine that has been silent for a minute', async () => {
    const cache = newCache()
    writeFileSync(lockOf(cache), 'elsewhere 1')
    const then = new Date(Date.now() - 61_000)
    utimesSync(lockOf(cache), then, then)
    await expect(takeAndRelease(cache)).resolves.toBe(0)
  })
})
