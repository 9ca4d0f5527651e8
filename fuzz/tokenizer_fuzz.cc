// Any bytes as a tokenizer.json: an InputError, or a tokenizer that writes itself as one that encodes the
// same texts as the same tokens. What encodes bytes gives them back.
#include <cstdint>
#include <optional>

#include "fuzz/property.h"
#include "yore/base/error.h"
#include "yore/base/utf8.h"
#include "yore/text/tokenizer.h"

namespace {

using yore::fuzz::require;
using namespace yore::text;

template <class Act>
auto attempt(const Act& act) -> std::optional<decltype(act())> {
  try {
    return act();
  } catch (const yore::base::InputError&) {
    return std::nullopt;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes(data, data + size);
  const auto tokenizer = attempt([&] { return Tokenizer::from_json(bytes, "input"); });
  if (!tokenizer) return 0;
  const auto again = attempt([&] { return Tokenizer::from_json(tokenizer->to_json(), "to_json"); });
  require(again.has_value(), "what to_json writes is read");
  require(again->vocabulary() == tokenizer->vocabulary(), "the same vocabulary");
  for (Token token = 0; token < tokenizer->vocabulary(); ++token)
    require(again->bytes_of(token) == tokenizer->bytes_of(token), "the same bytes");
  for (const std::string& text :
       {bytes.substr(0, 200), std::string(" a  ab\tabc123 \xC3\xA9\xE2\x96\x81\xFF \n<s>x")}) {
    const auto tokens = attempt([&] { return tokenizer->encode(text, {.markers = true}); });
    const auto same = attempt([&] { return again->encode(text, {.markers = true}); });
    require(tokens == same, "the same tokens", text);
    if (!tokens) continue;
    require(tokenizer->decode(*tokens) == again->decode(*tokens), "the same text", text);
    std::string all;
    yore::base::Utf8Stream stream;
    for (const Token token : *tokens) {
      require(token >= 0 && token < tokenizer->vocabulary(), "tokens of the vocabulary");
      all += stream.push(tokenizer->bytes_of(token));
    }
    std::string joined;
    for (const Token token : *tokens) joined += tokenizer->bytes_of(token);
    require(all + stream.flush() == joined, "a stream loses nothing");
  }
  return 0;
}
