#include "yore/foreign/arrays.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <functional>
#include <numeric>
#include <set>

#include "yore/base/bfloat16.h"
#include "yore/base/error.h"
#include "yore/base/text.h"
#include "yore/foreign/decoder.h"
#include "yore/foreign/dequantise.h"

namespace yore::foreign {
namespace {

std::size_t count_of(const std::vector<std::int64_t>& shape) {
  return static_cast<std::size_t>(
      std::accumulate(shape.begin(), shape.end(), std::int64_t{1}, std::multiplies<>()));
}

std::string shape_text(const std::vector<std::int64_t>& shape) {
  return fmt::format("[{}]", fmt::join(shape, ", "));
}

/// "layers.7.mlp.up.weight" as its name with a star, the block and what stands behind the name.
struct Split {
  std::string name, block, ending;
};
Split split(const std::string& ours) {
  Split s;
  const std::size_t dot = ours.rfind('.');
  s.name = ours.substr(0, dot);
  s.ending = ours.substr(dot);
  constexpr std::string_view kLayers = "layers.";
  if (s.name.starts_with(kLayers)) {
    const std::size_t end = s.name.find('.', kLayers.size());
    s.block = s.name.substr(kLayers.size(), end - kLayers.size());
    s.name = "layers.*" + s.name.substr(end);
  }
  return s;
}

std::string with_block(std::string name, const std::string& block) {
  if (const std::size_t star = name.find('*'); star != std::string::npos) name.replace(star, 1, block);
  return name;
}

/// out[i][j] = in[j][i] of [rows, columns] = out's shape.
void transpose(const float* in, float* out, std::size_t rows, std::size_t columns) {
  constexpr std::size_t kTile = 16;  // whose lines stay in the cache
  for (std::size_t i = 0; i < rows; i += kTile)
    for (std::size_t j = 0; j < columns; j += kTile)
      for (std::size_t a = i; a < std::min(i + kTile, rows); ++a)
        for (std::size_t b = j; b < std::min(j + kTile, columns); ++b)
          out[a * columns + b] = in[b * rows + a];
}

/// Of numbers that stand as `piece` says to those of ours.
void to_ours(const Piece& piece, float* numbers, std::size_t count) {
  if (piece.layout == Layout::PlusOne) {
    for (std::size_t i = 0; i < count; ++i) numbers[i] -= 1;
  } else if (piece.layout == Layout::Transposed) {
    const std::vector<float> in(numbers, numbers + count);
    transpose(in.data(), numbers, static_cast<std::size_t>(piece.shape[1]),
              static_cast<std::size_t>(piece.shape[0]));
  } else if (piece.layout == Layout::Neighbours) {
    const std::vector<float> in(numbers, numbers + count);
    const auto rows = static_cast<std::size_t>(piece.shape[0]), width = count / rows;
    const std::size_t head = rows / static_cast<std::size_t>(piece.heads), pairs = head / 2;
    for (std::size_t row = 0; row < rows; ++row) {
      const std::size_t within = row % head, from = row - within + within % pairs * 2 + within / pairs;
      std::memcpy(numbers + row * width, in.data() + from * width, width * sizeof(float));
    }
  }
}

std::string stored(const std::vector<float>& numbers, StoredType type) {
  if (type == StoredType::F32)
    return {reinterpret_cast<const char*>(numbers.data()), numbers.size() * sizeof(float)};
  std::string bytes(numbers.size() * sizeof(std::uint16_t), '\0');
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const std::uint16_t x = base::to_bfloat16(numbers[i]);
    std::memcpy(bytes.data() + i * sizeof x, &x, sizeof x);
  }
  return bytes;
}

}  // namespace

std::vector<Piece> pieces_of(const Family& family, Format format, const arch::Model& model,
                             const mixers::ParameterSpec& ours) {
  const Split s = split(ours.name);
  const auto name =
      std::find_if(family.names.begin(), family.names.end(), [&](const Name& n) { return n.ours == s.name; });
  if (name == family.names.end())
    throw base::InputError("model", fmt::format("{} has no name for {}", family.name, ours.name));
  const bool gguf = format == Format::Gguf;
  std::vector<Piece> pieces;
  for (const std::string& theirs : gguf ? name->gguf : name->hf)
    pieces.push_back({with_block(theirs, s.block) + s.ending, ours.shape});
  if (s.name == "layers.*.attention.qkv") {
    const mixers::AttentionOptions a = attention_of(model, std::stoul(s.block));
    if (pieces.size() == 3)
      for (std::size_t p = 0; p < 3; ++p) {
        pieces[p].shape[0] = p == 0 ? a.mixed_width() : a.kv_width();
        if (!gguf || !family.gguf_turns_neighbours || p == 2) continue;
        pieces[p].layout = Layout::Neighbours;
        pieces[p].heads = p == 0 ? a.heads : a.kv_heads;
      }
  }
  if (!gguf && name->in_out && ours.shape.size() == 2) {
    pieces[0].layout = Layout::Transposed;
    std::reverse(pieces[0].shape.begin(), pieces[0].shape.end());
  }
  if (gguf && family.gguf_norms_plus_one && s.name.find("norm") != std::string::npos)
    pieces[0].layout = Layout::PlusOne;
  return pieces;
}

