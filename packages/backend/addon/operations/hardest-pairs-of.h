// The farthest positive and the closest negative of each anchor.

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

/**
 * Finds them, of equals the first.
 *
 * @param plainly without the instructions of newer processors, with the same result
 */
void findHardestPairs(const PairsOf &pairs, const HardestOf &hardest, bool plainly);

} // namespace metric_learning
