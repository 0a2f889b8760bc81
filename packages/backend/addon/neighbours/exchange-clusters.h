// Split and merge: what k-means cannot do by itself, to take a centroid from where two are nearly one to where one stands for two.

#pragma once

#include <numeric>
#include <vector>

#include "nearest-rows.h"

namespace neighbours {

/** Points [x, 1] and centroids [c, 1] of k-means: float32 [count][width] and [clusters][width]. */
struct Clustered {
  const float *points;
  size_t count;
  size_t width;
  float *centroids;
  size_t clusters;
  /** The cluster of each point, and how many points each has; a centroid is their mean. */
  const int32_t *clusterOf;
  const int32_t *sizes;
};

/** [2c, -‖c‖²] of centroids, whose product with a point is largest where ‖x - c‖² is least. */
inline void directionsOf(const Clustered &given, std::vector<float> &directions) {
  directions.resize(given.clusters * given.width);
  for (size_t cluster = 0; cluster < given.clusters; cluster++) {
    const float *from = given.centroids + cluster * given.width;
    float *to = directions.data() + cluster * given.width;
    double square = 0;
    for (size_t i = 0; i + 1 < given.width; i++) {
      to[i] = 2 * from[i];
      square += static_cast<double>(from[i]) * from[i];
    }
    to[given.width - 1] = static_cast<float>(-square);
  }
}

/** Σ of float32 products, and sums of rows, in vectors. */
template <int BYTES>
FORCED_INLINE float dotWith(const float *a, const float *b, const float *c, size_t width) {
  using Vector = typename VectorOf<float, BYTES>::type;
  constexpr size_t LANES = BYTES / 4;
  Vector sum{}, x, y, z;
  size_t i = 0;
  for (; i + LANES <= width; i += LANES) {
    std::memcpy(&x, a + i, BYTES);
    std::memcpy(&y, b + i, BYTES);
    std::memcpy(&z, c + i, BYTES);
    sum += (x - y) * z;
  }
  float all = 0;
  for (size_t lane = 0; lane < LANES; lane++) all += sum[lane];
  for (; i < width; i++) all += (a[i] - b[i]) * c[i];
  return all;
}

/**
 * Halves of points of one cluster: those whose projection (x - c)·v is above a middle, their number and the sum of their x - c.
 *
 * @param rows which points
 */
template <int BYTES>
FORCED_INLINE size_t halveWith(const Clustered &given, const int32_t *rows, size_t count, const float *centroid, const float *direction, float middle, float *sum) {
  size_t above = 0;
  for (size_t at = 0; at < count; at++) {
    const float *point = given.points + rows[at] * given.width;
    if (!(dotWith<BYTES>(point, centroid, direction, given.width) > middle)) continue;
    above++;
    for (size_t i = 0; i < given.width; i++) sum[i] += point[i] - centroid[i];
  }
  return above;
}

#define HALVE(BYTES, ROWS, TARGET) \
  TARGET inline size_t halve##BYTES(const Clustered &given, const int32_t *rows, size_t count, const float *centroid, const float *direction, float middle, float *sum) { \
    return halveWith<BYTES>(given, rows, count, centroid, direction, middle, sum); \
  }
EACH_UNIT(HALVE)
#undef HALVE

/**
 * Looks for clusters r, t and s such that one centroid for r and t and two for s make the inertia smaller: merging adds
 * n_r n_t / (n_r + n_t) ‖c_r - c_t‖², halving takes n₁ n₀ / (n₁ + n₀) ‖m₁ - m₀‖² away. t is the nearest of r; halves are those of a
 * 2-means within s, whose direction is kept from look to look.
 *
 * @see Kaukoranta, Fränti, Nevalainen, Iterative split-and-merge algorithm for vector quantization codebook generation, Optical Engineering 37 (1998).
 */
