#include "yore/foreign/gguf.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <stdexcept>

#include "yore/base/error.h"
#include "yore/base/text.h"
#include "yore/foreign/dequantise.h"

namespace yore::foreign {
namespace {

using Type = GgufValue::Type;

constexpr std::string_view kMagic = "GGUF";
constexpr std::uint64_t kMostDims = 4;  // as ggml
constexpr std::uint64_t kDefaultAlignment = 32;
/// What a file may take of memory however small it is. An entry takes more here than in the file (some 50
/// bytes a key, 300 a tensor), which only a file without tensors to speak of has to fear.
constexpr std::uint64_t kAlwaysAllowed = 1 << 16;
/// The least that a key and a tensor take in a file, without a character in their names.
constexpr std::uint64_t kSmallestKey = 13, kSmallestTensor = 24;

/// Bytes of a number; 0 of what is none.
std::size_t size_of(Type type) {
  switch (type) {
    case Type::Uint8:
    case Type::Int8:
    case Type::Bool:
      return 1;
    case Type::Uint16:
    case Type::Int16:
      return 2;
    case Type::Uint32:
    case Type::Int32:
    case Type::Float32:
      return 4;
    case Type::Uint64:
    case Type::Int64:
    case Type::Float64:
      return 8;
    default:
      return 0;
  }
}

/// ggml's types by number, as far as files have them.
std::string type_name(std::uint32_t number) {
  switch (number) {
    case 0:
      return "F32";
    case 1:
      return "F16";
    case 2:
      return "Q4_0";
    case 3:
      return "Q4_1";
    case 6:
      return "Q5_0";
    case 7:
      return "Q5_1";
    case 8:
      return "Q8_0";
    case 10:
      return "Q2_K";
    case 11:
      return "Q3_K";
    case 12:
      return "Q4_K";
    case 13:
      return "Q5_K";
    case 14:
      return "Q6_K";
    case 16:
      return "IQ2_XXS";
    case 17:
      return "IQ2_XS";
    case 18:
      return "IQ3_XXS";
    case 19:
      return "IQ1_S";
    case 20:
      return "IQ4_NL";
    case 21:
      return "IQ3_S";
    case 22:
      return "IQ2_S";
    case 23:
      return "IQ4_XS";
    case 24:
      return "I8";
    case 25:
      return "I16";
    case 26:
      return "I32";
    case 27:
      return "I64";
    case 28:
      return "F64";
    case 29:
      return "IQ1_M";
    case 30:
      return "BF16";
    case 34:
      return "TQ1_0";
    case 35:
      return "TQ2_0";
    case 39:
      return "MXFP4";
    default:
      return fmt::format("number {}", number);
  }
}

template <class T>
T read_as(std::string_view bytes) {
  T x;
  std::memcpy(&x, bytes.data(), sizeof x);
  return x;
}

double number_at(Type type, std::string_view at) {
  switch (type) {
    case Type::Uint8:
      return read_as<std::uint8_t>(at);
    case Type::Int8:
      return read_as<std::int8_t>(at);
    case Type::Bool:
      return read_as<std::uint8_t>(at) != 0 ? 1 : 0;
    case Type::Uint16:
      return read_as<std::uint16_t>(at);
    case Type::Int16:
      return read_as<std::int16_t>(at);
    case Type::Uint32:
      return read_as<std::uint32_t>(at);
    case Type::Int32:
      return read_as<std::int32_t>(at);
    case Type::Float32:
      return static_cast<double>(read_as<float>(at));
    case Type::Uint64:
      return static_cast<double>(read_as<std::uint64_t>(at));
    case Type::Int64:
      return static_cast<double>(read_as<std::int64_t>(at));
    case Type::Float64:
      return read_as<double>(at);
    default:
      throw std::logic_error("a GGUF value is no number");
  }
}

std::string shown(std::string_view name) {
  constexpr std::size_t kLongest = 80;
  return base::shortened(std::string(name.substr(0, 2 * kLongest)), kLongest);
}

/// The header from front to back.
class GgufReader {
 public:
  GgufReader(std::string_view bytes, const std::string& source) : bytes_(bytes), source_(source) {}

