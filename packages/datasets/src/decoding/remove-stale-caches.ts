import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** How long a cache file is kept that nobody opens, in days. */
const KEPT_DAYS = 30

/** Pixels, lists of known files, and what a killed process left of one. */
const CACHE_FILE = /^[0-9a-f]{32}\.(pixels|files)(\.[0-9a-f-]+\.unfinished)?$/

/**
 * Deletes the cache files of a folder that were not opened for {@link KEPT_DAYS} days: those of images that have changed
 * since, and of datasets that are used no more. Opening a cache sets the time of its file. Other files stay, and so does
 * what cannot be deleted.
 */
export async function removeStaleCaches(folder: string): Promise<void> {
  const oldest = Date.now() - KEPT_DAYS * 24 * 60 * 60 * 1000
  for (const name of await readdir(folder).catch(() => [])) {
    if (!CACHE_FILE.test(name)) continue
    const path = join(folder, name)
    const opened = await stat(path).then(({ mtimeMs }) => mtimeMs, () => Infinity)
    if (opened < oldest) await rm(path, { force: true }).catch(() => undefined)
  }
}