class ClusterExchange {
 public:
  /** Moves centroids, and marks them in `moved`. */
  void look(const Clustered &given, std::vector<uint8_t> &moved, size_t threads) {
    const size_t clusters = given.clusters, width = given.width;
    if (clusters < 3) return;
    sortRows(given);
    begin(given);
    halve(given, false, threads);
    for (int pass = 1; pass < FIRST_PASSES; pass++) halve(given, true, threads);
    isNew_.assign(clusters, 0);
    merge(given, threads);
    std::vector<int32_t> bySplit(clusters), byMerge(clusters);
    std::iota(bySplit.begin(), bySplit.end(), 0);
    std::iota(byMerge.begin(), byMerge.end(), 0);
    std::stable_sort(bySplit.begin(), bySplit.end(), [&](int32_t a, int32_t b) { return gains_[a] > gains_[b]; });
    std::stable_sort(byMerge.begin(), byMerge.end(), [&](int32_t a, int32_t b) { return costs_[a] < costs_[b]; });
    std::vector<uint8_t> isUsed(clusters, 0);
    size_t next = 0;
    for (const int32_t r : byMerge) {
      const int32_t t = nearest_[r];
      if (isUsed[r] || isUsed[t]) continue;
      while (next < clusters && isUsed[bySplit[next]]) next++;
      size_t at = next;
      while (at < clusters && (isUsed[bySplit[at]] || bySplit[at] == r || bySplit[at] == t)) at++;
      if (at == clusters) break;
      const int32_t s = bySplit[at];
      // What is gained has to be more than rounding.
      if (!(gains_[s] > 1.001 * costs_[r])) break;
      const double nr = given.sizes[r], nt = given.sizes[t], both = std::max(1.0, nr + nt);
      float *cr = given.centroids + r * width, *ct = given.centroids + t * width, *cs = given.centroids + s * width;
      const float *half = halves_.data() + s * width;
      const double above = aboves_[s], below = given.sizes[s] - above;
      for (size_t i = 0; i + 1 < width; i++) {
        if (nr + nt > 0) ct[i] = static_cast<float>((nr * cr[i] + nt * ct[i]) / both);
        cr[i] = static_cast<float>(cs[i] + half[i] / above);
        cs[i] = static_cast<float>(cs[i] - half[i] / below);
      }
      for (const int32_t one : {r, s, t}) isUsed[one] = isNew_[one] = moved[one] = 1;
    }
  }

 private:
  /** In which a new cluster finds its halves; an old one has them, and takes one. */
  static constexpr int FIRST_PASSES = 3;
  static constexpr size_t PART = 512;

  struct Part {
    int32_t cluster;
    size_t from, to;
  };

  /** Rows by clusters, and in parts of one cluster each. */
  void sortRows(const Clustered &given) {
    std::vector<size_t> ends(given.clusters + 1, 0);
    for (size_t cluster = 0; cluster < given.clusters; cluster++) ends[cluster + 1] = ends[cluster] + given.sizes[cluster];
    parts_.clear();
    firstParts_.assign(1, 0);
    for (size_t cluster = 0; cluster < given.clusters; cluster++) {
      for (size_t from = ends[cluster]; from < ends[cluster + 1]; from += PART) parts_.push_back({static_cast<int32_t>(cluster), from, std::min(ends[cluster + 1], from + PART)});
      firstParts_.push_back(parts_.size());
    }
    rows_.resize(given.count);
    for (size_t row = 0; row < given.count; row++) rows_[ends[given.clusterOf[row]]++] = static_cast<int32_t>(row);
  }

  /** Halves of a new cluster: towards its first point, and away from it. */
  void begin(const Clustered &given) {
    if (directions_.empty()) {
      directions_.resize(given.clusters * given.width);
      middles_.resize(given.clusters);
      halves_.resize(given.clusters * given.width);
      aboves_.resize(given.clusters);
      gains_.resize(given.clusters);
      isNew_.assign(given.clusters, 1);
    }
    for (size_t cluster = 0; cluster < given.clusters; cluster++) {
      if (!isNew_[cluster]) continue;
      middles_[cluster] = 0;
      const size_t at = cluster * given.width;
      const bool isEmpty = given.sizes[cluster] == 0;
      for (size_t i = 0; i < given.width; i++) directions_[at + i] = isEmpty ? 0 : given.points[rows_[parts_[firstParts_[cluster]].from] * given.width + i] - given.centroids[at + i];
    }
  }

