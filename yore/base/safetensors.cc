#include "yore/base/safetensors.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <functional>
#include <limits>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <utility>

#include "yore/base/checksum.h"
#include "yore/base/error.h"
#include "yore/base/files.h"
#include "yore/base/mapped_file.h"
#include "yore/base/write_pieces.h"

namespace yore::base {
namespace {

constexpr std::size_t kLengthBytes = 8;
// The reference implementation refuses longer headers, to keep a broken file from asking for all the memory.
constexpr std::uint64_t kMaxHeader = 100'000'000;

std::uint64_t element_count(const std::vector<std::int64_t>& shape, const std::string& source) {
  std::uint64_t n = 1;
  for (std::int64_t d : shape) {
    if (d < 0) throw InputError(source, "negative dimension in a shape");
    if (d != 0 && n > std::numeric_limits<std::uint64_t>::max() / 16 / static_cast<std::uint64_t>(d))
      throw InputError(source, "a shape whose size overflows");
    n *= static_cast<std::uint64_t>(d);
  }
  return n;
}

/// A name as messages show it: a hostile one may be as long as the header.
std::string shown(const std::string& name) {
  constexpr std::size_t kMost = 80;
  return name.size() <= kMost ? name : name.substr(0, kMost) + "..";
}

/// Reads the header value by value, so that nothing is allocated for what is not kept: keys that stand twice
/// are seen (a tree of JSON would keep one of them), and nesting costs a bit a level.
class HeaderReader final : public nlohmann::json_sax<Json> {
 public:
  /// Where an array's bytes lie, counted from the end of the header.
  struct Span {
    std::uint64_t from = 0, to = 0;
  };

  HeaderReader(ArrayViews& content, const std::string& source) : content_(content), source_(source) {}
  const std::map<std::string, Span>& spans() const { return spans_; }

  bool null() override { return other("null"); }
  bool boolean(bool) override { return other("true or false"); }
  bool number_integer(number_integer_t) override { return other("a negative number"); }
  bool number_float(number_float_t, const string_t&) override { return other("a number with a fraction"); }
  bool binary(binary_t&) override { return other("binary"); }
  bool number_unsigned(number_unsigned_t x) override {
    if (skipped()) return true;
    if (place_ != Place::Numbers) return other("a number");
    if (x > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
      refuse("a number is beyond 2^63 - 1");
    numbers_.push_back(static_cast<std::int64_t>(x));
    return true;
  }
  bool string(string_t& text) override {
    if (skipped()) return true;
    if (place_ == Place::Metadata) {
      content_.metadata[field_] = std::move(text);
    } else if (place_ == Place::Entry && field_ == "dtype") {
      content_.arrays[name_].dtype = std::move(text);
    } else {
      return other("a text");
    }
    return true;
  }

  bool start_object(std::size_t) override {
    if (place_ == Place::Entry && unknown_field()) ++skip_;
    if (skip_ > 0) return true;
    if (place_ == Place::Start) {
      place_ = Place::Header;
    } else if (place_ == Place::Header) {
      place_ = name_ == kMetadata ? Place::Metadata : Place::Entry;
      fields_.clear();
    } else {
      return other("an object");
    }
    return true;
  }
  bool key(string_t& key) override {
    if (skip_ > 0) return true;
    if (place_ == Place::Header) {
      const bool fresh =
          key == kMetadata ? !std::exchange(has_metadata_, true) : content_.arrays.try_emplace(key).second;
      if (!fresh) refuse(fmt::format("the name {} stands twice in its header", shown(key)));
      name_ = std::move(key);
    } else if (place_ == Place::Metadata) {
      if (!content_.metadata.try_emplace(key).second)
        refuse(fmt::format("the key {} stands twice in {}", shown(key), kMetadata));
      field_ = std::move(key);
    } else {
      if (std::find(fields_.begin(), fields_.end(), key) != fields_.end())
        refuse(fmt::format("array {} has the field {} twice", shown(name_), shown(key)));
      // Of fields that the format does not have the names are not kept: they are read over.
      if (key == "dtype" || key == "shape" || key == "data_offsets") fields_.push_back(key);
      field_ = std::move(key);
    }
    return true;
  }
  bool end_object() override {
    if (leave_skipped()) return true;
    if (place_ == Place::Entry && fields_.size() != 3)
      refuse(fmt::format("array {} lacks one of dtype, shape, data_offsets", shown(name_)));
    place_ = place_ == Place::Header ? Place::Start : Place::Header;
    return true;
  }
  bool start_array(std::size_t) override {
    if (place_ == Place::Entry && unknown_field()) ++skip_;
    if (skip_ > 0) return true;
    if (place_ != Place::Entry || field_ == "dtype") return other("a list");
    place_ = Place::Numbers;
    numbers_.clear();
    return true;
  }
  bool end_array() override {
    if (leave_skipped()) return true;
    place_ = Place::Entry;
    if (field_ == "shape") {
      content_.arrays[name_].shape.assign(numbers_.begin(), numbers_.end());
    } else {
      if (numbers_.size() != 2 || numbers_[0] > numbers_[1])
        refuse(fmt::format("array {} needs two offsets, the second no smaller", shown(name_)));
      spans_[name_] = {static_cast<std::uint64_t>(numbers_[0]), static_cast<std::uint64_t>(numbers_[1])};
    }
    return true;
  }
  bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception&) override {
    refuse(fmt::format("its header is not JSON (byte {} of it)", position));
  }

