// yore generate: a model of next tokens goes on from a prompt.
#include <fmt/format.h>

#include <cstdio>

#include "yore/base/error.h"
#include "yore/base/interrupt.h"
#include "yore/cli/generate_line.h"
#include "yore/cli/output.h"
#include "yore/model/checkpoint.h"
#include "yore/model/generate.h"
#include "yore/model/threads.h"
#include "yore/text/tokenizer.h"

namespace yore::cli {
namespace {

/// Tokens of a model as text: by its tokenizer, by their names, or bytes where they have none.
class Codec {
 public:
  Codec(const model::SavedModel& saved, std::string source)
      : vocabulary_(saved.model.vocabulary()), source_(std::move(source)) {
    if (!saved.tokenizer.empty()) {
      tokenizer_.emplace(
          text::Tokenizer::from_json(saved.tokenizer, source_ + "/" + arch::files::kTokenizer));
    } else if (!saved.names.empty()) {
      alphabet_.emplace(saved.names);
    } else if (vocabulary_ < 256) {
      throw base::InputError(source_,
                             "its tokens have no names and are no bytes, so there is no text for them");
    }
  }
  /// Of a prompt, with what the tokenizer puts in front of a document.
  std::vector<std::int64_t> tokens(const std::string& text) const {
    std::vector<std::int64_t> all;
    if (tokenizer_) {
      all.assign(tokenizer_->front().begin(), tokenizer_->front().end());
      for (const text::Token token : tokenizer_->encode(text)) all.push_back(token);
      // A tokenizer may know more than its model, such as Gemma 3's, whose last token stands for an image.
      for (const std::int64_t token : all)
        if (token >= vocabulary_)
          throw base::InputError(
              "--prompt",
              fmt::format("\"{}\" is token {}, and the model in {} has {} tokens",
                          tokenizer_->name_of(static_cast<text::Token>(token)), token, source_, vocabulary_));
    } else if (alphabet_) {
      for (const logic::Symbol s : alphabet_->parse_word(text)) all.push_back(s);
    } else {
      for (const char c : text) all.push_back(static_cast<unsigned char>(c));
    }
    return all;
  }
  /// The bytes of a token, which may end within a character.
  std::string bytes(std::int64_t token) const {
    if (tokenizer_)
      return token < tokenizer_->vocabulary()
                 ? std::string(tokenizer_->bytes_of(static_cast<text::Token>(token)))
                 : std::string();
    if (alphabet_) return alphabet_->name(static_cast<logic::Symbol>(token)) + (long_names() ? " " : "");
    return token < 256 ? std::string(1, static_cast<char>(token)) : std::string();
  }

 private:
  bool long_names() const {
    return std::any_of(alphabet_->names().begin(), alphabet_->names().end(),
                       [](const std::string& name) { return name.size() > 1; });
  }
  std::int64_t vocabulary_;
  std::string source_;
  std::optional<text::Tokenizer> tokenizer_;
  std::optional<logic::Alphabet> alphabet_;
};

class Generate : public GenerateLine {
 public:
  int run() override {
    base::catch_interrupts();
    model::use_threads(1);
    const model::SavedModel saved = model::load_model(model_);
    if (saved.model.description().read_out.kind != arch::ReadOutKind::Vocabulary)
      throw base::InputError(model_.string(), fmt::format("is of the task {}, which predicts no next tokens",
                                                          saved.task.at("name").get<std::string>()));
    const Codec codec(saved, model_.string());
    const std::vector<std::int64_t> prompt = codec.tokens(prompt_);
    if (prompt.empty()) throw base::InputError("--prompt", "is empty, expected at least one token");
    std::string said;
    if (!json_) fmt::print("{}", prompt_);
    text::Utf8Stream whole;  // a terminal is given whole characters
    const std::vector<std::int64_t> tokens =
        model::generate(saved.model, prompt, count_, sampling_, [&](std::int64_t token) {
          const std::string bytes = codec.bytes(token);
          said += bytes;
          if (!json_) {
            fmt::print("{}", whole.push(bytes));
            flush_output();
          }
          return !base::interrupted();
        });
    if (json_)
      fmt::print("{}\n", base::Json{{"prompt", prompt_}, {"text", said}, {"tokens", tokens}}.dump(
                             -1, ' ', false, base::Json::error_handler_t::replace));
    else
      fmt::print("{}\n", whole.flush());
    if (!base::interrupted()) return kOk;
    complain(fmt::format("generate: stopped by a signal after {} of {} tokens, which stand", tokens.size(),
                         count_));
    return base::interrupt_exit_code();
  }
};

}  // namespace

std::unique_ptr<Command> make_generate() {
  return std::make_unique<Generate>();
}

}  // namespace yore::cli