std::string name_in(const Family& family, const TensorMap& tensors, const std::string& name) {
  if (tensors.contains(name) || !name.starts_with(family.prefix)) return name;
  const std::string rest = name.substr(family.prefix.size());
  for (const std::string& prefix : family.other_prefixes)
    if (tensors.contains(prefix + rest)) return prefix + rest;
  return name;
}

namespace {

/// That no tensor is of a block beyond the last: a configuration of fewer blocks would cut the model short.
void check_blocks(const Family& family, Format format, std::size_t blocks, const TensorMap& tensors,
                  const std::string& source, const std::string& asking) {
  for (const Name& name : family.names)
    for (const std::string& pattern : format == Format::Gguf ? name.gguf : name.hf) {
      const std::size_t star = pattern.find('*');
      if (star == std::string::npos) continue;
      const std::string beyond =
          pattern.substr(0, star) + std::to_string(blocks) + pattern.substr(star + 1) + ".weight";
      if (tensors.contains(name_in(family, tensors, beyond)))
        throw base::InputError(
            source, fmt::format("there is a tensor {}, and {} says that there are {} blocks", beyond, asking,
                                blocks));
    }
}

/// A tensor that nothing reads would change what other programs compute.
void check_all_used(std::set<std::string> used, const arch::Model& model, const TensorMap& tensors,
                    const std::string& source) {
  used.insert("rope_freqs.weight");                       // read with the metadata
  if (model.read_out.tied) used.insert("output.weight");  // the embedding's, then
  for (const auto& [name, tensor] : tensors)
    if (!used.contains(name))
      throw base::InputError(
          source,
          fmt::format("there is a tensor {}, which this architecture has no use for; without it the model "
                      "would compute something else",
                      base::shortened(name, 80)));
}

}  // namespace

void check_tensors(const Family& family, Format format, const arch::Model& model, const TensorMap& tensors,
                   const std::string& source, const std::string& asking) {
  std::set<std::string> used;
  for (const mixers::ParameterSpec& p : arch::parameters(model))
    for (const Piece& piece : pieces_of(family, format, model, p)) {
      const auto found = tensors.find(name_in(family, tensors, piece.name));
      if (found == tensors.end())
        throw base::InputError(source, fmt::format("there is no tensor {} ({}, as {} asks for)", piece.name,
                                                   shape_text(piece.shape), asking));
      used.insert(found->first);
      const Tensor& tensor = found->second;
      if (find_number_type(tensor.type) == nullptr)
        throw base::InputError(tensor.source, fmt::format("tensor {} is of the type {}, expected one of {}",
                                                          found->first, tensor.type, number_type_names()));
      if (tensor.shape != piece.shape)
        throw base::InputError(tensor.source,
                               fmt::format("tensor {} is {}, {} asks for {}", found->first,
                                           shape_text(tensor.shape), asking, shape_text(piece.shape)));
    }
  check_blocks(family, format, model.blocks.size(), tensors, source, asking);
  if (format == Format::Gguf) check_all_used(std::move(used), model, tensors, source);
}

std::map<std::string, base::MadeArray> arrays_from(const Family& family, Format format,
                                                   const arch::Model& model, const Tensors& tensors,
                                                   StoredType type) {
  std::map<std::string, base::MadeArray> arrays;
  for (const mixers::ParameterSpec& p : arch::parameters(model)) {
    std::vector<std::pair<Piece, Tensor>> parts;
    for (Piece& piece : pieces_of(family, format, model, p)) {
      Tensor tensor = tensors.all.find(name_in(family, tensors.all, piece.name))->second;
      parts.emplace_back(std::move(piece), std::move(tensor));
    }
    const auto make = [parts = std::move(parts), count = count_of(p.shape), files = tensors.files, type] {
      std::vector<float> numbers(count);
      std::size_t at = 0;
      for (const auto& [piece, tensor] : parts) {
        widen(*find_number_type(tensor.type), tensor.bytes, numbers.data() + at);
        const std::size_t of_piece = count_of(piece.shape);
        to_ours(piece, numbers.data() + at, of_piece);
        at += of_piece;
      }
      return stored(numbers, type);
    };
    arrays.emplace(p.name, base::MadeArray{type == StoredType::F32 ? "F32" : "BF16", p.shape, make});
  }
  return arrays;
}

std::map<std::string, base::MadeArray> arrays_to(const Family& family, const arch::Model& model,
                                                 const base::NamedArrays& weights) {
  std::map<std::string, base::MadeArray> arrays;
  for (const mixers::ParameterSpec& p : arch::parameters(model)) {
    const std::string& bytes = weights.arrays.at(p.name).bytes;
    std::size_t at = 0;
    for (const Piece& piece : pieces_of(family, Format::HuggingFace, model, p)) {
      const std::size_t size = count_of(piece.shape) * sizeof(float);
      const std::string_view own = std::string_view(bytes).substr(at, size);
      at += size;
      const auto make = [own, piece = piece] {
        if (piece.layout != Layout::Transposed) return std::string(own);
        std::vector<float> in(own.size() / sizeof(float)), out(in.size());
        std::memcpy(in.data(), own.data(), own.size());
        transpose(in.data(), out.data(), static_cast<std::size_t>(piece.shape[0]),
                  static_cast<std::size_t>(piece.shape[1]));
        return stored(out, StoredType::F32);
      };
      arrays.emplace(piece.name, base::MadeArray{"F32", piece.shape, make});
    }
  }
  return arrays;
}

}  // namespace yore::foreign
