#include "yore/model/snapshot.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <stdexcept>

#include "yore/base/checksum.h"
#include "yore/base/error.h"
#include "yore/base/safetensors.h"

namespace yore::model {
namespace {

using base::InputError;

constexpr const char* kStateVersion = "yore.state";
constexpr const char* kStateModel = "yore.state.model";
constexpr const char* kStateWeights = "yore.state.weights";
constexpr const char* kStateRollback = "yore.state.rollback";

/// More than anybody takes back at once; a state sets memory aside for it, which a broken file must not ask
/// for.
constexpr std::int64_t kMostRollback = 1024;

/// Of every parameter, as the model has it.
std::string weights_checksum(const Model& model) {
  std::string all;
  for (const Parameter& p : model.parameters().all()) {
    const at::Tensor value = p.value.contiguous();
    all += base::crc64_text(base::crc64({static_cast<const char*>(value.data_ptr()), value.nbytes()}));
  }
  return base::crc64_text(base::crc64(all));
}

template <class T>
base::NamedArray array_of(const char* dtype, const std::vector<T>& values) {
  base::NamedArray array{dtype, {static_cast<std::int64_t>(values.size())}, {}};
  array.bytes.resize(values.size() * sizeof(T));
  if (!values.empty()) std::memcpy(array.bytes.data(), values.data(), array.bytes.size());
  return array;
}

std::string block_name(std::size_t index) {
  return fmt::format("blocks.{}", index);
}

/// A file's content, asked for what a snapshot must have.
struct SnapshotFile {
  std::string source;
  base::NamedArrays content;

  [[noreturn]] void refuse(const std::string& why) const { throw InputError(source, why); }
  const std::string& text(const char* key) const {
    const auto at = content.metadata.find(key);
    if (at == content.metadata.end())
      refuse(fmt::format("is no saved state: its metadata lack {} (yore generate --save-state writes one)",
                         key));
    return at->second;
  }
  const base::NamedArray& array(const std::string& name, const char* dtype) const {
    const auto at = content.arrays.find(name);
    if (at == content.arrays.end()) refuse(fmt::format("is no whole state: there is no array {}", name));
    if (at->second.dtype != dtype || at->second.shape.size() != 1)
      refuse(fmt::format("array {} is not a row of {}", name, dtype));
    return at->second;
  }
  template <class T>
  std::vector<T> numbers(const std::string& name, const char* dtype) const {
    const std::string& bytes = array(name, dtype).bytes;
    std::vector<T> values(bytes.size() / sizeof(T));
    if (!values.empty()) std::memcpy(values.data(), bytes.data(), bytes.size());
    return values;
  }
};

void check_identity(const SnapshotFile& file, const Model& model) {
  if (file.text(kStateVersion) != "1")
    file.refuse(fmt::format("is a state of format {}, expected 1", file.text(kStateVersion)));
  const arch::Model theirs =
      arch::model_from_json(base::parse_json(file.text(kStateModel), file.source), file.source);
  if (const auto lines = arch::differences(theirs, model.description()); !lines.empty())
    file.refuse(fmt::format("is the state of another model or setting ({}; the state's and the model's{})",
                            lines.front(),
                            lines.size() == 1 ? "" : fmt::format(", and {} more", lines.size() - 1)));
  if (file.text(kStateWeights) != weights_checksum(model))
    file.refuse("is the state of another model: one of the same shape with other weights");
}

}  // namespace

void write_snapshot(const std::filesystem::path& path, const Model& model, const Reading& reading) {
  if (reading.logits.empty()) throw std::invalid_argument("write_snapshot: nothing was read to go on from");
  base::NamedArrays content;
  content.metadata = {{kStateVersion, "1"},
                      {kStateModel, arch::to_json(model.description()).dump()},
                      {kStateWeights, weights_checksum(model)},
                      {kStateRollback, std::to_string(reading.rollback)}};
  content.arrays.emplace("tokens", array_of("I64", reading.tokens));
  content.arrays.emplace("logits", array_of("F64", reading.logits));
  const auto blocks = reading.state.save();
  for (std::size_t l = 0; l < blocks.size(); ++l)
    content.arrays.emplace(block_name(l), array_of("U8", blocks[l]));
  base::write_file(path, base::to_safetensors(content), base::Parents::MustExist);
}

Reading read_snapshot(const std::filesystem::path& path, const Model& model) {
  const SnapshotFile file{path.string(), base::read_safetensors(path)};
  check_identity(file, model);
  const std::string& text = file.text(kStateRollback);
  std::int64_t rollback = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), rollback);
  if (error != std::errc() || end != text.data() + text.size() || rollback < 0 || rollback > kMostRollback)
    file.refuse(fmt::format("{}: expected 0 to {}, found \"{}\"", kStateRollback, kMostRollback, text));
  Reading reading = start_reading(model, rollback);
  reading.tokens = file.numbers<std::int64_t>("tokens", "I64");
  reading.logits = file.numbers<double>("logits", "F64");
  for (const std::int64_t token : reading.tokens)
    if (token < 0 || token >= model.vocabulary())
      file.refuse(fmt::format("token {} outside 0..{}", token, model.vocabulary() - 1));
  if (static_cast<std::int64_t>(reading.logits.size()) != model.vocabulary())
    file.refuse(fmt::format("{} logits for {} tokens", reading.logits.size(), model.vocabulary()));
  if (!std::all_of(reading.logits.begin(), reading.logits.end(), [](double x) { return std::isfinite(x); }))
    file.refuse("a logit is not finite");
  const std::size_t blocks = model.description().blocks.size();
  std::vector<std::span<const std::byte>> saved;
  for (std::size_t l = 0; l < blocks; ++l)
    saved.push_back(std::as_bytes(std::span(file.array(block_name(l), "U8").bytes)));
  if (file.content.arrays.size() != blocks + 2)
    file.refuse(fmt::format("has {} arrays, expected {}", file.content.arrays.size(), blocks + 2));
  try {
    reading.state.restore(saved);
  } catch (const std::invalid_argument& e) {
    file.refuse(e.what());
  }
  if (!reading.state.all_have_length(static_cast<std::int64_t>(reading.tokens.size())))
    file.refuse("its blocks have not read the tokens that it names");
  return reading;
}

}  // namespace yore::model
