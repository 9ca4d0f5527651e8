#include "yore/model/speculative.h"

#include <algorithm>
#include <chrono>
#include <span>
#include <stdexcept>
#include <string>

namespace yore::model {
namespace {

/// max(0, p - q), normalised: what to draw from where a proposal of q was not taken. Some p is larger than
/// its q then, but for rounding; p itself stands in where none is.
std::vector<Choice> what_is_left(const std::vector<Choice>& p, const std::vector<Choice>& q) {
  std::vector<Choice> left;
  double sum = 0;
  auto other = q.begin();
  for (const Choice& c : p) {
    while (other != q.end() && other->token < c.token) ++other;
    const bool proposed = other != q.end() && other->token == c.token;
    const double more = c.probability - (proposed ? other->probability : 0);
    if (more <= 0) continue;
    left.push_back({c.token, more});
    sum += more;
  }
  if (left.empty()) return p;
  for (Choice& c : left) c.probability /= sum;
  return left;
}

double probability_of(const std::vector<Choice>& choices, std::int64_t token) {
  const auto at = std::lower_bound(choices.begin(), choices.end(), token,
                                   [](const Choice& c, std::int64_t t) { return c.token < t; });
  return at != choices.end() && at->token == token ? at->probability : 0;
}

void check_draft(const Model& model, const Reading& reading, const Draft& draft) {
  const auto refuse = [](const char* why) { throw std::invalid_argument(std::string("speculate: ") + why); };
  if (model.vocabulary() != draft.model.vocabulary()) refuse("the models' vocabularies differ");
  if (draft.proposals < 1) refuse("there must be at least one proposal");
  if (reading.rollback < draft.proposals || draft.reading.rollback < draft.proposals)
    refuse("more proposals than tokens that can be taken back");
  if (reading.logits.empty()) refuse("nothing was read to go on from");
  const auto& theirs = draft.reading.tokens;
  if (theirs.size() > reading.tokens.size() ||
      !std::equal(theirs.begin(), theirs.end(), reading.tokens.begin()))
    refuse("the draft has read something else");
}

/// One generation in the making. What both have read ends with all but the last token, `pending`.
class Speculating {
 public:
  Speculating(const Model& model, Reading& reading, Draft& draft, const Generation& generation)
      : model_(model), reading_(reading), draft_(draft), generation_(generation) {}

  Generated run() {
    // The first is known from what was read.
    tell({draw(choices(reading_.logits, reading_.tokens, generation_.sampling), Draw::Token, next())}, 0);
    while (!ended_) {
      const auto begun = std::chrono::steady_clock::now();
      const std::vector<std::int64_t> together = round();
      const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
      tell(together, took.count() / static_cast<double>(together.size()));
    }
    return std::move(made_);
  }

 private:
  /// The position of the token after those that `reading_` has taken in.
  std::int64_t next() const { return static_cast<std::int64_t>(reading_.tokens.size()); }
  std::int64_t draw(const std::vector<Choice>& from, Draw what, std::int64_t position) const {
    return pick(from, uniform(generation_.sampling, generation_.sample, what, position));
  }

  /// Hands out tokens that were computed together, and forgets those behind the end.
  void tell(const std::vector<std::int64_t>& together, double seconds) {
    std::size_t stand = 0;
    while (stand < together.size() && !ended_) {
      if (!made_.tokens.empty()) made_.seconds.push_back(seconds);
      made_.tokens.push_back(together[stand++]);
      const bool more = !generation_.chosen || generation_.chosen(made_.tokens.back());
      ended_ = !more || static_cast<std::int64_t>(made_.tokens.size()) >= generation_.count;
    }
    // Of these, all but the last that stands have been read; perhaps more.
    if (base_ > 0) reading_.keep(base_ + static_cast<std::int64_t>(stand) - 1);
    Reading& theirs = draft_.reading;
    const auto drafted = static_cast<std::int64_t>(theirs.tokens.size());
    theirs.keep(std::min(drafted, next()));
  }

  /// Proposes, and gives the tokens of this round: those taken, and one of the model's own.
  std::vector<std::int64_t> round() {
    const std::int64_t pending = made_.tokens.back(), first = next() + 1;
    const std::int64_t left = generation_.count - static_cast<std::int64_t>(made_.tokens.size());
    std::vector<std::int64_t> text = reading_.tokens;  // as far as it is known, for the samplers
    text.push_back(pending);
    std::vector<std::int64_t> proposals;
    std::vector<std::vector<Choice>> q;
    while (static_cast<std::int64_t>(proposals.size()) < std::min(draft_.proposals, left - 1)) {
      catch_up(text);
      q.push_back(choices(draft_.reading.logits, text, generation_.sampling));
      proposals.push_back(draw(q.back(), Draw::Proposal, static_cast<std::int64_t>(text.size())));
      text.push_back(proposals.back());
    }
    const at::Tensor logits = model_.advance(
        reading_.state, {{text.end() - std::ssize(proposals) - 1, text.end()}}, reading_.context);
    base_ = first;
    reading_.tokens = text;
    reading_.logits.clear();
    ++draft_.counts.rounds;
    draft_.counts.proposed += std::ssize(proposals);
    std::vector<std::int64_t> taken;
    for (std::int64_t i = 0; i <= std::ssize(proposals); ++i) {
      const std::span<const std::int64_t> past(text.data(), static_cast<std::size_t>(first + i));
      const std::vector<Choice> p = choices(row_of(logits, i), past, generation_.sampling);
      if (i == std::ssize(proposals)) {
        taken.push_back(draw(p, Draw::Token, first + i));
        break;
      }
      const auto at = static_cast<std::size_t>(i);
      const double chance = probability_of(p, proposals[at]);
      if (uniform(generation_.sampling, generation_.sample, Draw::Accept, first + i) *
              probability_of(q[at], proposals[at]) >=
          chance) {
        taken.push_back(draw(what_is_left(p, q[at]), Draw::Token, first + i));
        break;
      }
      taken.push_back(proposals[at]);
      ++draft_.counts.accepted;
    }
    return taken;
  }

  /// The draft reads what it lacks of the text.
  void catch_up(const std::vector<std::int64_t>& text) {
    const std::size_t has = draft_.reading.tokens.size();
    read(draft_.model, draft_.reading, std::span(text).subspan(has));
  }

  const Model& model_;
  Reading& reading_;
  Draft& draft_;
  const Generation& generation_;
  Generated made_;
  bool ended_ = false;
  std::int64_t base_ = 0;  ///< tokens read that stand, before those of the last round
};

}  // namespace

Generated speculate(const Model& model, Reading& reading, Draft& draft, const Generation& generation) {
  check_draft(model, reading, draft);
  if (generation.count < 1) return {};
  return Speculating(model, reading, draft, generation).run();
}

}  // namespace yore::model
