/** The fixed numbers of the comparison. */
export const RECIPE = {
  /** Channels of the first block; 2x, 4x and 4x follow. */
  trunkWidth: 16,
  /** Blocks of the ConvNet, each of which halves the side of images. */
  trunkBlocks: 4,
  batchSize: 64,
  /** Samples of each class in a batch. */
  samplesPerClass: 4,
  learningRate: 1e-3,
  /** ArcFace's class weights learn on an Adam of their own. */
  arcFaceLearningRate: 1e-2,
  tripletMargin: 0.05,
  /** In degrees. */
  arcFaceMargin: 28.6,
  /** What an embedding on the vector of its class gets at least, which gives the scale; see the README. */
  arcFaceProbability: 0.9,
  /** A checkpoint within an epoch, so that little is lost when a run is cut off. */
  stepsBetweenCheckpoints: 100,
  /** Side of the images of a folder, in pixels. */
  folderImageSize: 32,
  /** Share of a folder's classes that are trained on; the rest is held out. */
  folderTrainFraction: 0.7,
} as const
