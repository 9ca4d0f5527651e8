#include "yore/inspection/answers.h"

#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <numeric>
#include <thread>

#include "yore/training/process_setup.h"

namespace yore::inspection {
namespace {

/// Letters of a batch: what layers compute of them stays near the cache.
constexpr std::size_t kLetters = std::size_t{1} << 13;

}  // namespace

std::vector<float> answers(const model::Recogniser& model, std::span<const Word> words, int threads) {
  if (words.empty()) return {};
  std::vector<std::size_t> order(words.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return words[a].size() < words[b].size(); });
  std::vector<std::size_t> batches = {0};
  std::size_t letters = 0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    const std::size_t more = words[order[i]].size() + 1;
    if (letters > 0 && letters + more > kLetters) {
      batches.push_back(i);
      letters = 0;
    }
    letters += more;
  }
  batches.push_back(order.size());

  std::vector<float> out(words.size());
  const auto run = [&](std::size_t batch) {
    std::vector<std::int32_t> tokens, eos;
    const std::size_t length = words[order[batches[batch + 1] - 1]].size() + 1;
    for (std::size_t i = batches[batch]; i < batches[batch + 1]; ++i) {
      const Word& word = words[order[i]];
      tokens.insert(tokens.end(), word.begin(), word.end());
      tokens.insert(tokens.end(), length - word.size(), model.letters());
      eos.push_back(static_cast<std::int32_t>(word.size()));
    }
    const at::Tensor logit =
        model.forward(model::pack(tokens, eos, static_cast<std::int64_t>(length))).contiguous();
    for (std::size_t i = batches[batch]; i < batches[batch + 1]; ++i)
      out[order[i]] = logit.data_ptr<float>()[i - batches[batch]];
  };

  // One thread inside torch and several outside: the batches are small.
  const int wanted = threads > 0 ? threads : static_cast<int>(std::thread::hardware_concurrency());
  const auto count = std::min<std::size_t>(static_cast<std::size_t>(std::max(1, wanted)), batches.size() - 1);
  std::atomic<std::size_t> next{0};
  std::exception_ptr failure;
  std::mutex mutex;
  training::use_one_thread();
  const auto work = [&] {
    const at::NoGradGuard no_gradients;  // of this thread
    try {
      for (std::size_t b = next++; b + 1 < batches.size(); b = next++) run(b);
    } catch (...) {
      const std::lock_guard lock(mutex);
      failure = std::current_exception();
      next = batches.size();
    }
  };
  std::vector<std::thread> team;
  for (std::size_t t = 1; t < count; ++t) team.emplace_back(work);
  work();
  for (std::thread& t : team) t.join();
  if (failure) std::rethrow_exception(failure);
  return out;
}

}  // namespace yore::inspection