  GgufFile read() {
    if (!is_gguf(bytes_)) refuse("it does not begin with GGUF");
    at_ = kMagic.size();
    GgufFile file;
    file.version = number<std::uint32_t>("its version");
    if (file.version == 0x02000000U || file.version == 0x03000000U)
      refuse("its numbers are big-endian; expected little-endian ones");
    if (file.version != 2 && file.version != 3)
      refuse(fmt::format("version {}; this program reads 2 and 3", file.version));
    const auto tensors = number<std::uint64_t>("the number of tensors"),
               keys = number<std::uint64_t>("the number of keys");
    const std::uint64_t left = bytes_.size() - at_;
    if (keys > left / kSmallestKey || tensors > left / kSmallestTensor)
      refuse(fmt::format("it claims {} keys and {} tensors, for which its {} bytes have no room", keys,
                         tensors, bytes_.size()));
    spend(keys * sizeof file.metadata[0] + tensors * sizeof placed_[0]);
    file.metadata.reserve(keys);
    placed_.reserve(tensors);
    for (std::uint64_t k = 0; k < keys; ++k) read_key(file);
    std::sort(file.metadata.begin(), file.metadata.end(),
              [](const auto& a, const auto& b) { return a.first < b.first; });
    const auto twice = std::adjacent_find(file.metadata.begin(), file.metadata.end(),
                                          [](const auto& a, const auto& b) { return a.first == b.first; });
    if (twice != file.metadata.end()) refuse(fmt::format("the key {} stands twice", shown(twice->first)));
    for (std::uint64_t t = 0; t < tensors; ++t) read_tensor(file);
    place_tensors(file);
    return file;
  }

 private:
  struct Placed {
    std::uint64_t from = 0;
    Tensor* tensor = nullptr;
    std::string_view name;
    std::uint64_t size = 0;  ///< 0: not known
  };

  [[noreturn]] void refuse(const std::string& why) const {
    throw base::InputError(source_, "not a whole GGUF file: " + why);
  }

  /// Asks for memory before it is used.
  void spend(std::uint64_t bytes) {
    spent_ += bytes;
    if (spent_ > std::max<std::uint64_t>(bytes_.size(), kAlwaysAllowed))
      refuse(fmt::format("its header would take more memory than the file has bytes ({})", bytes_.size()));
  }

  std::string_view take(std::uint64_t size, const char* what) {
    if (size > bytes_.size() - at_)
      refuse(fmt::format("{} at byte {} takes {} bytes, {} are left (truncated?)", what, at_, size,
                         bytes_.size() - at_));
    const std::string_view taken = bytes_.substr(at_, size);
    at_ += size;
    return taken;
  }
  template <class T>
  T number(const char* what) {
    return read_as<T>(take(sizeof(T), what));
  }
  std::string_view text(const char* what) {
    const auto size = number<std::uint64_t>(what);
    return take(size, what);
  }

  Type type_of(std::string_view key) {
    const auto type = number<std::uint32_t>("the type of a value");
    if (type > static_cast<std::uint32_t>(Type::Float64))
      refuse(fmt::format("key {}: type {}, expected 0 to 12", shown(key), type));
    return static_cast<Type>(type);
  }

  void read_key(GgufFile& file) {
    const std::string_view key = text("a key");
    const Type type = type_of(key);
    if (type == Type::String) {
      const std::string_view value = text("a text");
      file.metadata.emplace_back(key, GgufValue(type, type, 1, value));
    } else if (type != Type::Array) {
      file.metadata.emplace_back(key, GgufValue(type, type, 1, take(size_of(type), "a value")));
    } else {
      const Type item = type_of(key);
      const auto count = number<std::uint64_t>("the length of a list");
      if (item == Type::Array) refuse(fmt::format("key {}: a list of lists", shown(key)));
      const std::size_t from = at_;
      if (item == Type::String) {
        for (std::uint64_t i = 0; i < count; ++i) text("a text of a list");
      } else {
        if (count > bytes_.size() / size_of(item))
          refuse(fmt::format("key {}: a list of {} numbers is longer than the file", shown(key), count));
        take(count * size_of(item), "a list");
      }
      file.metadata.emplace_back(key, GgufValue(type, item, count, bytes_.substr(from, at_ - from)));
    }
  }

  void read_tensor(GgufFile& file) {
    const std::string_view name = text("the name of a tensor");
    Placed placed;
    const auto dims = number<std::uint32_t>("the dimensions of a tensor");
    if (dims > kMostDims)
      refuse(fmt::format("tensor {} has {} dimensions, expected at most {}", shown(name), dims, kMostDims));
    Tensor tensor;
    tensor.source = source_;
    tensor.shape.reserve(dims);
    std::uint64_t numbers = 1, row = 1;
    for (std::uint32_t d = 0; d < dims; ++d) {
      const auto n = number<std::uint64_t>("a dimension of a tensor");
      if (n > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()) ||
          (n != 0 && numbers > std::numeric_limits<std::uint64_t>::max() / 16 / n))
        refuse(fmt::format("tensor {} has a shape whose size overflows", shown(name)));
      if (d == 0) row = n;
      numbers *= n;
      tensor.shape.push_back(static_cast<std::int64_t>(n));
    }
    std::reverse(tensor.shape.begin(), tensor.shape.end());  // the file has that of neighbours first
    tensor.type = type_name(number<std::uint32_t>("the type of a tensor"));
    placed.from = number<std::uint64_t>("the place of a tensor");
    if (const NumberType* type = find_number_type(tensor.type)) {
      if (row % type->numbers != 0)
        refuse(fmt::format("tensor {} has rows of {} numbers, no whole number of {}'s blocks of {}",
                           shown(name), row, tensor.type, type->numbers));
      placed.size = numbers / type->numbers * type->bytes;
    }
    // The node, and what its texts and its shape have beside it, in malloc's steps of 16 bytes.
    constexpr std::uint64_t kNode = sizeof(TensorMap::value_type) + 48, kBeside = 24;
    spend(kNode + name.size() + kBeside + source_.size() + kBeside + dims * sizeof(std::int64_t) + kBeside);
    const auto [where, fresh] = file.tensors.emplace(name, std::move(tensor));
    if (!fresh) refuse(fmt::format("the tensor {} stands twice", shown(name)));
    placed.name = where->first;
    placed.tensor = &where->second;
    placed_.push_back(placed);
  }

