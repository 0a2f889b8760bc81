// Lloyd's rounds of k-means, with bounds by the triangle inequality that spare most products once centroids come to rest.

#pragma once

#include <cmath>
#include <vector>

#include "exchange-clusters.h"

namespace neighbours {

/**
 * Each point knows a distance from its own centroid that it is not above, and one from all others that it is not below (Hamerly). Centroids that
 * moved make the first larger and the second smaller; only where they cross, a point is compared with centroids: with those that moved, if
 * the others stay too far, else with all. Clusters are those of plain rounds; nothing depends on the number of threads.
 *
 * @see Hamerly, Making k-means even faster, SDM 2010.
 */
class Lloyd {
 public:
  /** @param clusterOf where the cluster of each point is written */
  Lloyd(const float *points, size_t count, size_t width, float *centroids, size_t clusters, int32_t *clusterOf, size_t threads)
      : sizes_(clusters, 0), given_{points, count, width, centroids, clusters, clusterOf, sizes_.data()}, clusterOf_(clusterOf), threads_(threads),
        sums_(clusters * width, 0), before_(count, -1), norms_(count), scores_(count), uppers_(count), lowers_(count), moves_(clusters, 0), isMoved_(clusters, 0), old_(clusters * width) {
    eachPart([&](size_t row) {
      const float *point = points + row * width;
      double square = 0;
      for (size_t i = 0; i + 1 < width; i++) square += static_cast<double>(point[i]) * point[i];
      norms_[row] = square;
    });
    double longest = 0;
    for (const double square : norms_) longest = std::max(longest, square);
    // A float32 sum of products errs by as many roundings as it has parts; 2 x·c and ‖c‖² are at most so large.
    roundoff_ = 1.1 * static_cast<double>(width + 4) * 0x1p-24 * 3 * longest;
  }

  /** @param exchanges after how many rounds, the first ones, clusters are split and merged */
  void run(size_t iterations, size_t exchanges) {
    assignAll();
    for (size_t iteration = 0; iteration < iterations; iteration++) {
      std::copy_n(given_.centroids, old_.size(), old_.data());
      if (!follow()) return;
      fill();
      if (iteration < exchanges) exchange_.look(given_, isMoved_, threads_);
      reassign();
    }
  }

 private:
  static constexpr size_t SOME = 1024;

  template <typename Work>
  void eachPart(Work work) {
    shareOut((given_.count + SOME - 1) / SOME, threads_, [&](size_t part, size_t) {
      for (size_t row = part * SOME, end = std::min(given_.count, row + SOME); row < end; row++) work(row);
    });
  }

  float upper(size_t row, float score) const { return static_cast<float>(std::sqrt(std::max(0.0, norms_[row] - score) + roundoff_) * (1 + 0x1p-20)); }
  /** Of a finite number, where there is no other centroid, too. */
  float lower(size_t row, float score) const { return static_cast<float>(std::sqrt(std::min(1e30, std::max(0.0, norms_[row] - score - roundoff_))) * (1 - 0x1p-20)); }

  void compare(const std::vector<int32_t> *rows, const std::vector<int32_t> *columns) {
    const size_t count = rows ? rows->size() : given_.count;
    packed_.pack(directions_.data(), given_.width, columns ? columns->data() : nullptr, columns ? columns->size() : given_.clusters);
    found_.resize(count);
    best_.resize(count);
    second_.resize(count);
    findNearestRows({given_.points, given_.width, rows ? rows->data() : nullptr, count, packed_.groups, packed_.columns, nullptr, found_.data(), best_.data(), second_.data()}, threads_);
  }

  void take(size_t row, size_t at) {
    clusterOf_[row] = found_[at];
    scores_[row] = best_[at];
    uppers_[row] = upper(row, best_[at]);
    lowers_[row] = lower(row, second_[at]);
  }

  void assignAll() {
    directionsOf(given_, directions_);
    compare(nullptr, nullptr);
    eachPart([&](size_t row) { take(row, row); });
  }

  /** Moves centroids to the means of their points; false where no point changed its cluster, and none was moved otherwise. */
  bool follow() {
    const size_t width = given_.width;
    struct Change {
      size_t row;
      int32_t from, to;
    };
    std::vector<Change> changes;
    std::vector<uint8_t> &changed = isMoved_;
    for (size_t row = 0; row < given_.count; row++) {
      const int32_t from = before_[row], to = clusterOf_[row];
      if (from == to) continue;
      changes.push_back({row, from, to});
      if (from != -1) sizes_[from]--, changed[from] = 1;
      sizes_[to]++, changed[to] = 1;
      before_[row] = to;
    }
    // Those that were exchanged or filled stand for no mean yet.
    if (std::find(changed.begin(), changed.end(), 1) == changed.end()) return false;
    // Each thread has columns of its own, so that sums are in the order of the rows.
    const size_t wide = 16;
    shareOut((width + wide - 1) / wide, threads_, [&](size_t part, size_t) {
      const size_t from = part * wide, to = std::min(width, from + wide);
      for (const Change &one : changes) {
        const float *point = given_.points + one.row * width;
        double *added = sums_.data() + one.to * width, *taken = one.from == -1 ? nullptr : sums_.data() + one.from * width;
        for (size_t i = from; i < to; i++) added[i] += point[i];
        if (taken) for (size_t i = from; i < to; i++) taken[i] -= point[i];
      }
    });
    for (size_t cluster = 0; cluster < given_.clusters; cluster++) {
      if (!changed[cluster] || sizes_[cluster] == 0) continue;
      for (size_t i = 0; i + 1 < width; i++) given_.centroids[cluster * width + i] = static_cast<float>(sums_[cluster * width + i] / sizes_[cluster]);
    }
    std::fill(isMoved_.begin(), isMoved_.end(), 0);
    return true;
  }

