// Threads that share out the tasks of one call: as many as TensorFlow has for the inside of an operation.

#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace metric_learning {

class WorkerPool {
public:
  /** The pool of this process. It is never taken down: at the end of a process its threads wait. */
  static WorkerPool &shared() {
    static WorkerPool *pool = new WorkerPool(wantedThreads());
    return *pool;
  }

  int threads() const { return static_cast<int>(workers.size()) + 1; }

  /**
   * Runs task(i, thread) for all i below `tasks`, in ascending order of their beginning, thread in [0, threads()).
   * Where another call is under way the caller does it all by itself.
   */
  void run(int tasks, const std::function<void(int task, int thread)> &task) {
    std::unique_lock<std::mutex> mine(callers, std::try_to_lock);
    if (!mine.owns_lock() || workers.empty() || tasks < 2) {
      for (int i = 0; i < tasks; i++) task(i, 0);
      return;
    }
    next.store(0);
    {
      std::lock_guard<std::mutex> lock(state);
      current = &task;
      count = tasks;
      busy = static_cast<int>(workers.size());
      turn++;
    }
    start.notify_all();
    take(task, tasks, 0);
    std::unique_lock<std::mutex> lock(state);
    done.wait(lock, [this] { return busy == 0; });
  }

private:
  explicit WorkerPool(int threads) {
    for (int thread = 1; thread < threads; thread++) {
      workers.emplace_back([this, thread] { work(thread); });
      workers.back().detach();
    }
  }

  static int wantedThreads() {
    const char *asked = std::getenv("TF_NUM_INTRAOP_THREADS");
    const int given = asked ? std::atoi(asked) : 0;
    const int all = static_cast<int>(std::thread::hardware_concurrency());
    return given > 0 ? given : all > 0 ? all : 1;
  }

  void take(const std::function<void(int, int)> &task, int tasks, int thread) {
    for (int i = next.fetch_add(1); i < tasks; i = next.fetch_add(1)) task(i, thread);
  }

  void work(int thread) {
    for (long seen = 0;;) {
      std::unique_lock<std::mutex> lock(state);
      start.wait(lock, [&] { return turn != seen; });
      seen = turn;
      const auto *task = current;
      const int tasks = count;
      lock.unlock();
      take(*task, tasks, thread);
      lock.lock();
      if (--busy == 0) done.notify_one();
    }
  }

  std::vector<std::thread> workers;
  std::mutex callers, state;
  std::condition_variable start, done;
  std::atomic<int> next{0};
  const std::function<void(int, int)> *current = nullptr;
  int count = 0, busy = 0;
  long turn = 0;
};

} // namespace metric_learning
