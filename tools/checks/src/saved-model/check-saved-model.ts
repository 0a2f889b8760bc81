// `npm run check:saved-model [-- FOLDER]`: TensorFlow for Python loads what `exportSavedModel` writes, and embeds equally.
import { useBackend } from '@metric-learning/backend'
import { say } from '@metric-learning/peer'
import { checkProgram } from '../check-program.js'
import { writeCases } from './write-cases.js'

await checkProgram({
  name: 'check:saved-model',
  description: 'TensorFlow for Python loads what `exportSavedModel` writes, and its embeddings are equal to 1e-5.',
  environment: 'tensorflow',
  modules: ['tensorflow', 'numpy'],
  script: new URL('compare.py', import.meta.url),
  write: async (folder) => {
    await useBackend('native-cpu', { log: say })
    await writeCases(folder)
  },
})
