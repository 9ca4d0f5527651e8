#include <fmt/format.h>
#include <onnx/onnx_pb.h>

#include <cstring>

#include "yore/base/error.h"
#include "yore/onnx/metadata.h"
#include "yore/onnx/onnx.h"

namespace yore::onnx {
namespace {

using ::onnx::TensorProto;

/// One initialiser as an array. What the file claims is compared with what it holds before anything is
/// allocated.
base::NamedArray array_of(const TensorProto& tensor, const std::string& source) {
  const auto refuse = [&](const std::string& why) {
    throw base::InputError(source, fmt::format("initialiser \"{}\" {}", tensor.name(), why));
  };
  if (tensor.data_location() == TensorProto::EXTERNAL || tensor.external_data_size() > 0)
    refuse("is kept in another file; expected all weights in this one");
  if (tensor.has_segment()) refuse("is only a segment of a tensor");
  if (tensor.data_type() != TensorProto::FLOAT)
    refuse(fmt::format("has the ONNX data type {}, expected {} (float)", tensor.data_type(),
                       static_cast<int>(TensorProto::FLOAT)));
  if (tensor.has_raw_data() && tensor.float_data_size() > 0)
    refuse("has its numbers twice, as raw_data and as float_data");
  const std::size_t numbers = tensor.has_raw_data() ? tensor.raw_data().size() / sizeof(float)
                                                    : static_cast<std::size_t>(tensor.float_data_size());
  std::size_t claimed = 1;
  for (std::int64_t d : tensor.dims()) {
    if (d < 0) refuse(fmt::format("has the negative dimension {}", d));
    // The file's numbers fit into an int, so that nothing larger need be multiplied.
    if (d > 0 && claimed > kMaxBytes / static_cast<std::size_t>(d)) refuse("claims more than 2 GiB");
    claimed *= static_cast<std::size_t>(d);
  }
  if (claimed != numbers || (tensor.has_raw_data() && tensor.raw_data().size() % sizeof(float) != 0))
    refuse(fmt::format("has {} numbers, its shape asks for {}",
                       tensor.has_raw_data() ? fmt::format("{} bytes of", tensor.raw_data().size())
                                             : fmt::format("{}", numbers),
                       claimed));
  base::NamedArray array{"F32", {tensor.dims().begin(), tensor.dims().end()}, tensor.raw_data()};
  if (!tensor.has_raw_data()) {
    array.bytes.resize(numbers * sizeof(float));
    std::memcpy(array.bytes.data(), tensor.float_data().data(), array.bytes.size());
  }
  return array;
}

}  // namespace

arch::ModelFile from_onnx(const std::string& bytes, const std::string& source) {
  if (bytes.size() > kMaxBytes)
    throw base::InputError(source, fmt::format("{} bytes, an ONNX file has at most 2 GiB", bytes.size()));
  ::onnx::ModelProto model;
  if (!model.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())))
    throw base::InputError(source, "not a whole ONNX file (truncated, or another format)");
  if (!model.has_graph()) throw base::InputError(source, "not a whole ONNX file: there is no graph in it");
  const std::string* description = nullptr;
  std::string tokenizer;
  for (const ::onnx::StringStringEntryProto& entry : model.metadata_props()) {
    if (entry.key() == kDescription) description = &entry.value();
    if (entry.key() == kTokenizer) tokenizer = entry.value();
  }
  if (description == nullptr)
    throw base::InputError(
        source, "no yore description in the metadata: only what yore export wrote can be imported");
  arch::ModelFile file = arch::parse_model_json(*description, source, std::move(tokenizer));
  if (model.graph().sparse_initializer_size() > 0)
    throw base::InputError(source, "it has sparse initialisers; a model's are dense");
  for (const TensorProto& tensor : model.graph().initializer())
    if (!file.weights.arrays.emplace(tensor.name(), array_of(tensor, source)).second)
      throw base::InputError(source, fmt::format("initialiser \"{}\" occurs twice", tensor.name()));
  arch::check_weights(file, source);
  return file;
}

}  // namespace yore::onnx