 private:
  enum class Place { Start, Header, Metadata, Entry, Numbers };
  static constexpr const char* kMetadata = "__metadata__";

  [[noreturn]] void refuse(const std::string& why) const {
    throw InputError(source_, "not a whole safetensors file: " + why);
  }
  /// Within an array's entry, behind the name of a field that the format does not have.
  bool unknown_field() const {
    return skip_ > 0 || (field_ != "dtype" && field_ != "shape" && field_ != "data_offsets");
  }
  bool skipped() const { return skip_ > 0 || (place_ == Place::Entry && unknown_field()); }
  /// At the end of an object or a list that is read over.
  bool leave_skipped() {
    if (skip_ == 0) return false;
    --skip_;
    return true;
  }
  bool other(const char* what) const {
    if (skipped()) return true;
    switch (place_) {
      case Place::Start:
        refuse(fmt::format("its header is {}, expected an object", what));
      case Place::Header:
        refuse(fmt::format("{} is {}, expected an object", shown(name_), what));
      case Place::Metadata:
        refuse(fmt::format("{} of {} is {}, expected a text", shown(field_), kMetadata, what));
      case Place::Entry:
        refuse(fmt::format("{} of array {} is {}, expected {}", field_, shown(name_), what,
                           field_ == "dtype" ? "a text" : "a list of numbers"));
      case Place::Numbers:
        refuse(fmt::format("{} of array {} holds {}, expected whole numbers from 0", field_, shown(name_),
                           what));
    }
    return false;
  }

