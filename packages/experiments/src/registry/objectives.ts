import * as distances from '@metric-learning/distances'
import * as losses from '@metric-learning/losses'
import * as miners from '@metric-learning/miners'
import * as reducers from '@metric-learning/reducers'
import * as regularizers from '@metric-learning/regularizers'

/** What an objective is made of: each kind by the names under which a configuration knows its parts. */

export const LOSSES = {
  AngularLoss: losses.AngularLoss,
  ArcFaceLoss: losses.ArcFaceLoss,
  CircleLoss: losses.CircleLoss,
  ContrastiveLoss: losses.ContrastiveLoss,
  CosFaceLoss: losses.CosFaceLoss,
  CrossBatchMemory: losses.CrossBatchMemory,
  CrossEntropyLoss: losses.CrossEntropyLoss,
  DynamicSoftMarginLoss: losses.DynamicSoftMarginLoss,
  FastAPLoss: losses.FastAPLoss,
  GeneralizedLiftedStructureLoss: losses.GeneralizedLiftedStructureLoss,
  HistogramLoss: losses.HistogramLoss,
  InstanceLoss: losses.InstanceLoss,
  IntraPairVarianceLoss: losses.IntraPairVarianceLoss,
  LargeMarginSoftmaxLoss: losses.LargeMarginSoftmaxLoss,
  LiftedStructureLoss: losses.LiftedStructureLoss,
  ManifoldLoss: losses.ManifoldLoss,
  MarginLoss: losses.MarginLoss,
  MultipleLosses: losses.MultipleLosses,
  MultiSimilarityLoss: losses.MultiSimilarityLoss,
  NCALoss: losses.NCALoss,
  NormalizedSoftmaxLoss: losses.NormalizedSoftmaxLoss,
  NPairsLoss: losses.NPairsLoss,
  NTXentLoss: losses.NTXentLoss,
  P2SGradLoss: losses.P2SGradLoss,
  PNPLoss: losses.PNPLoss,
  ProxyAnchorLoss: losses.ProxyAnchorLoss,
  ProxyNCALoss: losses.ProxyNCALoss,
  RankedListLoss: losses.RankedListLoss,
  SelfSupervisedLoss: losses.SelfSupervisedLoss,
  SignalToNoiseRatioContrastiveLoss: losses.SignalToNoiseRatioContrastiveLoss,
  SmoothAPLoss: losses.SmoothAPLoss,
  SoftTripleLoss: losses.SoftTripleLoss,
  SphereFaceLoss: losses.SphereFaceLoss,
  SubCenterArcFaceLoss: losses.SubCenterArcFaceLoss,
  SupConLoss: losses.SupConLoss,
  ThresholdConsistentMarginLoss: losses.ThresholdConsistentMarginLoss,
  TripletMarginLoss: losses.TripletMarginLoss,
  TupletMarginLoss: losses.TupletMarginLoss,
  VICRegLoss: losses.VICRegLoss,
}

export const MINERS = {
  AngularMiner: miners.AngularMiner,
  BatchEasyHardMiner: miners.BatchEasyHardMiner,
  BatchHardMiner: miners.BatchHardMiner,
  CappedMiner: miners.CappedMiner,
  DistanceWeightedMiner: miners.DistanceWeightedMiner,
  EmbeddingsAlreadyPackagedAsTriplets: miners.EmbeddingsAlreadyPackagedAsTriplets,
  HDCMiner: miners.HDCMiner,
  IntersectionMiner: miners.IntersectionMiner,
  MultiSimilarityMiner: miners.MultiSimilarityMiner,
  PairMarginMiner: miners.PairMarginMiner,
  TripletMarginMiner: miners.TripletMarginMiner,
  UniformHistogramMiner: miners.UniformHistogramMiner,
  UnionMiner: miners.UnionMiner,
}

export const DISTANCES = {
  BatchedDistance: distances.BatchedDistance,
  CosineSimilarity: distances.CosineSimilarity,
  DotProductSimilarity: distances.DotProductSimilarity,
  LpDistance: distances.LpDistance,
  SNRDistance: distances.SNRDistance,
}

export const REDUCERS = {
  AvgNonZeroReducer: reducers.AvgNonZeroReducer,
  ClassWeightedReducer: reducers.ClassWeightedReducer,
  DivisorReducer: reducers.DivisorReducer,
  DoNothingReducer: reducers.DoNothingReducer,
  MeanReducer: reducers.MeanReducer,
  MultipleReducers: reducers.MultipleReducers,
  PerAnchorReducer: reducers.PerAnchorReducer,
  SumReducer: reducers.SumReducer,
  ThresholdReducer: reducers.ThresholdReducer,
}

export const REGULARIZERS = {
  CenterInvariantRegularizer: regularizers.CenterInvariantRegularizer,
  LpRegularizer: regularizers.LpRegularizer,
  RegularFaceRegularizer: regularizers.RegularFaceRegularizer,
  SparseCentersRegularizer: regularizers.SparseCentersRegularizer,
  ZeroMeanRegularizer: regularizers.ZeroMeanRegularizer,
}
