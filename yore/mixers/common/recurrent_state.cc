#include "yore/mixers/common/recurrent_state.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <stdexcept>

namespace yore::mixers {
namespace {

[[noreturn]] void refuse(const std::string& why) {
  throw std::invalid_argument("recurrent state: " + why);
}

/// Bytes one after another.
struct Writer {
  std::vector<std::byte> bytes;
  void raw(const void* from, std::size_t count) {
    const auto* first = static_cast<const std::byte*>(from);
    bytes.insert(bytes.end(), first, first + count);
  }
  void number(std::int64_t x) { raw(&x, sizeof x); }
  template <class X>
  void array(const std::vector<X>& x) {
    number(static_cast<std::int64_t>(x.size()));
    raw(x.data(), x.size() * sizeof(X));
  }
};

/// The same read again; whatever does not fit is refused before memory is taken for it.
struct Reader {
  std::span<const std::byte> left;
  void raw(void* to, std::size_t count) {
    if (left.size() < count) refuse("the saved state ends too soon");
    if (count > 0) std::memcpy(to, left.data(), count);
    left = left.subspan(count);
  }
  std::int64_t number() {
    std::int64_t x = 0;
    raw(&x, sizeof x);
    return x;
  }
  template <class X>
  std::vector<X> array() {
    const std::int64_t size = number();
    if (size < 0 || static_cast<std::uint64_t>(size) > left.size() / sizeof(X))
      refuse("the saved state ends too soon");
    std::vector<X> x(static_cast<std::size_t>(size));
    raw(x.data(), x.size() * sizeof(X));
    return x;
  }
};

void check_length(std::int64_t b, std::int64_t tokens, std::int64_t most) {
  if (most > 0 && tokens > most)
    throw std::length_error("recurrent state: sequence " + std::to_string(b) + " would have " +
                            std::to_string(tokens) + " tokens, of at most " + std::to_string(most));
}

/// Refuses to roll back by `tokens` of `now` if these are not there, or if what came before them is not kept.
template <class Kept>
void check_back(std::int64_t b, std::int64_t tokens, std::int64_t now, std::int64_t rollback,
                const Kept& kept) {
  const std::string what = "cannot roll sequence " + std::to_string(b) + " back by " + std::to_string(tokens);
  if (tokens < 0 || tokens > now) refuse(what + " of " + std::to_string(now) + " tokens");
  if (tokens > 0 && !kept()) refuse(what + " tokens: it keeps what it needs for " + std::to_string(rollback));
}

}  // namespace

template <class T>
RecurrentState<T>::RecurrentState(RecurrentSetting setting, Replay replay, std::vector<T> initial)
    : setting_(std::move(setting)), replay_(std::move(replay)) {
  const RecurrentSetting& s = setting_;
  if (s.batch < 0 || s.rollback < 0 || s.max_tokens < 0 || s.size < 0 || s.row < 0)
    refuse("batch, sizes, rollback and max_tokens must be at least 0");
  if (!initial.empty() && static_cast<std::int64_t>(initial.size()) != s.size)
    refuse("expected an initial state of " + std::to_string(s.size) + " numbers, got " +
           std::to_string(initial.size()));
  if (s.size > 0 && s.batch > static_cast<std::int64_t>(PTRDIFF_MAX / sizeof(T)) / s.size)
    refuse(std::to_string(s.batch) + " sequences of " + std::to_string(s.size) +
           " numbers are more than memory can hold");
  if (initial.empty()) initial.resize(static_cast<std::size_t>(s.size));
  numbers_.reserve(static_cast<std::size_t>(s.batch * s.size));
  for (std::int64_t b = 0; b < s.batch; ++b) numbers_.insert(numbers_.end(), initial.begin(), initial.end());
  lengths_.assign(static_cast<std::size_t>(s.batch), 0);
  if (s.rollback > 0) pasts_.resize(static_cast<std::size_t>(s.batch));
  for (std::int64_t b = 0; b < static_cast<std::int64_t>(pasts_.size()); ++b) mark(b);
}

/// Forgets how the sequence came to where it is, and begins anew from here.
template <class T>
void RecurrentState<T>::mark(std::int64_t b) {
  Past& past = pasts_[static_cast<std::size_t>(b)];
  past.marks.clear();
  past.piece_ends.clear();
  past.rows.clear();
  past.marks.push_back({length_of(b), std::vector<T>(numbers_of(b), numbers_of(b) + setting_.size)});
}

/// Rows first .. end - 1 of a call, about to be taken in by b as one piece.
template <class T>
void RecurrentState<T>::note(std::int64_t b, std::int64_t first, std::int64_t end, const Row& row) {
  if (first == end) return;
  Past& past = pasts_[static_cast<std::size_t>(b)];
  const std::int64_t now = length_of(b);
  if (now - past.marks.back().position >= setting_.rollback)
    past.marks.push_back({now, std::vector<T>(numbers_of(b), numbers_of(b) + setting_.size)});
  const std::size_t before = past.rows.size(), width = static_cast<std::size_t>(setting_.row);
  past.rows.resize(before + static_cast<std::size_t>(end - first) * width);
  for (std::int64_t t = first; t < end; ++t)
    row(t, past.rows.data() + before + static_cast<std::size_t>(t - first) * width);
  past.piece_ends.push_back(now + end - first);
  past.longest = std::max(past.longest, now + end - first);
  // What lies before the last mark that is old enough is not needed again.
  const std::int64_t needed = std::max<std::int64_t>(0, past.longest - setting_.rollback);
  std::size_t drop = 0;
  while (drop + 1 < past.marks.size() && past.marks[drop + 1].position <= needed) ++drop;
  if (drop == 0) return;
  const std::int64_t from = past.marks.front().position, to = past.marks[drop].position;
  past.marks.erase(past.marks.begin(), past.marks.begin() + static_cast<std::ptrdiff_t>(drop));
  past.rows.erase(past.rows.begin(),
                  past.rows.begin() + static_cast<std::ptrdiff_t>((to - from) * setting_.row));
  past.piece_ends.erase(past.piece_ends.begin(),
                        std::upper_bound(past.piece_ends.begin(), past.piece_ends.end(), to));
}

template <class T>
void RecurrentState<T>::advance(const std::int64_t* starts, const Compute& compute, const Row& row) {
  const std::int64_t batch = setting_.batch;
  bool together = true;  // no sequence has more tokens than can be taken back
  for (std::int64_t b = 0; b < batch; ++b) {
    const std::int64_t tokens = starts[b + 1] - starts[b];
    check_length(b, length_of(b) + tokens, setting_.max_tokens);
    together = together && tokens <= setting_.rollback;
  }
  if (setting_.rollback == 0 || together) {
    for (std::int64_t b = 0; b < batch && setting_.rollback > 0; ++b) note(b, starts[b], starts[b + 1], row);
    compute(batch, starts, numbers_.data());
    for (std::int64_t b = 0; b < batch; ++b) length_of(b) += starts[b + 1] - starts[b];
    return;
  }
  // What can never be taken back is a piece of its own, after which the past begins.
  for (std::int64_t b = 0; b < batch; ++b) {
    const std::int64_t end = starts[b + 1], split = std::max(starts[b], end - setting_.rollback);
    const auto piece = [&](std::int64_t first, std::int64_t last) {
      const std::int64_t its[] = {first, last};
      if (first < last) compute(1, its, numbers_of(b));
      length_of(b) += last - first;
    };
    piece(starts[b], split);
    Past& past = pasts_[static_cast<std::size_t>(b)];
    past.longest = std::max(past.longest, length_of(b));
    if (split > starts[b]) mark(b);
    note(b, split, end, row);
    piece(split, end);
  }
}

template <class T>
std::int64_t RecurrentState<T>::length(std::int64_t b) const {
  return lengths_.at(static_cast<std::size_t>(b));
}

template <class T>
std::size_t RecurrentState<T>::bytes() const {
  std::size_t sum = numbers_.capacity() * sizeof(T) + lengths_.capacity() * sizeof(std::int64_t) +
                    pasts_.capacity() * sizeof(Past);
  for (const Past& past : pasts_) {
    sum += past.rows.capacity() * sizeof(T) + past.piece_ends.capacity() * sizeof(std::int64_t);
    for (const auto& m : past.marks) sum += sizeof m + m.numbers.capacity() * sizeof(T);
  }
  return sum;
}

template <class T>
const typename RecurrentState<T>::Past::Mark* RecurrentState<T>::mark_before(std::int64_t b,
                                                                             std::int64_t position) const {
  if (pasts_.empty()) return nullptr;
  const typename Past::Mark* found = nullptr;
  for (const auto& m : pasts_[static_cast<std::size_t>(b)].marks)
    if (m.position <= position) found = &m;
  return found;
}

template <class T>
void RecurrentState<T>::check_roll_back(std::int64_t b, std::int64_t tokens) const {
  const std::int64_t now = length(b);
  check_back(b, tokens, now, setting_.rollback, [&] { return mark_before(b, now - tokens) != nullptr; });
}

template <class T>
void RecurrentState<T>::roll_back(std::int64_t b, std::int64_t tokens) {
  check_roll_back(b, tokens);
  if (tokens == 0) return;
  Past& past = pasts_[static_cast<std::size_t>(b)];
  const std::int64_t then = length_of(b) - tokens, start = past.marks.front().position;
  const auto* mark = mark_before(b, then);
  if (mark == nullptr) return;  // check_roll_back has refused that
  std::copy(mark->numbers.begin(), mark->numbers.end(), numbers_of(b));
  const auto row_at = [&](std::int64_t position) {
    return past.rows.data() + (position - start) * setting_.row;
  };
  auto piece = std::upper_bound(past.piece_ends.begin(), past.piece_ends.end(), mark->position);
  for (std::int64_t at = mark->position; at < then; ++piece) {
    const std::int64_t end = std::min(*piece, then);
    replay_(numbers_of(b), row_at(at), end - at);
    *piece = end;
    at = end;
  }
  past.piece_ends.erase(piece, past.piece_ends.end());
  past.rows.resize(static_cast<std::size_t>((then - start) * setting_.row));
  std::erase_if(past.marks, [&](const auto& m) { return m.position > then; });
  length_of(b) = then;
}

template <class T>
std::vector<std::byte> RecurrentState<T>::save() const {
  Writer out;
  out.array(std::vector<char>(setting_.kind.begin(), setting_.kind.end()));
  for (const std::int64_t x :
       {static_cast<std::int64_t>(sizeof(T)), setting_.batch, setting_.size, setting_.row, setting_.rollback})
    out.number(x);
  out.array(lengths_);
  out.array(numbers_);
  for (const Past& past : pasts_) {
    out.number(past.longest);
    out.array(past.piece_ends);
    out.array(past.rows);
    out.number(static_cast<std::int64_t>(past.marks.size()));
    for (const auto& m : past.marks) {
      out.number(m.position);
      out.array(m.numbers);
    }
  }
  return out.bytes;
}

template <class T>
void RecurrentState<T>::restore(std::span<const std::byte> saved) {
  Reader in{saved};
  const auto kind = in.array<char>();
  if (std::string(kind.begin(), kind.end()) != setting_.kind)
    refuse("the saved state is of another mechanism or setting: expected \"" + setting_.kind + "\"");
  for (const std::int64_t x :
       {static_cast<std::int64_t>(sizeof(T)), setting_.batch, setting_.size, setting_.row, setting_.rollback})
    if (in.number() != x) refuse("the saved state is of other sizes");
  RecurrentState fresh = *this;
  fresh.lengths_ = in.array<std::int64_t>();
  fresh.numbers_ = in.array<T>();
  if (fresh.lengths_.size() != lengths_.size() || fresh.numbers_.size() != numbers_.size())
    refuse("the saved state is of other sizes");
  for (const std::int64_t n : fresh.lengths_)
    if (n < 0 || n > kMostSavedTokens || (setting_.max_tokens > 0 && n > setting_.max_tokens))
      refuse("the saved lengths are wrong");
  for (std::size_t b = 0; b < pasts_.size(); ++b) {
    Past& past = fresh.pasts_[b];
    past = Past();
    past.longest = in.number();
    past.piece_ends = in.array<std::int64_t>();
    past.rows = in.array<T>();
    const std::int64_t marks = in.number();
    for (std::int64_t m = 0; m < marks; ++m) {
      const std::int64_t position = in.number();
      past.marks.push_back({position, in.array<T>()});
      const bool rises = m == 0 || past.marks[static_cast<std::size_t>(m) - 1].position < position;
      if (position < 0 || position > fresh.lengths_[b] || !rises ||
          static_cast<std::int64_t>(past.marks.back().numbers.size()) != setting_.size)
        refuse("the saved past is wrong");
    }
    if (past.marks.empty()) refuse("the saved past is wrong");
    std::int64_t at = past.marks.front().position;
    // By division: of broken lengths the product could be any number.
    const auto numbers = static_cast<std::int64_t>(past.rows.size());
    const bool kept = setting_.row == 0
                          ? numbers == 0
                          : numbers % setting_.row == 0 && numbers / setting_.row == fresh.lengths_[b] - at;
    for (const std::int64_t end : past.piece_ends) {
      if (end <= at) refuse("the saved past is wrong");
      at = end;
    }
    if (!kept || at != fresh.lengths_[b] || past.longest < at || past.longest > kMostSavedTokens)
      refuse("the saved past is wrong");
  }
  if (!in.left.empty()) refuse("the saved state is too long");
  *this = std::move(fresh);
}

template class RecurrentState<float>;
template class RecurrentState<double>;

State& SteppedState::inner_for(const std::vector<std::int64_t>& starts) {
  for (std::int64_t b = 0; b < batch(); ++b) {
    const auto at = static_cast<std::size_t>(b);
    check_length(b, length(b) + starts[at + 1] - starts[at], max_tokens_);
  }
  return *inner_;
}

void SteppedState::check_roll_back(std::int64_t b, std::int64_t tokens) const {
  check_back(b, tokens, length(b), rollback_, [&] {
    try {
      inner_->check_roll_back(b, tokens * steps_);
    } catch (const std::invalid_argument&) {
      return false;
    }
    return true;
  });
}

void SteppedState::roll_back(std::int64_t b, std::int64_t tokens) {
  check_roll_back(b, tokens);
  inner_->roll_back(b, tokens * steps_);
}

void SteppedState::restore(std::span<const std::byte> saved) {
  std::unique_ptr<State> fresh = inner_->clone();
  fresh->restore(saved);
  for (std::int64_t b = 0; b < batch(); ++b)
    if (fresh->length(b) % steps_ != 0) refuse("the saved lengths are wrong");
  inner_ = std::move(fresh);
}

StateList::StateList(const StateList& other) : State(other) {
  for (const auto& part : other.parts_) parts_.push_back(part->clone());
}

std::size_t StateList::bytes() const {
  std::size_t sum = 0;
  for (const auto& part : parts_) sum += part->bytes();
  return sum;
}

void StateList::check_roll_back(std::int64_t b, std::int64_t tokens) const {
  for (const auto& part : parts_) part->check_roll_back(b, tokens);
}

void StateList::roll_back(std::int64_t b, std::int64_t tokens) {
  check_roll_back(b, tokens);
  for (const auto& part : parts_) part->roll_back(b, tokens);
}

std::vector<std::byte> StateList::save() const {
  Writer out;
  for (const auto& part : parts_) out.array(part->save());
  return out.bytes;
}

void StateList::restore(std::span<const std::byte> saved) {
  Reader in{saved};
  std::vector<std::unique_ptr<State>> fresh;
  for (const auto& part : parts_) {
    fresh.push_back(part->clone());
    fresh.back()->restore(in.array<std::byte>());
  }
  if (!in.left.empty()) refuse("the saved state is too long");
  for (const auto& part : fresh)
    for (std::int64_t b = 0; b < batch(); ++b)
      if (part->length(b) != fresh.front()->length(b)) refuse("the saved lengths are wrong");
  parts_ = std::move(fresh);
}

}  // namespace yore::mixers
