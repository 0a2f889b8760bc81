import { describePlugin } from '@metric-learning/plugin-testkit'
import { cosine, earlyStopping, freezing, onPlateau, schedules } from './index.js'

const changes = { watching: 'it changes learning rates' }

describePlugin('earlyStopping', {
  create: () => earlyStopping({ metric: 'val/precisionAt1', mode: 'max', patience: 2 }),
  mistakes: { 'a patience of 0': () => earlyStopping({ metric: 'val/precisionAt1', mode: 'max', patience: 0 }) },
})
describePlugin('earlyStopping of a loss, which ends a run', { create: () => earlyStopping({ metric: 'train/loss', mode: 'max', patience: 1 }) })
describePlugin('schedules by step', {
  create: () => schedules([{ of: 'trunk', by: 'step', shape: cosine({ tMax: 12 }) }]),
  skip: changes,
})
describePlugin('schedules by a plateau', {
  create: () => schedules([{ of: 'trunk', shape: onPlateau({ metric: 'val/precisionAt1', mode: 'min', patience: 0 }) }]),
  skip: changes,
})
describePlugin('freezing', { create: () => freezing({ trunk: 1 }), skip: { watching: 'it changes which parameters learn' } })
