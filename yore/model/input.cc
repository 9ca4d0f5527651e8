#include "yore/model/input.h"

#include <ATen/Functions.h>

#include <algorithm>
#include <numeric>
#include <stdexcept>

namespace yore::model {

Input pack(std::span<const std::int64_t> starts, std::span<const std::int32_t> tokens,
           std::span<const std::int64_t> which) {
  if (starts.empty() || starts.front() != 0 || starts.back() != static_cast<std::int64_t>(tokens.size()))
    throw std::invalid_argument("pack: starts must rise from 0 to the number of tokens");
  const auto length = [&](std::int64_t b) {
    return starts[static_cast<std::size_t>(b) + 1] - starts[static_cast<std::size_t>(b)];
  };
  const auto batch = static_cast<std::int64_t>(which.size());
  std::int64_t total = 0;
  Input in;
  for (const std::int64_t b : which) {
    if (b < 0 || b + 1 >= static_cast<std::int64_t>(starts.size()) ||
        starts[static_cast<std::size_t>(b)] < 0 || starts[static_cast<std::size_t>(b) + 1] > starts.back())
      throw std::invalid_argument("pack: a sequence lies outside the tokens");
    if (length(b) < 1) throw std::invalid_argument("pack: a sequence has no token");
    total += length(b);
    in.longest = std::max(in.longest, length(b));
  }
  in.tokens = at::empty({total}, at::kLong);
  in.position = at::empty({total}, at::kLong);
  in.last = at::empty({batch}, at::kLong);
  in.last_position = at::empty({batch}, at::kLong);
  auto* token = in.tokens.data_ptr<std::int64_t>();
  auto* position = in.position.data_ptr<std::int64_t>();
  std::int64_t n = 0;
  for (std::int64_t i = 0; i < batch; ++i) {
    const std::int64_t b = which[static_cast<std::size_t>(i)], first = starts[static_cast<std::size_t>(b)];
    for (std::int64_t t = 0; t < length(b); ++t, ++n) {
      token[n] = tokens[static_cast<std::size_t>(first + t)];
      position[n] = t;
    }
    in.starts.push_back(n);
    in.last.data_ptr<std::int64_t>()[i] = n - 1;
    in.last_position.data_ptr<std::int64_t>()[i] = length(b) - 1;
  }
  return in;
}

Input pack(std::span<const std::int64_t> starts, std::span<const std::int32_t> tokens) {
  std::vector<std::int64_t> all(starts.empty() ? 0 : starts.size() - 1);
  std::iota(all.begin(), all.end(), std::int64_t{0});
  return pack(starts, tokens, all);
}

Input continuation(const std::vector<std::vector<std::int64_t>>& tokens,
                   const std::vector<std::int64_t>& before) {
  if (tokens.size() != before.size())
    throw std::invalid_argument("continuation: there must be one length for each sequence");
  std::vector<std::int64_t> all, position, last, last_position;
  Input in;
  for (std::size_t b = 0; b < tokens.size(); ++b) {
    std::int64_t place = before[b];
    for (std::int64_t token : tokens[b]) {
      all.push_back(token);
      position.push_back(place++);
    }
    in.starts.push_back(static_cast<std::int64_t>(all.size()));
    last.push_back(tokens[b].empty() ? -1 : in.starts.back() - 1);
    last_position.push_back(place - 1);
    in.longest = std::max(in.longest, place);
  }
  in.tokens = at::tensor(all, at::kLong);
  in.position = at::tensor(position, at::kLong);
  in.last = at::tensor(last, at::kLong);
  in.last_position = at::tensor(last_position, at::kLong);
  return in;
}

}  // namespace yore::model
