import { readdirSync, readlinkSync } from 'node:fs'
import { expectThat } from './expectations.js'

/** What of a process outlives the run that a plugin was in: open files, listeners of the process. */
export class LeftBehind {
  readonly #files = openFiles()
  readonly #listeners = listeners()

  /** Why open files are not known here; `undefined` where they are. */
  static noFiles(): string | undefined {
    return openFiles() ? undefined : 'open files are listed in /proc/self/fd, on Linux alone'
  }

  /** Expects that no file is open that was not before. */
  expectNoFile(when: string): void {
    const before = [...(this.#files ?? [])]
    const more = (openFiles() ?? []).filter((file) => {
      const at = before.indexOf(file)
      if (at !== -1) before.splice(at, 1)
      return at === -1
    })
    expectThat(more.length === 0, { what: `files ${when}`, wanted: 'none open that was not before the run', got: more.join(', ') })
  }

  /** Expects that nobody listens to events of the process who did not before. */
  expectNoListener(when: string): void {
    const more = [...listeners()].filter(([event, count]) => count > (this.#listeners.get(event) ?? 0)).map(([event]) => `one for ${event}`)
    expectThat(more.length === 0, { what: `listeners of the process ${when}`, wanted: 'those that there were before the run', got: `more: ${more.join(', ')}` })
  }
}

/** Paths of the files of the disk that this process has open. */
function openFiles(): string[] | undefined {
  try {
    return readdirSync('/proc/self/fd').flatMap((descriptor) => {
      try {
        const path = readlinkSync(`/proc/self/fd/${descriptor}`)
        return path.startsWith('/') && !/^\/(dev|proc)\//.test(path) ? [path] : []
      } catch {
        return []
      }
    })
  } catch {
    return undefined
  }
}

const listeners = (): ReadonlyMap<string, number> => new Map(process.eventNames().map((event) => [String(event), process.listenerCount(event)]))