  /// Behind the header: aligned, within the file, apart.
  void place_tensors(GgufFile& file) {
    std::uint64_t alignment = kDefaultAlignment;
    if (const GgufValue* value = file.find("general.alignment")) {
      if (!value->is_whole() || value->whole() < 1 || value->whole() > (1 << 30) || value->whole() % 8 != 0)
        refuse("general.alignment: expected a multiple of 8");
      alignment = static_cast<std::uint64_t>(value->whole());
    }
    if (placed_.empty()) return;
    const std::uint64_t data = (at_ + alignment - 1) / alignment * alignment;
    if (data > bytes_.size()) refuse("it ends before its tensors begin (truncated?)");
    const std::uint64_t available = bytes_.size() - data;
    std::sort(placed_.begin(), placed_.end(),
              [](const Placed& a, const Placed& b) { return a.from < b.from; });
    const Placed* before = nullptr;
    for (const Placed& placed : placed_) {
      if (placed.from % alignment != 0)
        refuse(fmt::format("tensor {} is at byte {} of the data, no multiple of the alignment {}",
                           shown(placed.name), placed.from, alignment));
      if (placed.from > available || placed.size > available - placed.from)
        refuse(fmt::format("tensor {} lies outside the file (truncated?)", shown(placed.name)));
      if (before != nullptr && placed.size > 0 && before->size > placed.from - before->from)
        refuse(fmt::format("the tensors {} and {} overlap", shown(before->name), shown(placed.name)));
      if (placed.size > 0) before = &placed;
      placed.tensor->bytes = bytes_.substr(data + placed.from, placed.size);
    }
  }

  std::string_view bytes_;
  const std::string& source_;
  std::size_t at_ = 0;
  std::uint64_t spent_ = 0;
  std::vector<Placed> placed_;
};

[[noreturn]] void wrong_type() {
  throw std::logic_error("a GGUF value was asked for what it is not");
}

}  // namespace

std::int64_t GgufValue::whole() const {
  if (type_ == Type::Int64) return read_as<std::int64_t>(bytes_);
  if (type_ == Type::Uint64)
    return static_cast<std::int64_t>(
        std::min<std::uint64_t>(read_as<std::uint64_t>(bytes_), std::numeric_limits<std::int64_t>::max()));
  if (!is_whole()) wrong_type();
  return static_cast<std::int64_t>(number_at(type_, bytes_));
}

double GgufValue::number() const {
  if (!is_number()) wrong_type();
  return number_at(type_, bytes_);
}

bool GgufValue::flag() const {
  if (!is_flag()) wrong_type();
  return number_at(type_, bytes_) != 0;
}

std::string_view GgufValue::text() const {
  if (!is_text()) wrong_type();
  return bytes_;
}

std::vector<std::string_view> GgufValue::texts() const {
  if (!is_list_of_texts()) wrong_type();
  std::vector<std::string_view> all;
  all.reserve(count_);
  for (std::size_t at = 0; at < bytes_.size();) {
    const auto size = read_as<std::uint64_t>(bytes_.substr(at));
    all.push_back(bytes_.substr(at + sizeof size, size));
    at += sizeof size + size;
  }
  return all;
}

std::vector<double> GgufValue::numbers() const {
  if (!is_list_of_numbers()) wrong_type();
  std::vector<double> all;
  all.reserve(count_);
  for (std::uint64_t i = 0; i < count_; ++i)
    all.push_back(number_at(item_, bytes_.substr(i * size_of(item_))));
  return all;
}

const GgufValue* GgufFile::find(std::string_view key) const {
  const auto at = std::lower_bound(metadata.begin(), metadata.end(), key,
                                   [](const auto& entry, std::string_view k) { return entry.first < k; });
  return at != metadata.end() && at->first == key ? &at->second : nullptr;
}

bool is_gguf(std::string_view bytes) {
  return bytes.starts_with(kMagic);
}

GgufFile parse_gguf(std::string_view bytes, const std::string& source) {
  return GgufReader(bytes, source).read();
}

}  // namespace yore::foreign
