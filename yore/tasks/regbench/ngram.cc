#include "yore/tasks/regbench/ngram.h"

#include <algorithm>
#include <stdexcept>

namespace yore::tasks {

InContextNgram::InContextNgram(int letters, int n) : letters_(letters), n_(n) {
  // 129^7 < 2^50: a context is one number.
  if (letters < 1 || letters > 128 || n < 1 || n > 8)
    throw std::invalid_argument("InContextNgram: letters or n out of range");
  last_.assign(static_cast<std::size_t>(n) - 1, letters_);
  contexts_.resize(static_cast<std::size_t>(n));
  reach();
}

std::uint64_t InContextNgram::context(int length) const {
  std::uint64_t number = 0;
  for (std::size_t i = last_.size() - static_cast<std::size_t>(length); i < last_.size(); ++i)
    number = number * (static_cast<std::uint64_t>(letters_) + 1) + static_cast<std::uint64_t>(last_[i]);
  return number;
}

void InContextNgram::reach() {
  for (int length = 0; length < n_; ++length) {
    Context& c = contexts_[static_cast<std::size_t>(length)][context(length)];
    c.followed.resize(static_cast<std::size_t>(letters_));
    ++c.reached;
  }
}

void InContextNgram::read(std::int32_t token) {
  if (token < 0 || token > letters_) throw std::invalid_argument("InContextNgram: no token");
  if (token == letters_) {
    std::fill(last_.begin(), last_.end(), letters_);
  } else {
    for (int length = 0; length < n_; ++length)
      ++contexts_[static_cast<std::size_t>(length)]
            .at(context(length))
            .followed[static_cast<std::size_t>(token)];
    if (!last_.empty()) {
      last_.erase(last_.begin());
      last_.push_back(token);
    }
  }
  reach();
}

std::vector<double> InContextNgram::predict() const {
  const auto letters = static_cast<std::size_t>(letters_);
  std::vector<double> p(letters, 0.0);
  const auto normalise = [&] {
    double sum = 0;
    for (const double x : p) sum += x;
    for (double& x : p) x = sum > 0 ? x / sum : 1.0 / static_cast<double>(letters);
  };
  const std::vector<std::int64_t>& read = contexts_[0].at(0).followed;
  for (std::size_t x = 0; x < letters; ++x) p[x] = static_cast<double>(read[x]);
  normalise();
  for (int length = 1; length < n_; ++length) {
    const Context& c = contexts_[static_cast<std::size_t>(length)].at(context(length));
    double left = 1, lower = 0;
    for (std::size_t x = 0; x < letters; ++x) {
      left -= static_cast<double>(c.followed[x]) / static_cast<double>(c.reached);
      if (c.followed[x] == 0) lower += p[x];
    }
    for (std::size_t x = 0; x < letters; ++x) {
      if (c.followed[x] > 0)
        p[x] = static_cast<double>(c.followed[x]) / static_cast<double>(c.reached);
      else
        p[x] = lower > 0 ? left * p[x] / lower : 0;
    }
  }
  normalise();
  return p;
}

}  // namespace yore::tasks
