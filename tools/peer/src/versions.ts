import { tensorflowVersion, tfjsNodeVersion } from '@metric-learning/backend'
import { packageVersions } from './package-versions.js'

/** The versions of both sides of a comparison with PyTorch. */
export async function versions(python: string): Promise<string> {
  const { torch, 'pytorch-metric-learning': pml } = await packageVersions(python, ['torch', 'pytorch-metric-learning'])
  const ours = `Node ${process.versions.node}, TensorFlow ${tensorflowVersion} through tfjs ${tfjsNodeVersion}`
  return `${ours}; PyTorch ${torch!}, PyTorch Metric Learning ${pml!}`
}
