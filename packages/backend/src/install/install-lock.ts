import { mkdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const beat = 5_000
const silence = 60_000

/** Whether the holder of a lock is gone: its process has ended, or it has not touched the lock for a minute. */
function isStale(file: string): boolean {
  try {
    const [host, pid] = readFileSync(file, 'utf8').split(' ')
    if (Date.now() - statSync(file).mtimeMs > silence) return true
    if (host !== hostname()) return false
    process.kill(Number(pid), 0)
    return false
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    return code === 'ESRCH' || code === 'ENOENT'
  }
}

function tryToTake(file: string): boolean {
  try {
    writeFileSync(file, `${hostname()} ${process.pid}`, { flag: 'wx' })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

/**
 * Runs `work` while no other process does so with the same cache; waits for its turn.
 *
 * The lock spares double work; that two set-ups cannot spoil each other's result is ensured by temporary
 * folders and renames. A lock left behind by a killed process is taken over.
 */
export async function withInstallLock<T>(cache: string, onWait: () => void, work: () => Promise<T>): Promise<T> {
  mkdirSync(cache, { recursive: true })
  const file = join(cache, 'install.lock')
  for (let waited = false; !tryToTake(file); ) {
    if (isStale(file)) {
      rmSync(file, { force: true })
      continue
    }
    if (!waited) onWait()
    waited = true
    await sleep(500)
  }
  const heart = setInterval(() => utimesSync(file, new Date(), new Date()), beat)
  try {
    return await work()
  } finally {
    clearInterval(heart)
    rmSync(file, { force: true })
  }
}
