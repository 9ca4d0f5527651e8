#include "yore/model/input.h"

#include <ATen/Functions.h>

#include <algorithm>
#include <stdexcept>

namespace yore::model {

Input pack(std::span<const std::int32_t> tokens, std::span<const std::int32_t> eos, std::int64_t length) {
  const auto batch = static_cast<std::int64_t>(eos.size());
  if (static_cast<std::int64_t>(tokens.size()) != batch * length)
    throw std::invalid_argument("pack: tokens must be [batch, length]");
  std::int64_t total = 0, longest = 0;
  for (std::int32_t e : eos) {
    if (e < 0 || e >= length) throw std::invalid_argument("pack: an EOS index lies outside its row");
    total += e + 1;
    longest = std::max<std::int64_t>(longest, e + 1);
  }
  Input in;
  in.longest = longest;
  in.tokens = at::empty({total}, at::kLong);
  in.position = at::empty({total}, at::kLong);
  in.last = at::empty({batch}, at::kLong);
  in.last_position = at::empty({batch}, at::kLong);
  auto* token = in.tokens.data_ptr<std::int64_t>();
  auto* position = in.position.data_ptr<std::int64_t>();
  std::int64_t n = 0;
  for (std::int64_t b = 0; b < batch; ++b) {
    const std::int64_t end = eos[static_cast<std::size_t>(b)];
    for (std::int64_t t = 0; t <= end; ++t, ++n) {
      token[n] = tokens[static_cast<std::size_t>(b * length + t)];
      position[n] = t;
    }
    in.starts.push_back(n);
    in.last.data_ptr<std::int64_t>()[b] = n - 1;
    in.last_position.data_ptr<std::int64_t>()[b] = end;
  }
  return in;
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
