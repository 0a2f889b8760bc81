// `npm run check:resnet [-- FOLDER]`: ResNet18 and ResNet50 with random weights of torchvision give its outputs.
import { join } from 'node:path'
import { useBackend } from '@metric-learning/backend'
import { say } from '@metric-learning/peer'
import { checkProgram } from '../check-program.js'
import { isLikeTorchvision, NETWORKS } from './is-like-torchvision.js'

await checkProgram({
  name: 'check:resnet',
  description: 'ResNet18 and ResNet50 with random weights of torchvision give its outputs to 1e-4 of the largest.',
  environment: 'pytorch',
  modules: ['torch', 'torchvision', 'safetensors'],
  script: new URL('torchvision_outputs.py', import.meta.url),
  read: async (folder) => {
    await useBackend('native-cpu', { log: say })
    for (const network of NETWORKS) {
      if (!(await isLikeTorchvision(network, join(folder, `${network}.safetensors`)))) process.exitCode = 1
    }
  },
})