  ArrayViews& content_;
  const std::string& source_;
  Place place_ = Place::Start;
  std::size_t skip_ = 0;  ///< depth within a value that is read over
  bool has_metadata_ = false;
  std::string name_, field_;
  std::vector<std::string> fields_;  ///< of this array so far
  std::vector<std::int64_t> numbers_;
  std::map<std::string, Span> spans_;
};

using Crcs = std::map<std::string, std::string>;  // by array, as text

// On several threads, one array after another, where there is enough to do: a model waits for this before its
// first token. The largest come first, so that none is left for one thread at the end.
template <class Arrays>
Crcs array_crcs(const Arrays& arrays) {
  constexpr std::size_t kWorthAThread = std::size_t{1} << 23;  // bytes: 2 ms
  constexpr unsigned kMostThreads = 8;                         // reading memory is not faster with more
  struct One {
    const std::string* name;
    std::string_view bytes;
    std::uint64_t crc = 0;
  };
  std::vector<One> all;
  std::size_t bytes = 0;
  for (const auto& [name, array] : arrays) {
    all.push_back({&name, array.bytes});
    bytes += array.bytes.size();
  }
  std::ranges::stable_sort(all, std::greater(), [](const One& one) { return one.bytes.size(); });
  std::atomic<std::size_t> next = 0;
  const auto work = [&] {
    for (std::size_t i = next++; i < all.size(); i = next++) all[i].crc = crc64(all[i].bytes);
  };
  {
    std::vector<std::jthread> more;
    const std::size_t threads = std::min<std::size_t>(
        std::min(std::thread::hardware_concurrency(), kMostThreads), 1 + bytes / kWorthAThread);
    try {
      while (more.size() + 1 < threads) more.emplace_back(work);
    } catch (const std::system_error&) {  // the system has no more threads: there is this one
    }
    work();
  }
  Crcs crcs;
  for (const One& one : all) crcs[*one.name] = crc64_text(one.crc);
  return crcs;
}

// Of all that a file says but the bytes of its arrays, whose own checksums stand for them.
template <class Arrays>
std::string whole_crc(const Arrays& arrays, const std::map<std::string, std::string>& metadata,
                      const Crcs& crcs) {
  Json all = Json::object();
  for (const auto& [name, array] : arrays)
    all[name] = {{"dtype", array.dtype}, {"shape", array.shape}, {"crc64", crcs.at(name)}};
  return crc64_text(crc64(Json{{"metadata", metadata}, {"arrays", all}}.dump()));
}

// Takes the checksums out of the metadata and, if asked to, checks them. One of the two without the other is
// a damaged name.
void take_crcs(ArrayViews& content, const std::string& source, Checksums checksums) {
  const auto whole = content.metadata.extract(kWholeCrc), arrays = content.metadata.extract(kArrayCrcs);
  if (whole.empty() && arrays.empty()) return;
  const auto refuse = [&](const std::string& what) {
    throw InputError(
        source, fmt::format("is damaged, or was changed by a program that kept its old checksums: {}", what));
  };
  if (whole.empty() || arrays.empty())
    refuse(fmt::format("its metadata have only one of {} and {}", kWholeCrc, kArrayCrcs));
  if (checksums == Checksums::Skipped) return;
  const Json said = Json::parse(arrays.mapped(), nullptr, false);
  const Crcs crcs = array_crcs(content.arrays);
  for (const auto& [name, crc] : crcs)
    if (!said.is_object() || !said.contains(name) || said[name] != crc)
      refuse(fmt::format("array {} is not what its checksum was computed of", name));
  if (said.size() != crcs.size() || whole.mapped() != whole_crc(content.arrays, content.metadata, crcs))
    refuse("its header is not what the checksum of the whole was computed of");
}

// What stands before the arrays: their length and the header, of arrays with these checksums.
template <class Arrays>
std::string head_of(const Arrays& arrays, std::map<std::string, std::string> metadata, const Crcs& crcs) {
  for (const char* ours : {kWholeCrc, kArrayCrcs})
    if (metadata.contains(ours))
      throw std::invalid_argument(fmt::format("to_safetensors: the metadata key {} is the checksums'", ours));
  const std::string whole = whole_crc(arrays, metadata, crcs);
  metadata[kArrayCrcs] = Json(crcs).dump();
  metadata[kWholeCrc] = whole;
  Json header = Json::object();
  header["__metadata__"] = metadata;
  std::size_t offset = 0;
  for (const auto& [name, array] : arrays) {
    if (name == "__metadata__")
      throw std::invalid_argument("to_safetensors: the format keeps the name __metadata__ for itself");
    const std::size_t size = element_count(array.shape, name) * dtype_size(array.dtype);
    header[name] = {
        {"dtype", array.dtype}, {"shape", array.shape}, {"data_offsets", {offset, offset + size}}};
    offset += size;
  }
  std::string text = header.dump();
  text.append((8 - text.size() % 8) % 8, ' ');  // keeps the data 8-byte aligned, as the format advises
  std::string out(kLengthBytes, '\0');
  for (std::size_t i = 0; i < kLengthBytes; ++i) out[i] = static_cast<char>(text.size() >> (8 * i) & 0xFF);
  return out + text;
}

void check_size(const std::string& name, const std::string& dtype, const std::vector<std::int64_t>& shape,
                std::size_t bytes) {
  if (dtype_size(dtype) == 0 || bytes != element_count(shape, name) * dtype_size(dtype))
    throw std::invalid_argument(fmt::format(
        "to_safetensors: {} has {} bytes, not what {} and its shape ask for", name, bytes, dtype));
}

}  // namespace

std::size_t dtype_size(const std::string& dtype) {
  static const std::map<std::string, std::size_t> sizes = {
      {"F64", 8},  {"F32", 4}, {"F16", 2},     {"BF16", 2},   {"I64", 8}, {"I32", 4},
      {"I16", 2},  {"I8", 1},  {"U64", 8},     {"U32", 4},    {"U16", 2}, {"U8", 1},
      {"BOOL", 1}, {"C64", 8}, {"F8_E4M3", 1}, {"F8_E5M2", 1}};
  const auto it = sizes.find(dtype);
  return it == sizes.end() ? 0 : it->second;
}

std::string to_safetensors(const NamedArrays& content) {
  std::size_t size = 0;
  for (const auto& [name, array] : content.arrays) {
    check_size(name, array.dtype, array.shape, array.bytes.size());
    size += array.bytes.size();
  }
  std::string out = head_of(content.arrays, content.metadata, array_crcs(content.arrays));
  out.reserve(out.size() + size);
  for (const auto& [name, array] : content.arrays) out += array.bytes;
  return out;
}

void write_safetensors(const std::filesystem::path& path, const std::map<std::string, MadeArray>& arrays,
                       const std::map<std::string, std::string>& metadata) {
  const auto bytes_of = [](const std::string& name, const MadeArray& array) {
    std::string bytes = array.make();
    check_size(name, array.dtype, array.shape, bytes.size());
    return bytes;
  };
  Crcs crcs;
  for (const auto& [name, array] : arrays) crcs[name] = crc64_text(crc64(bytes_of(name, array)));
  const std::string head = head_of(arrays, metadata, crcs);
  bool begun = false;
  auto next = arrays.begin();
  write_pieces(path, [&](std::string& piece) {
    if (!std::exchange(begun, true)) {
      piece = head;
      return true;
    }
    if (next == arrays.end()) return false;
    piece.clear();  // before the next one is made: two of a large model are many
    piece.shrink_to_fit();
    piece = bytes_of(next->first, next->second);
    ++next;
    return true;
  });
}

ArrayViews view_safetensors(std::string_view bytes, const std::string& source, Checksums checksums) {
  const auto refuse = [&](const std::string& why) {
    throw InputError(source, "not a whole safetensors file: " + why);
  };
  if (bytes.size() < kLengthBytes)
    refuse(fmt::format("{} bytes, the header length alone needs 8", bytes.size()));
  std::uint64_t length = 0;
  for (std::size_t i = 0; i < kLengthBytes; ++i)
    length |= static_cast<std::uint64_t>(static_cast<unsigned char>(bytes[i])) << (8 * i);
  if (length > kMaxHeader || length > bytes.size() - kLengthBytes)
    refuse(fmt::format("the header claims {} bytes, the file has {} after its length field", length,
                       bytes.size() - kLengthBytes));
  // As the format asks; white space there could make two readers see two files.
  if (length == 0 || bytes[kLengthBytes] != '{') refuse("its header does not begin with {");
  const std::size_t data = kLengthBytes + length, available = bytes.size() - data;
  ArrayViews content;
  HeaderReader reader(content, source);
  Json::sax_parse(bytes.data() + kLengthBytes, bytes.data() + data, &reader);
  std::vector<std::pair<std::uint64_t, std::uint64_t>> spans;
  for (const auto& [name, span] : reader.spans()) {
    const ArrayView& array = content.arrays.at(name);
    const std::uint64_t size = span.to - span.from;
    if (span.to > available) refuse(fmt::format("array {} lies outside the file (truncated?)", shown(name)));
    // Of types that came later the size is not known; whoever uses the array refuses its type.
    const std::size_t item = dtype_size(array.dtype);
    if (item != 0 && element_count(array.shape, source) * item != size)
      refuse(fmt::format("array {} has {} bytes, its shape and dtype ask for another number", shown(name),
                         size));
    spans.emplace_back(span.from, span.to);
  }
  std::sort(spans.begin(), spans.end());
  std::uint64_t end = 0;
  for (const auto& [from, to] : spans) {
    if (from != end) refuse("its arrays overlap or leave a gap");
    end = to;
  }
  if (end != available) refuse("there are bytes after the last array");
  for (const auto& [name, span] : reader.spans())
    content.arrays[name].bytes = bytes.substr(data + span.from, span.to - span.from);
  take_crcs(content, source, checksums);
  return content;
}

namespace {

NamedArrays copied(ArrayViews views) {
  NamedArrays content{{}, std::move(views.metadata)};
  for (auto& [name, array] : views.arrays)
    content.arrays.emplace_hint(
        content.arrays.end(), name,
        NamedArray{std::move(array.dtype), std::move(array.shape), std::string(array.bytes)});
  return content;
}

}  // namespace

NamedArrays parse_safetensors(const std::string& bytes, const std::string& source) {
  return copied(view_safetensors(bytes, source));
}

void write_safetensors(const std::filesystem::path& path, const NamedArrays& content) {
  write_file(path, to_safetensors(content));
}

NamedArrays read_safetensors(const std::filesystem::path& path) {
  const MappedFile file(path);
  return copied(view_safetensors(file.bytes(), path.string()));
}

}  // namespace yore::base
