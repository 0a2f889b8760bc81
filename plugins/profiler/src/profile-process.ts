/**
 * Profiles whatever trains in this process, without a change to its code; loaded before the program:
 *
 *     METRIC_LEARNING_PROFILE=trace.json node --import @metric-learning/profiler/profile train.js
 *
 * When the process ends it writes the timeline to that file (default `profile-trace.json`) and the summary to
 * standard output. `METRIC_LEARNING_PROFILE_EAGER=1` switches compiled steps off, so that each operation is seen.
 */
import { subscribe } from 'node:diagnostics_channel'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { TRAINER_CHANNEL, type TrainerAnnouncement } from '@metric-learning/core'
import { formatProfile } from './format-profile.js'
import { Profiler } from './profiler.js'

const path = resolve(process.env.METRIC_LEARNING_PROFILE ?? 'profile-trace.json')
const profiler = new Profiler({ eager: process.env.METRIC_LEARNING_PROFILE_EAGER === '1' })

subscribe(TRAINER_CHANNEL, (message) => {
  profiler.apply((message as TrainerAnnouncement).trainer)
})

process.once('exit', () => {
  if (profiler.steps === 0) {
    process.stderr.write('Profile: no Trainer took a step, so there is nothing to write.\n')
    return
  }
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, JSON.stringify(profiler.trace()))
  process.stdout.write(`\n${formatProfile(profiler.summary())}\nTrace: ${path} (open it in https://ui.perfetto.dev or chrome://tracing)\n`)
})
