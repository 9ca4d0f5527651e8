// What a classification says of mixers beyond softmax attention, as lines of its text.
#pragma once
#include <string>

#include "yore/expressivity/verdict.h"

namespace yore::expressivity {

/// The text in a terminal's colour (an SGR code such as "32"), or as it is.
std::string painted(bool colour, const char* code, const std::string& text);
/// "attention lookback=local:1 strict=true"
std::string shown_choice(const MixerChoice& choice);
/// "yes", "no" or "unknown" in green, red or yellow.
std::string painted_answer(bool colour, Answer answer);

/// {"cheapest": [..], "mixers": {family: {..}}, "groups": [..] or null, "tier": {..} or null}, and
/// "period" if positions were asked about: the keys of `yore classify --json` that
/// follow "classes".
base::Json mixers_json(const Classification& classification);

/// A line or two on the language without its neutral letters, if that was looked at; else empty.
std::string tier_text(const Classification& classification, bool colour);
/// What was found of periods, if that was asked; else empty.
std::string periods_text(const Classification& classification);

/// The same in lines to read: the groups, each family's verdict, and the mixers that suffice.
std::string mixers_text(const Classification& classification, bool colour);

}  // namespace yore::expressivity
