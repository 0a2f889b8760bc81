import { spawnSync } from 'node:child_process'

/** A file system in memory that a test has to itself. */
export interface MountedTmpfs {
  /** Mounts it anew, such as with `'ro'`. */
  remount(options: string): void
  unmount(): void
}

/**
 * Mounts one over a folder, with options of `mount`, such as `'size=64k'`: a disk that is soon full, or one that may only be
 * read. Needs Linux and root; elsewhere a text that says why there is none, for tests to skip with.
 */
export function mountTmpfs(folder: string, options: string): MountedTmpfs | string {
  const run = (command: string, ...args: string[]) => spawnSync(command, args, { encoding: 'utf8' })
  const { status, stderr, error } = run('mount', '-t', 'tmpfs', '-o', options, 'tmpfs', folder)
  if (status !== 0) return `no tmpfs may be mounted here: ${(error?.message ?? stderr).trim()}`
  return {
    remount(changed) {
      const remounted = run('mount', '-o', `remount,${changed}`, folder)
      if (remounted.status !== 0) throw new Error(remounted.stderr)
    },
    unmount() {
      run('umount', folder)
    },
  }
}
