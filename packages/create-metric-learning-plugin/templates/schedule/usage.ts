import { schedules } from '@metric-learning/schedules'
import { exampleSchedule } from './example-schedule.js'

const shape = exampleSchedule({ warmUp: 500 })
const plugins = [schedules([{ of: 'trunk', shape, by: 'step' }])] // new Trainer({ …, plugins })
console.log(plugins.length, shape(0, 0.1), shape(499, 0.1), shape(10_000, 0.1))
