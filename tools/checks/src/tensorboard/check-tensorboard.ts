// `npm run check:tensorboard [-- FOLDER]`: TensorBoard itself reads back what tensorboard-logger-ts writes.
import { checkProgram } from '../check-program.js'
import { writeRun } from './write-run.js'

await checkProgram({
  name: 'check:tensorboard',
  description: 'TensorBoard reads back what tensorboard-logger-ts writes: from the files, and from its pages.',
  environment: 'tensorboard',
  modules: ['tensorboard', 'numpy'],
  script: new URL('read_run.py', import.meta.url),
  write: writeRun,
})
