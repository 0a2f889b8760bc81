import { homedir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { cacheFolder } from './cache-folder.js'

it('takes our own variable, then the one for all caches, then the home folder', () => {
  expect(cacheFolder({ METRIC_LEARNING_CACHE: '/big/disk', XDG_CACHE_HOME: '/xdg' })).toBe('/big/disk')
  expect(cacheFolder({ XDG_CACHE_HOME: '/xdg' })).toBe('/xdg/metric-learning')
  expect(cacheFolder({ METRIC_LEARNING_CACHE: '', XDG_CACHE_HOME: '' })).toBe(join(homedir(), '.cache/metric-learning'))
})
