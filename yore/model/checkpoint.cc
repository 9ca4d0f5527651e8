#include "yore/model/checkpoint.h"

#include <ATen/Functions.h>
#include <fmt/format.h>

#include <cstring>

#include "yore/base/error.h"
#include "yore/model/head_gates.h"

namespace yore::model {
namespace {

std::string shape_text(const std::vector<std::int64_t>& shape) {
  return fmt::format("[{}]", fmt::join(shape, ", "));
}

}  // namespace

base::NamedArrays to_arrays(const Parameters& parameters) {
  base::NamedArrays content;
  const at::Tensor flat = parameters.flat().to(at::kFloat).contiguous();
  const float* data = flat.data_ptr<float>();
  for (const Parameter& p : parameters.all()) {
    base::NamedArray array{"F32", p.shape,
                           std::string(static_cast<std::size_t>(p.size) * sizeof(float), '\0')};
    std::memcpy(array.bytes.data(), data + p.offset, array.bytes.size());
    content.arrays.emplace(p.name, std::move(array));
  }
  return content;
}

void from_arrays(const base::NamedArrays& content, const Parameters& parameters, const std::string& source,
                 const std::string& ignored_prefix) {
  at::Tensor flat = at::empty({parameters.size()}, at::kFloat);
  for (const Parameter& p : parameters.all()) {
    const auto it = content.arrays.find(p.name);
    if (it == content.arrays.end())
      throw base::InputError(
          source, fmt::format("there is no array {}: these are the weights of another model", p.name));
    const base::NamedArray& array = it->second;
    if (array.dtype != "F32" || array.shape != p.shape)
      throw base::InputError(
          source,
          fmt::format("array {} is {} {}, the model's is F32 {}: these are the weights of another model",
                      p.name, array.dtype, shape_text(array.shape), shape_text(p.shape)));
    std::memcpy(flat.data_ptr<float>() + p.offset, array.bytes.data(), array.bytes.size());
  }
  for (const auto& entry : content.arrays) {
    const std::string& name = entry.first;
    const bool ours = std::any_of(parameters.all().begin(), parameters.all().end(),
                                  [&](const Parameter& p) { return p.name == name; });
    if (ours) continue;
    if (ignored_prefix.empty() || name.rfind(ignored_prefix, 0) != 0)
      throw base::InputError(
          source,
          fmt::format("array {} is not part of the model: these are the weights of another model", name));
  }
  parameters.flat().copy_(flat);
}

arch::ModelFile to_file(const Model& model, const Json& task, const std::vector<std::string>& names,
                        const std::string& tokenizer) {
  arch::ModelFile file{model.description(), task, names, nullptr, to_arrays(model.parameters()), tokenizer};
  std::erase_if(file.weights.arrays, [](const auto& array) { return is_gate(array.first); });
  return file;
}

SavedModel from_file(const arch::ModelFile& file, const std::string& source) {
  arch::check_weights(file, source);
  SavedModel saved{Model(file.model, std::nullopt), file.task, file.alphabet, file.tokenizer};
  from_arrays(file.weights, saved.model.parameters(), source);
  return saved;
}

SavedRecogniser recogniser_from_file(const arch::ModelFile& file, const std::string& source) {
  std::string language = arch::language_of(file, source);
  logic::Alphabet alphabet(file.alphabet);
  return {from_file(file, source).model, std::move(alphabet), std::move(language)};
}

void save_model(const Model& model, const Json& task, const std::vector<std::string>& names,
                const std::filesystem::path& folder, const std::string& tokenizer) {
  arch::write_model(to_file(model, task, names, tokenizer), folder);
}

SavedModel load_model(const std::filesystem::path& path) {
  return from_file(arch::read_model(path), path.string());
}

SavedModel open_model(arch::MappedModel mapped, Weights weights) {
  const std::vector<mixers::ParameterSpec> specs = arch::parameters(mapped.file.model);
  std::vector<at::Tensor> values;
  for (const mixers::ParameterSpec& spec : specs) {
    const base::ArrayView& view = mapped.weights.arrays.at(spec.name);
    const bool narrow = view.dtype == "BF16";
    // The mapping lives as long as a tensor in it; nobody writes there.
    at::Tensor value = at::from_blob(
        const_cast<char*>(view.bytes.data()), spec.shape, [bytes = mapped.bytes](void*) {},
        narrow ? at::kBFloat16 : at::kFloat);
    // Files of other programs may have arrays at any byte.
    if (reinterpret_cast<std::uintptr_t>(view.bytes.data()) %
            (narrow ? alignof(std::uint16_t) : alignof(float)) !=
        0) {
      at::Tensor aligned = at::empty(spec.shape, value.options());
      std::memcpy(aligned.data_ptr(), view.bytes.data(), view.bytes.size());
      value = std::move(aligned);
    }
    // What is not read by linear maps or token by token is small.
    if (narrow && (weights == Weights::Float || (!spec.decays && spec.name != "embedding.weight")))
      value = value.to(at::kFloat);
    values.push_back(std::move(value));
  }
  Parameters parameters(specs, std::move(values));
  return {Model(std::move(mapped.file.model), std::move(parameters)), std::move(mapped.file.task),
          std::move(mapped.file.alphabet), std::move(mapped.file.tokenizer)};
}

SavedRecogniser load_recogniser(const std::filesystem::path& path) {
  return recogniser_from_file(arch::read_model(path), path.string());
}

}  // namespace yore::model
