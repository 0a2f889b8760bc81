import { describePlugin } from '@metric-learning/plugin-testkit'
import { Profiler } from './profiler.js'

describePlugin('Profiler', {
  create: () => new Profiler(),
  dispose: (profiler) => {
    ;(profiler as Profiler).dispose()
  },
  mistakes: { 'fewer than no events': () => new Profiler({ maxTraceEvents: -1 }) },
})
