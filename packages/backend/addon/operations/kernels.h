// Kernels that know nothing of TensorFlow. Each takes `plainly`: without the instructions of newer processors, with the same result.

#pragma once

#include <cstdint>

namespace metric_learning {

/** n anchors and m references of `dim` columns; the same memory where they are one set. */
struct PairsOf {
  const float *anchors;
  const float *references;
  int n, m, dim;
  const int32_t *anchorLabels;
  const int32_t *referenceLabels;
  /** The reference that each anchor is; null where it is none. */
  const int32_t *ownRows;
  /** Above 0 where a reference is there; null where all are. */
  const float *isFilled;
  /** Whether rows are divided by max(norm, 1e-12) first. */
  bool normalized;
  /** Whether closeness is the product of two rows; otherwise their Euclidean distance. */
  bool byProduct;
};

/** Of each anchor rows of references and a 1; or 0 everywhere, where it has no positive or no negative. */
struct HardestOf {
  int32_t *positives;
  int32_t *negatives;
  float *exists;
};

/** Finds the farthest positive and the closest negative of each anchor, of equals the first. */
void findHardestPairs(const PairsOf &pairs, const HardestOf &hardest, bool plainly);

/** Where pairs begin to cost: positive ones that are farther than the one, negative ones that are closer than the other. */
struct HingeMargins {
  float positive, negative;
};

/** Of positive pairs, then of negative ones: what they cost beyond the margin in all, how many cost anything, and the gradient of the first. */
struct HingesOf {
  /** float [2, 2] */
  float *sums;
  /** float [2, rows, dim]; null where none is asked for. */
  float *gradients;
};

/**
 * Adds up what pairs cost beyond the margins. Each gradient is that of the anchors, or with `ofReferences` of the references; of both
 * together where they are one set.
 */
void findPairHinges(const PairsOf &pairs, const HingeMargins &margins, bool ofReferences, bool isOneSet, const HingesOf &into, bool plainly);

/** Rows of x, and `perRow` rows of y for each by their numbers: int32 [n, perRow]. */
struct PairsAt {
  const float *x;
  const float *y;
  int n, m, dim, perRow;
  const int32_t *index;
  /** Whether rows are divided by max(norm, 1e-12) first. */
  bool normalized;
};

/** ‖x_i - y_j‖ of each: float [n, perRow]. */
void findDistancesAt(const PairsAt &pairs, float *distances, bool plainly);

/**
 * The gradient of these distances, times `along` and summed up: of x, or of y with `ofReferences`; of both together where they are one set.
 *
 * @param along float [n, perRow]
 */
void findDistancesAtGradient(const PairsAt &pairs, const float *along, bool ofReferences, bool isOneSet, float *into, bool plainly);

} // namespace metric_learning
