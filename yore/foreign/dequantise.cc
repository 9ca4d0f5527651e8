#include "yore/foreign/dequantise.h"

#include <bit>
#include <cstdint>
#include <cstring>

#include "yore/base/bfloat16.h"

namespace yore::foreign {
namespace {

using Bytes = const unsigned char*;

std::uint16_t half_word(Bytes at) {
  return static_cast<std::uint16_t>(at[0] | at[1] << 8);
}

/// IEEE half precision to float; exact.
float half(Bytes at) {
  const std::uint32_t bits = half_word(at), sign = (bits & 0x8000U) << 16, exponent = bits >> 10 & 0x1FU,
                      fraction = bits & 0x3FFU;
  if (exponent == 31) return std::bit_cast<float>(sign | 0x7F800000U | fraction << 13);
  if (exponent > 0) return std::bit_cast<float>(sign | (exponent + 112) << 23 | fraction << 13);
  const float small = static_cast<float>(fraction) * 0x1p-24F;  // subnormal, or zero
  return sign != 0 ? -small : small;
}

void widen_f32(Bytes in, float* out) {
  std::memcpy(out, in, sizeof(float));
}
void widen_f16(Bytes in, float* out) {
  *out = half(in);
}
void widen_bf16(Bytes in, float* out) {
  *out = base::from_bfloat16(half_word(in));
}

// Of the 32 numbers of a small block: byte j holds number j in its lower half and number j + 16 in its upper.
constexpr int kHalfBlock = 16;

void widen_q4_0(Bytes in, float* out) {
  const float scale = half(in);
  in += 2;
  for (int j = 0; j < kHalfBlock; ++j) {
    out[j] = static_cast<float>((in[j] & 15) - 8) * scale;
    out[j + kHalfBlock] = static_cast<float>((in[j] >> 4) - 8) * scale;
  }
}

void widen_q4_1(Bytes in, float* out) {
  const float scale = half(in), least = half(in + 2);
  in += 4;
  for (int j = 0; j < kHalfBlock; ++j) {
    out[j] = static_cast<float>(in[j] & 15) * scale + least;
    out[j + kHalfBlock] = static_cast<float>(in[j] >> 4) * scale + least;
  }
}

/// The 32 fifth bits of a block, number j's at bit j.
std::uint32_t fifth_bits(Bytes at) {
  return half_word(at) | static_cast<std::uint32_t>(half_word(at + 2)) << 16;
}
int five(int four, std::uint32_t bits, int number) {
  return four | static_cast<int>((bits >> number & 1U) << 4);
}

void widen_q5_0(Bytes in, float* out) {
  const float scale = half(in);
  const std::uint32_t bits = fifth_bits(in + 2);
  in += 6;
  for (int j = 0; j < kHalfBlock; ++j) {
    out[j] = static_cast<float>(five(in[j] & 15, bits, j) - 16) * scale;
    out[j + kHalfBlock] = static_cast<float>(five(in[j] >> 4, bits, j + kHalfBlock) - 16) * scale;
  }
}

void widen_q5_1(Bytes in, float* out) {
  const float scale = half(in), least = half(in + 2);
  const std::uint32_t bits = fifth_bits(in + 4);
  in += 8;
  for (int j = 0; j < kHalfBlock; ++j) {
    out[j] = static_cast<float>(five(in[j] & 15, bits, j)) * scale + least;
    out[j + kHalfBlock] = static_cast<float>(five(in[j] >> 4, bits, j + kHalfBlock)) * scale + least;
  }
}

void widen_q8_0(Bytes in, float* out) {
  const float scale = half(in);
  for (int j = 0; j < 32; ++j) out[j] = static_cast<float>(static_cast<std::int8_t>(in[2 + j])) * scale;
}

// A large block has 256 numbers in eight groups of 32, each with a scale and a least value of six bits, which
// a scale and a least value of the whole block multiply. Of the twelve bytes of six-bit numbers the first
// four hold the scales of groups 0 to 3 (and two bits of those of 4 to 7), the next four the least values.
struct Group {
  float scale, least;
};
Group group_of(Bytes sixes, int g, float scale, float least) {
  int s = 0, m = 0;
  if (g < 4) {
    s = sixes[g] & 63;
    m = sixes[g + 4] & 63;
  } else {
    s = (sixes[g + 4] & 15) | (sixes[g - 4] >> 6) << 4;
    m = (sixes[g + 4] >> 4) | (sixes[g] >> 6) << 4;
  }
  return {scale * static_cast<float>(s), least * static_cast<float>(m)};
}

void widen_q4_k(Bytes in, float* out) {
  const float scale = half(in), least = half(in + 2);
  const Bytes sixes = in + 4, fours = in + 16;
  for (int g = 0; g < 8; ++g) {
    const Group group = group_of(sixes, g, scale, least);
    for (int j = 0; j < 32; ++j) {
      const int four = fours[g / 2 * 32 + j] >> (g % 2 * 4) & 15;
      out[g * 32 + j] = group.scale * static_cast<float>(four) - group.least;
    }
  }
}

void widen_q5_k(Bytes in, float* out) {
  const float scale = half(in), least = half(in + 2);
  const Bytes sixes = in + 4, fifths = in + 16, fours = in + 48;
  for (int g = 0; g < 8; ++g) {
    const Group group = group_of(sixes, g, scale, least);
    for (int j = 0; j < 32; ++j) {
      const int four = fours[g / 2 * 32 + j] >> (g % 2 * 4) & 15;
      out[g * 32 + j] = group.scale * static_cast<float>(four | (fifths[j] >> g & 1) << 4) - group.least;
    }
  }
}

void widen_q6_k(Bytes in, float* out) {
  const Bytes fours = in, twos = in + 128, scales = in + 192;
  const float scale = half(in + 208);
  // Two halves of 128; in each, group g of 32 has its lower four bits in bytes (g % 2) * 32 .., lower or
  // upper half by g / 2, its upper two bits in the same 32 bytes for all, and a scale for 16 numbers.
  for (int n = 0; n < 2; ++n)
    for (int g = 0; g < 4; ++g)
      for (int j = 0; j < 32; ++j) {
        const int four = fours[n * 64 + g % 2 * 32 + j] >> (g / 2 * 4) & 15;
        const int six = four | (twos[n * 32 + j] >> (2 * g) & 3) << 4;
        const auto group = static_cast<std::int8_t>(scales[n * 8 + g * 2 + j / 16]);
        out[n * 128 + g * 32 + j] = scale * static_cast<float>(group) * static_cast<float>(six - 32);
      }
}

constexpr NumberType kTypes[] = {
    {"F32", 1, 4, widen_f32},       {"F16", 1, 2, widen_f16},       {"BF16", 1, 2, widen_bf16},
    {"Q4_0", 32, 18, widen_q4_0},   {"Q4_1", 32, 20, widen_q4_1},   {"Q5_0", 32, 22, widen_q5_0},
    {"Q5_1", 32, 24, widen_q5_1},   {"Q8_0", 32, 34, widen_q8_0},   {"Q4_K", 256, 144, widen_q4_k},
    {"Q5_K", 256, 176, widen_q5_k}, {"Q6_K", 256, 210, widen_q6_k},
};

}  // namespace

std::span<const NumberType> number_types() {
  return kTypes;
}

const NumberType* find_number_type(std::string_view name) {
  for (const NumberType& type : kTypes)
    if (name == type.name) return &type;
  return nullptr;
}

std::string number_type_names() {
  std::string text;
  for (const NumberType& type : kTypes) text += (text.empty() ? "" : ", ") + std::string(type.name);
  return text;
}

void widen(const NumberType& type, std::string_view bytes, float* out) {
  const auto* in = reinterpret_cast<Bytes>(bytes.data());
  if (type.widen == widen_f32) {
    std::memcpy(out, in, bytes.size());
    return;
  }
  for (std::size_t block = 0; block < bytes.size() / type.bytes; ++block)
    type.widen(in + block * type.bytes, out + block * type.numbers);
}

}  // namespace yore::foreign