  /** A cluster without points takes the one that is furthest from its centroid, the next one the next furthest. */
  void fill() {
    std::vector<size_t> empty;
    for (size_t cluster = 0; cluster < given_.clusters; cluster++) if (sizes_[cluster] == 0) empty.push_back(cluster);
    if (empty.empty()) return;
    const size_t width = given_.width;
    std::vector<double> distances(given_.count);
    eachPart([&](size_t row) {
      const float *point = given_.points + row * width, *centroid = given_.centroids + clusterOf_[row] * width;
      for (size_t i = 0; i < width; i++) distances[row] += (static_cast<double>(point[i]) - centroid[i]) * (static_cast<double>(point[i]) - centroid[i]);
    });
    std::vector<int32_t> furthest(given_.count);
    std::iota(furthest.begin(), furthest.end(), 0);
    std::partial_sort(furthest.begin(), furthest.begin() + empty.size(), furthest.end(), [&](int32_t a, int32_t b) { return distances[a] != distances[b] ? distances[a] > distances[b] : a < b; });
    for (size_t i = 0; i < empty.size() && distances[furthest[i]] > 0; i++) {
      std::copy_n(given_.points + furthest[i] * width, width, given_.centroids + empty[i] * width);
      isMoved_[empty[i]] = 1;
    }
  }

  void reassign() {
    const size_t width = given_.width;
    // How far each centroid went, rounded up.
    std::vector<int32_t> moved;
    double furthest = 0, next = 0;
    int32_t fastest = -1;
    for (size_t cluster = 0; cluster < given_.clusters; cluster++) {
      double square = 0;
      for (size_t i = 0; i + 1 < width; i++) {
        const double difference = static_cast<double>(given_.centroids[cluster * width + i]) - old_[cluster * width + i];
        square += difference * difference;
      }
      moves_[cluster] = std::sqrt(square) * (1 + 0x1p-20);
      if (square > 0) moved.push_back(static_cast<int32_t>(cluster));
      if (moves_[cluster] > furthest) {
        next = furthest;
        furthest = moves_[cluster];
        fastest = static_cast<int32_t>(cluster);
      } else {
        next = std::max(next, moves_[cluster]);
      }
    }
    directionsOf(given_, directions_);
    const bool isAll = 2 * moved.size() > given_.clusters;
    std::vector<uint8_t> kind(given_.count, 0);
    eachPart([&](size_t row) {
      const int32_t own = clusterOf_[row];
      const float distance = static_cast<float>(uppers_[row] + moves_[own]) * (1 + 0x1p-20f);
      const float others = static_cast<float>(lowers_[row] - (own == fastest ? next : furthest)) - lowers_[row] * 0x1p-20f;
      if (distance < others) {
        uppers_[row] = distance;
        lowers_[row] = others;
        return;
      }
      // Those that stayed are no nearer than they were.
      kind[row] = !isAll && (moves_[own] == 0 || distance < lowers_[row]) ? 2 : 1;
    });
    std::vector<int32_t> withAll, withMoved;
    for (size_t row = 0; row < given_.count; row++) if (kind[row]) (kind[row] == 1 ? withAll : withMoved).push_back(static_cast<int32_t>(row));
    if (!withAll.empty()) {
      compare(&withAll, nullptr);
      for (size_t at = 0; at < withAll.size(); at++) take(withAll[at], at);
    }
    if (withMoved.empty() || moved.empty()) return;
    compare(&withMoved, &moved);
    for (size_t at = 0; at < withMoved.size(); at++) {
      const size_t row = withMoved[at];
      found_[at] = moved[found_[at]];
      const float stayed = lowers_[row];
      if (moves_[clusterOf_[row]] == 0) {
        if (best_[at] > scores_[row] || (best_[at] == scores_[row] && found_[at] < clusterOf_[row])) {
          second_[at] = std::max(second_[at], scores_[row]);
          take(row, at);
          lowers_[row] = std::min(lowers_[row], stayed);
        } else {
          lowers_[row] = std::min(stayed, lower(row, best_[at]));
        }
        continue;
      }
      take(row, at);
      lowers_[row] = std::min(lowers_[row], stayed);
    }
  }

  std::vector<int32_t> sizes_;
  Clustered given_;
  int32_t *clusterOf_;
  size_t threads_;
  /** Of the points of each cluster, which follow those that change it. */
  std::vector<double> sums_;
  std::vector<int32_t> before_;
  std::vector<double> norms_;
  std::vector<float> scores_, uppers_, lowers_;
  std::vector<double> moves_;
  std::vector<uint8_t> isMoved_;
  std::vector<float> old_, directions_;
  PackedRows packed_;
  std::vector<int32_t> found_;
  std::vector<float> best_, second_;
  ClusterExchange exchange_;
  double roundoff_ = 0;
};

}  // namespace neighbours
