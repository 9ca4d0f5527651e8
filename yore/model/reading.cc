#include "yore/model/reading.h"

#include <ATen/Functions.h>

#include <algorithm>
#include <stdexcept>

namespace yore::model {

void Reading::keep(std::int64_t count) {
  const auto now = static_cast<std::int64_t>(tokens.size());
  if (count < 0 || count > now) throw std::invalid_argument("Reading::keep: there are fewer tokens");
  if (count == now) return;
  state.roll_back(0, now - count);
  tokens.resize(static_cast<std::size_t>(count));
  logits.clear();
}

Reading start_reading(const Model& model, std::int64_t rollback) {
  if (model.description().read_out.kind != arch::ReadOutKind::Vocabulary)
    throw std::invalid_argument("generate: the model does not predict next tokens");
  return {model.start(1, rollback), rollback, {}, {}, {}};
}

void read(const Model& model, Reading& reading, std::span<const std::int64_t> tokens, std::int64_t chunk) {
  if (chunk < 1) throw std::invalid_argument("read: a chunk has at least one token");
  while (!tokens.empty()) {
    const auto piece = tokens.first(std::min(tokens.size(), static_cast<std::size_t>(chunk)));
    tokens = tokens.subspan(piece.size());
    const at::Tensor logits =
        model.advance_last(reading.state, {{piece.begin(), piece.end()}}, reading.context);
    reading.tokens.insert(reading.tokens.end(), piece.begin(), piece.end());
    if (tokens.empty()) reading.logits = row_of(logits, 0);
  }
}

std::vector<double> row_of(const at::Tensor& logits, std::int64_t row) {
  const at::Tensor in_double = logits.select(0, row).to(at::kDouble).contiguous();
  const auto* first = in_double.data_ptr<double>();
  return {first, first + in_double.numel()};
}

}  // namespace yore::model
