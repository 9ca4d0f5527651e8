// What is done to a text before it is cut (tokenizer.json: "normalizer").
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "yore/text/pattern.h"

namespace yore::text {

/// Unicode's normal forms.
enum class NormalForm { NFC, NFD, NFKC, NFKD };

/// The text in that form, by utf8proc. Bytes that are not UTF-8 stay as they are, and nothing is composed
/// across them.
std::string normal_form(std::string_view text, NormalForm form);

/// One step.
struct NormalStep {
  enum class Kind { Form, Replace, Prepend };
  Kind kind = Kind::Form;
  NormalForm form = NormalForm::NFC;
  Pattern pattern = Pattern::literal("");  ///< Replace: every match
  std::string content;                     ///< Replace: by this; Prepend: this, unless the text is empty
};

/// All steps, one after another. *front_lost becomes true if one takes away what the text begins with. Throws
/// InputError if they make much more of it than Unicode's forms ever do.
std::string normalize(std::string_view text, const std::vector<NormalStep>& steps,
                      bool* front_lost = nullptr);

}  // namespace yore::text
