// `npm run check:safetensors [-- FOLDER]`: safetensors for Python judges 10,000 mutated files, and reads those that are whole.
import { checkProgram } from '../check-program.js'
import { compareVerdicts, writeMutants } from './mutants.js'

await checkProgram({
  name: 'check:safetensors',
  description: 'Nothing is taken that safetensors for Python refuses, out of 10,000 mutated files; those that both take are read equally.',
  environment: 'safetensors',
  modules: ['safetensors'],
  script: new URL('judge.py', import.meta.url),
  write: writeMutants,
  read: compareVerdicts,
})
