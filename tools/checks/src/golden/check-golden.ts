// `npm run check:golden`: the pinned PyTorch and PyTorch Metric Learning still give the golden numbers that they once gave.
import { checkProgram } from '../check-program.js'

await checkProgram({
  name: 'check:golden',
  description: 'Golden cases of losses, miners, distances, reducers and regularizers, computed anew by PyTorch Metric Learning, each within its own tolerance.',
  environment: 'pytorch',
  modules: ['torch', 'pytorch_metric_learning', 'numpy'],
  script: new URL('replay.py', import.meta.url),
})
