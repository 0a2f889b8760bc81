import { homedir } from 'node:os'
import { join } from 'node:path'

/**
 * Where what is fetched or made once lives, such as native parts and data sets: outside any checkout, so that several share it.
 *
 * `METRIC_LEARNING_CACHE`, else `$XDG_CACHE_HOME/metric-learning`, else `~/.cache/metric-learning`.
 */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  return env.METRIC_LEARNING_CACHE || join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'metric-learning')
}
