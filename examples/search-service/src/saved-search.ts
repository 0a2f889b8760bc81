import { InferenceModel } from '@metric-learning/inference'
import { ConvNet, Embedder } from '@metric-learning/models'
import { drawingGallery, type Gallery } from './gallery.js'

/** The networks that embed drawings. */
export function drawingNetworks(): { trunk: ConvNet; embedder: Embedder } {
  const trunk = new ConvNet({ inputChannels: 1, width: 16, seed: 0 })
  return { trunk, embedder: new Embedder({ inputSize: trunk.outputSize, embeddingSize: 64, seed: 1 }) }
}

/** A model that `trainModel` saved, with the pictures that it knows. */
export async function openSearch(folder: string): Promise<{ model: InferenceModel; gallery: Gallery }> {
  const { notes } = await InferenceModel.describe(folder)
  const model = await InferenceModel.load(folder, drawingNetworks())
  return { model, gallery: await drawingGallery(notes['drawingsPerClass'] as number) }
}
