#include "yore/model/ask.h"

#include <ATen/Functions.h>
#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <exception>
#include <mutex>
#include <numeric>
#include <stdexcept>
#include <thread>

#include "yore/base/budget.h"
#include "yore/base/interrupt.h"
#include "yore/model/threads.h"

namespace yore::model {
namespace {

/// Logits held at a time: a large vocabulary's are more than everything else.
constexpr std::int64_t kLogits = std::int64_t{1} << 22;

/// What every batch reads.
struct Question {
  const Model& model;
  std::span<const std::int64_t> starts;
  std::span<const std::int32_t> tokens;
  std::span<const char> asked;
  const Answered& answered;
  const Context& context;
  bool finite;
  bool accept() const { return model.description().read_out.kind == arch::ReadOutKind::Accept; }
};

void answer(const Question& q, std::span<const std::int64_t> sequences) {
  const Input input = pack(q.starts, q.tokens, sequences);
  // Where the asked tokens stand: of which sequence, at which token of all, at which row of the batch.
  std::vector<std::int64_t> sequence, token, rows;
  for (std::size_t i = 0; i < sequences.size(); ++i) {
    const auto b = static_cast<std::size_t>(sequences[i]);
    for (std::int64_t t = q.accept() ? q.starts[b + 1] - 1 : q.starts[b]; t < q.starts[b + 1]; ++t) {
      if (!q.accept() && q.asked[static_cast<std::size_t>(t)] == 0) continue;
      sequence.push_back(sequences[i]);
      token.push_back(t);
      rows.push_back(input.starts[i] + t - q.starts[b]);
    }
  }
  if (rows.empty()) return;
  const at::Tensor hidden = q.accept() ? q.model.hidden_last(input, q.context)
                                       : q.model.hidden_at(input, at::tensor(rows, at::kLong), q.context);
  const std::int64_t outputs = q.model.outputs(), count = static_cast<std::int64_t>(rows.size());
  const std::int64_t at_once = std::max<std::int64_t>(1, kLogits / outputs);
  for (std::int64_t first = 0; first < count; first += at_once) {
    const std::int64_t some = std::min(at_once, count - first);
    const at::Tensor logits = q.model.read(hidden.narrow(0, first, some)).to(at::kFloat).contiguous();
    for (std::int64_t i = 0; i < some; ++i) {
      const std::span<const float> row{logits.data_ptr<float>() + i * outputs,
                                       static_cast<std::size_t>(outputs)};
      if (q.finite && !std::all_of(row.begin(), row.end(), [](float x) { return std::isfinite(x); }))
        throw NotFinite(sequence[static_cast<std::size_t>(first + i)]);
      q.answered(sequence[static_cast<std::size_t>(first + i)], token[static_cast<std::size_t>(first + i)],
                 row);
    }
  }
}

}  // namespace

void ask(const Model& model, std::span<const std::int64_t> starts, std::span<const std::int32_t> tokens,
         std::span<const char> asked, const AskOptions& options, const Answered& answered) {
  if (starts.size() < 2) return;
  const Question question{model, starts, tokens, asked, answered, options.context, options.finite};
  if (!question.accept() && asked.size() != tokens.size())
    throw std::invalid_argument("ask: expected a mark for each token");
  std::vector<std::int64_t> order(starts.size() - 1);
  std::iota(order.begin(), order.end(), std::int64_t{0});
  const auto length = [&](std::int64_t b) {
    return starts[static_cast<std::size_t>(b) + 1] - starts[static_cast<std::size_t>(b)];
  };
  std::stable_sort(order.begin(), order.end(),
                   [&](std::int64_t a, std::int64_t b) { return length(a) < length(b); });
  std::vector<std::size_t> batches = {0};
  std::size_t held = 0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    const auto more = static_cast<std::size_t>(length(order[i]));
    if (held > 0 && held + more > options.tokens) {
      batches.push_back(i);
      held = 0;
    }
    held += more;
  }
  batches.push_back(order.size());
  const auto run = [&](std::size_t batch) {
    if (options.stops_at_signals && base::interrupted()) throw base::Interrupted("asking the model");
    answer(question, std::span(order).subspan(batches[batch], batches[batch + 1] - batches[batch]));
  };

  // One thread inside torch and several outside: the batches are small. What torch had it gets back.
  const int wanted =
      options.threads > 0 ? options.threads : static_cast<int>(std::thread::hardware_concurrency());
  const auto count = std::min<std::size_t>(static_cast<std::size_t>(std::max(1, wanted)), batches.size() - 1);
  std::atomic<std::size_t> next{0};
  std::exception_ptr failure;
  std::mutex mutex;
  const int before = at::get_num_threads();
  if (count > 1) use_threads(1);
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
  if (count > 1) use_threads(before);
  if (failure) std::rethrow_exception(failure);
}

}  // namespace yore::model