  /** One round of 2-means within each cluster, or within new ones. */
  void halve(const Clustered &given, bool ofNew, size_t threads) {
    const size_t width = given.width;
    const VectorUnit unit = vectorUnit();
    sums_.assign(parts_.size() * width, 0);
    counts_.assign(parts_.size(), 0);
    constexpr size_t SOME = 8;
    shareOut((parts_.size() + SOME - 1) / SOME, threads, [&](size_t item, size_t) {
      for (size_t at = item * SOME, end = std::min(parts_.size(), at + SOME); at < end; at++) {
        const Part &part = parts_[at];
        if (ofNew && !isNew_[part.cluster]) continue;
        const size_t cluster = part.cluster * width;
#define TAKE(BYTES, ROWS, TARGET) \
  if (unit.bytes == BYTES) counts_[at] = halve##BYTES(given, rows_.data() + part.from, part.to - part.from, given.centroids + cluster, directions_.data() + cluster, middles_[part.cluster], sums_.data() + at * width);
        EACH_UNIT(TAKE)
#undef TAKE
      }
    });
    for (size_t cluster = 0; cluster < given.clusters; cluster++) {
      if (ofNew && !isNew_[cluster]) continue;
      aboves_[cluster] = 0;
      gains_[cluster] = 0;
      std::fill_n(halves_.data() + cluster * width, width, 0.0f);
      float *half = halves_.data() + cluster * width, *direction = directions_.data() + cluster * width;
      for (size_t part = firstParts_[cluster]; part < firstParts_[cluster + 1]; part++) {
        aboves_[cluster] += counts_[part];
        for (size_t i = 0; i < width; i++) half[i] += sums_[part * width + i];
      }
      const double above = aboves_[cluster], below = given.sizes[cluster] - above;
      if (above == 0 || below <= 0) {
        // The middle of an assignment that is no more: from the centroid again.
        middles_[cluster] = 0;
        isNew_[cluster] = 1;
        continue;
      }
      double square = 0;
      for (size_t i = 0; i < width; i++) square += static_cast<double>(half[i]) * half[i];
      gains_[cluster] = square * (1 / above + 1 / below);
      // m₁ - m₀, and half of (m₁ + m₀)·(m₁ - m₀).
      for (size_t i = 0; i < width; i++) direction[i] = static_cast<float>(half[i] * (1 / above + 1 / below));
      middles_[cluster] = static_cast<float>(square * (1 / above - 1 / below) * (1 / above + 1 / below) / 2);
    }
  }

  /** The nearest other centroid of each, and what their merging costs. */
  void merge(const Clustered &given, size_t threads) {
    const size_t clusters = given.clusters, width = given.width;
    directionsOf(given, packed_);
    groups_.pack(packed_.data(), width, nullptr, clusters);
    std::vector<int32_t> itself(clusters);
    std::iota(itself.begin(), itself.end(), 0);
    std::vector<float> products(clusters);
    nearest_.resize(clusters);
    costs_.resize(clusters);
    findNearestRows({given.centroids, width, nullptr, clusters, groups_.groups, clusters, itself.data(), nearest_.data(), products.data(), nullptr}, threads);
    for (size_t r = 0; r < clusters; r++) {
      const size_t t = nearest_[r];
      double square = 0;
      for (size_t i = 0; i < width; i++) {
        const double difference = static_cast<double>(given.centroids[r * width + i]) - given.centroids[t * width + i];
        square += difference * difference;
      }
      const double nr = given.sizes[r], nt = given.sizes[t];
      costs_[r] = square * nr * nt / std::max(1.0, nr + nt);
    }
  }

  /** Whether a cluster has no halves yet. */
  std::vector<uint8_t> isNew_;
  std::vector<Part> parts_;
  std::vector<size_t> firstParts_, counts_, aboves_;
  std::vector<int32_t> rows_, nearest_;
  std::vector<float> directions_, middles_, sums_, halves_, packed_;
  std::vector<double> gains_, costs_;
  PackedRows groups_;
};

}  // namespace neighbours
