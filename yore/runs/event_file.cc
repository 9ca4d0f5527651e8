#include "yore/runs/event_file.h"

#include <array>
#include <bit>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <map>

#include "yore/base/error.h"

namespace yore::runs {
namespace {

/// CRC-32C (Castagnoli), reflected, a table a byte.
std::uint32_t crc32c(std::string_view bytes) {
  static const std::array<std::uint32_t, 256> table = [] {
    std::array<std::uint32_t, 256> t{};
    for (std::uint32_t i = 0; i < 256; ++i) {
      std::uint32_t c = i;
      for (int bit = 0; bit < 8; ++bit) c = c >> 1 ^ ((c & 1) != 0 ? 0x82F63B78U : 0);
      t[i] = c;
    }
    return t;
  }();
  std::uint32_t c = ~0U;
  for (const char byte : bytes) c = table[(c ^ static_cast<unsigned char>(byte)) & 0xFF] ^ c >> 8;
  return ~c;
}

template <class Unsigned>
std::string little_endian(Unsigned x) {
  std::string bytes;
  for (std::size_t i = 0; i < sizeof(x); ++i) bytes += static_cast<char>(x >> (8 * i) & 0xFF);
  return bytes;
}

std::string masked_checksum(std::string_view bytes) {
  const std::uint32_t crc = crc32c(bytes);
  return little_endian((crc >> 15 | crc << 17) + 0xA282EAD8U);
}

std::string record(const std::string& message) {
  const std::string length = little_endian(static_cast<std::uint64_t>(message.size()));
  return length + masked_checksum(length) + message + masked_checksum(message);
}

// The four kinds of fields that are needed of protobuf's wire format. Its library wants generated classes,
// whose definitions are TensorFlow's.
std::string varint(std::uint64_t x) {
  std::string bytes;
  for (; x >= 0x80; x >>= 7) bytes += static_cast<char>(x | 0x80);
  return bytes + static_cast<char>(x);
}
std::string field(int number, int wire_type) {
  return varint(static_cast<std::uint64_t>(number << 3 | wire_type));
}
std::string double_field(int number, double x) {
  return field(number, 1) + little_endian(std::bit_cast<std::uint64_t>(x));
}
std::string float_field(int number, float x) {
  return field(number, 5) + little_endian(std::bit_cast<std::uint32_t>(x));
}
std::string int_field(int number, std::int64_t x) {
  return field(number, 0) + varint(static_cast<std::uint64_t>(x));
}
std::string bytes_field(int number, const std::string& bytes) {
  return field(number, 2) + varint(bytes.size()) + bytes;
}

// Event: 1 wall_time, 2 step, 3 file_version, 5 summary. Summary: 1 value. Value: 1 tag, 2 simple_value.
std::string first_record(double wall_time) {
  return record(double_field(1, wall_time) + bytes_field(3, "brain.Event:2"));
}

std::string event_record(const Event& event) {
  std::string summary;
  for (const auto& [tag, value] : event.scalars)
    summary += bytes_field(1, bytes_field(1, tag) + float_field(2, static_cast<float>(value)));
  return record(double_field(1, event.wall_time) + int_field(2, event.step) + bytes_field(5, summary));
}

std::string read_if_there(const std::filesystem::path& path) {
  std::error_code error;
  return std::filesystem::is_regular_file(path, error) ? base::read_file(path) : std::string();
}

void append(const std::filesystem::path& path, std::string_view bytes) {
  std::FILE* file = std::fopen(path.c_str(), "ab");
  const bool written = file != nullptr && std::fwrite(bytes.data(), 1, bytes.size(), file) == bytes.size();
  const bool closed = file != nullptr && std::fclose(file) == 0;
  if (!written || !closed) throw base::InputError(path.string(), std::strerror(errno));
}

std::vector<std::pair<std::string, double>> scalars_of(const std::vector<base::Metric>& metrics) {
  std::map<std::string, int> values;
  for (const base::Metric& m : metrics) ++values[m.set + "/" + m.name];
  std::vector<std::pair<std::string, double>> scalars;
  for (const base::Metric& m : metrics) {
    const std::string tag = m.set + "/" + m.name;
    if (values[tag] == 1 && m.set != "validation") scalars.emplace_back(tag, m.value);
  }
  return scalars;
}

}  // namespace

std::string event_file(double wall_time, const std::vector<Event>& events) {
  std::string bytes = first_record(wall_time);
  for (const Event& event : events) bytes += event_record(event);
  return bytes;
}

double event_file_time(const std::string& bytes) {
  constexpr std::size_t kTime = 8 + 4 + 1;  // after length, checksum and the field's number
  if (bytes.size() < kTime + sizeof(double)) return -1;
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < sizeof(bits); ++i)
    bits |= static_cast<std::uint64_t>(static_cast<unsigned char>(bytes[kTime + i])) << (8 * i);
  const double time = std::bit_cast<double>(bits);
  return bytes.starts_with(first_record(time)) ? time : -1;
}

void write_events(const std::filesystem::path& folder, const std::vector<HistoryPoint>& history,
                  const std::string& goal, const std::vector<base::Metric>& metrics) {
  const std::filesystem::path path = folder / files::kEvents;
  const std::string there = read_if_there(path);
  double begin = event_file_time(there);
  if (begin < 0)
    begin = std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count() -
            (history.empty() ? 0 : history.back().seconds);
  std::vector<Event> events;
  for (const HistoryPoint& p : history)
    events.push_back({begin + p.seconds,
                      p.step,
                      {{"train/loss", p.loss},
                       {"train/learning_rate", p.learning_rate},
                       {"validation/" + goal, p.validation}}});
  if (auto scalars = scalars_of(metrics); !scalars.empty() && !events.empty())
    events.push_back({events.back().wall_time, events.back().step, std::move(scalars)});
  const std::string bytes = event_file(begin, events);
  if (!there.empty() && bytes.starts_with(there))
    append(path, std::string_view(bytes).substr(there.size()));
  else
    base::write_file(path, bytes);
}

}  // namespace yore::runs
